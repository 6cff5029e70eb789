"""Lists the tools, calls one well and once badly, with the official Python SDK.

Arguments: the tool, its arguments as JSON, and either a URL or the command of a server. Prints one JSON object.
"""

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters


async def main(tool, arguments, server):
    if not server[0].startswith("http"):
        transport = StdioServerParameters(command=server[0], args=server[1:])
    else:
        transport = server[0]
    async with Client(transport) as client:
        tools = await client.list_tools()
        result = await client.call_tool(tool, arguments)
        failed = await client.call_tool(tool, {})
        print(
            json.dumps(
                {
                    "version": client.protocol_version,
                    "tools": [each.name for each in tools.tools],
                    "structured": result.structured_content,
                    "failed": failed.is_error,
                }
            )
        )


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:]))
