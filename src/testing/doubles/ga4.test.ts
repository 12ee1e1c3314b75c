import { afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { addDays, daysOf, type ISODate, isoDate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { systemRandom } from "../../base/ids.js";
import { silentLog } from "../../base/log.js";
import { ga4 } from "../../connectors/ga4/index.js";
import { REPORTS } from "../../connectors/ga4/reports.js";
import { walk } from "../../connectors/paginate.js";
import { type JsonObject, valueAt } from "../../connectors/shape.js";
import type { RawRecord, Slice, Stream } from "../../connectors/types.js";
import { createClient } from "../../http/client.js";
import { undiciTransport } from "../../http/undici.js";
import { type Ga4Double, type Ga4DoubleOptions, ga4Double } from "./ga4.js";
import { hasGa4Schemas } from "./ga4-judge.js";
import { rerouted } from "./server.js";

// The connector against the double, through the real client over real HTTP. `pitfall n`: what others stumbled over with this API.

const AT = Date.parse("2026-02-09T15:00:00Z");
const DAY = isoDate("2026-02-08");
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const slice = (from: ISODate, to: ISODate = DAY): Slice => ({ kind: "days", days: { from, to } });

/** A double and everything that asks it. */
async function bench(options: Ga4DoubleOptions = {}) {
  const clock = fixedClock(AT);
  const double = await ga4Double({ clock, ...options });
  const network = undiciTransport({ allowLoopback: true });
  closing.push(
    () => double.close(),
    () => network.close(),
  );
  const opened = ga4.open(ga4.options.parse(double.options), double.secrets);
  const { classify, usage } = ga4;
  const client = createClient({
    source: ga4.id,
    title: ga4.title,
    transport: rerouted(network, double.routes),
    auth: opened.auth,
    limits: ga4.limits,
    hosts: ga4.hosts,
    ...(classify === undefined ? {} : { classify }),
    ...(usage === undefined ? {} : { usage }),
    clock,
    random: systemRandom,
    log: silentLog,
  });
  const stream = (name: string): Stream => {
    const found = opened.streams.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no stream ${name}`);
    return found;
  };
  const read = async (name: string, days: Slice) => {
    const records: RawRecord[] = [];
    const warnings = new Set<string>();
    for await (const page of walk(stream(name), days, (request) => client.ask(request))) {
      records.push(...page.records);
      for (const warning of page.warnings ?? []) warnings.add(warning);
    }
    return { records, warnings: [...warnings], total: sum(records, "sessions") };
  };
  /** A report of our own making, as a naive connector would ask for it. */
  const report = async (body: JsonObject) => {
    const url = "https://analyticsdata.googleapis.com/v1beta/properties/314159265:runReport";
    const answer = await client.ask({ method: "POST", url, body: JSON.stringify(body) });
    return answer.body;
  };
  return { clock, double, client, stream, read, report, probes: opened.probes };
}

const sum = (records: readonly RawRecord[], name: string) =>
  records.reduce((total, { payload }) => total + Number(payload[name] ?? 0), 0);

const named = (...names: readonly string[]) => names.map((name) => ({ name }));

const asked = (double: Ga4Double) =>
  double.server.arrived
    .filter(({ url }) => url.pathname.endsWith(":runReport"))
    .map(({ body }) => JSON.parse(body) as JsonObject);

async function failure(run: Promise<unknown>): Promise<GrowthosError> {
  const thrown = await run.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  if (thrown instanceof GrowthosError) return thrown;
  throw new Error(`expected a GrowthosError, got ${String(thrown)}`);
}

describe("pitfalls of the GA4 Data API", () => {
  it("pitfall 1: users are asked for by day alone, because they do not add up", async () => {
    const { read, report } = await bench();
    const [day] = (await read("totals", slice(DAY))).records;
    const channels = await report({
      dateRanges: [{ startDate: DAY, endDate: DAY }],
      dimensions: named("sessionDefaultChannelGroup"),
      metrics: named("totalUsers"),
    });
    const rows = valueAt(channels, "rows") as readonly JsonObject[];
    const added = rows.reduce((total, row) => total + Number(valueAt(row, "metricValues.0.value")), 0);
    expect(Number(day?.payload["totalUsers"])).toBeLessThan(added);
    const withUsers = REPORTS.filter(({ metrics }) => metrics.some((name) => /users/i.test(name)));
    expect(withUsers.map(({ dimensions }) => dimensions)).toEqual([["date"]]);
    expect(
      REPORTS.flatMap(({ measures }) => Object.keys(measures ?? {})).filter((name) => /users/i.test(name)),
    ).toEqual([]);
  });

  it("pitfall 2: reads every page once, in a fixed order", async () => {
    const small = await bench({ pageSize: 4 });
    const { records } = await small.read("landing_pages", slice(DAY));
    expect(records).toHaveLength(18);
    expect(new Set(records.map(({ key }) => key)).size).toBe(18);
    expect(asked(small.double).map((body) => body["offset"])).toEqual(["0", "4", "8", "12", "16"]);
    // Without an order the pages of this very report overlap.
    const page = async (offset: string) => {
      const body = await small.report({
        dateRanges: [{ startDate: DAY, endDate: DAY }],
        dimensions: named("landingPagePlusQueryString"),
        metrics: named("sessions"),
        limit: "9",
        offset,
      });
      return (valueAt(body, "rows") as readonly JsonObject[]).map((row) => valueAt(row, "dimensionValues.0.value"));
    };
    expect(new Set([...(await page("0")), ...(await page("9"))]).size).toBeLessThan(18);
  });

  it("pitfall 3: says what was withheld or folded, by day and in the data", async () => {
    const { double, read } = await bench();
    const before = addDays(DAY, -1);
    double.flag(before, { subjectToThresholding: true });
    double.flag(DAY, { dataLossFromOtherRow: true });
    const { records, warnings } = await read("traffic_days", slice(before));
    const flagged = (name: string) => [
      ...new Set(records.filter(({ payload }) => payload[name] === true).map(({ day }) => day)),
    ];
    expect(flagged("subjectToThresholding")).toEqual([before]);
    expect(flagged("dataLossFromOtherRow")).toEqual([DAY]);
    expect(warnings).toEqual(["small figures are withheld (thresholding)", "rare values are summed up as (other)"]);
  });

  it("pitfall 4: asks for single days, where a long range would be sampled and folded", async () => {
    const { double, read, report } = await bench();
    const from = addDays(DAY, -39);
    const long = await report({
      dateRanges: [{ startDate: from, endDate: DAY }],
      dimensions: named("date", "landingPagePlusQueryString"),
      metrics: named("sessions"),
    });
    expect(valueAt(long, "metadata.dataLossFromOtherRow")).toBe(true);
    expect(valueAt(long, "metadata.samplingMetadatas.0.samplesReadCount")).toBe("450000");
    const { records, warnings, total } = await read("landing_pages", slice(from));
    expect(warnings).toEqual([]);
    expect(records).toHaveLength(18 * 40);
    expect(total).toBe((await read("totals", slice(from))).total);
    const days = asked(double)
      .slice(1, 41)
      .map((body) => valueAt(body, "dateRanges.0"));
    expect(days).toEqual(daysOf({ from, to: DAY }).map((day) => ({ startDate: day, endDate: day })));
  });

  it("pitfall 5: stays under the hourly tokens and uses at least 90 % of them", async () => {
    const { double, client, stream } = await bench({ tokensPerReport: 100 });
    const days = daysOf({ from: addDays(DAY, -59), to: DAY });
    const work = ["traffic_days", "landing_pages", "item_days", "transactions"].flatMap((name) =>
      days.map((day) => stream(name).first(slice(day, day))),
    );
    for (let start = 0; start < work.length; start += 4)
      await Promise.all(work.slice(start, start + 4).map((request) => client.ask(request)));
    const { tokensByHour, refused } = double.ledger();
    const used = [...tokensByHour.values()];
    expect(refused).toBe(0);
    expect(used.reduce((all, tokens) => all + tokens, 0)).toBe(24_000);
    expect(used[0]).toBeGreaterThanOrEqual(0.9 * 14_000);
    expect(Math.max(...used)).toBeLessThanOrEqual(14_000);
  });

  it("pitfall 5: waits when somebody else used up the hour, and says when the day is used up", async () => {
    const { double, client, clock, stream } = await bench();
    const quota = (message: string) => ({
      kind: "answer" as const,
      answer: { status: 429, json: { error: { code: 429, status: "RESOURCE_EXHAUSTED", message } } },
    });
    double.server.fail(
      [quota("Exhausted property tokens per hour."), quota("Exhausted concurrent requests quota.")],
      isReport,
    );
    await client.ask(stream("totals").first(slice(DAY)));
    expect(clock.now() - AT).toBeGreaterThanOrEqual(305_000);
    const poor = await bench({ tokensPerDay: 5 });
    const error = await failure(poor.read("totals", slice(DAY)));
    expect(error.code).toBe("API_REFUSED");
    expect(error.parts.hint).toContain("midnight Pacific time");
  });

  it("pitfall 6: reads 14 days again and sees what changed", async () => {
    const { double, read, stream } = await bench();
    const before = (await read("totals", slice(DAY))).total;
    double.restate(DAY, 2);
    expect((await read("totals", slice(DAY))).total).toBe(2 * before);
    for (const { name } of REPORTS) expect(stream(name).sync).toMatchObject({ kind: "window", lookbackDays: 14 });
  });

  it("pitfall 7: keeps word of figures that the account may not see", async () => {
    const { double, read, client, probes } = await bench();
    const activeMetricRestrictions = [{ metricName: "purchaseRevenue", restrictedMetricTypes: ["REVENUE_DATA"] }];
    double.flag(DAY, { schemaRestrictionResponse: { activeMetricRestrictions } });
    const { records, warnings } = await read("traffic_days", slice(DAY));
    expect(new Set(records.map(({ payload }) => payload["purchaseRevenue"]))).toEqual(new Set(["0"]));
    expect(valueAt(records[0]?.payload, "schemaRestrictionResponse.activeMetricRestrictions.0.metricName")).toBe(
      "purchaseRevenue",
    );
    expect(warnings.join()).toContain("unknown, not zero");
    const [fields] = probes;
    if (fields === undefined) throw new Error("no probe");
    const said = fields.read((await client.ask(fields.request)).body, 0);
    expect([said.ok, said.message]).toEqual([false, expect.stringContaining("purchaseRevenue: withheld")]);
    expect(said.fix).toContain("No Revenue Metrics");
  });

  it("pitfall 8: asks for the session's channel, never for the first visit's", async () => {
    const { read, report } = await bench();
    const first = await report({
      dateRanges: [{ startDate: DAY, endDate: DAY }],
      dimensions: named("firstUserDefaultChannelGroup"),
      metrics: named("sessions"),
      orderBys: [{ dimension: { dimensionName: "firstUserDefaultChannelGroup" } }],
    });
    const { records } = await read("traffic_days", slice(DAY));
    const direct = records.filter(({ payload }) => payload["sessionDefaultChannelGroup"] === "Direct");
    expect(String(sum(direct, "sessions"))).not.toBe(valueAt(first, "rows.0.metricValues.0.value"));
    expect(REPORTS.flatMap(({ dimensions }) => dimensions).filter((name) => name.startsWith("firstUser"))).toEqual([]);
  });
});

const isReport = ({ url }: { readonly url: URL }) => url.pathname.endsWith(":runReport");

describe("the GA4 double and the connector", () => {
  it.each(["oauth", "service_account", "token"] as const)("sign in by %s", async (signIn) => {
    const { read, double } = await bench({ signIn });
    expect((await read("item_days", slice(DAY))).records).toHaveLength(4);
    const grants = double.server.arrived.filter(({ url }) => url.pathname === "/token");
    expect(grants).toHaveLength(signIn === "token" ? 0 : 1);
  });

  it("renew a token that is no longer taken", async () => {
    const { read, double } = await bench();
    await read("item_days", slice(DAY));
    double.breakTokens();
    expect((await read("item_days", slice(DAY))).records).toHaveLength(4);
    const dead = await bench({ signIn: "token" });
    dead.double.breakTokens();
    expect((await failure(dead.read("item_days", slice(DAY)))).code).toBe("API_AUTH");
  });

  it.each([
    ["User does not have sufficient permissions for this property.", "as Viewer"],
    [
      "Google Analytics Data API has not been used in project 1 before or it is disabled.",
      "enable the Google Analytics Data API",
    ],
    ["Request had insufficient authentication scopes.", "allow the scope analytics.readonly"],
  ])("say what to do about: %s", async (message, remedy) => {
    const { read, double } = await bench();
    double.deny(message);
    const error = await failure(read("totals", slice(DAY)));
    expect([error.code, error.exitCode]).toEqual(["API_AUTH", 7]);
    expect(error.parts.hint).toContain(remedy);
  });

  it("try a failing report three times, because ten errors an hour stop everything", async () => {
    const { read, double } = await bench();
    double.failNext(2);
    expect((await read("item_days", slice(DAY))).records).toHaveLength(4);
    double.failNext(99);
    const error = await failure(read("item_days", slice(DAY)));
    expect(error.code).toBe("API_BROKEN");
    expect(asked(double)).toHaveLength(3 + 3);
  });

  it("find every field and tell the tokens that are left", async () => {
    const { client, probes } = await bench();
    const said: string[] = [];
    for (const { request, read } of probes) said.push(read((await client.ask(request)).body, 0).message);
    expect(said).toEqual([
      expect.stringMatching(/^all \d+ fields are there$/),
      "reports are answered; days end in America/New_York; tokens left: 199990 today, 13990 this hour",
    ]);
    expect(probes[0]?.read({ dimensions: [], metrics: [] }, 0).message).toContain("does not know date,");
  });

  it("go over a day without a purchase", async () => {
    const { read } = await bench();
    // 2025-12-11 is the first day; the tenth has no transaction.
    const { records } = await read("transactions", slice(isoDate("2025-12-19"), isoDate("2025-12-21")));
    expect([...new Set(records.map(({ day }) => day))]).toEqual(["2025-12-19", "2025-12-21"]);
  });

  if (!hasGa4Schemas) console.info("skipped: the vendors' schemas are not beside the repository");
  it.runIf(hasGa4Schemas).each([
    [{ dimensions: named("date"), metrics: named("itemViews") }, "Field itemViews is not a valid metric."],
    [{ metrics: named("sessions"), dateRange: {} }, 'Unknown name "dateRange"'],
    [{ metrics: [{ nam: "sessions" }] }, "Unknown name \"nam\" at 'metrics'"],
    [{ metrics: named("sessions"), limit: "250001" }, "at most 250000"],
    [{ metrics: named("sessions"), limit: "many" }, "Invalid value at 'limit'"],
    [{ metrics: named("sessions", "itemsViewed") }, "compatible"],
    [{ metrics: named("sessions"), orderBys: [{ dimension: { dimensionName: "date" } }] }, "Ordering by date"],
  ])("refuse %o", async (body, message) => {
    const { report } = await bench();
    const error = await failure(report({ dateRanges: [{ startDate: DAY, endDate: DAY }], ...body }));
    expect(error.code).toBe("API_REFUSED");
    expect(error.parts.why).toContain(message);
  });
});
