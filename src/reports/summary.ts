/** A report in the few lines that a chat is read for. */
import { plainModel } from "./text.js";
import type { Block, ReportModel } from "./types.js";

const MOST_FIGURES = 8;
const MOST_FINDINGS = 6;

/** Title, the leading sentence, the first figures with their change, the first findings: lines of plain text, `*` around what is bold. */
export function summaryText(given: ReportModel): string {
  const model = plainModel(given);
  const blocks = model.blocks.flatMap(shownBlocks);
  const lead = blocks.flatMap((block) => (block.kind === "prose" && block.lead === true ? block.paragraphs : []));
  const figures = blocks
    .flatMap((block) => (block.kind === "kpis" ? block.items : []))
    .slice(0, MOST_FIGURES)
    .map(({ title, value, change }) => `• ${title}: ${value.text}${change === null ? "" : ` (${change.text})`}`);
  const findings = blocks
    .flatMap((block) => (block.kind === "findings" ? block.items : []))
    .slice(0, MOST_FINDINGS)
    .map(({ badge, title }) => `• ${badge}: ${title}`);
  const head = `*${model.context.shop}: ${model.title}*\n${model.subtitle}`;
  return [head, ...lead.slice(0, 1), figures.join("\n"), findings.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}

function shownBlocks(block: Block): readonly Block[] {
  if (block.kind !== "presets") return [block];
  return block.options.find((option) => option.id === block.selected)?.blocks.flatMap(shownBlocks) ?? [];
}
