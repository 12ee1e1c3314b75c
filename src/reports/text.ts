/**
 * Text that came from outside, made harmless to read: no control characters, no invisible reordering, no endless names.
 * Escaping for HTML, SVG or Markdown is the renderers' work; this is about what remains readable after it.
 */
import { addDays, type DateRange, type ISODate, isISODate } from "../base/dates.js";
import { plainCodeBlock } from "./block-types/code.js";
import { plainCoverage } from "./block-types/coverage.js";
import { plainLights } from "./block-types/lights.js";
import { LIMITS, plainText } from "./plain-text.js";
import type { Block, BlockOf, Figure, ReportModel, TableCell } from "./types.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A name as it may stand inside a sentence or on an axis. */
export function label(text: string): string {
  const clean = plainText(text, LIMITS.label);
  return clean === "" ? "(no name)" : clean;
}

/** The report with every text made plain; what all renderings start from. Idempotent. */
export function plainModel(model: ReportModel): ReportModel {
  return {
    ...model,
    title: plainText(model.title, LIMITS.title),
    subtitle: plainText(model.subtitle, LIMITS.title),
    context: { ...model.context, shop: plainText(model.context.shop, LIMITS.label) },
    blocks: model.blocks.map(plainBlock),
    stamps: model.stamps.map((stamp) => ({ label: plainText(stamp.label, LIMITS.label), text: plainText(stamp.text) })),
  };
}

function plainBlock(block: Block): Block {
  if (block.kind === "code" || block.kind === "coverage" || block.kind === "lights") return plainEvidence(block);
  switch (block.kind) {
    case "heading":
      return { ...block, id: slug(block.id), text: plainText(block.text, LIMITS.title) };
    case "prose":
      return { ...block, paragraphs: block.paragraphs.map((paragraph) => plainText(paragraph)) };
    case "kpis":
      return plainKpis(block);
    case "table":
      return {
        ...block,
        title: plainText(block.title, LIMITS.title),
        columns: block.columns.map((column) => ({ ...column, title: plainText(column.title, LIMITS.label) })),
        rows: block.rows.map((row) => row.map(plainCell)),
        ...(block.totals === undefined ? {} : { totals: block.totals.map(plainCell) }),
        ...(block.note === undefined ? {} : { note: plainText(block.note) }),
      };
    case "chart":
      return plainChart(block);
    case "findings":
      return {
        ...block,
        items: block.items.map((item) => ({
          tone: item.tone,
          badge: plainText(item.badge, LIMITS.label),
          title: plainText(item.title, LIMITS.title),
          detail: plainText(item.detail),
          ...(item.advice === undefined ? {} : { advice: plainText(item.advice) }),
        })),
      };
    case "waterfall":
      return {
        ...block,
        title: plainText(block.title, LIMITS.title),
        alt: plainText(block.alt),
        steps: block.steps.map((step) => ({
          ...step,
          label: plainText(step.label, LIMITS.label),
          figure: plainFigure(step.figure),
        })),
      };
    case "presets":
      return plainPresets(block);
    case "versus":
      return { ...block, blocks: block.blocks.map(plainBlock) };
    case "search":
      return plainSearch(block);
    case "links":
      return {
        ...block,
        items: block.items.map((item) => ({
          page: slug(item.page),
          title: plainText(item.title, LIMITS.title),
          detail: plainText(item.detail),
        })),
      };
    case "funnel":
    case "sankey":
    case "scatter":
    case "six_twelve":
    case "xmr":
    case "commentary":
      return plainParts(block);
  }
}

function plainChart(block: BlockOf<"chart">): Block {
  const { spec } = block;
  return {
    ...block,
    title: plainText(block.title, LIMITS.title),
    alt: plainText(block.alt),
    spec: {
      ...spec,
      x: { ...spec.x, title: plainText(spec.x.title, LIMITS.label) },
      y: { ...spec.y, title: plainText(spec.y.title, LIMITS.label) },
      series: spec.series.map((series) => ({
        ...series,
        name: plainText(series.name, LIMITS.label),
        points: series.points.map((point) => ({ ...point, x: plainText(point.x, LIMITS.label) })),
      })),
    },
  };
}

/** Texts of a block by the member that holds them; every other one is a sentence. */
const MEMBER_LIMITS: Readonly<Record<string, number>> = {
  title: LIMITS.title,
  label: LIMITS.label,
  text: LIMITS.cell,
  paragraph: LIMITS.comment,
  list: LIMITS.comment,
};

/** Every text in a block of any shape made plain. Such a block holds no id and no address: these would need `slug`. */
function plainParts<T>(part: T, member = ""): T {
  if (typeof part === "string") return plainText(part, MEMBER_LIMITS[member]) as T;
  if (Array.isArray(part)) return part.map((one) => plainParts(one, member)) as T;
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, plainParts(value, key)])) as T;
}

