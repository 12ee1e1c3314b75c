/** Turns argv into a command with its arguments. commander is used for parsing and help only; what runs is in `commands/`. */
import { CommanderError, Command as Parser, Option as ParserOption } from "commander";
import { type ISODate, isoDate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import type { Command, CommandArgs, GlobalFlags, Option } from "./command.js";
import type { CommandEntry } from "./commands/index.js";

/** What was asked for. */
export type Parsed =
  | { readonly kind: "run"; readonly command: Command; readonly args: CommandArgs; readonly flags: RawFlags }
  /** Help: an answer, for stdout. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "version" };

/** Global flags as typed; `main` adds what depends on the terminal. */
export type RawFlags = Omit<GlobalFlags, "input" | "color"> & { readonly input: boolean; readonly color: boolean };

/** Options that every command understands, before or after its name. */
export const GLOBAL_OPTIONS: readonly Option[] = [
  { flags: "-w, --workspace <name>", description: "which shop, when the config has several" },
  { flags: "-c, --config <path>", description: "config file or its folder (default: this folder)" },
  {
    flags: "--as-of <date>",
    description: "the day the answer is for, YYYY-MM-DD (default: today in the shop's time zone)",
  },
  { flags: "--json", description: "print the answer as JSON, with schema_version" },
  { flags: "-q, --quiet", description: "no talk on stderr, only warnings and errors" },
  { flags: "-v, --verbose", description: "tell every step on stderr" },
  { flags: "-n, --dry-run", description: "print what would be done, and stop" },
  { flags: "--key-fd <n>", description: "read the key to the stored credentials from this open file descriptor" },
  { flags: "--no-input", description: "never ask" },
  { flags: "--no-color", description: "no colour" },
];

/** Parses a command line. Throws USAGE for what cannot be understood, with the nearest valid word. */
export async function parseCommandLine(argv: readonly string[], entries: readonly CommandEntry[]): Promise<Parsed> {
  const words = wordsOf(argv);
  if (words.length === 0 && argv.some((word) => word === "--version" || word === "-V")) return { kind: "version" };
  // The last one that fits is the longest: `alerts` stands before `alerts mute`.
  const entry = entries.findLast((candidate) => isPrefix(candidate.name.split(" "), words));
  const command = entry === undefined ? undefined : (await entry.load()).command;
  let ran: Parsed | undefined;
  let printed = "";
  const program = frame(new Parser("growthos"), (text) => {
    printed += text;
  });
  addOptions(program, GLOBAL_OPTIONS, "Global options:");
  program.addOption(new ParserOption("-V, --version", "print the version"));
  for (const candidate of entries) {
    const [first = "", second] = candidate.name.split(" ");
    const parser = second === undefined ? child(program, first) : child(group(program, first), second);
    parser.summary(candidate.summary).description(candidate.summary);
    if (command === undefined || candidate !== entry) continue;
    describe(parser, command);
    parser.action(() => {
      ran = { kind: "run", command, args: argsOf(parser, command), flags: flagsOf([parser, ...ancestors(parser)]) };
    });
  }
  if (words.length === 0 && argv.every((word) => ["help", "-h", "--help"].includes(word))) {
    return { kind: "text", text: rootHelp(entries) };
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return { kind: "text", text: printed.trimEnd() };
    throw thrown.code === "commander.help" ? incomplete(words, entries) : usage(thrown, words, entries);
  }
  return ran ?? { kind: "text", text: printed.trimEnd() };
}

/** What `growthos --help` prints: commands first, then what all of them understand. */
export function rootHelp(entries: readonly CommandEntry[]): string {
  const commands = entries.map((entry) => [entry.name, entry.summary] as const);
  const options = [...GLOBAL_OPTIONS.map((option) => [option.flags, option.description] as const)];
  options.push(["-V, --version", "print the version"], ["-h, --help", "print this help, or a command's"]);
  const width = Math.max(...[...commands, ...options].map(([name]) => name.length));
  const list = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return [
    "Turns a shop's own data into decisions: a local warehouse, one metric catalog, and a weekly business review on disk.",
    "",
    "Usage: growthos <command> [options]",
    "",
    "Start: growthos demo                 the whole pipeline on an embedded shop",
    "       growthos init && growthos run  your own shop",
    "",
    "Commands:",
    ...list(commands),
    "",
    "Options of every command:",
    ...list(options),
  ].join("\n");
}

/** The first two words that are neither options nor their values: enough to know the command before it is loaded. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const takesValue = new Set(["-w", "--workspace", "-c", "--config", "--as-of", "--key-fd"]);
  const words: string[] = [];
  for (let index = 0; index < argv.length && words.length < 2; index++) {
    const word = argv[index] ?? "";
    if (takesValue.has(word)) index++;
    else if (word === "help" && words.length === 0) continue;
    else if (!word.startsWith("-")) words.push(word);
  }
  return words;
}

function isPrefix(prefix: readonly string[], words: readonly string[]): boolean {
  return prefix.every((word, index) => words[index] === word);
}

/** The same manners for every parser: no exit, no printing, typos answered with suggestions. */
function frame(parser: Parser, print: (text: string) => void): Parser {
  return parser
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .addHelpOption(new ParserOption("-h, --help", "print this help").helpGroup("Global options:"))
    .showSuggestionAfterError(true);
}

function child(parent: Parser, name: string): Parser {
  return parent.command(name).copyInheritedSettings(parent);
}

function group(program: Parser, name: string): Parser {
  const found = program.commands.find((candidate) => candidate.name() === name);
  if (found !== undefined) return found;
  return child(program, name).description(`commands about ${name}`);
}

function describe(parser: Parser, command: Command): void {
  const examples = command.examples.map((example) => `  $ ${example}`).join("\n");
  const prose = command.description ?? capital(command.summary);
  parser.description(examples === "" ? prose : `${prose}\n\nExamples:\n${examples}`);
  for (const argument of command.arguments ?? []) parser.argument(argument.usage, argument.description);
  addOptions(parser, command.options, "Options:");
  addOptions(parser, GLOBAL_OPTIONS, "Global options:");
}

function addOptions(parser: Parser, options: readonly Option[], heading: string): void {
  for (const option of options) {
    const made = new ParserOption(option.flags, option.description).helpGroup(heading);
    if (parser.options.some((known) => known.long === made.long)) continue;
    if (option.choices !== undefined) made.choices([...option.choices]);
    if (option.default !== undefined) made.default(option.default);
    if (option.repeat === true) made.argParser((value: string, all: readonly string[] = []) => [...all, value]);
    parser.addOption(made);
  }
}

function argsOf(parser: Parser, command: Command): CommandArgs {
  const own = new Set(command.options.map((option) => new ParserOption(option.flags).attributeName()));
  const options = Object.fromEntries(Object.entries(parser.opts()).filter(([name]) => own.has(name)));
  return { positionals: parser.args, options };
}

function ancestors(parser: Parser): readonly Parser[] {
  return parser.parent === null ? [] : [parser.parent, ...ancestors(parser.parent)];
}

/** A flag may stand before or after the command's name: the one nearest to the command wins. */
function flagsOf(parsers: readonly Parser[]): RawFlags {
  const typed = (name: string): unknown => {
    const from = parsers.find((parser) => parser.getOptionValueSource(name) === "cli");
    return from?.getOptionValue(name);
  };
  const text = (name: string) => typed(name) as string | undefined;
  const asOf = text("asOf");
  const keyFd = text("keyFd");
  return {
    workspace: text("workspace"),
    config: text("config"),
    asOf: asOf === undefined ? undefined : (isoDate(asOf) satisfies ISODate),
    json: typed("json") === true,
    quiet: typed("quiet") === true,
    verbose: typed("verbose") === true,
    dryRun: typed("dryRun") === true,
    input: typed("input") !== false,
    color: typed("color") !== false,
    ...(keyFd === undefined ? {} : { keyFd: descriptor(keyFd) }),
  };
}

function descriptor(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  const hint = "e.g. --key-fd 3 3<key.txt";
  throw new GrowthosError({
    code: "USAGE",
    what: "--key-fd takes the number of a file descriptor",
    hint,
    exit: "usage",
  });
}

function usage(thrown: CommanderError, words: readonly string[], entries: readonly CommandEntry[]): GrowthosError {
  const [what = "", ...rest] = thrown.message
    .replace(/^error: /, "")
    .replace(/(unknown option '--?[\w-]+)=[^']*'/, "$1'")
    .split("\n");
  const suggestion = /\(Did you mean (.*)\?\)/.exec(rest.join(" "))?.[1];
  const near = thrown.code === "commander.unknownCommand" ? nearestCommand(words, entries) : suggestion;
  return new GrowthosError({
    code: "USAGE",
    what,
    hint: near === undefined ? "`growthos --help` lists the commands" : `did you mean ${near}?`,
    exit: "usage",
  });
}

/** The first word of a command of two, alone; or nothing but options. */
function incomplete(words: readonly string[], entries: readonly CommandEntry[]): GrowthosError {
  const [first] = words;
  const members = entries.filter(({ name }) => first !== undefined && name.startsWith(`${first} `));
  return new GrowthosError({
    code: "USAGE",
    what: first === undefined ? "no command was given" : `"${first}" needs a second word`,
    hint:
      members.length === 0
        ? "`growthos --help` lists the commands"
        : members.map(({ name, summary }) => `\`growthos ${name}\` (${summary})`).join(", "),
    exit: "usage",
  });
}

function nearestCommand(words: readonly string[], entries: readonly CommandEntry[]): string | undefined {
  const names = entries.map((entry) => entry.name);
  const near = nearest(words.join(" "), names) ?? nearest(words[0] ?? "", names);
  return near === undefined ? undefined : `\`growthos ${near}\``;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
