/** A shop with five currencies, from staged rows to metrics by the real SQL; every number was worked out by hand in the world's comment. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, type DateRange, isoDate } from "../base/dates.js";
import { type Bench, type Given, giveRows, openBench } from "../testing/evaluate.js";
import { checksOf, runChecks } from "../transform/check.js";
import type { BuildSettings } from "../transform/types.js";
import type { Row } from "../warehouse/types.js";
import { readForeign } from "./page-facts.js";
import { runQuery } from "./run-query.js";
import type { AnswerContext, MetricValue } from "./types.js";

type Rates = "with" | "without";

interface StagedWorld {
  readonly settings: Pick<BuildSettings, "asOf" | "timeZone" | "currency">;
  readonly rates: readonly Row[];
  readonly given: Given;
  readonly marts: Readonly<Record<Rates, Readonly<Record<string, readonly Row[]>>>>;
  readonly expect: readonly ({ readonly window: DateRange } & Readonly<
    Record<Rates, Readonly<Record<string, number | string>>>
  >)[];
}

const WORLD = JSON.parse(
  readFileSync(new URL("../../fixtures/worlds/staged/currencies.json", import.meta.url), "utf8"),
) as StagedWorld;
const MARTS = ["dim_date", "dim_channel", "dim_campaign", "dim_customer", "dim_product", "fact_orders"].concat([
  "fact_order_lines",
  "fact_refunds",
  "fact_spend",
  "fact_traffic",
  "fact_daily_metrics",
  "cohorts",
  "cohort_months",
]);
const CONTEXT: AnswerContext = {
  shop: "Tiny",
  currency: WORLD.settings.currency,
  timeZone: WORLD.settings.timeZone,
  asOf: isoDate(WORLD.settings.asOf),
  lastCompleteDay: addDays(isoDate(WORLD.settings.asOf), -1),
  buildId: "b",
  inputHash: "h",
  weekEndsOn: 7,
};

const shown = (value: MetricValue | undefined) => (value?.status === "ok" ? value.value : value?.because);

/** The marts of the world, kept in the bench's database, with coverage of all its days. */
async function build(bench: Bench, rates: readonly Row[]): Promise<ReadonlyMap<string, readonly Row[]>> {
  const built = new Map<string, readonly Row[]>();
  for (const mart of MARTS) {
    built.set(mart, await bench.rowsOf(mart, { ...WORLD.given, stg_rates: rates }, WORLD.settings));
  }
  await bench.db.run("create or replace table meta.coverage (source varchar, stream varchar, day date)");
  await bench.db.run(
    `insert into meta.coverage select s.source, s.stream, cast(d as date)
     from (values ('shopify', 'orders'), ('meta_ads', 'insights')) as s(source, stream)
     cross join generate_series(date '2026-02-01', date '2026-02-21', interval 1 day) as days(d)`,
  );
  return built;
}

