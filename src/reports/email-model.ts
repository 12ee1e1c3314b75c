/** A report cut to what a mail is read for: the period that is selected, the first rows and columns of each table. */
import type { CommentaryItem, TextPart } from "./block-types/commentary.js";
import { funnelTable } from "./drawings/funnel.js";
import { sankeyTable } from "./drawings/sankey.js";
import { scatterTable } from "./drawings/scatter.js";
import { boxTable } from "./drawings/six-twelve.js";
import { xmrTable } from "./drawings/xmr.js";
import type { Block, BlockOf, ReportModel, TableCell } from "./types.js";

/** What a mail has a form for; everything else is put into these. */
export type MailBlock = BlockOf<"heading" | "prose" | "kpis" | "table" | "chart" | "findings" | "waterfall" | "links">;

/** A report that can be mailed. */
export interface MailModel extends Omit<ReportModel, "blocks"> {
  readonly blocks: readonly MailBlock[];
}

/** Rows and columns of a table in a mail, and lines at its foot. */
export const MAIL_LIMITS = { rows: 12, columns: 6, stamps: 12 } as const;

/** The report with shorter tables, and one period instead of a choice. What was left out is said in the table's note. */
export function mailModel(model: ReportModel): MailModel {
  return { ...model, blocks: model.blocks.flatMap(mailBlocks), stamps: model.stamps.slice(0, MAIL_LIMITS.stamps) };
}

function mailBlocks(block: Block): readonly MailBlock[] {
  switch (block.kind) {
    case "table":
      return [shortTable(block)];
    case "presets":
      return selected(block);
    case "versus":
      // One comparison: a mail has no switch.
      return block.comparison === "previous" ? block.blocks.flatMap(mailBlocks) : [];
    case "funnel":
      return [shortTable(funnelTable(block))];
    case "sankey":
      return [shortTable(sankeyTable(block))];
    case "scatter":
      return [shortTable(scatterTable(block))];
    case "six_twelve":
      return [shortTable(boxTable(block))];
    case "xmr":
      return [shortTable(xmrTable(block))];
    case "lights":
      return [{ kind: "findings", items: block.items.map(lightFinding) }];
    case "coverage":
      return [{ kind: "prose", paragraphs: [block.alt] }];
    case "commentary":
      return [{ kind: "findings", items: block.items.map(commentFinding) }];
    case "code":
    case "search":
      // Statements and the search are for a page that one works with.
      return [];
    default:
      return [block];
  }
}

function selected(block: BlockOf<"presets">): readonly MailBlock[] {
  const shown = block.options.find((option) => option.id === block.selected) ?? block.options[0];
  if (shown === undefined) return [];
  const text = shown.title ?? `Last ${shown.label}`;
  return [{ kind: "heading", id: shown.id, text }, ...shown.blocks.flatMap(mailBlocks)];
}

type Finding = BlockOf<"findings">["items"][number];

const LIGHT_TONES = { green: "good", amber: "warn", red: "bad", unknown: "neutral" } as const;

function lightFinding(light: BlockOf<"lights">["items"][number]): Finding {
  const detail = light.note === undefined ? light.threshold : `${light.threshold} ${light.note}`;
  return { tone: LIGHT_TONES[light.state], badge: light.word, title: `${light.label} ${light.value}`, detail };
}

function commentFinding({ tone, badge, title, details, owner, advice, said, missing }: CommentaryItem): Finding {
  const words = [
    ...details,
    `${owner}.`.replace(/\.\.$/, "."),
    ...said.map(wordsOf),
    ...(missing === null ? [] : [missing]),
  ];
  return { tone, badge, title, detail: words.join(" "), ...(advice === null ? {} : { advice }) };
}

function wordsOf(part: TextPart): string {
  return "paragraph" in part ? part.paragraph : part.list.join("; ");
}

function shortTable(block: BlockOf<"table">): BlockOf<"table"> {
  const cut = (cells: readonly TableCell[]) => cells.slice(0, MAIL_LIMITS.columns);
  const [rows, columns] = [block.rows.length - MAIL_LIMITS.rows, block.columns.length - MAIL_LIMITS.columns];
  const hidden = [
    ...(rows > 0 ? [`${rows} more ${rows === 1 ? "row" : "rows"}`] : []),
    ...(columns > 0 ? [`${columns} more ${columns === 1 ? "column" : "columns"}`] : []),
  ];
  const note = [
    ...(block.note === undefined ? [] : [block.note]),
    ...(hidden.length === 0 ? [] : [`The report itself has ${hidden.join(" and ")}.`]),
  ].join(" ");
  return {
    ...block,
    columns: block.columns.slice(0, MAIL_LIMITS.columns),
    rows: block.rows.slice(0, MAIL_LIMITS.rows).map(cut),
    ...(block.totals === undefined ? {} : { totals: cut(block.totals) }),
    ...(note === "" ? {} : { note }),
  };
}
