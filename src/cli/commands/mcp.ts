import type { Workspace } from "../../warehouse/types.js";
import type { Command } from "../command.js";

export const command: Command = {
  name: "mcp",
  summary: "let an assistant read figures, alerts and reports of one workspace (MCP over stdio)",
  description:
    "Speaks the Model Context Protocol on standard input and output until the client goes. Tools: list_metrics, query_metrics, explain_change, list_alerts, get_report, data_health; resources: growthos://report/<page>, growthos://metric/<id>. " +
    "Nothing is written; an answer has at most 200 rows and takes at most 20 seconds.",
  options: [],
  examples: ["growthos mcp", "growthos mcp --workspace main"],
  async run(context) {
    const ws = await context.workspace({ mustExist: true });
    const [{ mcpServer }, { StdioServerTransport }, { readReport }, { renderMarkdown }, serve] = await Promise.all([
      import("../../ask/mcp/server.js"),
      import("../../ask/mcp/stdio.js"),
      import("../../serve/site.js"),
      import("../../reports/render-markdown.js"),
      import("./serve.js"),
    ]);
    const builds = serve.openBuilds(context, ws);
    const api = await serve.sourcesOf(context, ws, {
      build: builds.current,
      report: async (page, asOf) => readReport(ws, page, asOf),
    });
    // A workspace without a build is told before a client begins to talk.
    await builds.current();
    const server = mcpServer({
      version: context.version,
      build: builds.current,
      alerts: async () => ({ ...(await api.alerts()) }),
      pages: () => writtenPages(ws),
      report: async (page, asOf) => {
        const report = await api.report(page, asOf);
        return report === null ? null : renderMarkdown(report);
      },
    });
    const transport = new StdioServerTransport();
    const ended = new Promise<void>((resolve) => {
      server.server.onclose = resolve;
      context.effects.signal.addEventListener("abort", () => resolve());
    });
    await server.connect(transport);
    context.output.note(`workspace "${ws.name}" answers on standard input and output`);
    await Promise.race([ended, closedInput()]);
    await server.close();
    await builds.close();
    return { exit: "ok" };
  },
};

/** The transport does not tell when the client has gone. */
function closedInput(): Promise<void> {
  return new Promise((resolve) => process.stdin.once("close", () => resolve()).once("end", () => resolve()));
}

function writtenPages({ files, at }: Workspace): readonly string[] {
  const latest = at("out", "latest");
  const day = files.stat(latest)?.kind === "file" ? files.readText(latest).trim() : "";
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || files.stat(at("out", day)) === undefined) return [];
  return files.list(at("out", day)).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));
}
