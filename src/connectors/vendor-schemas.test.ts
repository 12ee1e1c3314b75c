import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  buildClientSchema,
  type IntrospectionQuery,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { Secret } from "../base/secret.js";
import { ga4 } from "./ga4/index.js";
import { ga4Events } from "./ga4_events/index.js";
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

describe("the vendors' own schemas", () => {
  it.runIf(isThere)("Shopify 2026-10 accepts every document, and deprecates nothing but the deletions", () => {
    const file = gunzipSync(readFileSync(new URL("shopify/admin_2026-10.json.gz", schemas))).toString();
    const schema = buildClientSchema((JSON.parse(file) as { data: IntrospectionQuery }).data, { assumeValid: true });
    const problems = (text: string) =>
      validate(schema, parse(text), [...specifiedRules, NoDeprecatedCustomRule]).map(({ message }) => message);
    const documents = [
      ...Object.values(queries).filter((one) => typeof one === "string"),
      ...[true, false].map((withEmail) => queries.bulkDocument("orders", "", queries.BULK.orders(withEmail))),
      ...[true, false].map((withEmail) => queries.bulkDocument("customers", "", queries.BULK.customers(withEmail))),
      queries.bulkDocument("products", "", queries.BULK.products),
    ];
    expect(documents.length).toBeGreaterThan(20);
    expect(documents.flatMap(problems)).toEqual([expect.stringContaining("deletionEvents is deprecated")]);
    expect(problems("query X { orders(firs: 1) { nodes { idd } } }")).toHaveLength(2);
  });

  it.runIf(isThere)("Meta v26 knows every insights field", () => {
    const { streams } = metaAds.open({ accounts: ["1"], pageSize: 100 }, { token });
    const insights = streams.find(({ name }) => name === "insights");
    const asked = new URL(insights?.first(days).url ?? "").searchParams.get("fields")?.split(",") ?? [];
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
    expect(bodies).toHaveLength(7);
    for (const body of bodies) {
      expect((body["dimensions"] ?? []).filter(({ name }) => !known.dimensions.includes(name))).toEqual([]);
      expect(body["metrics"]?.filter(({ name }) => !known.metrics.includes(name))).toEqual([]);
      expect(Object.keys(body).filter((name) => !members.includes(name))).toEqual([]);
    }
  });

  it.runIf(isThere)("Google's methods take the one scope that is asked for", () => {
    type Methods = Readonly<Record<string, { readonly scopes: readonly string[] }>>;
    type Discovery = { readonly resources: Readonly<Record<string, { readonly methods: Methods }>> };
    const lacking = (file: string, called: readonly string[], connector: Pick<typeof ga4, "signIns">) => {
      const { resources } = read(`google-discovery/${file}.json`) as Discovery;
      const [scope = "", ...more] = connector.signIns.find(({ oauth }) => oauth !== undefined)?.oauth?.scopes ?? [];
      expect(more).toEqual([]);
      return called.filter((name) => {
        const [resource = "", method = ""] = name.split(".");
        return resources[resource]?.methods[method]?.scopes.includes(scope) !== true;
      });
    };
    expect(lacking("analyticsdata.v1beta", ["properties.runReport", "properties.getMetadata"], ga4)).toEqual([]);
    const called = ["jobs.query", "jobs.getQueryResults", "datasets.get", "tables.list", "tables.get"];
    expect(lacking("bigquery.v2", called, ga4Events)).toEqual([]);
    expect(lacking("bigquery.v2", ["jobs.query"], ga4)).toEqual(["jobs.query"]);
  });
});
