/** ReportModel to Markdown (GitHub's dialect): the same blocks and figures, readable in a terminal, a chat or a repository. */

import { codeFence } from "./block-types/code.js";
import type { TextPart } from "./block-types/commentary.js";
import { funnelTable } from "./drawings/funnel.js";
import { sankeyTable } from "./drawings/sankey.js";
import { scatterTable } from "./drawings/scatter.js";
import { boxTable, pointsText } from "./drawings/six-twelve.js";
import { xmrTable } from "./drawings/xmr.js";
import { levelsOf } from "./levels.js";
import { withQuotes } from "./plain-text.js";
import { plainModel } from "./text.js";
import type { Block, BlockOf, Column, Figure, ReportModel, TableCell } from "./types.js";

const MOST_ROWS = 500;

/** Renders a report. No text can become markup: no HTML, link, image, code, table cell or list of its own. */
export function renderMarkdown(given: ReportModel): string {
  const model = plainModel(given);
  const parts = [
    `# ${escapeMarkdown(model.title)}`,
    `${escapeMarkdown(model.context.shop)} · ${escapeMarkdown(model.subtitle)}`,
    ...model.blocks.map(renderBlock),
    "---",
    model.stamps.map((stamp) => `- ${escapeMarkdown(stamp.label)}: ${escapeMarkdown(stamp.text)}`).join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Text that Markdown leaves alone, also at the beginning of a line and inside a table cell. */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/[\r\n\u2028\u2029]+/g, " ")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/[\\`*_[\]|~^]/g, "\\$&")
      // A dollar before anything but an amount may open a formula.
      .replace(/\$(?!\d)/g, "\\$")
      // Bare addresses and mentions become links by themselves in GitHub's dialect.
      .replace(/:(?=\/\/)/g, "\\:")
      .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}\\.`)
      .replace(/@/g, "\\@")
      // What would begin a heading, a list, a rule or a setext line.
      .replace(/^(\s*)([#=]|[+-](?=[\s-]|$))/, "$1\\$2")
      .replace(/^(\s*\d+)([.)])(?=\s|$)/, "$1\\$2")
  );
}

/** A sentence of ours: what it quotes between backticks stays code. */
function sentence(text: string): string {
  return withQuotes(text, { plain: escapeMarkdown, code: (part) => `\`${part}\`` });
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `## ${escapeMarkdown(block.text)}`;
    case "prose":
      return block.paragraphs.map((text) => (block.lead ? `**${escapeMarkdown(text)}**` : sentence(text))).join("\n\n");
    case "kpis":
      return kpis(block);
    case "table":
      return table(block);
    case "chart":
      return `*Chart: ${escapeMarkdown(block.alt)}*`;
    case "waterfall":
      return waterfall(block);
    case "findings":
      return block.items.map(finding).join("\n");
    case "presets":
      return block.options
        .map((option) => {
          const title = escapeMarkdown(option.title ?? `Last ${option.label}`);
          return [`## ${title}`, ...option.blocks.map(renderBlock)].join("\n\n");
        })
        .join("\n\n");
    case "versus":
      return block.blocks.map(renderBlock).join("\n\n");
    case "code":
      return `${escapeMarkdown(block.title)}:\n\n${codeFence(block)}`;
    case "coverage":
      return coverage(block);
    case "lights":
      return lights(block);
    case "search":
      // A text file is searched by what shows it; the list of pages stands below.
      return "";
    case "links":
      return block.items
        .map((item) => `- [${escapeMarkdown(item.title)}](${item.page}.md): ${escapeMarkdown(item.detail)}`)
        .join("\n");
    case "funnel":
      return table(funnelTable(block));
    case "sankey":
      return table(sankeyTable(block));
    case "scatter":
      return table(scatterTable(block));
    case "six_twelve":
      return sixTwelve(block);
    case "xmr":
      return table(xmrTable(block));
    case "commentary":
      return block.items.map(comment).join("\n\n");
  }
}

/** What was found, who answers for it, and what is said; and last week's words. */
function comment(item: BlockOf<"commentary">["items"][number]): string {
  const { badge, title, details, advice, owner, missing, said, before } = item;
  const told = (parts: readonly TextPart[]) =>
    parts.map((part) =>
      "list" in part ? part.list.map((one) => `- ${escapeMarkdown(one)}`).join("\n") : escapeMarkdown(part.paragraph),
    );
  return [
    `**${escapeMarkdown(badge)}: ${escapeMarkdown(title)}.** ${[...details, ...(advice === null ? [] : [advice])].map(sentence).join(" ")}`.trim(),
    escapeMarkdown(owner),
    ...(missing === null ? [] : [`**${escapeMarkdown(missing)}**`]),
    ...told(said),
    ...(before === null ? [] : [`What was said in ${escapeMarkdown(before.week)}:`, ...told(before.parts)]),
  ].join("\n\n");
}

