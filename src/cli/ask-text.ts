/** Answers, refusals and questions back, as a terminal shows them. */
import type { Answer } from "../ask/answer.js";
import type { Reader } from "../ask/ask.js";
import type { AskedBack, Refused } from "../ask/types.js";
import { snakeCased } from "../metrics/present.js";
import type { Output } from "./command.js";

/** Names that are shown for one stretch of words. */
const MOST_NAMES = 5;

/** An answer as text; `isExplained`: with the words that were read, and the proof. */
export function answerText(answer: Answer, output: Output, spans: ReturnType<Reader["spans"]> | null): string {
  const { sentence, table, notes, proof } = answer;
  const isOne = table.rows.length === 1 && proof.query.metrics.length === 1;
  const { rows, cutOff, completeness, build } = proof;
  const of = proof.query.breakdown === undefined ? "" : `${rows.shown} of ${rows.found} rows, `;
  return [
    output.paint("strong", sentence),
    ...(isOne ? [] : [output.table(table.columns, table.rows)]),
    ...notes.map((note) => output.paint("dim", note)),
    output.paint("dim", `${of}${completeness}, cut-off ${cutOff}, build ${build}`),
    ...(spans === null ? [] : explained(answer, output, spans)),
  ].join("\n");
}

function explained({ proof }: Answer, output: Output, spans: ReturnType<Reader["spans"]>): readonly string[] {
  const words = spans.map(({ text, meaning }) => {
    return [text, meaning.kind.replaceAll("_", " "), detailOf(meaning)];
  });
  const columns = [{ title: "words" }, { title: "read as" }, { title: "" }];
  return [
    "",
    output.table(columns, words),
    "",
    output.paint("strong", "query"),
    JSON.stringify(snakeCased(proof.query), null, 2),
    "",
    output.paint("strong", "SQL"),
    ...proof.sql,
  ];
}

/** What a stretch of words was taken for: the days of a window, what bears a name, else its own words. */
function detailOf(meaning: ReturnType<Reader["spans"]>[number]["meaning"]): string {
  if (meaning.kind === "window") {
    const { name, range } = meaning.window;
    return `${name}, ${range.from} to ${range.to}`;
  }
  if (meaning.kind === "name") {
    const found = meaning.matches.map(({ field, label }) => `${field.replaceAll("_", " ")} ${label}`);
    return [...found.slice(0, MOST_NAMES), ...(found.length > MOST_NAMES ? ["…"] : [])].join(", ");
  }
  const { kind: _kind, ...rest } = meaning;
  return Object.values(rest)
    .filter((value) => typeof value === "string" || typeof value === "number")
    .join(" ");
}

/** Why there is no answer, and what would be one. */
export function noAnswerText(asked: Refused | AskedBack, output: Output): string {
  if (asked.kind === "which") return [asked.why, ...asked.choices.map((choice) => `  ${choice}`)].join("\n");
  const nearest = asked.nearest === undefined ? [] : [output.paint("hint", `nearest: ${asked.nearest}`)];
  return [`${output.paint("warn", "no answer")} (${asked.code}): ${asked.why}`, ...nearest].join("\n");
}

/** An answer for programs. Money stays in minor units. */
export function answerJson(question: string, answer: Answer): Readonly<Record<string, unknown>> {
  const { sentence, chart, notes, shares, proof, result } = answer;
  const { totals, rows, series } = result;
  const told = shares === undefined ? {} : { shares };
  return snakeCased({
    question,
    status: "answered",
    sentence,
    chart,
    notes,
    ...told,
    proof,
    totals,
    rows,
    series,
  }) as Readonly<Record<string, unknown>>;
}

/** A refusal or a question back for programs. */
export function noAnswerJson(question: string, asked: Refused | AskedBack): Readonly<Record<string, unknown>> {
  const { kind, ...rest } = asked;
  return { question, status: kind === "which" ? "ambiguous" : "refused", ...rest };
}
