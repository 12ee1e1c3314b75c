import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { GOOGLE_FIELDS, googleResponder } from "./google_ads.js";
import { makeWorld } from "./world.js";

const world = makeWorld({ seed: 42, days: 60, asOf: isoDate("2026-02-09") });
const respond = googleResponder(world);
const url = "https://googleads.googleapis.com/v25/customers/7413820956/googleAds:searchStream";

type Row = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Chunk {
  readonly results?: readonly Row[];
  readonly fieldMask: string;
}

function ask(query: string) {
  return respond({ method: "POST", url, body: JSON.stringify({ query }) });
}

function chunks(fields: string, from = "2025-12-11", to = "2026-02-08"): readonly Chunk[] {
  const response = ask(`SELECT ${fields} FROM campaign WHERE segments.date BETWEEN '${from}' AND '${to}'`);
  expect(response.status).toBe(200);
  return JSON.parse(response.body) as readonly Chunk[];
}

describe("google ads stream", () => {
  it("comes in chunks that hold the world's cost in micros", () => {
    const list = chunks("segments.date, campaign.id, metrics.cost_micros");
    expect(list.map((chunk) => chunk.results?.length)).toEqual([100, 100, 40]);
    expect(list[0]?.fieldMask).toBe("segments.date,campaign.id,metrics.costMicros");
    const micros = list.flatMap((chunk) => chunk.results ?? []).map((row) => Number(row["metrics"]?.["costMicros"]));
    const spend = world.adDays.filter((day) => day.campaign.platform === "google_ads").map((day) => day.spendCents);
    expect(micros.reduce((a, b) => a + b, 0)).toBe(spend.reduce((a, b) => a + b, 0) * 10_000);
  });

  it("writes int64 as text, doubles as numbers, and names its resources", () => {
    const [chunk] = chunks(Object.keys(GOOGLE_FIELDS).join(", "), "2026-02-08");
    const row = chunk?.results?.[0];
    expect(row?.["campaign"]).toEqual({
      resourceName: "customers/7413820956/campaigns/20985512301",
      id: "20985512301",
      name: "Brand_Search",
      status: "ENABLED",
      advertisingChannelType: "SEARCH",
    });
    expect(row?.["metrics"]).toMatchObject({
      impressions: expect.any(String),
      costMicros: expect.any(String),
      conversions: expect.any(Number),
    });
  });

  it("is one chunk without results where there is nothing", () => {
    expect(chunks("campaign.id", "2020-01-01", "2020-01-02")).toEqual([
      { fieldMask: "campaign.id", requestId: "demo000000000000000001" },
    ]);
  });

  it.each([
    [
      "SELECT campaign.nme FROM campaign WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-02'",
      "UNRECOGNIZED_FIELD",
    ],
    [
      "SELECT campaign.id FROM geo WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-02'",
      "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE",
    ],
    ["SELECT campaign.id FROM campaign", "UNEXPECTED_INPUT"],
  ])("refuses %s", (query, code) => {
    const response = ask(query);
    expect(response.status).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject([
      {
        error: { code: 400, status: "INVALID_ARGUMENT", details: [{ errors: [{ errorCode: { queryError: code } }] }] },
      },
    ]);
  });

  const file = new URL("../../../shared/schemas/google-ads/fields_v25.json", import.meta.url);
  it.runIf(existsSync(file))("consists of the vendor's fields in the vendor's types", () => {
    const { fields } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly fields: Readonly<Record<string, { readonly type?: string }>>;
    };
    const [day] = world.adDays.filter((one) => one.campaign.platform === "google_ads");
    if (day === undefined) throw new Error("the world has no Google day");
    const wrong = Object.entries(GOOGLE_FIELDS).filter(([name, show]) => {
      const type = fields[name]?.type;
      return type === undefined || (typeof show(day, "1") === "number") !== (type === "DOUBLE");
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});
