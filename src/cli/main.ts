import { createRequire } from "node:module";
import { join } from "node:path";
import { isoInstant, systemClock } from "../base/clock.js";
import { EXIT, type GrowthosError } from "../base/errors.js";
import type { Outcome, Output } from "./command.js";
import { createContext } from "./context.js";
import { forwardLog, type LogLine, realEffects } from "./effects.js";
import { cleanAnswer, createOutput, loadSpinner, wantsColor } from "./output.js";
import { asProblem, problemJson, problemText } from "./problem.js";
import type { RawFlags } from "./program.js";

/** Version of the shape of every `--json` answer. */
const SCHEMA_VERSION = 1;
/** How long an interrupted command may take to stop by itself, ms. */
const STOP_WITHIN = 1500;

/** What the shim hands over. */
export interface MainOptions {
  /** The installed package's folder: holds package.json, `sql/` and `templates/`. */
  readonly packageFolder: string;
  readonly argv: readonly string[];
}

/** Runs one command line and ends the process with its exit code. */
export async function main(options: MainOptions): Promise<void> {
  const stop = listenForSignals();
  survivePipes();
  process.on("uncaughtException", (thrown) => fail(thrown, options));
  process.on("unhandledRejection", (thrown) => fail(thrown, options));
  try {
    await finish(await dispatch(options, stop));
  } catch (thrown) {
    await fail(thrown, options, stop);
  }
}

async function dispatch(options: MainOptions, stop: AbortSignal): Promise<number> {
  const { argv, packageFolder } = options;
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    await print(versionOf(packageFolder));
    return EXIT.ok.code;
  }
  const [{ parseCommandLine }, { COMMANDS }] = await Promise.all([
    import("./program.js"),
    import("./commands/index.js"),
  ]);
  const parsed = await parseCommandLine(argv, COMMANDS);
  if (parsed.kind === "text") {
    await print(parsed.text === "" ? versionOf(packageFolder) : parsed.text);
    return EXIT.ok.code;
  }
  const flags = { ...parsed.flags, input: parsed.flags.input && process.stdin.isTTY === true };
  const output = await terminalOutput(flags);
  const log = forwardLog(
    (line) => tell(line, output, flags.verbose),
    () => isoInstant(systemClock.now()),
  );
  const context = createContext({
    effects: realEffects({ signal: stop, log }),
    flags,
    output,
    packageFolder,
    version: versionOf(packageFolder),
  });
  const outcome = await parsed.command.run(context, parsed.args);
  await answer(outcome, flags);
  return stop.aborted ? EXIT.interrupted.code : EXIT[outcome.exit].code;
}

async function answer({ json, text, errors = [] }: Outcome, flags: RawFlags): Promise<void> {
  if (flags.json) {
    const [error] = errors.map(problemJson);
    const failures = error === undefined ? {} : { error, errors: errors.map(problemJson) };
    await print(JSON.stringify({ schema_version: SCHEMA_VERSION, ...json, ...failures }, null, 2));
    return;
  }
  if (text !== undefined && text !== "") {
    await print(cleanAnswer(text, wantsColor(flags.color, process.env, process.stdout.isTTY === true)));
  }
  for (const problem of errors) showProblem(problem);
}

async function terminalOutput(flags: RawFlags): Promise<Output> {
  const isTerminal = process.stderr.isTTY === true && process.env["TERM"] !== "dumb" && process.env["CI"] === undefined;
  const spins = isTerminal && !flags.quiet && !flags.verbose;
  return createOutput({
    talk: (line) => void process.stderr.write(`${line}\n`),
    quiet: flags.quiet,
    color: {
      answer: wantsColor(flags.color, process.env, process.stdout.isTTY === true),
      talk: wantsColor(flags.color, process.env, process.stderr.isTTY === true),
    },
    ...(spins ? { spinner: await loadSpinner() } : {}),
  });
}

function tell(line: LogLine, output: Output, verbose: boolean): void {
  const fields = Object.entries(line.fields).map(([name, value]) => `${name}=${String(value)}`);
  const text = [line.event, ...fields].join(" ");
  if (line.level === "warn") output.warn(text);
  else if (verbose) output.note(`${line.at} ${text}`);
}

async function fail(thrown: unknown, options: MainOptions, stop?: AbortSignal): Promise<never> {
  if (stop?.aborted === true) return finish(EXIT.interrupted.code);
  const problem = asProblem(thrown);
  if (options.argv.includes("--json")) {
    await print(JSON.stringify({ schema_version: SCHEMA_VERSION, error: problemJson(problem) }, null, 2));
  }
  showProblem(problem);
  return finish(problem.exitCode);
}

function showProblem(problem: GrowthosError): void {
  const color = wantsColor(!process.argv.includes("--no-color"), process.env, process.stderr.isTTY === true);
  const output = createOutput({ talk: () => {}, quiet: false, color: { answer: color, talk: color } });
  process.stderr.write(`${cleanAnswer(problemText(problem, output.paint), color)}\n`);
}

/** The first signal asks the command to stop, the second or a short while ends it; either way nothing committed is lost. */
function listenForSignals(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted.code);
    process.stderr.write("interrupted; stopping (again: at once)\n");
    controller.abort(new Error("interrupted"));
    setTimeout(() => process.exit(EXIT.interrupted.code), STOP_WITHIN).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return controller.signal;
}

/** `growthos … | head` closes the pipe early; that is no failure, and whoever closed it wants no more text. */
function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

function print(text: string): Promise<void> {
  // Resolves on failure as well: a closed pipe is not waited for.
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
}

/** Pending handles (a keep-alive socket) must not keep a finished command alive. */
async function finish(code: number): Promise<never> {
  await new Promise<void>((resolve) => process.stderr.write("", () => resolve()));
  process.exit(code);
}

function versionOf(packageFolder: string): string {
  const pack = createRequire(join(packageFolder, "package.json"))("./package.json") as { version: string };
  return pack.version;
}
