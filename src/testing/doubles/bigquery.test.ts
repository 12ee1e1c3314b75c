import { afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { addDays, type ISODate, isoDate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { systemRandom } from "../../base/ids.js";
import { silentLog } from "../../base/log.js";
import { ga4Events } from "../../connectors/ga4_events/index.js";
import { walk } from "../../connectors/paginate.js";
import type { RawRecord, Slice, Stream } from "../../connectors/types.js";
import { createClient } from "../../http/client.js";
import { undiciTransport } from "../../http/undici.js";
import { type BigqueryDoubleOptions, bigqueryDouble } from "./bigquery.js";
import { hasBigquerySchemas } from "./bigquery-judge.js";
import { midnight, PER_DAY, suffixOf } from "./bigquery-world.js";
import { rerouted } from "./server.js";

// The connector against the double, through the real client over real HTTP. `pitfall n`: what others stumbled over with this export.

const AT = Date.parse("2026-02-09T15:00:00Z");
const DAY = isoDate("2026-02-08");
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const slice = (from: ISODate, to: ISODate = from): Slice => ({ kind: "days", days: { from, to } });

/** A double and everything that asks it. */
async function bench(options: BigqueryDoubleOptions = {}, more: object = {}) {
  const clock = fixedClock(AT);
  const double = await bigqueryDouble({ clock, ...options });
  const network = undiciTransport({ allowLoopback: true });
  closing.push(
    () => double.close(),
    () => network.close(),
  );
  const opened = ga4Events.open(ga4Events.options.parse({ ...double.options, ...more }), double.secrets);
  const { classify } = ga4Events;
  const client = createClient({
    source: ga4Events.id,
    title: ga4Events.title,
    transport: rerouted(network, double.routes),
    auth: opened.auth,
    limits: ga4Events.limits,
    hosts: ga4Events.hosts,
    ...(classify === undefined ? {} : { classify }),
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
    const totals = new Set<number>();
    for await (const page of walk(stream(name), days, (request) => client.ask(request))) {
      records.push(...page.records);
      if (page.total !== undefined) totals.add(page.total);
      for (const warning of page.warnings ?? []) warnings.add(warning);
    }
    return { records, warnings: [...warnings], totals: [...totals] };
  };
  return { clock, double, client, read, streams: opened.streams, probes: opened.probes };
}

const members = (records: readonly RawRecord[], name: string) => records.map(({ payload }) => payload[name]);
const keys = (records: readonly RawRecord[]) => records.map(({ key }) => key).sort();

async function failure(run: () => Promise<unknown>): Promise<GrowthosError> {
  const thrown = await run().then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  if (thrown instanceof GrowthosError) return thrown;
  throw new Error(`expected a GrowthosError, got ${String(thrown)}`);
}

if (!hasBigquerySchemas) console.info("skipped: the vendors' schemas are not beside the repository");

describe("ga4_events against BigQuery", () => {
  it("reads seven streams, every event of four days once", async () => {
    const { read, streams } = await bench();
    expect(streams.map(({ name }) => name).sort()).toEqual(Object.keys(PER_DAY).sort());
    for (const [name, perDay] of Object.entries(PER_DAY)) {
      const { records, totals, warnings } = await read(name, slice(addDays(DAY, -3), DAY));
      expect([name, records.length, totals, warnings]).toEqual([name, 4 * perDay, [4 * perDay], []]);
      expect(new Set(records.map(({ day, key }) => `${day} ${key}`)).size).toBe(records.length);
    }
  });

  it("chooses parameters by their type, money as exact decimals, items as they are", async () => {
    const { records } = await (await bench()).read("purchase", slice(DAY));
    const [first] = records;
    expect(first?.payload).toMatchObject({
      table: "intraday",
      event_date: "20260208",
      event_timestamp: String(midnight(DAY) + 12 * 3_600_000_000 + 10),
      user_pseudo_id: "100.200",
      // The shop sends a number, the export holds it as one.
      param_transaction_id: "9019",
      ga_session_id: "1019",
      ecommerce_purchase_revenue: "40.1",
      user_prop_webuserid: "U-1",
      geo_city: "Zürich 🏔",
      items: [
        {
          item_id: "SKU-1",
          item_name: "Tea towel",
          item_category: "home",
          item_variant: null,
          price: 20.05,
          quantity: 2,
        },
      ],
    });
  });

  it("reads the same whatever the size of a page, in rows or in bytes", async () => {
    const all = await (await bench()).read("page_view", slice(addDays(DAY, -3), DAY));
    for (const options of [{ pageSize: 1 }, { pageSize: 5 }, { pageBytes: 600 }]) {
      const { read, double } = await bench(options);
      expect(keys((await read("page_view", slice(addDays(DAY, -3), DAY))).records)).toEqual(keys(all.records));
      expect(double.server.arrived.length).toBeGreaterThan(6);
    }
  });

  it("waits for a job that is not complete, longer each time", async () => {
    const { read, clock, double } = await bench({ looks: 4 });
    const { records } = await read("purchase", slice(DAY));
    expect(records).toHaveLength(3);
    // Two statements, four looks each: 1 + 2 + 4 + 8 seconds.
    expect(clock.now() - AT).toBe(2 * 15_000);
    expect(double.ledger().statements).toHaveLength(2);
  });

  it("asks in a dialect, with a location and values that are parameters", async () => {
    const { read, double } = await bench();
    await read("no_search_results", slice(DAY));
    const bodies = double.server.arrived.filter(({ method, url }) => method === "POST" && url.pathname !== "/token");
    for (const { body } of bodies) {
      expect(JSON.parse(body)).toMatchObject({
        useLegacySql: false,
        location: "EU",
        parameterMode: "NAMED",
        maximumBytesBilled: "10737418240",
      });
    }
    const text = double.ledger().statements.join(" ");
    expect(text).not.toMatch(/view_search_results_no_results|'no_search_results'/);
  });

  it("pitfall 1: late events change a day, and four days are read again", async () => {
    const { read, double, streams } = await bench();
    const late = addDays(DAY, -3);
    const before = await read("purchase", slice(late));
    double.restate(late, 2);
    const after = await read("purchase", slice(late));
    expect(members(before.records, "ecommerce_purchase_revenue_in_usd")).toEqual(["40.1", "40.1", "5"]);
    expect(members(after.records, "ecommerce_purchase_revenue_in_usd")).toEqual(["80.2", "80.2", "10"]);
    expect(streams.map(({ sync }) => sync.kind === "window" && sync.lookbackDays)).toEqual([4, 4, 4, 4, 4, 4, 4]);
  });

  it("pitfall 2: equal events stay two, with the same keys when the day is read again, also without a visitor", async () => {
    const { read } = await bench();
    const first = await read("page_view", slice(DAY));
    expect(keys((await read("page_view", slice(DAY))).records)).toEqual(keys(first.records));
    const equal = first.records.filter(
      ({ payload }) => payload["event_timestamp"] === String(midnight(DAY) + 12 * 3_600_000_000 + 1),
    );
    expect(equal.map(({ key }) => key.slice(-2))).toEqual(["-1", "-2"]);
    expect(new Set(equal.map(({ key }) => key.slice(0, -2))).size).toBe(1);
  });

  it("pitfall 2: an event keeps its key when its day moves from the stream to the daily table", async () => {
    const { read, double } = await bench();
    const before = await read("page_view", slice(DAY));
    double.restate(DAY, 1);
    const after = await read("page_view", slice(DAY));
    expect([...new Set(members(before.records, "table")), ...new Set(members(after.records, "table"))]).toEqual([
      "intraday",
      "daily",
    ]);
    expect(keys(after.records)).toEqual(keys(before.records));
  });

  it("pitfall 3: names that only look like a day's table are left alone", async () => {
    const { read, double } = await bench();
    await read("purchase", slice(DAY));
    const asked = double.ledger().statements.join(" ");
    expect(asked).not.toMatch(/_copy|my_events|pseudonymous/);
    for (const [name, table] of double.world) if (/copy|my_/.test(name)) expect(table.rows.length).toBeGreaterThan(0);
  });

  it("pitfall 4: purchases of one transaction and those without an id are all landed", async () => {
    const { records } = await (await bench()).read("purchase", slice(DAY));
    expect(members(records, "param_transaction_id")).toEqual(["9019", "9019", null]);
  });

  it("pitfall 5: of the daily, fresh and streaming tables of a day one is read", async () => {
    const { read, double } = await bench();
    const kinds = async (back: number) => {
      const { records } = await read("add_to_cart", slice(addDays(DAY, -back)));
      return members(records, "table");
    };
    // Streaming only; fresh and streaming; daily and streaming; over the daily limit, so the stream stays.
    expect([await kinds(0), await kinds(1), await kinds(2), await kinds(8)]).toEqual([
      ["intraday"],
      ["fresh"],
      ["daily"],
      ["intraday"],
    ]);
    expect(double.world.has(`events_intraday_${suffixOf(addDays(DAY, -2))}`)).toBe(true);
  });

  it("pitfall 6: tables without the newer columns are read with their own", async () => {
    const { read } = await bench();
    // The fifth day is the last one without them.
    const { records } = await read("view_item", slice(addDays(DAY, -15), addDays(DAY, -14)));
    expect(records.map(({ day, payload }) => [day, payload["batch_event_index"]])).toEqual([
      ["2026-01-24", null],
      ["2026-01-25", "1"],
    ]);
  });

  it("pitfall 7: visitors who refused cookies are kept without an id", async () => {
    const { records } = await (await bench()).read("page_view", slice(DAY));
    const anonymous = records.filter(({ payload }) => payload["user_pseudo_id"] === null);
    expect(anonymous).toHaveLength(1);
    expect(anonymous[0]?.payload["ga_session_id"]).toBeNull();
  });

  it("takes searches without a result by their event, under both of its names and in any language", async () => {
    const { records } = await (await bench()).read("no_search_results", slice(addDays(DAY, -1), DAY));
    expect(members(records, "event_name").sort()).toEqual(["no_search_results", "view_search_results_no_results"]);
    expect(new Set(members(records, "param_page_title"))).toEqual(new Set(["Keine Treffer"]));
  });

  it("tells of days without a table, because a day without a table is not one without events", async () => {
    const { read, double } = await bench();
    double.world.delete(`events_intraday_${suffixOf(DAY)}`);
    const { records, warnings, totals } = await read("purchase", slice(addDays(DAY, -1), addDays(DAY, 1)));
    expect([records.length, totals]).toEqual([3, [3]]);
    expect(warnings).toEqual([
      "the export shop-exports-42.analytics_314159265 has no table for 2026-02-08, 2026-02-09",
    ]);
    expect((await read("purchase", slice(DAY))).totals).toEqual([0]);
  });
});

describe("the vendor's limit of 100 requests a second", () => {
  it("is kept over an hour of work, and nine tenths of it are used", async () => {
    const { client, double, clock } = await bench();
    const url = "https://bigquery.googleapis.com/bigquery/v2/projects/shop-exports-42/datasets/analytics_314159265";
    const began = clock.now();
    let asked = 0;
    const work = async () => {
      // The window is a second: what holds for twenty of them holds for an hour of the same.
      while (clock.now() - began < 20_000) {
        await client.ask({ method: "GET", url, label: "dataset" });
        asked += 1;
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    const { callsBySecond } = double.ledger();
    const seconds = (clock.now() - began) / 1_000;
    expect(Math.max(...callsBySecond.values())).toBeLessThanOrEqual(100);
    expect(asked / seconds).toBeGreaterThanOrEqual(90);
  });
});

describe("days of the property's zone", () => {
  const last = isoDate("2026-03-09");

  it("B-16: the first and the last microsecond of a day are in it, in slices of one day", async () => {
    const { read } = await bench();
    for (const day of [addDays(DAY, -1), DAY]) {
      const { records } = await read("page_view", slice(day));
      const times = members(records, "event_timestamp");
      expect(times).toContain(String(midnight(day)));
      expect(times).toContain(String(midnight(addDays(day, 1)) - 1));
    }
  });

  it("B-17: a slice of several days has every event of its last one", async () => {
    const { read } = await bench();
    const { records } = await read("page_view", slice(addDays(DAY, -2), DAY));
    expect(records.filter(({ day }) => day === DAY)).toHaveLength(PER_DAY.page_view);
  });

  it("D09: the day on which the clocks change is 23 hours long and as whole as the others", async () => {
    const { read } = await bench({ lastDay: last });
    const change = isoDate("2026-03-08");
    expect(midnight(last) - midnight(change)).toBe(23 * 3_600_000_000);
    const { records } = await read("page_view", slice(change));
    expect(records).toHaveLength(PER_DAY.page_view);
    expect(new Set(records.map(({ day }) => day))).toEqual(new Set([change]));
  });
});

describe("what goes wrong", () => {
  it.each(["backendError", "internalError", "jobBackendError", "rateLimitExceeded", "jobRateLimitExceeded"])(
    "%s passes",
    async (reason) => {
      const { read, double } = await bench();
      double.failNext(reason, 2);
      expect((await read("purchase", slice(DAY))).records).toHaveLength(3);
    },
  );

  it.each([
    ["quotaExceeded", "API_REFUSED", /tomorrow/],
    ["accessDenied", "API_AUTH", /BigQuery Job User/],
    ["notFound", "API_REFUSED", /location/],
    ["invalidQuery", "API_REFUSED", /newer growthos/],
    ["responseTooLarge", "API_REFUSED", /larger than BigQuery answers at once/],
    ["billingNotEnabled", "API_REFUSED", /billing account/],
  ])("%s stops and says what to do", async (reason, code, hint) => {
    const { read, double } = await bench();
    double.failNext(reason);
    const error = await failure(() => read("purchase", slice(DAY)));
    expect([error.code, error.parts.hint]).toEqual([code, expect.stringMatching(hint)]);
  });

  it("a job that failed although the answer is a 200 stops too", async () => {
    const { read, double } = await bench();
    double.failJob("responseTooLarge");
    const error = await failure(() => read("purchase", slice(DAY)));
    expect([error.code, error.parts.hint]).toEqual([
      "API_REFUSED",
      expect.stringMatching(/larger than BigQuery answers at once/),
    ]);
  });

  it("a wrong location is told as such, and the probe knows the right one", async () => {
    const { read, probes, client } = await bench({ location: "US" });
    const error = await failure(() => read("purchase", slice(DAY)));
    expect([error.code, error.parts.hint]).toEqual(["API_REFUSED", expect.stringMatching(/location/)]);
    const [dataset] = probes;
    if (dataset === undefined) throw new Error("no probe");
    const { body } = await client.ask(dataset.request);
    expect(dataset.read(body, AT)).toMatchObject({ ok: false, fix: 'set sources.ga4_events.location to "EU"' });
  });

  it("a statement that would cost more than allowed is not run", async () => {
    const { read, double } = await bench({}, { maximumBytesBilled: 20 * 1024 * 1024 });
    const error = await failure(() => read("purchase", slice(addDays(DAY, -3), DAY)));
    expect([error.code, error.parts.hint]).toEqual(["API_REFUSED", expect.stringMatching(/maximumBytesBilled/)]);
    expect(double.ledger().statements).toHaveLength(1);
  });

  it("a token that ended is renewed once", async () => {
    const { read, double } = await bench();
    await read("purchase", slice(DAY));
    double.breakTokens();
    expect((await read("purchase", slice(addDays(DAY, -1)))).records).toHaveLength(3);
  });

  it("a repeated request does not run a statement twice, and a later sync does", async () => {
    const { read, double } = await bench();
    double.server.fail([{ kind: "reset", when: "body" }], ({ body }) => body.includes("requestId"));
    await read("purchase", slice(DAY));
    expect(double.ledger().statements).toHaveLength(2);
    await read("purchase", slice(DAY));
    expect(double.ledger().statements).toHaveLength(4);
  });

  it("all probes are good when everything is", async () => {
    const { probes, client } = await bench();
    const said = [];
    for (const probe of probes) said.push(probe.read((await client.ask(probe.request)).body, AT));
    expect(said).toEqual([
      { ok: true, message: "shop-exports-42.analytics_314159265 is in EU" },
      { ok: true, message: "may run jobs in shop-exports-42" },
      { ok: true, message: "shop-exports-42.analytics_314159265 has tables of events up to 2026-02-08" },
    ]);
  });
});

describe("the double", () => {
  const url = "https://bigquery.googleapis.com/bigquery/v2/projects/shop-exports-42/queries";
  const ask = async (body: object, path = "") => {
    const { client } = await bench();
    return failure(() => client.ask({ method: "POST", url: `${url}${path}`, body: JSON.stringify(body) }));
  };

  it.runIf(hasBigquerySchemas)("refuses members and parameters that BigQuery does not know", async () => {
    expect((await ask({ query: "select 1", useLegacySql: false, maxRows: 5 })).parts.why).toContain("maxRows");
    expect((await ask({ query: "select 1", useLegacySql: false }, "?rows=5")).parts.why).toContain("rows");
    expect((await ask({ query: "select 1", useLegacySql: "no" })).parts.why).toContain("useLegacySql");
  });

  it("refuses statements that BigQuery would refuse", async () => {
    const run = (query: string) => ask({ query, useLegacySql: false, location: "EU" });
    const table = "`shop-exports-42.analytics_314159265.events_20260120`";
    expect((await run(`select t.batch_page_id as x from ${table} as t`)).parts.why).toContain(
      "batch_page_id not found",
    );
    expect(
      (await run(`select t.event_name as x from ${table} as t where t.event_name in unnest(@names)`)).parts.why,
    ).toContain("'names' not found");
    expect((await run(`selec t.event_name as x from ${table} as t`)).parts.why).toContain("Syntax error");
    expect(
      (await run("select t.a as x from `shop-exports-42.analytics_314159265.events_19990101` as t")).parts.why,
    ).toContain("Not found: Table");
    expect((await ask({ query: `select t.event_name as x from ${table} as t`, location: "EU" })).parts.why).toContain(
      "legacy",
    );
  });

  it("refuses the 101st call of a second", async () => {
    const { double } = await bench({ signIn: "token" });
    const headers = { authorization: "Bearer ya29.double-static" };
    const path = `${double.server.origin}/bigquery/v2/projects/shop-exports-42/datasets/analytics_314159265`;
    const statuses = await Promise.all(
      Array.from({ length: 101 }, async () => (await fetch(path, { headers })).status),
    );
    expect(statuses.filter((status) => status === 403)).toHaveLength(1);
  });
});
