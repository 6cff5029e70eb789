//! What clients speak: MCP in both eras, over stdio and Streamable HTTP.
