import { type Command, flagOption } from "../command.js";
import { megabytes } from "../format.js";
import { problemJson, problemText } from "../problem.js";

export const command: Command = {
  name: "verify",
  summary: "check every file of the workspace against its checksum",
  description:
    "Checks the log's chain and that of the alerts' history, and presence and size of every landed file and of the current build. With --full also every byte (SHA-256) and every row count. Changes nothing.",
  options: [{ flags: "--full", description: "read every byte" }],
  examples: ["growthos verify", "growthos verify --full --json"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const { verifyWorkspace } = await import("../../warehouse/verify.js");
    const report = await verifyWorkspace(ws, { full: flagOption(args, "full") });
    const { mode, files, bytes, problems } = report;
    const verdict = problems.length === 0 ? "no damage" : `${problems.length} damaged`;
    return {
      exit: problems.length === 0 ? "ok" : "damaged",
      json: { workspace: ws.name, mode, files, bytes, problems: problems.map(problemJson) },
      text: [
        ...problems.map((problem) => problemText(problem, context.output.paint)),
        `${files} files checked (${mode}, ${megabytes(bytes)}): ${verdict}`,
      ].join("\n"),
    };
  },
};
