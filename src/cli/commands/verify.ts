import type { Workspace } from "../../warehouse/types.js";
import { type Command, flagOption } from "../command.js";
import { megabytes } from "../format.js";
import { problemJson, problemText } from "../problem.js";

export const command: Command = {
  name: "verify",
  summary: "check every file of the workspace against its checksum",
  description:
    "Checks the log's chain and that of the alerts' history, and presence and size of every landed file and of the current build. With --full also every byte (SHA-256) and every row count. With `store` in the config the same is asked of the store. Changes nothing.",
  options: [{ flags: "--full", description: "read every byte" }],
  examples: ["growthos verify", "growthos verify --full --json"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const { verifyWorkspace } = await import("../../warehouse/verify.js");
    const full = flagOption(args, "full");
    const report = await verifyWorkspace(ws, { full });
    const { mode, bytes } = report;
    const stored = await inStore(ws, full);
    const [files, problems] = [report.files + stored.files, [...report.problems, ...stored.problems]];
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

async function inStore(ws: Workspace, full: boolean) {
  if (ws.store === undefined) return { files: 0, problems: [] };
  const { verifyStore } = await import("../../warehouse/store/upkeep.js");
  return verifyStore(ws, ws.store.objects, { full });
}
