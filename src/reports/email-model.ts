/** A report cut to what a mail is read for: the period that is selected, the first rows and columns of each table. */
import type { Block, BlockOf, ReportModel, TableCell } from "./types.js";

/** Rows and columns of a table in a mail, and lines at its foot. */
export const MAIL_LIMITS = { rows: 12, columns: 6, stamps: 12 } as const;

/** The report with shorter tables, and one period instead of a choice. What was left out is said in the table's note. */
export function mailModel(model: ReportModel): ReportModel {
  return { ...model, blocks: model.blocks.flatMap(mailBlocks), stamps: model.stamps.slice(0, MAIL_LIMITS.stamps) };
}

function mailBlocks(block: Block): readonly Block[] {
  if (block.kind === "table") return [shortTable(block)];
  if (block.kind !== "presets") return [block];
  const shown = block.options.find((option) => option.id === block.selected) ?? block.options[0];
  if (shown === undefined) return [];
  return [{ kind: "heading", id: shown.id, text: `Last ${shown.label}` }, ...shown.blocks.flatMap(mailBlocks)];
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
