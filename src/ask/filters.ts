/** What the figures are of: platforms, status, kinds of customers, and names that the warehouse knows. */
import { isTime } from "../metrics/leaves.js";
import type { GroupBreakdown } from "../metrics/types.js";
import { askBack, type DraftFilter, isKind, ofKind, type Reading, refuse } from "./draft.js";
import { placeName } from "./places.js";
import type { Entity, Span, SpanOf } from "./types.js";

/** Filters with what a reader has to know of them. */
export interface Filters {
  readonly filters: readonly DraftFilter[];
  readonly notes: readonly string[];
}

/** Reads all filters of a question. */
export function filtersOf(reading: Reading): Filters {
  const { spans } = reading;
  const status = ofKind(spans, "status").map(
    (span): DraftFilter => ({
      kind: "field",
      field: "status",
      operator: isNot(spans, span) ? "!=" : "=",
      value: span.meaning.value,
    }),
  );
  const customers = ofKind(spans, "customers").map(
    (span): DraftFilter => ({
      kind: "field",
      field: "customer_type",
      operator: isNot(spans, span) ? "!=" : "=",
      value: span.meaning.value,
    }),
  );
  const platforms = platformFilter(reading);
  return {
    filters: [...platforms.filters, ...nameFilters(reading), ...status, ...customers],
    notes: platforms.notes,
  };
}

function isNot(spans: readonly Span[], span: Span): boolean {
  return isKind(spans[spans.indexOf(span) - 1], "not");
}

function platformFilter(reading: Reading): Filters {
  const { spans, language } = reading;
  const said = ofKind(spans, "platform");
  const known = language.world.entities.filter(({ field }) => field === "platform" || field === "channel");
  const missing = said.find(({ meaning }) => !known.some(({ key }) => key.startsWith(meaning.platform)));
  if (missing !== undefined) {
    const channels = known.filter(({ field }) => field === "channel").map(({ label }) => label);
    const there = [...new Set(channels)].join(", ");
    refuse(
      "OUTSIDE_DATA",
      `there is no data of ${missing.meaning.said}; there is of ${there === "" ? "no platform" : there}`,
    );
  }
  const sorted = (wanted: boolean) => [
    ...new Set(said.filter((span) => isNot(spans, span) === wanted).map(({ meaning }) => meaning.platform)),
  ];
  const [kept, left] = [sorted(false), sorted(true)];
  const parts = said.filter(({ meaning }) => meaning.said === "Instagram" || meaning.said === "YouTube");
  return {
    filters: [
      ...(kept.length === 0 ? [] : [{ kind: "platform" as const, platforms: kept, isNot: false }]),
      ...(left.length === 0 ? [] : [{ kind: "platform" as const, platforms: left, isNot: true }]),
    ],
    notes: parts.map(
      ({ meaning }) =>
        `${meaning.said} is counted within ${meaning.platform === "meta" ? "Meta" : "Google"}, and not told apart`,
    ),
  };
}

function nameFilters(reading: Reading): readonly DraftFilter[] {
  const { spans } = reading;
  const named = ofKind(spans, "name").map((span) => ({ span, field: fieldOfName(reading, span) }));
  const fields = [...new Set(named.map(({ field }) => field))];
  return fields.flatMap((field) => {
    const ofField = named.filter((one) => one.field === field);
    const not = ofField.filter(({ span }) => isNot(spans, span)).map(({ span }) => span);
    const only = ofField.filter(({ span }) => !isNot(spans, span)).map(({ span }) => span);
    return [
      ...(only.length === 0 ? [] : [namesFilter(reading, field, only)]),
      ...(not.length === 0
        ? []
        : [{ kind: "field" as const, field, operator: "!=" as const, value: labelsOf(field, not) }]),
    ];
  });
}

function labelsOf(field: GroupBreakdown, spans: readonly SpanOf<"name">[]): readonly string[] {
  const entities = spans.flatMap(({ meaning }) => matchesOf(meaning.matches, field));
  return [...new Set(entities.map(({ label }) => label))];
}

