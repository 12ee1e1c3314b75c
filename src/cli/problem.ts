import { EXIT, GrowthosError, messageOf, systemCode } from "../base/errors.js";

/** A thrown value as the error that people see: whatever is not a GrowthosError is a bug of ours. */
export function asProblem(thrown: unknown): GrowthosError {
  if (thrown instanceof GrowthosError) return thrown;
  // Met while the program's own files are loaded, before anything of ours could say so.
  if (["EMFILE", "ENFILE"].includes(systemCode(thrown) ?? "")) return tooManyFiles(thrown);
  return new GrowthosError({
    code: "BUG",
    what: `growthos stopped on a bug of its own: ${messageOf(thrown)}`,
    ...(thrown instanceof Error && thrown.stack !== undefined ? { why: firstFrames(thrown.stack) } : {}),
    state: "nothing that was committed before is lost",
    hint: "please report it with the lines above and the output of `growthos doctor --json`",
    exit: "bug",
    cause: thrown,
  });
}

function tooManyFiles(cause: unknown): GrowthosError {
  return new GrowthosError({
    code: "TOO_MANY_FILES",
    what: "this system lets growthos open no more files",
    why: messageOf(cause),
    state: "nothing that was committed before is lost",
    hint: "allow more, e.g. `ulimit -n 1024`, and run the same command again",
    exit: "io",
    cause,
  });
}

/** An error as people read it: what, why, state, and the hint last. */
export function problemText(error: GrowthosError, paint: (tone: "bad" | "hint", text: string) => string): string {
  const { code, what, why, state, hint } = error.parts;
  const short = why !== undefined && state !== undefined && !why.includes("\n") && why.length + state.length < 150;
  const details = short ? [`${why}; ${state}`] : [why, state].filter((part) => part !== undefined);
  const indented = details.flatMap((part) => part.split("\n")).map((line) => `  ${line}`);
  const last = hint === undefined ? [] : [`${paint("hint", "hint:")} ${hint}`];
  return [`${paint("bad", `error[${code}]:`)} ${what}`, ...indented, ...last].join("\n");
}

/** An error as `--json` prints it. */
export function problemJson(error: GrowthosError): Readonly<Record<string, unknown>> {
  const { code, what, why, state, hint, exit } = error.parts;
  return { code, what, why, state, hint, exit_code: EXIT[exit].code };
}

function firstFrames(stack: string): string {
  return stack
    .split("\n")
    .slice(1, 6)
    .map((line) => line.trim())
    .join("\n");
}