function plainEvidence(block: BlockOf<"code" | "coverage" | "lights">): Block {
  switch (block.kind) {
    case "code":
      return plainCodeBlock(block);
    case "coverage":
      return plainCoverage(block);
    case "lights":
      return plainLights(block);
  }
}

function plainKpis(block: BlockOf<"kpis">): Block {
  return {
    ...block,
    items: block.items.map((item) => ({
      ...item,
      title: plainText(item.title, LIMITS.label),
      value: plainFigure(item.value),
      change: item.change && plainFigure(item.change),
      ...(item.yearly === undefined ? {} : { yearly: { ...item.yearly, change: plainFigure(item.yearly.change) } }),
      formula: plainText(item.formula),
    })),
  };
}

function plainPresets(block: BlockOf<"presets">): Block {
  return {
    ...block,
    selected: slug(block.selected),
    options: block.options.map((option) => ({
      id: slug(option.id),
      label: plainText(option.label, LIMITS.label),
      ...(option.title === undefined ? {} : { title: plainText(option.title, LIMITS.title) }),
      ...(option.group === undefined ? {} : { group: plainText(option.group, LIMITS.label) }),
      blocks: option.blocks.map(plainBlock),
    })),
  };
}

function plainSearch(block: BlockOf<"search">): Block {
  return {
    ...block,
    items: block.items.map(({ what, title, detail, page, anchor }) => ({
      what,
      title: plainText(title, LIMITS.title),
      detail: plainText(detail),
      ...(page === undefined ? {} : { page: slug(page) }),
      ...(anchor === undefined ? {} : { anchor: slug(anchor) }),
    })),
  };
}

function plainFigure(figure: Figure): Figure {
  return {
    ...figure,
    text: plainText(figure.text, LIMITS.label),
    note: figure.note === null ? null : plainText(figure.note),
  };
}

function plainCell(cell: TableCell): TableCell {
  return {
    ...cell,
    text: plainText(cell.text, LIMITS.cell),
    sort: typeof cell.sort === "string" ? plainText(cell.sort, LIMITS.cell) : cell.sort,
    ...(cell.exact === undefined ? {} : { exact: plainText(cell.exact, LIMITS.cell) }),
    ...(cell.note === undefined ? {} : { note: plainText(cell.note) }),
    ...(cell.link === undefined ? {} : { link: plainLink(cell.link) }),
  };
}

function plainLink({ page, anchor }: NonNullable<TableCell["link"]>): NonNullable<TableCell["link"]> {
  return { page: slug(page), ...(anchor === undefined ? {} : { anchor: slug(anchor) }) };
}

/** Lower-case letters, digits and dashes, never empty: fit for an id and for a file name. */
export function slug(text: string): string {
  const clean = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-+|-+$/g, "");
  return clean === "" ? "x" : clean;
}

/** A day as people write it: `8 Feb 2026`. Anything else is given back as it is. */
export function dayText(day: string): string {
  if (!isISODate(day)) return day;
  return `${Number(day.slice(8))} ${monthName(day)} ${day.slice(0, 4)}`;
}

/** A month by its first day: `Feb 2026`. */
export function monthText(day: string): string {
  return isISODate(day) ? `${monthName(day)} ${day.slice(0, 4)}` : day;
}

/** A range without repeating what both ends share: `2–8 Feb 2026`, `27 Jan – 2 Feb 2026`. */
export function rangeText(range: DateRange): string {
  if (range.from === range.to) return dayText(range.to);
  const day = String(Number(range.from.slice(8)));
  if (range.from.slice(0, 7) === range.to.slice(0, 7)) return `${day}–${dayText(range.to)}`;
  if (range.from.slice(0, 4) === range.to.slice(0, 4)) return `${day} ${monthName(range.from)} – ${dayText(range.to)}`;
  return `${dayText(range.from)} – ${dayText(range.to)}`;
}

function monthName(day: string): string {
  return MONTHS[Number(day.slice(5, 7)) - 1] ?? "";
}

/** Days as ranges, so that forty missing days do not fill a page: `2026-01-03 … 2026-01-09, 2026-01-12`. At most four, then a count. */
export function daysText(days: readonly string[]): string {
  const sorted = [...days].sort();
  const runs: { from: string; to: string }[] = [];
  for (const day of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && isISODate(last.to) && addDays(last.to as ISODate, 1) === day) last.to = day;
    else runs.push({ from: day, to: day });
  }
  const shown = runs.slice(0, 4).map((run) => (run.from === run.to ? run.from : `${run.from} … ${run.to}`));
  return runs.length <= 4 ? shown.join(", ") : `${shown.join(", ")} and ${runs.length - 4} more gaps`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}
