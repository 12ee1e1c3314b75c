import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, type Given, openBench } from "../testing/evaluate.js";
import { root } from "../testing/root.js";
import type { Cell, Row } from "../warehouse/types.js";

/** The world of `fixtures/models/fact_ledger.world.json`: its expectations are computed by hand there. */
const WORLD = JSON.parse(readFileSync(join(root, "fixtures/models/fact_ledger.world.json"), "utf8")).given as Given;

/** A payout as it lands. */
function told(body: { readonly [name: string]: Cell }, receivedAt = "2026-01-05T06:00:00Z", topic = "stripe"): Row {
  return {
    _key: `|${topic}|${JSON.stringify(body).length}`,
    payload: { topic, received_at: receivedAt, body },
  };
}

const cents = (row: Row, column: string) => Number(row[column] ?? 0);

describe("the ledger", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it("reads payouts with exact amounts, in the digits of their currency", async () => {
    const given = {
      "raw.payouts__events": [
        told({ ref_id: "p", amount: "90071992547409.91", currency: "usd", date: "2026-01-05" }),
        told({ id: 77, amount: 1500, currency: "JPY", fee: "12", date: "no day", status: "PAID" }, undefined, "payout"),
        told({ amount: "-3.005", currency: "KWD", source: "Shopier", reference: "r" }, undefined, "payout"),
      ],
    };
    const rows = await bench.rowsOf("stg_payouts", given);
    expect(
      rows
        .map(({ payout_id: id, amount_cents: amount, fee_cents: fee, paid_at: paid, payout_status: status }) => [
          id,
          amount,
          fee,
          paid,
          status,
        ])
        .sort(),
    ).toEqual([
      ["shopier:r", -3005, null, "2026-01-05T06:00:00.000Z", "paid"],
      ["stripe:p", 9007199254740991, null, "2026-01-05T00:00:00.000Z", "paid"],
      ["unknown:77", 1500, 12, "2026-01-05T06:00:00.000Z", "paid"],
    ]);
  });

  it("knows what a transaction of a payout is by the words that providers use, and keeps the ones it does not know", async () => {
    const types = [
      "charge",
      "Payment",
      "payment_refund",
      "stripe_fee",
      "chargeback",
      "dispute_reversal",
      "reserve",
      null,
    ];
    const transactions = types.map((type, index) => ({
      type,
      order: `#${index}`,
      amount: "1.5",
      fee: index === 0 ? "x" : "0.10",
    }));
    const given = { "raw.payouts__events": [told({ ref_id: "p", amount: "1", currency: "USD", transactions })] };
    const rows = await bench.rowsOf("stg_payout_lines", given);
    expect(rows.map((row) => [row["line_kind"], row["order_ref"], row["amount_cents"], row["fee_cents"]])).toEqual([
      ["sale", "0", 150, 0],
      ["sale", "1", 150, 10],
      ["refund", "2", 150, 10],
      ["fee", "3", 150, 10],
      ["dispute", "4", 150, 10],
      ["dispute_won", "5", 150, 10],
      ["other", "6", 150, 10],
      ["sale", "7", 150, 10],
    ]);
  });

  it("takes disputes out of Shopify's webhooks and leaves the rest of them alone", async () => {
    const webhook = (topic: string, body: { readonly [name: string]: Cell }): Row => ({
      _key: `s|${topic}|${body["id"]}`,
      payload: { topic, received_at: "2026-01-09T00:00:00Z", body },
    });
    const dispute = { id: 1, order_id: "820982911946154508", type: "chargeback", amount: "11.50", currency: "CAD" };
    const given = {
      "raw.shopify_webhooks__events": [
        webhook("disputes/create", { ...dispute, status: "needs_response", initiated_at: "2026-01-08T19:00:00-05:00" }),
        webhook("orders/create", { id: 5, currency: "USD" }),
      ],
    };
    expect(await bench.rowsOf("stg_disputes", given)).toMatchObject([
      {
        dispute_id: "shopify:1",
        order_id: "shopify:820982911946154508",
        dispute_status: "needs_response",
        amount_cents: 1150,
        opened_at: "2026-01-09T00:00:00.000Z",
        closed_at: null,
      },
    ]);
  });

  it("is the same whatever arrives first, and whatever is told twice", async () => {
    const whole = await bench.rowsOf("fact_ledger", WORLD);
    const backwards = Object.fromEntries(Object.entries(WORLD).map(([name, rows]) => [name, rows.toReversed()]));
    expect(await bench.rowsOf("fact_ledger", backwards)).toEqual(whole);
    // A payout that is told again, later, in the same words, with the same transactions.
    const again = (row: Row): Row => ({
      ...row,
      telling_key: `${row["telling_key"]}-again`,
      ...(row["told_at"] === undefined ? {} : { told_at: String(row["told_at"]).replace("T01", "T02") }),
      ...(row["payout_line_id"] === undefined ? {} : { payout_line_id: `${row["payout_line_id"]}-again` }),
    });
    const twice = Object.fromEntries(
      Object.entries(WORLD).map(([name, rows]) =>
        name === "stg_payouts" || name === "stg_payout_lines" || name === "stg_disputes"
          ? [name, [...rows, ...rows.map(again)]]
          : [name, rows],
      ),
    );
    const plain = (rows: readonly Row[]) =>
      rows.map((row) => ({ ...row, entry_id: String(row["entry_id"]).replace("-again", "") }));
    const byEntry = (a: Row, b: Row) => (String(a["entry_id"]) < String(b["entry_id"]) ? -1 : 1);
    expect(plain(await bench.rowsOf("fact_ledger", twice)).sort(byEntry)).toEqual(plain(whole).sort(byEntry));
  });

  it("balances to the cent: what is settled in a payout and what is unexplained is the payout", async () => {
    const payouts = await bench.rowsOf("fact_payouts", WORLD);
    const ledger = await bench.rowsOf("fact_ledger", WORLD);
    for (const payout of payouts) {
      const entries = ledger.filter((entry) => entry["payout_id"] === payout["payout_id"]);
      const settled = entries.reduce((sum, entry) => sum + cents(entry, "settled_cents"), 0);
      expect(settled + cents(payout, "unexplained_cents"), String(payout["payout_id"])).toBe(
        cents(payout, "amount_cents"),
      );
      // All of it counts on the day of the payout, also what was paid back or lost since.
      expect(entries.map((entry) => [entry["cleared_date"], entry["cleared_cents"]])).toEqual(
        entries.map((entry) => [payout["payout_date"], entry["settled_cents"]]),
      );
    }
    expect(payouts).toHaveLength(5);
  });

  it("keeps an order open until payouts hold all of it", async () => {
    const line = {
      telling_key: "t",
      payer: "stripe",
      line_kind: "sale",
      order_ref: "9",
      currency: "USD",
      fee_cents: 0,
    };
    const given = (amounts: readonly number[]): Given => ({
      stg_orders: [{ ...WORLD["stg_orders"]?.[0], order_id: "shopify:9", order_name: "#9", total_cents: 1000 }],
      stg_payouts: [
        {
          ...{ telling_key: "t", payout_id: "stripe:p", payer: "stripe", payout_ref: "p", payout_status: "paid" },
          ...{ paid_at: "2026-01-05T00:00:00Z", told_at: "2026-01-05T00:00:00Z", amount_cents: 1000, currency: "USD" },
        },
      ],
      stg_payout_lines: amounts.map((amount_cents, index) => ({
        ...line,
        payout_line_id: `t|${index}`,
        line_number: index,
        amount_cents,
      })),
    });
    const states = async (amounts: readonly number[]) =>
      (await bench.rowsOf("fact_ledger", given(amounts))).map(({ state, settled_cents: settled }) => [state, settled]);
    expect(await states([999])).toEqual([["PENDING", 999]]);
    expect(await states([600, 400])).toEqual([["CLEARED", 1000]]);
  });

  it("counts what came in another currency at the rate of the day on which it came, and without one by itself", async () => {
    const euro = { currency: "EUR", fx_date: "2026-01-05", rate_over: 125, rate_under: 100 };
    const sale = { ...WORLD["stg_orders"]?.[0], currency: "EUR", total_cents: 1001 };
    const payout = { ...WORLD["stg_payouts"]?.[0], payer: "shopify", payout_id: "shopify:p", currency: "EUR" };
    const cleared = async (day: string) => {
      const [entry] = await bench.rowsOf("fact_ledger", {
        stg_orders: [sale],
        stg_payouts: [{ ...payout, amount_cents: 1001 }],
        int_fx__daily: [{ ...euro, day }],
      });
      return [entry?.["settled_cents"], entry?.["cleared_cents"], entry?.["is_reporting_currency"]];
    };
    // 10.01 EUR x 1.25 = 12.5125 USD.
    expect(await cleared("2026-01-05")).toEqual([1001, 1251, true]);
    expect(await cleared("2026-01-06")).toEqual([1001, 1001, false]);
  });

  it("clears nothing by a payout that came before the sale, and nothing of another payer or currency", async () => {
    const sale = {
      ...WORLD["stg_orders"]?.[0],
      order_id: "shopier:1",
      order_name: "1",
      source: "shopier",
      total_cents: 500,
    };
    const lump = (payer: string, currency: string, paid_at: string): Row => ({
      ...{ telling_key: "t", payout_id: `${payer}:p`, payer, payout_ref: "p", payout_status: "paid", currency },
      ...{ paid_at, told_at: paid_at, amount_cents: 500, fee_cents: null },
    });
    const after = async (payout: Row) => {
      const [entry] = await bench.rowsOf("fact_ledger", { stg_orders: [sale], stg_payouts: [payout] });
      return [entry?.["state"], entry?.["payout_id"]];
    };
    expect(await after(lump("shopier", "USD", "2026-01-02T00:00:00Z"))).toEqual(["CLEARED", "shopier:p"]);
    expect(await after(lump("shopier", "USD", "2026-01-01T00:00:00Z"))).toEqual(["PENDING", null]);
    expect(await after(lump("shopier", "EUR", "2026-01-02T00:00:00Z"))).toEqual(["PENDING", null]);
    expect(await after(lump("stripe", "USD", "2026-01-02T00:00:00Z"))).toEqual(["PENDING", null]);
  });

  it("is empty while no payout was told: nobody could tell what is at the bank", async () => {
    expect(await bench.rowsOf("fact_ledger", { ...WORLD, stg_payouts: [], stg_payout_lines: [] })).toEqual([]);
  });

  it("does not guess whose a number is that two orders bear", async () => {
    const order = { ...WORLD["stg_orders"]?.[0], order_name: "#9", total_cents: 1000 };
    const line = {
      telling_key: "t1",
      payout_line_id: "t1|1",
      line_number: 1,
      line_kind: "sale",
      currency: "USD",
      fee_cents: 0,
    };
    const given = {
      stg_orders: [
        { ...order, order_id: "shopify:1001" },
        { ...order, order_id: "files:2002", source: "files" },
      ],
      stg_payouts: [WORLD["stg_payouts"]?.[0] ?? {}],
      stg_payout_lines: [{ ...line, order_ref: "9", amount_cents: 1000 }],
    };
    const states = (await bench.rowsOf("fact_ledger", given)).map((row) => [
      row["entry_id"],
      row["state"],
      row["order_id"],
    ]);
    expect(states.sort()).toEqual([
      ["line:t1|1", "CLEARED", null],
      ["sale:files:2002", "PENDING", "files:2002"],
      ["sale:shopify:1001", "PENDING", "shopify:1001"],
    ]);
  });
});

