/**
 * Text that came from outside, made harmless to read: no control characters, no invisible reordering, no endless names.
 * Escaping for HTML, SVG or Markdown is the renderers' work; this is about what remains readable after it.
 */
import { addDays, type DateRange, type ISODate, isISODate } from "../base/dates.js";
import type { Block, ChartSpec, Figure, ReportModel, TableCell } from "./types.js";

/** Longest texts, in code points, by what they are for. */
const LIMITS = { label: 80, cell: 120, title: 160, sentence: 600, comment: 2000 } as const;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** One line of at most `limit` code points. Characters that reorder text are written out (`[U+202E]`), the other invisible ones go. Idempotent. */
export function plainText(text: string, limit: number = LIMITS.sentence): string {
  // Cut generously first: a megabyte need not pass through the expressions below.
  const visible = text
    .slice(0, limit * 12)
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, codePointName)
    .replace(/[\u00AD\u200B\u2060\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu, "")
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, " ")
    .trim();
  const points = Array.from(visible);
  return points.length <= limit
    ? visible
    : `${points
        .slice(0, limit - 1)
        .join("")
        .trimEnd()}…`;
}

function codePointName(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

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
  switch (block.kind) {
    case "heading":
      return { ...block, id: slug(block.id), text: plainText(block.text, LIMITS.title) };
    case "prose":
      return { ...block, paragraphs: block.paragraphs.map((paragraph) => plainText(paragraph)) };
    case "kpis":
      return {
        ...block,
        items: block.items.map((item) => ({
          ...item,
          title: plainText(item.title, LIMITS.label),
          value: plainFigure(item.value),
          change: item.change && plainFigure(item.change),
          formula: plainText(item.formula),
        })),
      };
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
      return {
        ...block,
        title: plainText(block.title, LIMITS.title),
        alt: plainText(block.alt),
        spec: plainSpec(block.spec),
      };
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
      return {
        ...block,
        selected: slug(block.selected),
        options: block.options.map((option) => ({
          id: slug(option.id),
          label: plainText(option.label, LIMITS.label),
          blocks: option.blocks.map(plainBlock),
        })),
      };
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
    case "scatter":
    case "six_twelve":
    case "xmr":
    case "commentary":
      return plainParts(block);
  }
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

function plainSpec(spec: ChartSpec): ChartSpec {
  return {
    ...spec,
    x: { ...spec.x, title: plainText(spec.x.title, LIMITS.label) },
    y: { ...spec.y, title: plainText(spec.y.title, LIMITS.label) },
    series: spec.series.map((series) => ({
      ...series,
      name: plainText(series.name, LIMITS.label),
      points: series.points.map((point) => ({ ...point, x: plainText(point.x, LIMITS.label) })),
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
    ...(cell.note === undefined ? {} : { note: plainText(cell.note) }),
  };
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
