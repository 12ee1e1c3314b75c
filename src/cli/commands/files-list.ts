import type { Command } from "../command.js";
import { plannedFiles } from "../sync-options.js";

const WORDS = {
  new: "will be imported",
  changed: "changed, will be imported again",
  unchanged: "imported",
  same_content: "same content as another file",
} as const;

export const command: Command = {
  name: "files list",
  summary: "list the files that a sync would import, and those it knows already",
  options: [],
  examples: ["growthos files list", "growthos files list --json"],
  async run(context) {
    const tasks = await plannedFiles(context);
    const rows = tasks.map(({ file, because }) => [file.name, file.declared?.as ?? "by its header", WORDS[because]]);
    return {
      exit: "ok",
      json: {
        files: tasks.map(({ file, sha256, because }) => ({
          file: file.name,
          as: file.declared?.as ?? null,
          sha256,
          state: because,
        })),
      },
      text:
        rows.length === 0
          ? "no files: put exports into the folder of sources.files, or declare imports in growthos.config.ts"
          : context.output.table([{ title: "file" }, { title: "as" }, { title: "state" }], rows),
    };
  },
};
