import { describe, expect, it } from "vitest";
import type { Command } from "./command.js";
import type { CommandEntry } from "./commands/index.js";
import { parseCommandLine, rootHelp } from "./program.js";

const metrics: Command = {
  name: "metrics",
  summary: "print metrics",
  arguments: [{ usage: "<metric...>", description: "ids" }],
  options: [
    { flags: "--last <window>", description: "7d, 30d", default: "30d" },
    { flags: "--format <name>", description: "how", choices: ["table", "csv"] },
    { flags: "--filter <text>", description: "which", repeat: true },
    { flags: "--wbr", description: "flag" },
  ],
  examples: ["growthos metrics net_revenue"],
  run: async () => ({ exit: "ok" }),
};
const inspect: Command = {
  name: "files inspect",
  summary: "look",
  options: [],
  examples: [],
  arguments: [{ usage: "<path>", description: "file" }],
  run: async () => ({ exit: "ok" }),
};

const loaded: string[] = [];
const entry = (command: Command): CommandEntry => ({
  name: command.name,
  summary: command.summary,
  load: async () => {
    loaded.push(command.name);
    return { command };
  },
});
const entries = [entry(metrics), entry(inspect)];
const parse = (...argv: string[]) => parseCommandLine(argv, entries);

async function parsed(...argv: string[]) {
  const result = await parse(...argv);
  if (result.kind !== "run") throw new Error(JSON.stringify(result));
  return result;
}

describe("a command line", () => {
  it("gives positionals, options and defaults", async () => {
    const { command, args } = await parsed("metrics", "orders", "aov", "--filter", "a", "--filter", "b", "--wbr");
    expect(command).toBe(metrics);
    expect(args.positionals).toEqual(["orders", "aov"]);
    expect(args.options).toEqual({ last: "30d", filter: ["a", "b"], wbr: true });
  });

  it("takes global flags before and after the command; the nearer one wins", async () => {
    const { flags } = await parsed(
      "--json",
      "-w",
      "first",
      "metrics",
      "orders",
      "--workspace",
      "second",
      "--as-of",
      "2026-02-09",
    );
    expect(flags).toMatchObject({ json: true, workspace: "second", asOf: "2026-02-09", quiet: false, dryRun: false });
    expect((await parsed("metrics", "orders", "--no-input", "-n")).flags).toMatchObject({ input: false, dryRun: true });
  });

  it("knows commands of two words and loads only what is asked for", async () => {
    loaded.length = 0;
    const { command, args } = await parsed("files", "inspect", "inbox/orders.csv");
    expect(command).toBe(inspect);
    expect(args.positionals).toEqual(["inbox/orders.csv"]);
    expect(loaded).toEqual(["files inspect"]);
  });

  it.each([
    [["metrcs"], "unknown command 'metrcs'", "did you mean `growthos metrics`?"],
    [["metrics", "orders", "--lst", "7d"], "unknown option '--lst'", "did you mean --last?"],
    [["files"], '"files" needs a second word', "`growthos files inspect` (look)"],
    [["--json"], "no command was given", "`growthos --help` lists the commands"],
    [["metrics"], "missing required argument 'metric'", "`growthos --help` lists the commands"],
    [
      ["metrics", "orders", "--format", "xml"],
      "option '--format <name>' argument 'xml' is invalid. Allowed choices are table, csv.",
      undefined,
    ],
  ])("refuses %j", async (argv, what, hint) => {
    const error = await parse(...argv).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "USAGE",
      exitCode: 2,
      parts: { what, ...(hint === undefined ? {} : { hint }) },
    });
  });

  it("refuses a date that is none", async () => {
    await expect(parse("metrics", "orders", "--as-of", "2026-02-30")).rejects.toMatchObject({ code: "BAD_DATE" });
  });
});

describe("help", () => {
  it("lists every command without loading one", async () => {
    loaded.length = 0;
    for (const argv of [[], ["--help"], ["help"], ["-h"]]) {
      expect(await parse(...argv)).toEqual({ kind: "text", text: rootHelp(entries) });
    }
    expect(loaded).toEqual([]);
    expect(rootHelp(entries)).toContain("files inspect");
  });

  it("shows examples before options", async () => {
    const help = await parse("metrics", "--help");
    const text = help.kind === "text" ? help.text : "";
    expect(text).toContain("$ growthos metrics net_revenue");
    expect(text.indexOf("Examples:")).toBeLessThan(text.indexOf("Options:"));
    expect(text).toContain("Global options:");
  });
});
