import { afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { isoDate } from "../../base/dates.js";
import { systemRandom } from "../../base/ids.js";
import { Secret } from "../../base/secret.js";
import { metaAds } from "../../connectors/meta_ads/index.js";
import { walk } from "../../connectors/paginate.js";
import type { RawRecord, Slice } from "../../connectors/types.js";
import { createClient } from "../../http/client.js";
import { undiciTransport } from "../../http/undici.js";
import { type MetaDouble, metaDouble } from "./meta.js";
import { hasMetaSpec, metaError } from "./meta-spec.js";
import { restate } from "./meta-world.js";
import { rerouted } from "./server.js";

const AT = Date.parse("2026-02-09T06:00:00Z");
const days: Slice = { kind: "days", days: { from: isoDate("2026-01-01"), to: isoDate("2026-01-07") } };
const open: MetaDouble[] = [];
afterEach(async () => {
  for (const double of open.splice(0)) await double.close();
});

async function started(proof = false, say: (line: string) => void = () => undefined) {
  const clock = fixedClock(AT);
  const double = await metaDouble({ clock, proof });
  open.push(double);
  const { auth, streams, probes } = metaAds.open(metaAds.options.parse(double.options), double.secrets);
  const note = (message: string, fields?: object) => say(`${message} ${JSON.stringify(fields)}`);
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
    log: { info: note, warn: note, debug: note },
  });
  const read = async (name: string, slice: Slice = days): Promise<readonly RawRecord[]> => {
    const stream = streams.find((one) => one.name === name);
    if (stream === undefined) throw new Error(name);
    const records: RawRecord[] = [];
    for await (const page of walk(stream, slice, (request) => client.ask(request))) records.push(...page.records);
    return records;
  };
  const probe = async (count = probes.length) => {
    const said = [];
    for (const one of probes.slice(0, count)) said.push(one.read((await client.ask(one.request)).body, clock.now()));
    return said;
  };
  return { double, read, probe, client, clock };
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

  it("pitfalls 1, 3, 4: asks for no breakdowns and no explicit attribution windows, and keeps the setting", async () => {
    const { read, double } = await started();
    const [row] = await read("insights");
    await read("ad_insights");
    expect(row?.payload["attribution_setting"]).toBe("7d_click_1d_view");
    const names = double.server.arrived.flatMap(({ url }) => [...url.searchParams.keys()]);
    expect(names.filter((name) => /breakdowns|attribution_windows/.test(name))).toEqual([]);
  });

  it("pitfall 2: a report that fails for a single day ends with a named error, not with fewer rows", async () => {
    const { read, double } = await started();
    double.jobs.outcome = ({ since }) =>
      since === "2026-01-01"
        ? { kind: "failed", code: -2, subcode: 2490547, message: "actions" }
        : { kind: "completed" };
    const error = await read("ad_insights").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expect.stringMatching(/^API_/), parts: { exit: "source" } });
    expect(String(error)).toContain("2490547");
  });

  it("gives a report up that is never begun, and says so", async () => {
    const { read, double } = await started();
    double.jobs.outcome = () => ({ kind: "stuck", status: "Job Not Started" });
    await expect(read("ad_insights")).rejects.toMatchObject({ code: "REPORT_NOT_READY" });
    // Two tries each for 7, 3 and 1 days, nine polls each.
    expect(double.jobs.all.map(({ polls }) => polls)).toEqual([9, 9, 9, 9, 9, 9]);
  });

  it("pitfall 6: figures of 28 days are read again, and what changed is on record", async () => {
    const stream = metaAds
      .open({ accounts: ["1"], pageSize: 100 }, { token: new Secret("x") })
      .streams.find(({ name }) => name === "insights");
    expect(stream).toMatchObject({ sync: { lookbackDays: 28 }, today: true, measures: { spend: "spend" } });
  });

  it("pitfall 9: an answer of status 200 that is no JSON is asked for again", async () => {
    const { read, double } = await started();
    const whole = keys(await read("insights"));
    double.server.fail([{ kind: "answer", answer: { text: "<html>Sorry, something went wrong</html>" } }]);
    expect(keys(await read("insights"))).toEqual(whole);
  });

  it("pitfall 8: the next account is asked for whole pages again", async () => {
    const { read, double } = await started();
    // 30 rows of 16 fields fit into a page.
    double.budget.pageCells = 30 * 16;
    await read("insights", { kind: "days", days: { from: isoDate("2025-12-20"), to: isoDate("2026-01-15") } });
    const asked = double.server.arrived.map(
      ({ url }) => `${url.pathname.split("/")[2]} ${url.searchParams.get("limit")}`,
    );
    expect([...new Set(asked)]).toEqual([
      "act_100200300 100",
      "act_100200300 50",
      "act_100200300 25",
      "act_100200301 100",
      "act_100200301 50",
      "act_100200301 25",
    ]);
  });

  it("pitfall 8: days that are split after some of their pages were read bring every row once", async () => {
    const { read, double } = await started();
    const month: Slice = { kind: "days", days: { from: isoDate("2025-12-20"), to: isoDate("2026-01-15") } };
    const whole = keys(await read("insights", month));
    double.budget.pageCells = 30 * 16;
    const tooMuch = metaError(1, "Please reduce the amount of data you're asking for", { status: 500 });
    double.server.fail([{ kind: "answer", answer: tooMuch }], ({ url }) => url.searchParams.has("after"));
    expect(keys(await read("insights", month))).toEqual(whole);
  });

  it("A13 an account that changes its currency or time zone is a new segment beside the old one", async () => {
    const { read, double } = await started();
    const before = keys(await read("accounts"));
    Object.assign(double.world.accounts[0] ?? {}, { currency: "EUR", timeZone: "Europe/Berlin" });
    const after = keys(await read("accounts"));
    expect(before[0]).toBe("100200300|USD|America/Los_Angeles");
    expect(after[0]).toBe("100200300|EUR|Europe/Berlin");
    const [row] = await read("insights");
    expect(row?.payload["account_currency"]).toBe("EUR");
  });

  it("stays under the hourly limit of the lowest tier and uses at least 90 % of it", { timeout: 60_000 }, async () => {
    const { double, client, clock } = await started();
    // No active ads: 600 calls an hour.
    for (const one of double.world.objects) one.effectiveStatus = "PAUSED";
    const url = "https://graph.facebook.com/v26.0/act_100200300/insights";
    const query =
      "level=account&time_increment=1&fields=spend&time_range=%7B%22since%22%3A%222026-02-01%22%2C%22until%22%3A%222026-02-01%22%7D";
    for (let call = 0; clock.now() < AT + 3_600_000; call++) {
      await client.ask({ method: "GET", url: `${url}?${query}`, label: "insights", attempt: call });
    }
    const peak = double.quota.peak["100200300/ads_insights"] ?? 0;
    expect(double.quota.refused).toBe(0);
    console.info(`Meta: ${peak} of 600 calls in the busiest hour`);
    expect(peak).toBeLessThanOrEqual(600);
    expect(peak).toBeGreaterThanOrEqual(540);
  });

  it("waits the minutes that a refusal tells, when others have used the hour up", async () => {
    const { double, read, clock } = await started();
    for (const one of double.world.objects) one.effectiveStatus = "PAUSED";
    for (let call = 0; call < 600; call++) double.quota.take("100200300", "ads_insights");
    await read("insights");
    expect(double.quota.refused).toBe(1);
    expect(clock.now() - AT).toBeGreaterThanOrEqual(3_600_000);
  });

  it("asks about the token, its permissions and each account, and warns a week ahead", async () => {
    const { double, probe, clock } = await started();
    expect(await probe()).toEqual([
      { ok: true, message: "the token is valid and does not expire" },
      { ok: true, message: "granted: ads_read" },
      { ok: true, message: "Northwind Tea: active, USD, America/Los_Angeles", facts: { currency: "USD" } },
      { ok: true, message: "Northwind Tea JP: active, JPY, Asia/Tokyo", facts: { currency: "JPY" } },
    ]);
    double.access.expiresAt = clock.now() / 1000 + 6.5 * 86_400;
    expect((await probe())[0]).toMatchObject({
      ok: true,
      message: expect.stringContaining("6 days"),
      fix: /make a new/,
    });
  });

  it("A15 names the permission that is missing, and stops a sync with exit 7", async () => {
    const { double, read, probe } = await started();
    double.access.granted = [];
    await expect(read("insights")).rejects.toMatchObject({ code: "API_AUTH", exitCode: 7 });
    expect(await probe(2)).toContainEqual(
      expect.objectContaining({ ok: false, message: expect.stringContaining("ads_read") }),
    );
  });

  it("keeps the token and the proof out of every line and message", async () => {
    const lines: string[] = [];
    const { double, read } = await started(true, (line) => lines.push(line));
    await read("insights");
    double.access.valid = false;
    const error = await read("insights").catch((thrown: unknown) => thrown);
    const said = `${lines.join()}${JSON.stringify(error)}${String(error)}`;
    const proof = double.server.arrived[0]?.url.searchParams.get("appsecret_proof") ?? "none";
    expect(proof).toMatch(/^[0-9a-f]{64}$/);
    expect(lines.length).toBeGreaterThan(1);
    for (const secret of [proof, "EAAdouble0token"]) expect(said).not.toContain(secret);
  });

  it.runIf(hasMetaSpec)("the double refuses unknown fields, parameters and statuses with code 100", async () => {
    const { client } = await started();
    const ask = (path: string) =>
      client.ask({ method: "GET", url: `https://graph.facebook.com/v26.0/act_100200300${path}` });
    await expect(ask("?fields=id,colour")).rejects.toMatchObject({ message: expect.stringContaining("colour") });
    await expect(ask("/campaigns?colour=red")).rejects.toMatchObject({ message: expect.stringContaining("colour") });
    await expect(ask('/ads?effective_status=["DELETED"]')).rejects.toMatchObject({ code: "API_REFUSED" });
    await expect(ask("/ads?fields=creative{colour}")).rejects.toMatchObject({
      message: expect.stringContaining("colour"),
    });
  });
});