function matchesOf(matches: readonly Entity[], field: GroupBreakdown): readonly Entity[] {
  return matches.filter((entity) => entity.field === field);
}

/** One name as it was typed, where the warehouse writes it so; otherwise the names themselves. */
function namesFilter(reading: Reading, field: GroupBreakdown, spans: readonly SpanOf<"name">[]): DraftFilter {
  const labels = labelsOf(field, spans);
  const [first] = spans;
  const text = first?.meaning.text ?? "";
  if (spans.length > 1) return { kind: "field", field, operator: "in", value: labels };
  const exact = labels.find((label) => label.toLowerCase() === text);
  if (exact !== undefined && labels.length > 1) return { kind: "field", field, operator: "=", value: exact };
  if (labels.length > 1 && first !== undefined && isSingular(reading, first))
    askBack(`several ${field.replaceAll("_", " ")}s have "${text}" in their name`, labels);
  const place = labels[0]?.toLowerCase().indexOf(text) ?? -1;
  const isWritten = labels.every((label) => label.toLowerCase().includes(text));
  if (field === "channel" || field === "country" || field === "region" || !isWritten) {
    const [only] = labels;
    return labels.length === 1 && only !== undefined
      ? { kind: "field", field, operator: "=", value: only }
      : { kind: "field", field, operator: "in", value: labels };
  }
  return { kind: "field", field, operator: "contains", value: labels[0]?.slice(place, place + text.length) ?? text };
}

/** "The holiday campaign" is one. */
function isSingular({ spans }: Reading, name: Span): boolean {
  const next = spans[spans.indexOf(name) + 1];
  return next?.meaning.kind === "level" && !next.meaning.plural;
}

/** The kind of thing that a name is of: the word beside it says so, or only one kind has such a name. */
export function fieldOfName(reading: Reading, span: SpanOf<"name">): GroupBreakdown {
  const { spans } = reading;
  const fields = [...new Set(span.meaning.matches.map(({ field }) => field))];
  const said = levelBeside(spans, span);
  if (said !== null && fields.includes(said)) return said;
  if (said !== null && isOwnWord(spans, span, said)) {
    const found = span.meaning.matches.map(({ field, label }) => `the ${field.replaceAll("_", " ")} ${label}`);
    refuse(
      "UNKNOWN_NAME",
      `no ${said.replaceAll("_", " ")} is named "${span.meaning.text}"; there is ${found.slice(0, 3).join(", ")}`,
    );
  }
  const [only, ...more] = fields;
  if (only !== undefined && more.length === 0) return only;
  const whole = span.meaning.matches.filter(({ label }) => label.toLowerCase() === span.meaning.text);
  if (whole.length === 1 && whole[0] !== undefined) return whole[0].field;
  return askBack(
    `"${span.meaning.text}" is the name of several things; say which kind is meant`,
    span.meaning.matches.map((entity) => `${entity.field.replaceAll("_", " ")} ${placeName(entity)}`),
  );
}

/** The level behind a row of names ("Morning and Evening adsets"), or right before one. */
function levelBeside(spans: readonly Span[], name: Span): GroupBreakdown | null {
  let next = spans.indexOf(name) + 1;
  while (isKind(spans[next], "name", "and", "versus", "not", "platform")) next += 1;
  const [after, before] = [spans[next], spans[spans.indexOf(name) - 1]];
  for (const span of [after, before]) {
    if (span?.meaning.kind === "level" && !isTime(span.meaning.by)) return span.meaning.by as GroupBreakdown;
  }
  return null;
}

/** True when the level stands right behind the name, so that nothing else can be meant. */
function isOwnWord(spans: readonly Span[], name: Span, said: GroupBreakdown): boolean {
  const next = spans[spans.indexOf(name) + 1];
  return next?.meaning.kind === "level" && next.meaning.by === said;
}
