import { afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { isoDate } from "../../base/dates.js";
import { systemRandom } from "../../base/ids.js";
import { silentLog } from "../../base/log.js";
import { metaAds } from "../../connectors/meta_ads/index.js";
import { walk } from "../../connectors/paginate.js";
import type { RawRecord, Slice } from "../../connectors/types.js";
import { createClient } from "../../http/client.js";
import { undiciTransport } from "../../http/undici.js";
import { type MetaDouble, metaDouble } from "./meta.js";
import { restate } from "./meta-world.js";
import { rerouted } from "./server.js";

const AT = Date.parse("2026-02-09T06:00:00Z");
const days: Slice = { kind: "days", days: { from: isoDate("2026-01-01"), to: isoDate("2026-01-07") } };
const open: MetaDouble[] = [];
afterEach(async () => {
  for (const double of open.splice(0)) await double.close();
});

async function started(proof = false) {
  const clock = fixedClock(AT);
  const double = await metaDouble({ clock, proof });
  open.push(double);
  const { auth, streams } = metaAds.open(metaAds.options.parse(double.options), double.secrets);
  const client = createClient({
    source: "meta_ads",
    title: "Meta Ads",
    transport: rerouted(undiciTransport({ allowLoopback: true }), double.routes),
    auth,
    limits: { ...metaAds.limits, perSecond: 1000 },
    classify: classify(),
    usage: (response) => metaAds.usage?.(response) ?? [],
    clock,
    random: systemRandom,
    log: silentLog,
  });
  const read = async (name: string, slice: Slice = days): Promise<readonly RawRecord[]> => {
    const stream = streams.find((one) => one.name === name);
    if (stream === undefined) throw new Error(name);
    const records: RawRecord[] = [];
    for await (const page of walk(stream, slice, (request) => client.ask(request))) records.push(...page.records);
    return records;
  };
  return { double, read, clock };
}

const classify = () => (response: Parameters<NonNullable<typeof metaAds.classify>>[0]) => metaAds.classify?.(response);
const keys = (records: readonly RawRecord[]) => records.map(({ key }) => key).sort();
const spend = (records: readonly RawRecord[], account: string) =>
  records
    .filter(({ key }) => key.startsWith(account))
    .reduce((sum, { payload }) => sum + Math.round(Number(payload["spend"]) * 100), 0);

describe("Meta against its double", () => {
  it("reads every stream once, archived objects included", async () => {
    const { read } = await started();
    expect(keys(await read("accounts"))).toHaveLength(2);
    expect(await read("campaigns")).toHaveLength(5);
    expect(keys(await read("ads"))).toContain("2385000111");
    const ads = await read("ad_insights");
    expect(new Set(keys(ads)).size).toBe(ads.length);
  });

  it("pitfall 5: spend of deleted and archived ads is in, ad level adds up to campaign level", async () => {
    const { read } = await started();
    const ads = await read("ad_insights");
    expect(spend(ads, "100200300")).toBe(spend(await read("insights"), "100200300"));
    expect(keys(ads)).toContain("100200300|2385000112|2026-01-03");
  });

  it("pitfall 7: spend that is served at no ad is in campaign level only: 250 yen on 7 days", async () => {
    const { read } = await started();
    const ads = spend(await read("ad_insights"), "100200301");
    expect(spend(await read("insights"), "100200301") - ads).toBe(7 * 250 * 100);
  });

  it("pitfall 8: smaller pages, then fewer days, bring the same rows once", async () => {
    const { read, double } = await started();
    const whole = keys(await read("insights"));
    double.budget.rangeCells = 80;
    expect(keys(await read("insights"))).toEqual(whole);
    double.budget.rangeCells = 1;
    expect(keys(await read("insights"))).toEqual(whole);
    expect(double.jobs.all.length).toBeGreaterThan(0);
  });

  it("a failed report is started again, then halved", async () => {
    const { read, double } = await started();
    const whole = keys(await read("ad_insights"));
    double.jobs.outcome = ({ since, until }) =>
      since === until
        ? { kind: "completed" }
        : { kind: "failed", code: -2, subcode: 2490547, message: "the report could not be made" };
    expect(keys(await read("ad_insights"))).toEqual(whole);
  });

  it("B-08 restated days are read again", async () => {
    const { read, double } = await started();
    const before = spend(await read("insights"), "100200300");
    restate(
      double.world,
      ({ ad, day }) => ad === "2385000110" && day === "2026-01-02",
      (row) => {
        row.spend += 5;
      },
    );
    expect(spend(await read("insights"), "100200300")).toBe(before + 5);
  });

  it("sends the proof of the app secret and keeps it out of the request", async () => {
    const { read, double } = await started(true);
    expect(await read("accounts")).toHaveLength(2);
    expect(double.server.arrived.every(({ url }) => url.searchParams.has("appsecret_proof"))).toBe(true);
  });
});
