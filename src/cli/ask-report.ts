/** An answer as a page of its own, with the same template as every report. */
import type { Answer } from "../ask/answer.js";
import type { AskChart } from "../ask/chart.js";
import type { AnswerContext } from "../metrics/types.js";
import { textCell } from "../reports/figures.js";
import type { Block, ReportModel } from "../reports/types.js";

/** The page of an answer. */
export function answerReport(question: string, answer: Answer, context: AnswerContext): ReportModel {
  const { proof, table, chart, notes, sentence } = answer;
  const columns = table.columns.map(({ title, align }, index) => ({ id: `c${index}`, title, align }));
  const drawn = chart === null ? null : drawing(chart, sentence);
  const blocks: readonly Block[] = [
    { kind: "prose", paragraphs: [sentence], lead: true },
    ...(drawn === null ? [] : [drawn]),
    {
      kind: "table",
      title: "Figures",
      columns,
      rows: table.rows.map((row) => row.map((cell) => textCell(cell))),
      ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
    },
    { kind: "heading", id: "proof", text: "Proof" },
    { kind: "code", title: "The query", language: "text", text: JSON.stringify(proof.query, null, 2) },
    ...proof.sql.map((text): Block => ({ kind: "code", title: "The statement that was run", language: "sql", text })),
  ];
  return {
    schemaVersion: 1,
    id: "answer",
    title: question,
    subtitle: `${context.shop}, ${proof.query.window.from} to ${proof.query.window.to}`,
    context,
    blocks,
    stamps: [
      { label: "As of", text: `${context.asOf}; the last complete day is ${proof.cutOff}` },
      { label: "Days", text: `in the shop's time zone, ${context.timeZone}; complete days only` },
      { label: "Rows", text: `${proof.rows.shown} of ${proof.rows.found}` },
      { label: "Completeness", text: proof.completeness },
      { label: "Build", text: `${context.buildId}, inputs ${context.inputHash.slice(0, 12)}` },
    ],
  };
}

/** Cards and tables need no drawing of their own. */
function drawing(chart: AskChart, alt: string): Block | null {
  if (chart.form === "card" || chart.form === "table") return null;
  const { form, x, y } = chart;
  // Bars of two windows would stand on each other; the table has both.
  const series = form === "bar" ? chart.series.slice(0, 1) : chart.series;
  const title = y.unit.length === 3 ? `${y.title}, ${y.unit}` : y.title;
  return {
    kind: "chart",
    title: `${y.title} by ${x.title.replaceAll("_", " ")}`,
    alt,
    spec: { form, x, y: { title, format: y.unit === "ratio" ? ".1%" : "~s" }, series },
  };
}