/** A sale of 100.00 USD of the world, told by payouts of stripe; amounts and fees in cents, as the provider signs them. */
type Line = readonly [kind: "sale" | "refund" | "dispute" | "dispute_won", cents: number, fee?: number];
interface Course {
  readonly name: string;
  readonly order?: Row;
  readonly refunds?: readonly number[];
  /** Each told as it comes; `status` of a dispute by Shopify's webhooks beside them. */
  readonly payouts: readonly {
    readonly lines: readonly Line[];
    readonly currency?: string;
    readonly status?: string;
  }[];
  readonly disputes?: readonly string[];
  /** What the sale is in the end, and what all entries brought to the bank. */
  readonly expected: { readonly state: string; readonly atTheBank: number };
}

const COURSES: readonly Course[] = [
  {
    name: "partial refund",
    refunds: [3000],
    payouts: [{ lines: [["sale", 10_000]] }, { lines: [["refund", -3000]] }],
    expected: { state: "CLEARED", atTheBank: 7000 },
  },
  {
    name: "dispute",
    disputes: ["needs_response"],
    payouts: [{ lines: [["sale", 10_000]] }, { lines: [["dispute", -10_000, 1500]] }],
    expected: { state: "DISPUTED", atTheBank: -1500 },
  },
  {
    name: "chargeback lost",
    disputes: ["needs_response", "lost"],
    payouts: [{ lines: [["sale", 10_000]] }, { lines: [["dispute", -10_000, 1500]] }],
    expected: { state: "REFUNDED", atTheBank: -1500 },
  },
  {
    name: "chargeback won",
    disputes: ["needs_response", "won"],
    payouts: [
      { lines: [["sale", 10_000]] },
      { lines: [["dispute", -10_000, 1500]] },
      { lines: [["dispute_won", 10_000, -1500]] },
    ],
    expected: { state: "CLEARED", atTheBank: 10_000 },
  },
  {
    name: "payout in two currencies",
    order: { currency: "EUR", total_cents: 9000 },
    payouts: [{ lines: [["sale", 9810, 320]], currency: "USD" }],
    expected: { state: "CLEARED", atTheBank: 9490 },
  },
  {
    name: "fee",
    payouts: [{ lines: [["sale", 10_000, 320]] }],
    expected: { state: "CLEARED", atTheBank: 9680 },
  },
  {
    name: "payout that fails after it was on its way",
    payouts: [{ lines: [["sale", 10_000]], status: "failed" }],
    expected: { state: "PENDING", atTheBank: 0 },
  },
];

