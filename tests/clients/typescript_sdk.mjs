// Lists the tools, calls one well and once badly, with the official TypeScript SDK.
//
// Arguments: the tool, its arguments as JSON, the negotiation mode (legacy or auto), and either a URL or the command
// of a server. Prints one JSON object.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The SDK is installed elsewhere, and imports are looked for beside this file.
const require = createRequire(process.env.TOOLGATE_NODE_MODULES + "/x.cjs");
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { Client, StreamableHTTPClientTransport } = await load("@modelcontextprotocol/client");
const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");

const [tool, json, mode, ...server] = process.argv.slice(2);
const [command, ...args] = server;
const transport = command.startsWith("http")
  ? new StreamableHTTPClientTransport(new URL(command))
  : new StdioClientTransport({ command, args });
const client = new Client({ name: "toolgate-tests", version: "1" }, { versionNegotiation: { mode } });
await client.connect(transport);
const { tools } = await client.listTools();
const result = await client.callTool({ name: tool, arguments: JSON.parse(json) });
const failed = await client.callTool({ name: tool, arguments: {} });
console.log(
  JSON.stringify({
    version: client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion,
    tools: tools.map((each) => each.name),
    structured: result.structuredContent,
    failed: failed.isError,
  }),
);
await client.close();
