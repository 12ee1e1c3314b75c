/** Everything that reaches a terminal passes here: colour, alignment, progress, and the removal of control characters. */
import { Chalk, type ChalkInstance } from "chalk";
import type { Output, Step, TableColumn, Tone } from "./command.js";

/** Where text goes and what the terminal can do. */
export interface OutputOptions {
  /** Writes a line of talk (stderr), without its newline. */
  readonly talk: (line: string) => void;
  readonly quiet: boolean;
  /** Colour for the answer (stdout) and for the talk (stderr). */
  readonly color: { readonly answer: boolean; readonly talk: boolean };
  /** A spinner for terminals; absent: plain lines. */
  readonly spinner?: Spinner;
}

/** Starts a spinner with a text; the functions change or end it. */
export type Spinner = (text: string) => {
  update(text: string): void;
  succeed(text: string): void;
  fail(text: string): void;
};

/** The spinner of a terminal; loaded only there. */
export async function loadSpinner(): Promise<Spinner> {
  const { default: ora } = await import("ora");
  return (text) => {
    const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
    return {
      update: (next) => {
        spinner.text = next;
      },
      succeed: (last) => void spinner.succeed(last),
      fail: (last) => void spinner.fail(last),
    };
  };
}

/** Colour is wanted: the flag, then NO_COLOR, FORCE_COLOR, TERM=dumb, then whether it is a terminal (no-color.org, force-color.org). */
export function wantsColor(
  flag: boolean,
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (!flag || env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0") return true;
  return isTerminal && env["TERM"] !== "dumb";
}

/** Builds the output that commands see. */
export function createOutput(options: OutputOptions): Output {
  const answer = new Chalk({ level: options.color.answer ? 1 : 0 });
  const talk = new Chalk({ level: options.color.talk ? 1 : 0 });
  const note = (line: string) => {
    if (!options.quiet) options.talk(clean(line));
  };
  return {
    note,
    warn: (line) => options.talk(`${talk.yellow("warning:")} ${clean(line)}`),
    step: (label) => startStep(clean(label), { options, note }),
    table: (columns, rows) => formatTable(columns, rows, (tone, text) => tint(answer, tone, text)),
    paint: (tone, text) => tint(answer, tone, clean(text)),
  };
}

function startStep(label: string, { options, note }: { options: OutputOptions; note: (line: string) => void }): Step {
  if (options.quiet) return { update: () => {}, done: () => {}, failed: () => {} };
  if (options.spinner !== undefined) {
    const spinner = options.spinner(label);
    return {
      update: (text) => spinner.update(`${label}  ${clean(text)}`),
      done: (text) => spinner.succeed(text === undefined ? label : `${label}  ${clean(text)}`),
      failed: (text) => spinner.fail(text === undefined ? label : `${label}  ${clean(text)}`),
    };
  }
  note(`${label} …`);
  return {
    update: () => {},
    done: (text) => note(text === undefined ? `${label}: done` : `${label}: ${text}`),
    failed: (text) => note(text === undefined ? `${label}: failed` : `${label}: failed, ${text}`),
  };
}

/** Rows as columns, two spaces apart; text cells left, numbers right as the column says. No trailing spaces. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  paint: (tone: Tone, text: string) => string = (_tone, text) => text,
): string {
  const cells = rows.map((row) => columns.map((_, index) => cleanLine(row[index] ?? "")));
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...cells.map((row) => width(row[index] ?? ""))),
  );
  const line = (row: readonly string[], isHeader: boolean) =>
    columns
      .map((column, index) => {
        const text = row[index] ?? "";
        const isLast = index === columns.length - 1;
        const padding = " ".repeat((widths[index] ?? 0) - width(text));
        const tone = isHeader ? "dim" : column.tone?.(text);
        const shown = tone === undefined ? text : paint(tone, text);
        if (column.align === "right") return padding + shown;
        return isLast ? shown : shown + padding;
      })
      .join("  ")
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      true,
    ),
    ...cells.map((row) => line(row, false)),
  ].join("\n");
}

function tint(chalk: ChalkInstance, tone: Tone, text: string): string {
  const tints: Readonly<Record<Tone, (plain: string) => string>> = {
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
    dim: chalk.dim,
    strong: chalk.bold,
    hint: chalk.cyan,
  };
  return tints[tone](text);
}

function width(text: string): number {
  return [...text].length;
}

// Escape sequences move the cursor or rename the window; direction marks reorder what is read. Data may hold either.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that `paint` made
const COLOR = /(\u001b\[[0-9;]{1,8}m)/;

/** Text without control characters and direction marks; line breaks and tabs stay. */
export function clean(text: string): string {
  return text.replace(UNSAFE, "");
}

/** As `clean`, and on one line. */
function cleanLine(text: string): string {
  return clean(text.replace(/[\r\n\t]+/g, " "));
}

/** An answer ready for stdout: colours that we made ourselves stay when colour is on, everything else unsafe goes. */
export function cleanAnswer(text: string, color: boolean): string {
  if (!color) return clean(text.replaceAll(new RegExp(COLOR.source, "g"), ""));
  return text
    .split(COLOR)
    .map((piece, index) => (index % 2 === 1 ? piece : clean(piece)))
    .join("");
}