describe("A14 W14 the ledger balances to the cent, in any order and told twice", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it.each(COURSES)("$name", async (course) => {
    const given = worldOf(course);
    const ledger = await bench.rowsOf("fact_ledger", given);
    const payouts = await bench.rowsOf("fact_payouts", given);
    expect(ledger.find((entry) => entry["entry_id"] === "sale:shopify:1")?.["state"]).toBe(course.expected.state);
    expect(payouts.map((payout) => cents(payout, "unexplained_cents"))).toEqual(payouts.map(() => 0));
    const brought = ledger.filter((entry) => entry["cleared_date"] !== null);
    const sum = (rows: readonly Row[], column: string) => rows.reduce((all, row) => all + cents(row, column), 0);
    expect(sum(brought, "settled_cents")).toBe(course.expected.atTheBank);
    expect(sum(payouts, "amount_cents")).toBe(course.expected.atTheBank);
    // Webhooks come out of order and twice: the ledger is the same.
    const muddled = Object.fromEntries(
      Object.entries(given).map(([relation, rows]) => [relation, [...rows, ...again(relation, rows)].reverse()]),
    );
    const states = (rows: readonly Row[]) =>
      rows.map((row) => [row["entry_kind"], row["state"], row["settled_cents"]]).sort();
    expect(states(await bench.rowsOf("fact_ledger", muddled))).toEqual(states(ledger));
  });
});

