/**
 * A command is data plus one function. To add one: write `commands/<name>.ts` exporting a `Command` under the name `command`,
 * and put one line into `commands/index.ts`. Parsing, global flags, `--json`, printing of the answer, printing of errors and exit
 * codes are the frame's work (`main.ts`): a command returns what it has to say and never prints the answer itself.
 */
import type { Clock } from "../base/clock.js";
import type { ISODate } from "../base/dates.js";
import type { Exit, GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import type { Secret } from "../base/secret.js";
import type { Config, WorkspaceConfig } from "../config/types.js";
import type { Transport } from "../http/types.js";
import type { GivenKey } from "../vault/key-sources.js";
import type { Database, PublishedBuild, Workspace } from "../warehouse/types.js";
import type { Prompt } from "./prompt.js";

/** One command of the CLI. */
export interface Command {
  /** The word that people type; two words for a sub-command (`channels test`). */
  readonly name: string;
  /** One line for `--help` and README; the same text stands in `commands/index.ts`. */
  readonly summary: string;
  /** More than the summary, for `growthos <name> --help`. */
  readonly description?: string;
  readonly arguments?: readonly Argument[];
  readonly options: readonly Option[];
  /** Whole command lines, most useful first; printed before the options. */
  readonly examples: readonly string[];
  /** Throws GrowthosError for whatever the user can act upon. */
  run(context: CommandContext, args: CommandArgs): Promise<Outcome>;
}

/** A positional argument. */
export interface Argument {
  /** `<metric...>`, `[path]`: angle brackets for required, dots for several. */
  readonly usage: string;
  readonly description: string;
}

/** An option in commander's notation: `--last <window>`, `--wbr`, `-f, --format <name>`. */
export interface Option {
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: string | boolean;
  /** May be given several times; the value is then a list. */
  readonly repeat?: boolean;
}

/** What was typed after the command's name. Option names in camel case (`--dry-run` -> `dryRun`). */
export interface CommandArgs {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** The answer: printed by the frame, `json` with `--json` (under `schema_version`), `text` otherwise. */
export interface Outcome {
  /** Name in EXIT. */
  readonly exit: Exit;
  /** Members of the JSON answer, snake_case. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** Lines for stdout, without a last newline. */
  readonly text?: string;
  /** What failed beside an answer that is there all the same (one source of several); printed after it, in `errors` with `--json`. */
  readonly errors?: readonly GrowthosError[];
}

/** Flags that every command understands. */
export interface GlobalFlags {
  readonly workspace: string | undefined;
  readonly config: string | undefined;
  readonly asOf: ISODate | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly dryRun: boolean;
  /** False with `--no-input`, or when stdin is not a terminal. */
  readonly input: boolean;
  readonly color: boolean;
  /** File descriptor from which the key to the stored credentials is read. */
  readonly keyFd?: number;
}

/** The outside world, assembled in `effects.ts` only. */
export interface Effects {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly random: Random;
  readonly log: Log;
  /** Memory that this process may use, megabytes: the machine's, or what a container leaves it. */
  readonly memoryMb: number;
  /** How many processes of one command share `limits.memoryMb`; 1 unless `workspaces run` started this one beside others. */
  readonly processes: number;
  /** Live credentials, added as they are read: nothing that leaves the program may contain one. */
  readonly secrets: Secret[];
  /** From now on the log is also kept in a file of this folder. */
  keepLog(folder: string): void;
  /** Keys to the stored credentials that were handed over; neither in `env` nor seen by any child. */
  readonly keys: { readonly given: GivenKey | null; readonly next: GivenKey | null };
  readonly machine: {
    /** As `os.platform()`. */
    readonly platform: string;
    /** Numeric id of the user; null where the system has none. */
    readonly user: number | null;
  };
  /** Asks the person at the terminal; never used when `flags.input` is false. */
  prompt(): Promise<Prompt>;
  /** All of standard input. Throws `INPUT_TOO_LARGE` beyond `maxBytes`, default 256 KiB. */
  input(maxBytes?: number): Promise<string>;
  /** Standard output for an answer that may be larger than memory, a piece at a time; such a command has no `text`. */
  pass(piece: Uint8Array): Promise<void>;
  /** Folder in which the command was started. */
  readonly cwd: string;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** The real network; loaded when first asked for. `limits`: tighter ones than those for a vendor's pages. */
  transport(limits?: {
    readonly totalMs: number;
    readonly maxBodyBytes: number;
    /** Longest silence before an answer begins, longest download, and longest silence while a body arrives. */
    readonly headersMs?: number;
    readonly downloadMs?: number;
    readonly idleMs?: number;
    /** Plain http to this machine. */
    readonly allowLoopback?: boolean;
  }): Promise<Transport>;
}

/** Talk on stderr and text building; see `output.ts`. Everything passed in is cleaned of control characters. */
export interface Output {
  /** A line of talk; silent with `--quiet`. */
  note(line: string): void;
  /** A warning; shown even with `--quiet`. */
  warn(line: string): void;
  /** A step under way: a spinner on a terminal, plain lines otherwise. */
  step(label: string): Step;
  /** Rows as aligned columns; the first row of `rows` is not a header. */
  table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string;
  /** Colour when allowed, plain text otherwise. */
  paint(tone: Tone, text: string): string;
}

/** What a colour says. */
export type Tone = "good" | "bad" | "warn" | "dim" | "strong" | "hint";

/** A column of `Output.table`. */
export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Colour of a cell by its text. */
  readonly tone?: (cell: string) => Tone | undefined;
}

/** A step of work that is told about. Exactly one of `done`, `failed` ends it. */
export interface Step {
  update(text: string): void;
  done(text?: string): void;
  failed(text?: string): void;
}

/** The published build, opened read-only for one answer. Close it. */
export interface OpenBuild {
  readonly database: Database;
  readonly build: PublishedBuild;
}

/** Everything that a command may ask for; each member is loaded when first asked for. */
export interface CommandContext {
  readonly effects: Effects;
  readonly flags: GlobalFlags;
  readonly output: Output;
  /** Folder that holds `sql/` and `templates/` of the installed package. */
  readonly packageFolder: string;
  /** growthos version, e.g. `0.1.0`. */
  readonly version: string;
  /** The project's config. Throws CONFIG_MISSING, CONFIG_INVALID. */
  config(): Promise<Config>;
  /** The environment with what the project's `.env` adds. */
  env(): Promise<Effects["env"]>;
  /** The workspace that `--workspace` names, or the only one. Throws WORKSPACE_UNKNOWN, WORKSPACE_AMBIGUOUS. */
  workspaceConfig(): Promise<WorkspaceConfig>;
  /** The same workspace on disk; created when it is not there yet, or NO_BUILD with `mustExist`. */
  workspace(options?: { readonly mustExist: boolean }): Promise<Workspace>;
  /** The day the answer is for: `--as-of`, else the config's fixed day, else today in the shop's time zone. */
  asOf(): Promise<ISODate>;
  /** The current build, read-only. Throws NO_BUILD when nothing was built yet. */
  openBuild(): Promise<OpenBuild>;
}

/** A string option, or undefined when it was not given. */
export function stringOption(args: CommandArgs, name: string): string | undefined {
  const value = args.options[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of a repeatable option. */
export function listOption(args: CommandArgs, name: string): readonly string[] {
  const value = args.options[name];
  return Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
}

/** True when a flag was given. */
export function flagOption(args: CommandArgs, name: string): boolean {
  return args.options[name] === true;
}
