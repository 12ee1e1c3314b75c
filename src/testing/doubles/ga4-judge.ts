/** What the Data API would say to a request before it looks at any data: the vendor's own schema, its names and its limits. */
import { existsSync, readFileSync } from "node:fs";
import { isObject, type JsonObject, valueAt } from "../../connectors/shape.js";
import type { Ga4Cell, Ga4Family } from "./ga4-world.js";

const schemas = new URL("../../../../shared/schemas/", import.meta.url);
/** Without the vendor's schemas the double still knows its own names. */
export const hasGa4Schemas = existsSync(schemas);

type Schema = Readonly<Record<string, unknown>>;

const read = (path: string): JsonObject =>
  hasGa4Schemas ? (JSON.parse(readFileSync(new URL(path, schemas), "utf8")) as JsonObject) : {};
const discovery = read("google-discovery/analyticsdata.v1beta.json");
const vendorNames = read("ga4/ga4_data_api_names.derived.json");

/** The first member of a request that the discovery document does not have, or that is of another kind; undefined: all is well. */
export function strangerIn(
  value: unknown,
  schema: Schema = { $ref: "RunReportRequest" },
  path = "",
): string | undefined {
  if (!hasGa4Schemas) return undefined;
  const ref = schema["$ref"];
  if (typeof ref === "string") return strangerIn(value, (valueAt(discovery, `schemas.${ref}`) ?? {}) as Schema, path);
  const wrong = `Invalid value at '${path}'`;
  if (schema["type"] === "array") {
    if (!Array.isArray(value)) return wrong;
    return value.map((one) => strangerIn(one, schema["items"] as Schema, path)).find((found) => found !== undefined);
  }
  if (schema["type"] === "object") return isObject(value) ? strangeMember(value, schema, path) : wrong;
  if (schema["format"] === "int64") return /^-?\d+$/.test(String(value)) ? undefined : wrong;
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) return wrong;
  return typeof value === (schema["type"] === "integer" ? "number" : schema["type"]) ? undefined : wrong;
}

function strangeMember(value: JsonObject, schema: Schema, path: string): string | undefined {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  for (const [name, member] of Object.entries(value)) {
    const known = properties[name];
    if (known === undefined)
      return `Invalid JSON payload received. Unknown name "${name}"${path === "" ? "" : ` at '${path}'`}: Cannot find field.`;
    const found = strangerIn(member, known, path === "" ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Names of a list of `{name}`. */
export function namesIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map((one) => String(valueAt(one, "name"))) : [];
}

const FAMILIES: Readonly<
  Record<Ga4Family, { readonly dimensions: readonly string[]; readonly metrics: readonly string[] }>
> = {
  sessions: {
    dimensions: [
      "date",
      "sessionDefaultChannelGroup",
      "firstUserDefaultChannelGroup",
      "sessionSource",
      "sessionMedium",
      "sessionSourceMedium",
      "sessionCampaignName",
      "landingPagePlusQueryString",
    ],
    metrics: [
      "sessions",
      "engagedSessions",
      "totalUsers",
      "newUsers",
      "keyEvents",
      "itemViewEvents",
      "addToCarts",
      "checkouts",
      "ecommercePurchases",
      "purchaseRevenue",
    ],
  },
  items: {
    dimensions: ["date", "itemId", "itemName"],
    metrics: ["itemsViewed", "itemsAddedToCart", "itemsPurchased", "itemRevenue"],
  },
  transactions: {
    dimensions: ["date", "transactionId", "sessionSource", "sessionMedium", "sessionCampaignName"],
    metrics: ["purchaseRevenue", "refundAmount", "shippingAmount", "taxAmount"],
  },
};

/** All names of the double's property. */
export function propertyNames(kind: "dimensions" | "metrics"): readonly string[] {
  return [...new Set(Object.values(FAMILIES).flatMap((family) => family[kind]))].sort();
}

/** Why the request is refused, or the family that answers it. */
export function judged(body: JsonObject): { readonly problem: string } | { readonly family: Ga4Family } {
  const problem = strangerIn(body) ?? overLimit(body) ?? unknownName(body);
  if (problem !== undefined) return { problem };
  const [dimensions, metrics] = [namesIn(body["dimensions"]), namesIn(body["metrics"])];
  const fits = (family: Ga4Family) =>
    dimensions.every((name) => FAMILIES[family].dimensions.includes(name)) &&
    metrics.every((name) => FAMILIES[family].metrics.includes(name));
  const family = (["sessions", "items", "transactions"] as const).find(fits);
  if (family === undefined)
    return { problem: "Please remove some dimensions or metrics to make the request compatible." };
  return { family };
}

function overLimit(body: JsonObject): string | undefined {
  const size = (name: string) => (Array.isArray(body[name]) ? body[name].length : 0);
  if (size("dimensions") > 9) return "Requests are limited to 9 dimensions.";
  if (size("metrics") > 10 || size("metrics") === 0) return "Requests need 1 to 10 metrics.";
  if (size("dateRanges") > 4 || size("dateRanges") === 0) return "Requests need 1 to 4 date ranges.";
  if (Number(body["limit"] ?? 10_000) > 250_000) return "The limit must be at most 250000.";
  return undefined;
}

function unknownName(body: JsonObject): string | undefined {
  for (const kind of ["dimensions", "metrics"] as const) {
    const known = vendorNames[kind];
    const stranger = namesIn(body[kind]).find((name) => Array.isArray(known) && !known.includes(name));
    if (stranger !== undefined) return `Field ${stranger} is not a valid ${kind.slice(0, -1)}.`;
  }
  const asked = [...namesIn(body["dimensions"]), ...namesIn(body["metrics"])];
  const orders = Array.isArray(body["orderBys"]) ? body["orderBys"] : [];
  const ordered = orders.map((one) => valueAt(one, "dimension.dimensionName") ?? valueAt(one, "metric.metricName"));
  const missing = ordered.find((name) => !asked.includes(String(name)));
  return missing === undefined ? undefined : `Ordering by ${String(missing)}, which is not in the request.`;
}

/** One row of an answer. */
export interface Ga4Row {
  readonly dimensions: readonly string[];
  readonly metrics: readonly number[];
}

/** Sums per combination; people are counted once per row however often they came. */
export function summed(
  cells: readonly Ga4Cell[],
  dimensions: readonly string[],
  metrics: readonly string[],
): readonly Ga4Row[] {
  const groups = new Map<string, Ga4Cell[]>();
  for (const cell of cells) {
    const key = JSON.stringify(dimensions.map((name) => cell.names[name] ?? ""));
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups].flatMap(([key, own]) => {
    const values = metrics.map((name) =>
      name === "totalUsers"
        ? new Set(own.flatMap(({ users }) => users)).size
        : own.reduce((sum, { amounts }) => sum + (amounts[name] ?? 0), 0),
    );
    const row = { dimensions: JSON.parse(key) as readonly string[], metrics: values };
    return values.every((value) => value === 0) ? [] : [row];
  });
}
