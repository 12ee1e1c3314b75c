import type { Command } from "../command.js";

/** A command before it is loaded: enough for `--help`, nothing heavy. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** THE list, in the order of `--help` and README. A summary is the same text as in the command's own file (checked by readme.test). */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "init", summary: "write a config, .env.example and .gitignore", load: () => import("./init.js") },
  {
    name: "metrics",
    summary: "print metrics for a window, with comparison and breakdown",
    load: () => import("./metrics.js"),
  },
  {
    name: "report",
    summary: "write the reports of the current build as HTML, Markdown and JSON",
    load: () => import("./report.js"),
  },
  {
    name: "explain",
    summary: "show where a metric comes from: formula, SQL, marts, sources",
    load: () => import("./explain.js"),
  },
  {
    name: "files inspect",
    summary: "show what an export file is recognised as, and its first bad rows",
    load: () => import("./files.js"),
  },
];
