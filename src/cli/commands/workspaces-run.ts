import { join, resolve } from "node:path";
import { EXIT, GrowthosError } from "../../base/errors.js";
import type { Config } from "../../config/types.js";
import { KEY_DESCRIPTOR, runChild } from "../child-process.js";
import { type Command, type CommandArgs, type CommandContext, flagOption, stringOption } from "../command.js";
import { LEAST_PROCESS_MB } from "../database-memory.js";
import { type Ended, inShard, type MemberResult, runFleet, worstExit } from "../fleet.js";
import { duration, plural } from "../format.js";

/** Commands that mean the same for every workspace, ask nothing, and end. */
const COMMANDS = [
  "run",
  "sync",
  "build",
  "check",
  "alerts",
  "report",
  "reconcile",
  "status",
  "doctor",
  "verify",
  "gc",
  "prune",
];
/** Memory below which one process cannot be expected to build, MB. */
const LEAST_MB = 1536;
const MOST_PARALLEL = 64;

export const command: Command = {
  name: "workspaces run",
  summary: "run a command for many workspaces, each in a process of its own",
  description:
    "Every workspace is run by a process of its own, with its own lock, log, credentials and share of the memory. One that fails stops no other. The answer has a line for each, and the exit code is the worst of all. Ctrl-C stops all; what was committed stays.",
  arguments: [{ usage: "[workspace...]", description: "which; or --all" }],
  options: [
    { flags: "--all", description: "every workspace of the config" },
    { flags: "--parallel <n>", description: "how many at a time", default: "2" },
    {
      flags: "--command <words>",
      description: `what to run: ${COMMANDS.join(", ")}, with its options`,
      default: "run",
    },
    { flags: "--shard <i/n>", description: "only part i of n, by a hash of the names: one machine's part of several" },
  ],
  examples: [
    "growthos workspaces run --all --parallel 2 --quiet",
    'growthos workspaces run acme beta --command "report --wbr"',
    "growthos workspaces run --all --shard 1/3 --json",
    "growthos workspaces run --all --dry-run",
  ],
  async run(context, args) {
    const words = wordsOf(stringOption(args, "command") ?? "run");
    const config = await context.config();
    const names = await chosen(config, args);
    const wanted = wholeNumber("--parallel", stringOption(args, "parallel") ?? "2");
    const parallel = parallelFor(context, config, { wanted, names });
    const plan = { command: words.join(" "), parallel, workspaces: names };
    if (context.flags.dryRun) {
      const text = [`would run \`growthos ${plan.command}\`, ${parallel} at a time, for:`, ...names].join("\n");
      return { exit: "ok", json: { dry_run: true, ...plan }, text };
    }
    const { clock, signal } = context.effects;
    const started = clock.elapsed();
    const launch = launcher(context, config, { words, parallel });
    const ended = (result: MemberResult) => context.output.note(lineOf(result));
    const results = await runFleet(names, { parallel, signal, launch, ended });
    const took = clock.elapsed() - started;
    return {
      exit: worstExit(results.map(({ exitCode }) => exitCode)),
      json: { ...plan, elapsed_ms: Math.round(took), totals: totalsOf(results), results: results.map(resultJson) },
      text: answerText(context, results, took),
    };
  },
};

/** Splits a command line as a shell would, without anything that a shell does. Throws USAGE for commands that are not for many. */
export function wordsOf(text: string): readonly string[] {
  const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
  const [name = "", ...rest] = words;
  const hint = `one of ${COMMANDS.join(", ")}`;
  if (!COMMANDS.includes(name)) throw usage(`--command cannot be "${name.slice(0, 40)}"`, hint);
  const own = rest.find((word) => /^(-w|-c|--workspace|--config|--key-fd)(=|$)/.test(word));
  if (own !== undefined) throw usage(`${own} does not belong into --command`, "each workspace gets its own");
  return words;
}

async function chosen(config: Config, args: CommandArgs): Promise<readonly string[]> {
  const { noWorkspace, unknownWorkspace, workspaceNames } = await import("../../config/workspaces.js");
  const all = workspaceNames(config);
  if (all.length === 0) throw noWorkspace(config);
  const named = [...new Set(args.positionals)];
  const unknown = named.find((name) => !all.includes(name));
  if (unknown !== undefined) throw unknownWorkspace(config, unknown);
  if (flagOption(args, "all") === named.length > 0)
    throw usage(
      named.length > 0 ? "--all and single workspaces were both asked for" : "which workspaces?",
      "give --all, or the names of some",
    );
  const shard = shardOf(stringOption(args, "shard"));
  return (named.length > 0 ? named : all).filter((name) => shard === null || inShard(name, shard));
}

/** `2/3`. Throws USAGE. */
export function shardOf(text: string | undefined): { readonly index: number; readonly count: number } | null {
  if (text === undefined) return null;
  const [, index, count] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count)
    throw usage(
      `--shard takes part/parts, not "${text.slice(0, 40)}"`,
      "e.g. --shard 1/3 on the first of three machines",
    );
  return { index, count };
}

