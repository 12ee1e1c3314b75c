/** Which words name rows and which only say of what: "top 5 campaigns" are rows, "Meta campaigns" is a filter. */
import { isTime } from "../metrics/leaves.js";
import type { Breakdown } from "../metrics/types.js";
import { isKind, ofKind, type Reading, refuse } from "./draft.js";
import type { Meaning, Span, SpanOf } from "./types.js";

/** The rows of a question. */
export interface Groups {
  readonly breakdown: Breakdown | null;
  /** The word that named them, when one did. */
  readonly level: SpanOf<"level"> | null;
  readonly isPlural: boolean;
  /** Points of every row: "by channel and week". */
  readonly grain?: "day" | "week" | "month" | "quarter";
  /** Rows were not asked for by a word of their own, but two names or platforms are held against each other. */
  readonly isVersus: boolean;
}

const MODIFIERS = [
  "name",
  "platform",
  "status",
  "not",
  "and",
  "versus",
  "that",
] as const satisfies readonly Meaning["kind"][];
const MARKS = ["marker", "rank", "amount"] as const satisfies readonly Meaning["kind"][];

/** Reads what figures are broken down by. `isList`: no figure is named, so that names of a level ask for its rows. */
export function groupsOf(reading: Reading, taken: ReadonlySet<Span>, isList: boolean): Groups {
  const { spans } = reading;
  const levels = ofKind(spans, "level");
  const own = levels.filter((level) => isRows(spans, level, { taken, isList }));
  // "Active campaigns by CPC", "active campaigns with ROAS above 3" are rows, unless the rows are others.
  const rows = own.length > 0 ? own : levels.filter((level) => isRanked(spans, level, taken));
  const { level: first, grain } = oneKind(reading, rows);
  if (first !== undefined)
    return { breakdown: first.meaning.by, level: first, isPlural: first.meaning.plural, isVersus: false, ...grain };
  if (asksForAds(reading)) return { breakdown: "ad", level: null, isPlural: true, isVersus: false };
  const named = versus(reading, levels);
  return { breakdown: named, level: null, isPlural: true, isVersus: named !== null };
}

/** Rows are of one kind; time beside another kind are the points of each row. */
function oneKind(
  { spans }: Reading,
  rows: readonly SpanOf<"level">[],
): { readonly level?: SpanOf<"level">; readonly grain?: Pick<Groups, "grain"> } {
  const grains = [...new Set(ofKind(spans, "grain").map(({ meaning }) => meaning.grain))];
  const times = [...new Set([...rows.flatMap(({ meaning }) => (isTime(meaning.by) ? [meaning.by] : [])), ...grains])];
  const groups = rows.filter(({ meaning }) => !isTime(meaning.by));
  const [level, ...others] = groups.length > 0 ? groups : rows;
  const other = others.find(({ meaning }) => meaning.by !== level?.meaning.by);
  const metric = ofKind(spans, "metric")[0]?.meaning.id.replaceAll("_", " ") ?? "net revenue";
  const kind = (name: string) => name.replaceAll("_", " ");
  if (level !== undefined && other !== undefined)
    refuse(
      "NOT_SUPPORTED",
      `rows are of one kind: ${kind(level.meaning.by)} or ${kind(other.meaning.by)}`,
      `${metric} by ${kind(level.meaning.by)}`,
    );
  const [time, more] = times;
  if (more !== undefined)
    refuse("NOT_SUPPORTED", `points are of one length: ${time} or ${more}`, `${metric} by ${time}`);
  if (level === undefined || isTime(level.meaning.by) || time === undefined || time === "hour")
    return level === undefined ? {} : { level };
  return { level, grain: { grain: time } };
}

/** True for a level that asks for rows; otherwise it only says what the name, platform or status before it is. */
function isRows(
  spans: readonly Span[],
  level: SpanOf<"level">,
  { taken, isList }: { readonly taken: ReadonlySet<Span>; readonly isList: boolean },
): boolean {
  const index = spans.indexOf(level);
  let before = index - 1;
  while (before >= 0 && isKind(spans[before], ...MODIFIERS)) before -= 1;
  const lead = spans[before];
  const isMarked = isKind(lead, ...MARKS) && lead !== undefined && !taken.has(lead);
  // "By channel and week": joined to rows it asks for points.
  const joined = before === index - 2 && isKind(spans[index - 1], "and") && isKind(lead, "level", "grain");
  if (isTime(level.meaning.by)) return isMarked || joined;
  // "campaign Summer Sale": the name comes behind.
  if (isKind(spans[index + 1], "name") && !isMarked && !level.meaning.plural) return false;
  const modifiers = spans.slice(before + 1, index).filter((span) => !isKind(span, "and"));
  return modifiers.length === 0 || isMarked || (isList && !isKind(lead, "level"));
}

function isRanked(spans: readonly Span[], level: SpanOf<"level">, taken: ReadonlySet<Span>): boolean {
  const [next, after] = spans.slice(spans.indexOf(level) + 1);
  if (isTime(level.meaning.by) || !level.meaning.plural) return false;
  if (next?.meaning.kind === "marker" && next.meaning.marker === "by") return isKind(after, "metric");
  return (next !== undefined && taken.has(next)) || (after !== undefined && taken.has(after));
}

/** "Top 5 Meta ads": the platform's name has taken the word. */
function asksForAds({ spans, tokens }: Reading): boolean {
  return ofKind(spans, "platform").some((platform) => {
    const before = spans[spans.indexOf(platform) - 1];
    return tokens[platform.to - 1]?.text === "ads" && platform.to - platform.from > 1 && isKind(before, ...MARKS);
  });
}

/** Two platforms, or two names of one level, are rows. */
function versus({ spans }: Reading, levels: readonly SpanOf<"level">[]): Breakdown | null {
  if (new Set(ofKind(spans, "platform").map(({ meaning }) => meaning.platform)).size > 1) return "platform";
  const names = ofKind(spans, "name");
  if (new Set(names.map(({ meaning }) => meaning.text)).size < 2) return null;
  const said = levels.find(({ meaning }) => !isTime(meaning.by))?.meaning.by;
  if (said !== undefined) return said;
  const fields = names.map(({ meaning }) => new Set(meaning.matches.map(({ field }) => field)));
  return [...(fields[0] ?? [])].find((field) => fields.every((set) => set.has(field))) ?? null;
}
