/**
 * Names of the warehouse stay here. A model is told which words of the question are names, and writes those words; names of the question
 * before are stand-ins for it. What it writes is looked up: a name that nothing has is no filter.
 */

import { isTime } from "../../metrics/leaves.js";
import type { Filter, SemanticQuery } from "../../metrics/types.js";
import type { DraftFilter } from "../draft.js";
import { isTextFilter } from "../follow-up.js";
import type { QueryInput } from "../query-input.js";
import type { Entity, SpanOf, Turn } from "../types.js";

/** A stretch of the question that names something. */
export type NameInQuestion = SpanOf<"name">["meaning"];

/** The question before, as it is told to a model, and what its stand-ins stand for. */
export interface Before {
  readonly query: object;
  /** Rows that its answer showed. */
  readonly rows: readonly string[];
  readonly meant: ReadonlyMap<string, Named>;
}

/** A filter by names. */
type Named = Extract<DraftFilter, { kind: "field" }>;

/** Rows that a question can mean by "that campaign", "those ads". */
const MOST_ROWS = 10;

/** Hides the names of a turn. */
export function hidden({ query, rows }: Turn): Before {
  const meant = new Map<string, Named>();
  const filters = query.filters?.map((filter, index) => {
    if (!isTextFilter(filter)) return filter;
    const name = `<name ${index + 1}>`;
    meant.set(name, { kind: "field", ...filter });
    return { ...filter, value: name };
  });
  const { breakdown } = query;
  const field = breakdown === undefined || isTime(breakdown) ? null : (breakdown as Named["field"]);
  const stand = rows.slice(0, field === null ? 0 : MOST_ROWS).map((label, index) => {
    const row = `<row ${index + 1}>`;
    if (field !== null) meant.set(row, { kind: "field", field, operator: "=", value: label });
    return row;
  });
  return { query: asForm({ ...query, ...(filters === undefined ? {} : { filters }) }), rows: stand, meant };
}

/** As the form has it, so that its parts can be taken over as they are. */
function asForm({ window, compare, orderBy, partial: _partial, ...rest }: SemanticQuery): object {
  const days = ({ from, to }: SemanticQuery["window"]) => `${from}..${to}`;
  const compared = compare?.kind === "range" ? days(compare.range) : compare?.kind;
  return {
    ...rest,
    window: days(window),
    ...(compared === undefined ? {} : { compare: compared }),
    ...(orderBy === undefined ? {} : { order_by: orderBy }),
  };
}

/** What names can be looked up in. */
export interface Known {
  readonly entities: readonly Entity[];
  readonly names: readonly NameInQuestion[];
  readonly before: Before | null;
}

/** Words that stand for themselves. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  status: ["active", "paused"],
  customer_type: ["new", "returning"],
};

/** A filter that a model wrote, with the names that it means; or what is wrong with it. */
export function filterFrom(
  { field, operator, value }: NonNullable<QueryInput["filters"]>[number],
  known: Known,
): DraftFilter | string {
  if (field === "order_value" && typeof value === "number") {
    return {
      kind: "order_value",
      operator: operator as Extract<DraftFilter, { kind: "order_value" }>["operator"],
      value,
    };
  }
  if (typeof value === "number") return `${field} is compared with no number`;
  if (!["=", "!=", "in", "contains"].includes(operator)) return `names are not compared with ${operator}`;
  const texts = typeof value === "string" ? [value] : value;
  const isNot = operator === "!=";
  const [text = "", ...others] = texts;
  const stand = known.before?.meant.get(text);
  // The filter of before as it was, "contains" too.
  if (stand?.field === field && others.length === 0 && isNot === (stand.operator === "!=")) return stand;
  const platforms = texts.map((text) => platformOf(field, text, known.entities));
  if (platforms.every((one) => one !== null)) return { kind: "platform", platforms: [...new Set(platforms)], isNot };
  const labels: string[] = [];
  for (const text of texts) {
    const found = labelsOf(field, text, known);
    if (found.length === 0) return `no ${field.replaceAll("_", " ")} is named "${text.slice(0, 60)}"`;
    labels.push(...found.filter((label) => !labels.includes(label)));
  }
  const named = field as Named["field"];
  const [only, ...more] = labels;
  if (isNot) return { kind: "field", field: named, operator: "!=", value: labels };
  return only !== undefined && more.length === 0
    ? { kind: "field", field: named, operator: "=", value: only }
    : { kind: "field", field: named, operator: "in", value: labels };
}

/** Of what ads are bought: whether it is told as a platform or as a channel is settled with the query. */
function platformOf(field: string, text: string, entities: readonly Entity[]): string | null {
  if (field !== "platform" && field !== "channel") return null;
  const [word = ""] = text.toLowerCase().split(/[^\p{L}\d]/u);
  const isOne = word !== "" && entities.some((entity) => entity.field === "platform" && entity.key.startsWith(word));
  return isOne ? word : null;
}

function labelsOf(field: string, text: string, { entities, names, before }: Known): readonly string[] {
  const ofField = entities.filter((entity) => entity.field === field);
  const having = (part: string) =>
    ofField.flatMap(({ label }) => (label.toLowerCase().includes(part.toLowerCase()) ? [label] : []));
  const stand = before?.meant.get(text);
  if (stand !== undefined) {
    if (stand.field !== field) return [];
    const values = typeof stand.value === "string" ? [stand.value] : stand.value;
    return stand.operator === "contains" ? values.flatMap((part) => having(part)) : values;
  }
  const wanted = text.toLowerCase();
  const own = VALUES[field];
  if (own !== undefined) return own.filter((one) => one === wanted);
  const spelt = names.filter((name) => name.text === wanted).flatMap(({ matches }) => matches);
  const ways = [
    ofField.filter(({ label, key }) => label.toLowerCase() === wanted || key.toLowerCase() === wanted),
    ofField.filter((entity) => spelt.includes(entity)),
  ].map((found) => found.map(({ label }) => label));
  return ([...ways, wanted.length > 1 ? having(wanted) : []].find((found) => found.length > 0) ?? []).slice(0, 100);
}

/** The things that a filter keeps, so that two ways of naming them are one. */
export function keptBy(filter: Filter, entities: readonly Entity[]): string {
  if (!isTextFilter(filter)) return `${filter.field} ${filter.operator} ${filter.value}`;
  const { field, operator } = filter;
  const texts = (typeof filter.value === "string" ? [filter.value] : filter.value).map((text) => text.toLowerCase());
  const isHit = (name: string) => texts.some((text) => (operator === "contains" ? name.includes(text) : name === text));
  const keys = entities
    .filter((entity) => entity.field === field)
    .filter(({ key, label }) => isHit(label.toLowerCase()) || isHit(key.toLowerCase()))
    .map(({ key }) => key);
  return `${field} ${operator === "!=" ? "not" : "is"} ${(keys.length === 0 ? texts : keys).sort().join("|")}`;
}