function sixTwelve(block: BlockOf<"six_twelve">): string {
  const lines = [
    pointsText("6 weeks", block.weeks),
    pointsText("12 months", block.months),
    ...(block.target === undefined ? [] : [block.target.text]),
    ...block.events.map(({ number, text }) => `${number} · ${text}`),
  ];
  return [table(boxTable(block)), ...lines.map(escapeMarkdown)].join("\n\n");
}

function finding(item: BlockOf<"findings">["items"][number]): string {
  const advice = item.advice === undefined ? "" : ` ${sentence(item.advice)}`;
  return `- **${escapeMarkdown(item.badge)}: ${escapeMarkdown(item.title)}.** ${sentence(item.detail)}${advice}`;
}

function kpis(block: BlockOf<"kpis">): string {
  const hasYears = block.items.some((item) => item.yearly !== undefined);
  const columns: Column[] = [
    { id: "metric", title: "Metric", align: "left" },
    { id: "value", title: "Value", align: "right" },
    { id: "change", title: "Change", align: "right" },
    ...(hasYears ? [{ id: "year", title: "A year ago", align: "right" } as const] : []),
  ];
  const changeCellOf = (change: Figure | null | undefined): TableCell =>
    change === null || change === undefined ? { text: "—", sort: null } : figureCell(change);
  const rows = block.items.map((item) => [
    { text: item.title, sort: null },
    figureCell(item.value),
    changeCellOf(item.change),
    ...(hasYears ? [changeCellOf(item.yearly?.change)] : []),
  ]);
  return grid(columns, rows);
}

function waterfall(block: BlockOf<"waterfall">): string {
  const columns: Column[] = [
    { id: "step", title: "Step", align: "left" },
    { id: "value", title: "Value", align: "right" },
  ];
  const rows = block.steps.map((step) => [{ text: step.label, sort: null }, figureCell(step.figure)]);
  return `### ${escapeMarkdown(block.title)}\n\n${grid(columns, rows)}`;
}

function coverage(block: BlockOf<"coverage">): string {
  const columns: Column[] = [
    { id: "report", title: "Report", align: "left" },
    { id: "missing", title: "Missing days", align: "left" },
  ];
  const rows = block.rows.map(({ label, text }) => [label, text].map((cell) => ({ text: cell, sort: null })));
  return [
    `### ${escapeMarkdown(block.title)}`,
    escapeMarkdown(block.alt),
    grid(columns, rows),
    ...(block.note === undefined ? [] : [sentence(block.note)]),
  ].join("\n\n");
}

function lights(block: BlockOf<"lights">): string {
  const items = block.items.map(({ label, value, word, threshold, note }) => {
    const why = note === undefined ? "" : ` ${escapeMarkdown(note)}`;
    return `- **${escapeMarkdown(word)}: ${escapeMarkdown(label)} ${escapeMarkdown(value)}.** ${escapeMarkdown(threshold)}${why}`;
  });
  return [
    `### ${escapeMarkdown(block.title)}`,
    items.join("\n"),
    ...(block.note === undefined ? [] : [sentence(block.note)]),
  ].join("\n\n");
}

function figureCell(figure: Figure): TableCell {
  const absent = figure.status === "unknown" || figure.status === "undefined";
  return { text: figure.text, sort: null, ...(absent && figure.note !== null ? { note: figure.note } : {}) };
}

function table(block: BlockOf<"table">): string {
  const levels = levelsOf(block);
  const shown = block.rows
    .slice(0, MOST_ROWS)
    .map((row, index) => row.map((cell, column) => (column === 0 ? indented(cell, levels?.[index] ?? 1) : cell)));
  const rows = block.totals === undefined ? shown : [...shown, block.totals];
  const hidden = block.rows.length - shown.length;
  const notes = [
    block.note === undefined ? "" : sentence(block.note),
    hidden > 0 ? `${hidden} more rows are in the JSON file beside this one.` : "",
  ].filter((note) => note !== "");
  return [`### ${escapeMarkdown(block.title)}`, grid(block.columns, rows), ...notes].join("\n\n");
}

/** Parts stand under what they are part of. */
function indented(cell: TableCell, level: number): TableCell {
  return level === 1 ? cell : { ...cell, text: `${"· ".repeat(level - 1)}${cell.text}` };
}

/** A pipe table; what a cell's note says stands behind its text. */
function grid(columns: readonly Column[], rows: readonly (readonly TableCell[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map((column) => escapeMarkdown(column.title))),
    line(columns.map((column) => (column.align === "right" ? "---:" : "---"))),
    ...rows.map((row) => line(columns.map((_, index) => cellText(row[index])))),
  ].join("\n");
}

function cellText(cell: TableCell | undefined): string {
  if (cell === undefined) return "";
  const note = cell.note === undefined ? "" : ` (${cell.note})`;
  const text = escapeMarkdown(`${cell.text}${note}`);
  if (cell.link === undefined) return text;
  return `[${text}](${cell.link.page}.md${cell.link.anchor === undefined ? "" : `#${cell.link.anchor}`})`;
}
