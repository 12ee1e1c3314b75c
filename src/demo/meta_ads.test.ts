import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { META_FIELDS, metaResponder } from "./meta_ads.js";
import { makeWorld } from "./world.js";

const world = makeWorld({ seed: 42, days: 20, asOf: isoDate("2026-02-09") });
const respond = metaResponder(world);

interface Answer {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly paging?: { readonly cursors: { readonly after: string }; readonly next?: string };
}

function request(changes: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    level: "campaign",
    time_increment: "1",
    time_range: '{"since":"2026-02-02","until":"2026-02-08"}',
    fields: "campaign_id,spend,actions,action_values",
    limit: "10",
    ...changes,
  });
  return `https://graph.facebook.com/v26.0/act_1180339845/insights?${query}`;
}

function ask(url: string): Answer {
  const response = respond({ method: "GET", url });
  expect(response.status).toBe(200);
  return JSON.parse(response.body) as Answer;
}

describe("meta insights", () => {
  it("page to the end with the world's spend, every row once", () => {
    const rows: Answer["data"][number][] = [];
    let url: string | undefined = request();
    while (url !== undefined) {
      const page = ask(url);
      rows.push(...page.data);
      url = page.paging?.next;
    }
    expect(rows).toHaveLength(28);
    expect(new Set(rows.map((row) => `${row["campaign_id"]} ${row["date_start"]}`)).size).toBe(28);
    const spend = rows.reduce((sum, row) => sum + Math.round(Number(row["spend"]) * 100), 0);
    const week = world.adDays.filter((day) => day.campaign.platform === "meta_ads" && day.day >= "2026-02-02");
    expect(spend).toBe(week.reduce((sum, day) => sum + day.spendCents, 0));
  });

  it("write every figure as text and the same purchases under three names", () => {
    const rows = ask(request({ limit: "500" })).data;
    const bought = rows.find((row) => row["action_values"] !== undefined);
    expect(bought?.["spend"]).toMatch(/^\d+\.\d\d$/);
    const actions = bought?.["actions"] as { readonly action_type: string; readonly value: string }[];
    const purchases = actions.filter(({ action_type: name }) => name.includes("purchase"));
    expect(purchases).toHaveLength(3);
    expect(new Set(purchases.map(({ value }) => value)).size).toBe(1);
    expect(rows.filter((row) => row["action_values"] === undefined).length).toBeGreaterThan(0);
  });

  it("are empty without a page mark where there is nothing", () => {
    expect(ask(request({ time_range: '{"since":"2020-01-01","until":"2020-01-31"}' }))).toEqual({ data: [] });
  });

  it.each([
    [{ fields: "campaign_id,spent" }, "(#100) spent is not valid for fields param"],
    [{ time_range: "yesterday" }, "(#100) param time_range must be a valid range"],
    [
      { time_range: '{"since":"2026-02-08","until":"2026-02-02"}' },
      "(#100) The start date of the time range cannot be after the end date",
    ],
    [{ level: "adset" }, "(#100) param level: the demo account has campaign and ad only"],
    [{ limit: "0" }, "(#100) param limit must be a positive integer"],
  ])("refuse %o in the vendor's envelope", (changes, message) => {
    const response = respond({ method: "GET", url: request(changes) });
    expect(response.status).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject({ error: { code: 100, type: "OAuthException", message } });
  });

  it("split a campaign's day by ad without losing a cent", () => {
    const sum = (level: string) =>
      ask(request({ level, limit: "500" })).data.reduce(
        (total, row) => total + Math.round(Number(row["spend"]) * 100),
        0,
      );
    expect(sum("ad")).toBe(sum("campaign"));
    expect(ask(request({ level: "ad", limit: "500", fields: "ad_id" })).data).toHaveLength(56);
  });

  it("refuse another path", () => {
    const response = respond({ method: "GET", url: "https://graph.facebook.com/v26.0/act_1/videos" });
    expect(JSON.parse(response.body)).toMatchObject({ error: { code: 2500 } });
  });

  const file = new URL("../../../shared/schemas/meta/codegen-specs/AdsInsights.json", import.meta.url);
  it.runIf(existsSync(file))("consist of the vendor's fields", () => {
    const spec = JSON.parse(readFileSync(file, "utf8")) as { readonly fields: readonly { readonly name: string }[] };
    const known = new Set(spec.fields.map((field) => field.name));
    expect(Object.keys(META_FIELDS).filter((field) => !known.has(field))).toEqual([]);
  });
});
