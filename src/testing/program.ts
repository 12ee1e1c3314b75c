import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, isoInstant, systemClock } from "../base/clock.js";
import { EXIT } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { systemRandom } from "../base/ids.js";
import { redact, type Secret } from "../base/secret.js";
import type { Effects, Outcome } from "../cli/command.js";
import { COMMANDS } from "../cli/commands/index.js";
import { createContext } from "../cli/context.js";
import { createJournal, type LogLine, noticingChanges, safeLine } from "../cli/journal.js";
import { cleanAnswer, createOutput } from "../cli/output.js";
import { asProblem, problemJson, problemText } from "../cli/problem.js";
import { parseCommandLine } from "../cli/program.js";
import type { Prompt } from "../cli/prompt.js";
import type { Transport } from "../http/types.js";
import type { GivenKey } from "../vault/key-sources.js";
import { diskFiles } from "../warehouse/disk.js";

/** The outside world of one command line, as far as a test replaces it. */
export interface ProgramWorld {
  readonly cwd: string;
  /** Default: only a HOME inside `cwd`, where a key file may be made. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** The network; default: none, every request is a failed test. */
  readonly transport?: Transport;
  /** Somebody at the terminal; default: nobody, as in CI. */
  readonly prompt?: Prompt;
  /** What stands on standard input. */
  readonly input?: string;
  /** The disk; default: the real one. */
  readonly files?: Files;
  /** Keeps the log on disk, as the program does. */
  readonly isLogging?: boolean;
  /** The keys that `GROWTHOS_KEY` and `GROWTHOS_KEY_NEXT` would hold. */
  readonly keys?: { readonly given: GivenKey | null; readonly next: GivenKey | null };
}

/** What the person at the terminal would see. */
export interface ProgramResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Runs one command line in this process: parsing, the command, and printing as `main` does it, with another outside world. */
export async function runProgram(argv: readonly string[], world: ProgramWorld): Promise<ProgramResult> {
  const secrets: Secret[] = [];
  const talk: string[] = [];
  const output = createOutput({
    talk: (line) => void talk.push(line),
    quiet: argv.includes("--quiet"),
    color: { answer: false, talk: false },
  });
  const passed: Uint8Array[] = [];
  const end = (exit: number, stdout: string) => ({
    exit,
    stdout: redact(`${Buffer.concat(passed).toString("utf8")}${stdout}`, secrets),
    stderr: redact(talk.join("\n"), secrets),
  });
  const problem = (thrown: unknown) => talk.push(cleanAnswer(problemText(asProblem(thrown), output.paint), false));
  try {
    const parsed = await parseCommandLine(argv, COMMANDS);
    if (parsed.kind !== "run") return end(0, parsed.kind === "version" ? "0.0.0" : parsed.text);
    const flags = { ...parsed.flags, input: parsed.flags.input && world.prompt !== undefined };
    const effects = {
      ...effectsOf(world, secrets, (line) => flags.verbose && talk.push(line)),
      pass: async (piece: Uint8Array) => void passed.push(piece),
    };
    const context = createContext({ effects, flags, output, packageFolder, version: "0.0.0" });
    const outcome = await parsed.command.run(context, parsed.args);
    if (!flags.json) for (const error of outcome.errors ?? []) problem(error);
    return end(EXIT[outcome.exit].code, flags.json ? jsonOf(outcome) : cleanAnswer(outcome.text ?? "", false));
  } catch (thrown) {
    problem(thrown);
    return end(asProblem(thrown).exitCode, "");
  }
}

function jsonOf({ json, errors = [] }: Outcome): string {
  return JSON.stringify({ ...json, ...(errors.length === 0 ? {} : { errors: errors.map(problemJson) }) }, null, 2);
}

function effectsOf(world: ProgramWorld, secrets: Secret[], tell: (line: string) => void): Omit<Effects, "pass"> {
  const disk = world.files ?? diskFiles;
  const journal = createJournal(disk, { secrets, onLost: tell });
  const at =
    (level: LogLine["level"]) =>
    (event: string, fields: LogLine["fields"] = {}) => {
      tell(`${level} ${event} ${JSON.stringify(fields)}`);
      journal.keep(safeLine({ at: isoInstant(systemClock.now()), level, event, fields }, secrets));
    };
  const openLog = (root: string) => {
    if (world.isLogging === true) journal.openIn(join(root, "runs"), systemRandom);
  };
  return {
    clock: world.clock ?? systemClock,
    env: world.env ?? { HOME: join(world.cwd, "home") },
    files: noticingChanges(disk, openLog),
    random: systemRandom,
    log: { debug: at("debug"), info: at("info"), warn: at("warn") },
    memoryMb: 1024,
    processes: 1,
    secrets,
    keys: world.keys ?? { given: null, next: null },
    machine: { platform: "test", user: process.getuid?.() ?? null },
    prompt: async () => world.prompt ?? nobody(),
    input: async () => world.input ?? "",
    keepLog: () => {},
    cwd: world.cwd,
    signal: new AbortController().signal,
    transport: async () => world.transport ?? { send: async ({ url }) => Promise.reject(new Error(`asked ${url}`)) },
  };
}

function nobody(): never {
  throw new Error("nobody is there to be asked");
}
