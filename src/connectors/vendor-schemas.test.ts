import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { Secret } from "../base/secret.js";
import { type Field, parseQuery } from "../demo/graphql-parse.js";
import { ga4 } from "./ga4/index.js";
import { googleAds } from "./google_ads/index.js";
import { metaAds } from "./meta_ads/index.js";
import * as queries from "./shopify/queries.js";
import type { Slice } from "./types.js";

// What is asked for must exist in the vendors' own schemas. They are not part of this repository; where they are
// missing, these tests say so and the recorded exchanges and the demo's server remain.

const schemas = new URL("../../../shared/schemas/", import.meta.url);
const isThere = existsSync(schemas);
if (!isThere) console.info("skipped: the vendors' schemas are not beside the repository");

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, schemas), "utf8"));
const token = new Secret("x");
const days: Slice = { kind: "days", days: { from: isoDate("2026-02-07"), to: isoDate("2026-02-08") } };

interface TypeRef {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType: TypeRef | null;
}
interface SchemaField {
  readonly name: string;
  readonly isDeprecated: boolean;
  readonly args: readonly { readonly name: string; readonly type: TypeRef; readonly defaultValue: string | null }[];
  readonly type: TypeRef;
}
interface SchemaType {
  readonly name: string;
  readonly fields: readonly SchemaField[] | null;
}

const named = (type: TypeRef): string => type.name ?? (type.ofType === null ? "" : named(type.ofType));

/** Everything in a selection that the schema does not have, as paths. */
function strangers(
  types: ReadonlyMap<string, SchemaType>,
  type: string,
  fields: readonly Field[],
  path = "",
): string[] {
  return fields.flatMap((field) => {
    const at = `${path}/${field.name}`;
    const known = types.get(type)?.fields?.find(({ name }) => name === field.name);
    if (known === undefined) return [`${at}: not a field of ${type}`];
    if (known.isDeprecated) return [`${at}: deprecated`];
    const args = Object.keys(field.args).filter((name) => !known.args.some((arg) => arg.name === name));
    const wanted = known.args.filter(({ type: of, defaultValue }) => of.kind === "NON_NULL" && defaultValue === null);
    const missing = wanted.filter(({ name }) => !(name in field.args));
    const isObject = (types.get(named(known.type))?.fields ?? null) !== null;
    return [
      ...args.map((name) => `${at}(${name}): no such argument`),
      ...missing.map(({ name }) => `${at}(${name}): required`),
      ...(isObject === field.fields.length > 0 ? [] : [`${at}: ${isObject ? "needs" : "takes no"} selection`]),
      ...strangers(types, named(known.type), field.fields, at),
    ];
  });
}

describe("the vendors' own schemas", () => {
  it.runIf(isThere)("Shopify 2026-10 knows every field and argument of every query", () => {
    const file = gunzipSync(readFileSync(new URL("shopify/admin_2026-10.json.gz", schemas))).toString();
    const schema = JSON.parse(file) as { data: { __schema: { types: readonly SchemaType[] } } };
    const types = new Map(schema.data.__schema.types.map((type) => [type.name, type]));
    const variables = { withEmail: true, first: 1, lines: 1, refunds: 1, refundLines: 1, variants: 1 };
    for (const [name, query] of Object.entries(queries)) {
      const parsed = parseQuery(query, variables);
      if (parsed.problem !== undefined) throw new Error(`${name}: ${parsed.problem}`);
      expect(parsed.fields.length).toBeGreaterThan(0);
      expect(strangers(types, "QueryRoot", parsed.fields)).toEqual([]);
    }
    const wrong = parseQuery("query X { orders(firs: 1) { nodes { idd } } }", {});
    if (wrong.problem !== undefined) throw new Error(wrong.problem);
    expect(strangers(types, "QueryRoot", wrong.fields)).toEqual([
      "/orders(firs): no such argument",
      "/orders/nodes/idd: not a field of Order",
    ]);
  });

  it.runIf(isThere)("Meta v26 knows every insights field", () => {
    const { streams } = metaAds.open({ accounts: ["1"], pageSize: 100 }, { token });
    const asked = new URL(streams[0]?.first(days).url ?? "").searchParams.get("fields")?.split(",") ?? [];
    const known = read("meta/fields_v26.json") as { "ads-insights": { fields: readonly string[] } };
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !known["ads-insights"].fields.includes(name))).toEqual([]);
  });

  it.runIf(isThere)("Google Ads v25 knows every field of every query, also of the probes", () => {
    const { streams, probes } = googleAds.open({ loginCustomer: "1234567890" }, { token });
    const named = googleAds.open({ customers: ["1234567890"] }, { token });
    const requests = [
      ...[...streams, ...named.streams].map((stream) => stream.first(days)),
      ...[...probes, ...named.probes].map(({ request }) => request),
    ];
    const queries = requests.flatMap(({ body }) => (body === undefined ? [] : [String(JSON.parse(body).query)]));
    const asked = queries.map((query) => query.match(/\b[a-z_]+(?:\.[a-z_]+)+/g) ?? []);
    const known = read("google-ads/fields_v25.json") as { apiVersion: string; fields: Record<string, unknown> };
    expect(known.apiVersion).toBe(googleAds.apiVersion.name);
    expect(Math.min(...asked.map((names) => names.length))).toBeGreaterThan(2);
    expect(new Set(asked.flat()).size).toBeGreaterThan(60);
    expect(asked.flat().filter((name) => !(name in known.fields))).toEqual([]);
  });

  it.runIf(isThere)("GA4 knows every dimension, metric and member of the request", () => {
    const { streams, probes } = ga4.open({ property: "1", pageSize: 10 }, { token });
    const known = read("ga4/ga4_data_api_names.derived.json") as { dimensions: string[]; metrics: string[] };
    const discovery = read("google-discovery/analyticsdata.v1beta.json") as {
      schemas: { RunReportRequest: { properties: Record<string, unknown> } };
    };
    const members = Object.keys(discovery.schemas.RunReportRequest.properties);
    const bodies = [...streams.map((stream) => stream.first(days)), ...probes.map(({ request }) => request)]
      .flatMap(({ body }) => (body === undefined ? [] : [JSON.parse(body) as Record<string, unknown>]))
      .map((body) => body as Record<string, readonly { name: string }[]>);
    expect(bodies).toHaveLength(6);
    for (const body of bodies) {
      expect((body["dimensions"] ?? []).filter(({ name }) => !known.dimensions.includes(name))).toEqual([]);
      expect(body["metrics"]?.filter(({ name }) => !known.metrics.includes(name))).toEqual([]);
      expect(Object.keys(body).filter((name) => !members.includes(name))).toEqual([]);
    }
  });
});
