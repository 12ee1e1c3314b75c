import { createRequire } from "node:module";
import { join } from "node:path";
import { EXIT } from "../base/errors.js";
import { redact, type Secret } from "../base/secret.js";
import type { CommandContext, Outcome, Output } from "./command.js";
import { createContext } from "./context.js";
import { realEffects } from "./effects.js";
import type { LogLine } from "./journal.js";
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

/** One command line while it runs. */
interface Session extends MainOptions {
  /** Aborted by the first signal. */
  readonly stop: AbortSignal;
  /** Credentials in use: the second net below everything that is printed. */
  readonly secrets: Secret[];
}

/** Runs one command line and ends the process with its exit code. */
export async function main(options: MainOptions): Promise<void> {
  // DuckDB creates its files with the process's own mode: personal data is for this user alone.
  process.umask(0o077);
  const session: Session = { ...options, stop: listenForSignals(), secrets: [] };
  survivePipes();
  process.on("uncaughtException", (thrown) => fail(thrown, session));
  process.on("unhandledRejection", (thrown) => fail(thrown, session));
  try {
    await finish(await dispatch(session));
  } catch (thrown) {
    await fail(thrown, session);
  }
}

async function dispatch(session: Session): Promise<number> {
  const { argv, packageFolder, stop, secrets } = session;
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    await print(versionOf(packageFolder));
    return EXIT.ok.code;
  }
  const [{ parseCommandLine }, { COMMANDS }] = await Promise.all([
    import("./program.js"),
    import("./commands/index.js"),
  ]);
  const parsed = await parseCommandLine(argv, COMMANDS);
  if (parsed.kind !== "run") {
    await print(parsed.kind === "version" ? versionOf(packageFolder) : parsed.text);
    return EXIT.ok.code;
  }
  const flags = { ...parsed.flags, input: parsed.flags.input && process.stdin.isTTY === true };
  const output = await terminalOutput(flags);
  const effects = realEffects({
    signal: stop,
    secrets,
    show: (line) => tell(line, output, flags.verbose),
    ...(flags.keyFd === undefined ? {} : { keyFd: flags.keyFd }),
  });
  const context = createContext({ effects, flags, output, packageFolder, version: versionOf(packageFolder) });
  const outcome = await logged(context, parsed.command.name, () => parsed.command.run(context, parsed.args));
  await answer(outcome, flags, session);
  return stop.aborted ? EXIT.interrupted.code : EXIT[outcome.exit].code;
}

/** Tells the log what was begun and how it ended; of an error its code alone, as its words may be somebody else's. */
async function logged(context: CommandContext, command: string, run: () => Promise<Outcome>): Promise<Outcome> {
  const { effects, version } = context;
  const started = effects.clock.elapsed();
  const ended = (exit: number, code: string | undefined) =>
    effects.log.info("command.ended", { command, exit, code, ms: Math.round(effects.clock.elapsed() - started) });
  effects.log.info("command.started", { command, version });
  try {
    const outcome = await run();
    ended(EXIT[outcome.exit].code, outcome.errors?.[0]?.code);
    return outcome;
  } catch (thrown) {
    const problem = asProblem(thrown);
    ended(effects.signal.aborted ? EXIT.interrupted.code : problem.exitCode, problem.code);
    throw thrown;
  }
}

async function answer({ json, text, errors = [] }: Outcome, flags: RawFlags, session: Session): Promise<void> {
  if (flags.json) {
    const [error] = errors.map(problemJson);
    const failures = error === undefined ? {} : { error, errors: errors.map(problemJson) };
    await printJson({ ...json, ...failures }, session);
    return;
  }
  if (text !== undefined && text !== "") {
    const color = wantsColor(flags.color, process.env, process.stdout.isTTY === true);
    await print(redact(cleanAnswer(text, color), session.secrets));
  }
  for (const problem of errors) showProblem(problem, session);
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

async function fail(thrown: unknown, session: Session): Promise<never> {
  if (session.stop.aborted) return finish(EXIT.interrupted.code);
  const problem = asProblem(thrown);
  if (session.argv.includes("--json")) await printJson({ error: problemJson(problem) }, session);
  showProblem(thrown, session);
  return finish(problem.exitCode);
}

function showProblem(thrown: unknown, { argv, secrets }: Session): void {
  const color = wantsColor(!argv.includes("--no-color"), process.env, process.stderr.isTTY === true);
  const output = createOutput({ talk: () => {}, quiet: false, color: { answer: color, talk: color } });
  const text = problemText(asProblem(thrown), output.paint);
  process.stderr.write(`${redact(cleanAnswer(text, color), secrets)}\n`);
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

function printJson(answer: object, { secrets }: Session): Promise<void> {
  return print(redact(JSON.stringify({ schema_version: SCHEMA_VERSION, ...answer }, null, 2), secrets));
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
