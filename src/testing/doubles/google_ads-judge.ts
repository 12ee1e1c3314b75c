/** GAQL, and what Google Ads would say to a query before it looks at any data: its field list, its clauses, its combinations. */
import { existsSync, readFileSync } from "node:fs";

const schemas = new URL("../../../../shared/schemas/google-ads/fields_v25.json", import.meta.url);
/** Without the vendor's list the double knows the names of its own world alone. */
export const hasGoogleAdsFields = existsSync(schemas);

interface VendorFields {
  readonly resources: readonly string[];
  readonly fields: Readonly<Record<string, { readonly type: string; readonly repeated: boolean }>>;
}
const vendor: VendorFields = hasGoogleAdsFields
  ? (JSON.parse(readFileSync(schemas, "utf8")) as VendorFields)
  : { resources: [], fields: {} };

/** `name operator values`, all of them joined by AND. */
export interface GaqlCondition {
  readonly name: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** A query that was understood. */
export interface Gaql {
  readonly fields: readonly string[];
  readonly from: string;
  readonly where: readonly GaqlCondition[];
  readonly limit: number;
}

/** A code of `queryError` (or of the kind named), and the message. */
export interface GaqlProblem {
  readonly kind?: string;
  readonly code: string;
  readonly message: string;
}

const QUERY = /^\s*SELECT\s+(.+?)\s+FROM\s+(\w+)(?:\s+WHERE\s+(.+?))?(?:\s+LIMIT\s+(\d+))?\s*$/is;
const VALUE = "(?:'[^']*'|[\\w.-]+)";
const CONDITION = new RegExp(
  `^([a-z_]+(?:\\.[a-z_0-9]+)+)\\s+(?:(BETWEEN)\\s+(${VALUE})\\s+AND\\s+(${VALUE})|(=|!=|<=|>=|<|>)\\s*(${VALUE})|(IN)\\s*\\(([^)]*)\\))(?:\\s+AND\\s+|$)`,
  "i",
);

/** The query, parsed and judged; `known` are the names of the double's own world, for when the vendor's list is not there. */
export function judgedQuery(text: string, known: ReadonlySet<string>): Gaql | GaqlProblem {
  const query = parsed(text);
  if (query === null) return { code: "UNEXPECTED_INPUT", message: "Error in query: unexpected input." };
  return problemOf(query, known) ?? query;
}

function parsed(text: string): Gaql | null {
  const [, selected = "", from = "", conditions = "", limit] = QUERY.exec(text) ?? [];
  const where = conditionsOf(conditions);
  const fields = selected.split(",").map((field) => field.trim());
  if (where === null || !fields.every((field) => /^[a-z_]+(\.[a-z_0-9]+)+$/.test(field))) return null;
  return { fields, from, where, limit: limit === undefined ? Number.POSITIVE_INFINITY : Number(limit) };
}

function conditionsOf(text: string): readonly GaqlCondition[] | null {
  const found: GaqlCondition[] = [];
  for (let rest = text.trim(); rest !== ""; ) {
    const match = CONDITION.exec(rest);
    if (match === null) return null;
    const [whole, name = "", between, low = "", high = "", compare, one = "", , list = ""] = match;
    const values = between !== undefined ? [low, high] : compare !== undefined ? [one] : list.split(",");
    found.push({ name, operator: (between ?? compare ?? "IN").toUpperCase(), values: values.map(unquoted) });
    rest = rest.slice(whole.length);
  }
  return found;
}

function unquoted(value: string): string {
  return value.trim().replace(/^'(.*)'$/, "$1");
}

/** Which resources' fields may stand beside those of the one in FROM; all of them have the account's. The list does not say it. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  customer: [],
  customer_client: [],
  campaign: ["campaign_budget"],
  ad_group: ["campaign"],
  ad_group_ad: ["campaign", "ad_group"],
  ad_group_criterion: ["campaign", "ad_group"],
  conversion_action: [],
  click_view: ["campaign", "ad_group"],
};
/** These have figures; the others have none at all. */
const MEASURED: ReadonlySet<string> = new Set(["customer", "campaign", "ad_group", "ad_group_ad", "click_view"]);

/** Figures that have no hour: they are not known so finely. */
const HOURLESS = /_by_conversion_date$|impression_share$|^metrics\.view_through_conversions$/;
/** Figures that belong to no conversion action. */
const ACTIONLESS = /^metrics\.(impressions|clicks|cost_micros|search_impression_share)$/;

function problemOf(query: Gaql, known: ReadonlySet<string>): GaqlProblem | undefined {
  const parents = PARENTS[query.from];
  if (parents === undefined || (hasGoogleAdsFields && !vendor.resources.includes(query.from)))
    return bad("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", `'${query.from}' is not a valid resource name.`);
  const isKnown = (name: string) => (hasGoogleAdsFields ? Object.hasOwn(vendor.fields, name) : known.has(name));
  const named = [...query.fields, ...query.where.map(({ name }) => name)];
  const stranger = named.find((name) => !isKnown(name));
  if (stranger !== undefined) return bad("UNRECOGNIZED_FIELD", `Unrecognized field in the query: '${stranger}'.`);
  const twice = query.fields.find((name, index) => query.fields.indexOf(name) !== index);
  if (twice !== undefined) return bad("DUPLICATED_FIELD", `'${twice}' is selected twice.`);
  return misplaced(query, parents) ?? wrongFilter(query) ?? wrongSegment(query) ?? manyDays(query);
}

/** Clicks are told of one day per query. */
function manyDays({ from, where }: Gaql): GaqlProblem | undefined {
  if (from !== "click_view") return undefined;
  const days = where.find(({ name }) => name === "segments.date");
  if (days !== undefined && new Set(days.values).size === 1) return undefined;
  return { ...bad("EXPECTED_FILTER_ON_A_SINGLE_DAY", "Missing filter on a single day."), kind: "clickViewError" };
}

function misplaced({ fields, from }: Gaql, parents: readonly string[]): GaqlProblem | undefined {
  const isMeasure = (name: string) => name.startsWith("metrics.") || name.startsWith("segments.");
  const measure = fields.find(isMeasure);
  if (measure !== undefined && !MEASURED.has(from))
    return bad("PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE", `Cannot select '${measure}' from ${from}.`);
  const allowed = ["customer", from, ...parents];
  const far = fields.find((name) => !isMeasure(name) && !allowed.includes(name.split(".")[0] ?? ""));
  if (far === undefined) return undefined;
  return bad("PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE", `Cannot select '${far}' from ${from}.`);
}

function wrongFilter({ fields, where }: Gaql): GaqlProblem | undefined {
  const list = where.find(
    ({ name }) => vendor.fields[name]?.repeated === true || vendor.fields[name]?.type === "MESSAGE",
  );
  if (list !== undefined) return bad("UNSUPPORTED_FIELD_IN_WHERE_CLAUSE", `'${list.name}' is not filterable.`);
  const hidden = where.find(
    ({ name }) => /^(segments|metrics)\./.test(name) && name !== "segments.date" && !fields.includes(name),
  );
  if (hidden === undefined) return undefined;
  return bad("EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE", `'${hidden.name}' is filtered but not selected.`);
}

function wrongSegment({ fields, where }: Gaql): GaqlProblem | undefined {
  const days = where.find(({ name }) => name === "segments.date");
  if (fields.includes("segments.date") && (days === undefined || !["BETWEEN", "="].includes(days.operator)))
    return bad("REQUIRED_SEGMENT_FIELD_MISSING", "A query by day needs a finite range of segments.date.");
  if (days?.values.some((value) => !/^\d{4}-\d\d-\d\d$/.test(value)) === true)
    return bad("INVALID_VALUE_WITH_DATE_LITERAL", "Dates are written YYYY-MM-DD.");
  const clashes: readonly (readonly [RegExp, RegExp])[] = [
    [/^segments\.hour$/, HOURLESS],
    [/^segments\.conversion_action/, ACTIONLESS],
  ];
  for (const [segment, metric] of clashes) {
    const figure = fields.find((name) => name.startsWith("metrics.") && metric.test(name));
    if (figure !== undefined && fields.some((name) => segment.test(name)))
      return bad("PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE", `'${figure}' does not go with a segment.`);
  }
  return undefined;
}

function bad(code: string, message: string): GaqlProblem {
  return { code, message };
}

/** Whether a row meets a condition. */
export function meets(value: unknown, { operator, values: [first = "", ...others] }: GaqlCondition): boolean {
  const text = String(value).toUpperCase();
  const wanted = first.toUpperCase();
  if (operator === "BETWEEN") return text >= wanted && text <= (others[0] ?? "").toUpperCase();
  if (operator === "IN") return [first, ...others].some((one) => one.toUpperCase() === text);
  if (operator === "=") return text === wanted;
  if (operator === "!=") return text !== wanted;
  const [left, right] = [Number(value), Number(first)];
  return operator === "<="
    ? left <= right
    : operator === ">="
      ? left >= right
      : operator === "<"
        ? left < right
        : left > right;
}
