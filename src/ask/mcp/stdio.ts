/** Loaded by the command alone: a test speaks over another transport. */
export { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