/** Events that were delivered twice: what is told of a payout or a dispute, with all that belongs to it. */
function again(relation: string, rows: readonly Row[]): readonly Row[] {
  if (!["stg_payouts", "stg_payout_lines", "stg_disputes"].includes(relation)) return [];
  return rows.map((row) => ({
    ...row,
    telling_key: `${row["telling_key"]}-again`,
    ...(row["payout_line_id"] === undefined ? {} : { payout_line_id: `${row["payout_line_id"]}-again` }),
  }));
}

function worldOf({ order = {}, refunds = [], payouts, disputes = [] }: Course): Given {
  const day = (number: number) => `2026-01-${String(number).padStart(2, "0")}T00:00:00Z`;
  return {
    stg_orders: [{ ...WORLD["stg_orders"]?.[0], ...order }],
    stg_refunds: refunds.map((total_cents, index) => ({
      ...{ refund_id: `r${index}`, order_id: "shopify:1", source: "shopify", refunded_at: day(4 + index) },
      ...{ refund_cents: total_cents, total_cents, currency: "USD" },
    })),
    stg_payouts: payouts.map(({ lines, currency = "USD", status = "paid" }, index) => ({
      ...{ telling_key: `t${index}`, payout_id: `stripe:p${index}`, payer: "stripe", payout_ref: `p${index}` },
      ...{
        payout_status: status,
        paid_at: day(5 * (index + 1)),
        told_at: day(5 * (index + 1)),
        fee_cents: null,
        currency,
      },
      amount_cents: lines.reduce((sum, [, amount, fee = 0]) => sum + amount - fee, 0),
    })),
    stg_payout_lines: payouts.flatMap(({ lines, currency = "USD" }, payout) =>
      lines.map(([line_kind, amount_cents, fee_cents = 0], line) => ({
        ...{ payout_line_id: `t${payout}|${line}`, telling_key: `t${payout}`, payer: "stripe", line_number: line },
        ...{ line_kind, line_type: line_kind, order_ref: "1", amount_cents, fee_cents, currency },
      })),
    ),
    stg_disputes: disputes.map((dispute_status, index) => ({
      ...{ telling_key: `d${index}`, dispute_id: "shopify:d", order_id: "shopify:1", dispute_type: "chargeback" },
      ...{ dispute_status, amount_cents: 10_000, currency: "USD", opened_at: day(7), told_at: day(7 + index * 6) },
      closed_at: index === 0 ? null : day(13),
    })),
  };
}
