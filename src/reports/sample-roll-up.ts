/** An agency as report tests need it: two currencies, a late client, one without a build, one whose file is wrong. Imported by tests only. */
import { isoDate } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import type { Compared, MetricValue } from "../metrics/types.js";
import { compared } from "../metrics/values.js";
import type { RollUpFacts, RollUpRow } from "./roll-up.js";

const ok = (value: number): MetricValue => ({ status: "ok", value });
const LATE: MetricValue = { status: "unknown", because: "days_missing", detail: "its build ends with 2026-01-30" };
const WINDOW = { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") };

type Numbers = readonly [spend: number, before: number, revenue: number, before: number, orders: number, fresh: number];

function known([spend, spendBefore, revenue, revenueBefore, orders, fresh]: Numbers): Readonly<
  Record<string, Compared>
> {
  return {
    spend: compared(ok(spend), ok(spendBefore)),
    net_revenue: compared(ok(revenue), ok(revenueBefore)),
    mer: { value: spend === 0 ? noSpend() : ok(revenue / spend) },
    orders: { value: ok(orders) },
    new_customers: { value: ok(fresh) },
  };
}

function noSpend(): MetricValue {
  return { status: "undefined", because: "zero_denominator", detail: "no ad spend" };
}

function row(workspace: string, currency: string, values: Readonly<Record<string, Compared>>): RollUpRow {
  const figures = {
    currency,
    window: WINDOW,
    values,
    buildId: "000007-0a",
    inputHash: "ab".repeat(32),
    asOf: isoDate("2026-02-09"),
  };
  const newestDay = isoDate("2026-02-08");
  const alerts = { critical: 0, warning: 0, info: 0 };
  return {
    workspace,
    shop: `Shop ${workspace}`,
    figures,
    alerts,
    newestDay,
    state: "ok",
    isWrong: false,
    problem: null,
  };
}

const IDS = ["spend", "net_revenue", "mer", "orders", "new_customers"];

/** Seven clients. */
export function sampleRollUp(): RollUpFacts {
  const rows: readonly RollUpRow[] = [
    row("acme", "EUR", known([250_000, 200_000, 1_000_000, 900_000, 120, 80])),
    { ...row("beta", "EUR", known([0, 0, 40_050, 40_050, 3, 0])), alerts: null },
    {
      ...row("gamma", "EUR", Object.fromEntries(IDS.map((id) => [id, { value: LATE }]))),
      newestDay: isoDate("2026-01-30"),
      state: "late",
      isWrong: true,
      problem: "shopify.orders, meta_ads.insights",
    },
    {
      ...row("kyoto", "JPY", known([90_000, 120_000, 450_000, 300_000, 41, 30])),
      alerts: { critical: 2, warning: 1, info: 0 },
    },
    {
      ...row("new-client", "EUR", {}),
      figures: null,
      alerts: null,
      newestDay: null,
      state: "no build",
      isWrong: true,
      problem: null,
    },
    {
      ...row("odd", "EUR", {}),
      shop: null,
      figures: null,
      alerts: null,
      newestDay: null,
      state: "config wrong",
      isWrong: true,
      problem:
        "CONFIG_INVALID: clients/odd.json has a problem (clients/odd.json:4  shop.currency: expected an ISO 4217 code in capitals)",
    },
    {
      ...row("<b>evil</b>", "EUR", known([100, 100, 200, 100, 1, 1])),
      shop: "=cmd|' /C calc'!A0 | [x](javascript:alert(1))",
      state: "run failed",
      isWrong: true,
      problem: "API_AUTH: Meta Ads refused the access token",
    },
  ];
  return { asOf: isoDate("2026-02-09"), rows, catalog: CATALOG, inputHash: "cd".repeat(32) };
}