describe.each(["with", "without"] as const)("D11 a shop with five currencies, %s rates", (which) => {
  let bench: Bench;
  let built: ReadonlyMap<string, readonly Row[]>;
  beforeAll(async () => {
    bench = await openBench();
    built = await build(bench, which === "with" ? WORLD.rates : []);
  });
  afterAll(() => bench.close());

  it.each(Object.keys(WORLD.marts[which]))("%s", (mart) => {
    const expected = WORLD.marts[which][mart] ?? [];
    const columns = Object.keys(expected[0] ?? {});
    const rows = (built.get(mart) ?? []).map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
    expect(rows).toEqual(expected);
  });

  it.each(WORLD.expect.map((one) => ({ days: `${one.window.from} … ${one.window.to}`, ...one })))(
    "metrics of $days",
    async ({ window, [which]: expected }) => {
      const result = await runQuery(bench.db, { metrics: Object.keys(expected), window }, CONTEXT);
      const values = Object.keys(expected).map((id) => [id, shown(result.totals[id]?.value)]);
      expect(Object.fromEntries(values)).toEqual(expected);
    },
  );

  it("keeps every promise but the one about other currencies", async () => {
    const checks = checksOf(bench.project.models, bench.project.checks);
    const money = checks.filter(({ id }) =>
      /^(fact_(orders|order_lines|refunds|spend)|stg_orders|stg_rates)__/.test(id),
    );
    await giveRows(bench, "meta.configured", []);
    const failed = (await runChecks(bench.db, money)).filter(({ status }) => status === "failed");
    const wanted = which === "with" ? ["fact_orders"] : ["fact_orders", "fact_spend"];
    expect(failed.map(({ id }) => id)).toEqual(wanted.map((mart) => `${mart}__reporting_currency`));
    const advice = which === "with" ? "no rate within 7 days" : "configure sources.fx";
    for (const { message } of failed) expect(message).toContain(advice);
  });

  it("tells the pages what is in and what is not", async () => {
    const foreign = await readForeign(bench.db);
    const orders = foreign.filter(({ what }) => what === "orders");
    expect(orders.map(({ day, currency, converted, rows, minor }) => [day, currency, converted, rows, minor])).toEqual(
      which === "with"
        ? [
            ["2026-02-05", "USD", false, 1, 5000],
            ["2026-02-07", "USD", true, 1, 0],
            ["2026-02-09", "JPY", true, 1, 0],
            ["2026-02-09", "KWD", true, 1, 0],
            ["2026-02-09", "USD", false, 1, 1200],
          ]
        : [
            ["2026-02-05", "USD", false, 1, 5000],
            ["2026-02-07", "USD", false, 1, 11446],
            ["2026-02-09", "JPY", false, 1, 18400],
            ["2026-02-09", "KWD", false, 1, 36000],
            ["2026-02-09", "USD", false, 1, 1200],
          ],
    );
  });
});

describe("converted", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it("is exact and rounds halves away from zero", async () => {
    const cases = [
      // 1 x 1/2 = 0.5 -> 1; -0.5 -> -1; 3/2 -> 2; 1/3 -> 0; 2/3 -> 1; no rate: as it is.
      [1, "1", "2", 1],
      [-1, "1", "2", -1],
      [3, "1", "2", 2],
      [1, "1", "3", 0],
      [2, "1", "3", 1],
      [7, "null", "null", 7],
      // 12,345,678,901,234.57 pounds at 1.18 / 0.87, where a double is off: 1234567890123457 x 118 / 87 = 1674471161546757.77 …
      [1234567890123457, "11800000000", "8700000000", Number((1234567890123457n * 118n * 2n + 87n) / (87n * 2n))],
    ] as const;
    for (const [amount, over, under, expected] of cases) {
      const row = await bench.db.one(
        `select converted(cast(${amount} as bigint), cast(${over} as hugeint), cast(${under} as hugeint)) as value`,
      );
      expect(Number(row["value"]), `${amount} x ${over} / ${under}`).toBe(expected);
    }
  });

  it("of parts differs from their converted sum by at most one minor unit a part", async () => {
    const worst = await bench.db.one(
      `with parts as (
         select i // 7 as whole, cast(hash(i) % 2000001 as bigint) - 1000000 as amount,
           cast(1 + hash(i // 7 + 1000003) % 20000000000 as hugeint) as rate_over,
           cast(100000000 + hash(i // 7 + 2000003) % 20000000000 as hugeint) as rate_under
         from range(70000) as numbers(i)
       )
       select max(abs(whole_value - part_values)) as most, max(parts) as parts, count(*) as wholes from (
         select converted(cast(sum(amount) as bigint), any_value(rate_over), any_value(rate_under)) as whole_value,
           sum(converted(amount, rate_over, rate_under)) as part_values, count(*) as parts
         from parts group by whole
       )`,
    );
    expect(Number(worst["wholes"])).toBe(10_000);
    expect(Number(worst["most"])).toBeGreaterThan(0);
    expect(Number(worst["most"])).toBeLessThanOrEqual(Number(worst["parts"]));
  });
});