/** Not more at a time than there is memory for: the machine's, and that of `limits.memoryMb`, which all of them share. */
export function parallelFor(
  { effects, output }: CommandContext,
  { workspaces }: Config,
  { wanted, names }: { readonly wanted: number; readonly names: readonly string[] },
): number {
  const most = Math.max(1, Math.floor(effects.memoryMb / LEAST_MB));
  const asked = Math.min(wanted, Math.max(1, names.length));
  if (asked > most) output.warn(`--parallel ${most} instead of ${asked}: each process needs ${LEAST_MB} MB`);
  const limits = workspaces.flatMap(({ name, limits }) => (names.includes(name) ? (limits?.memoryMb ?? []) : []));
  const shared = Math.max(1, Math.floor(Math.min(...limits) / LEAST_PROCESS_MB));
  if (Math.min(asked, most) > shared)
    output.warn(`--parallel ${shared} instead of ${asked}: each needs ${LEAST_PROCESS_MB} MB of limits.memoryMb`);
  return Math.min(asked, most, shared);
}

function launcher(
  { effects, flags, packageFolder }: CommandContext,
  config: Config,
  { words, parallel }: { readonly words: readonly string[]; readonly parallel: number },
): (workspace: string) => Promise<Ended> {
  const { given } = effects.keys;
  const isKey = given !== null && given.isPassphrase !== true;
  const chosenConfig = flags.config === undefined ? [] : ["--config", resolve(effects.cwd, flags.config)];
  const common = [
    ...chosenConfig,
    ...(flags.asOf === undefined ? [] : ["--as-of", flags.asOf]),
    ...(isKey ? ["--key-fd", String(KEY_DESCRIPTOR)] : []),
    "--json",
    "--quiet",
    "--no-input",
  ];
  const env = {
    ...effects.env,
    GROWTHOS_MEMORY_MB: String(Math.floor(effects.memoryMb / parallel)),
    GROWTHOS_PROCESSES: String(parallel),
    ...(given === null || isKey ? {} : { GROWTHOS_PASSPHRASE: given.text.reveal() }),
  };
  return (workspace) =>
    runChild(
      {
        script: join(packageFolder, "bin/growthos.js"),
        args: [...words, ...common, "--workspace", workspace],
        env,
        cwd: flags.config === undefined ? config.projectRoot : effects.cwd,
        signal: effects.signal,
        key: isKey ? given.text.reveal() : null,
      },
      effects.clock.elapsed,
    );
}

function totalsOf(results: readonly MemberResult[]): Readonly<Record<string, number>> {
  const states = ["done", "failed", "killed", "interrupted", "not started"] as const;
  const counted = states.map((state) => [state.replace(" ", "_"), results.filter((one) => one.state === state).length]);
  return Object.fromEntries(counted) as Record<string, number>;
}

function resultJson({ workspace, state, exitCode, elapsedMs, error, answer }: MemberResult) {
  const ms = elapsedMs === null ? null : Math.round(elapsedMs);
  return { workspace, state, exit_code: exitCode, elapsed_ms: ms, error, answer };
}

function lineOf({ workspace, state, exitCode, elapsedMs, error }: MemberResult): string {
  const took = elapsedMs === null ? "" : ` in ${duration(elapsedMs)}`;
  const why = error === null ? "" : `: ${error.code} ${error.what}`;
  return `${workspace}: ${state}${took}${exitCode === EXIT.ok.code ? "" : ` (exit ${exitCode})`}${why}`;
}

function answerText({ output }: CommandContext, results: readonly MemberResult[], took: number): string {
  const rows = results.map(({ workspace, state, exitCode, elapsedMs, error }) => [
    workspace,
    state,
    String(exitCode),
    elapsedMs === null ? "" : duration(elapsedMs),
    error === null ? "" : `${error.code}: ${error.what}`,
  ]);
  const counted = Object.entries(totalsOf(results))
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} ${state.replace("_", " ")}`);
  const columns = [
    { title: "workspace" },
    { title: "state", tone: (cell: string) => (cell === "done" ? ("good" as const) : ("bad" as const)) },
    { title: "exit", align: "right" as const },
    { title: "took", align: "right" as const },
    { title: "error" },
  ];
  const total = `${plural(results.length, "workspace")}: ${counted.join(", ")}; ${duration(took)} in all`;
  return [...(rows.length === 0 ? [] : [output.table(columns, rows), ""]), total].join("\n");
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_PARALLEL) return Number(text);
  throw usage(`${flag} takes a whole number from 1 to ${MOST_PARALLEL}, not "${text.slice(0, 40)}"`, `e.g. ${flag} 2`);
}

function usage(what: string, hint: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, hint, exit: "usage" });
}
