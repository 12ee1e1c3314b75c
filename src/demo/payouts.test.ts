import { describe, expect, it } from "vitest";
import { isoDate, isoWeekday } from "../base/dates.js";
import { payouts as adapter } from "../intake/adapters/payouts.js";
import { moneyOf } from "./orders.js";
import { demoPayouts } from "./payouts.js";
import { gateway, isVoided } from "./shopify-order.js";
import { makeWorld } from "./world.js";

const world = makeWorld({ seed: 42, days: 180, asOf: isoDate("2026-02-09") });
const told = demoPayouts(world);

interface Line {
  readonly type: string;
  readonly order: string;
  readonly amount: string;
  readonly fee: string;
}
const linesOf = ({ body }: (typeof told)[number]) => body["transactions"] as readonly Line[];
const cents = (text: unknown) => Math.round(Number(text) * 100);

describe("the demo's payouts", () => {
  it("speak as the intake understands, each once, on days on which banks work, and never of a day to come", () => {
    const delivery = { source: "payouts", topic: "x", receivedAt: "", headers: {}, by: "signed" } as const;
    expect(told.filter(({ body }) => !("events" in adapter.read(delivery, body)))).toEqual([]);
    expect(new Set(told.map(({ payer, body }) => `${payer} ${String(body["ref_id"])}`)).size).toBe(told.length);
    const days = told.map(({ body }) => isoDate(String(body["date"])));
    expect(days.filter((day) => isoWeekday(day) > 5 || day > world.to)).toEqual([]);
    expect(new Set(told.map(({ payer }) => payer))).toEqual(new Set(["shopify_payments", "paypal", "cash"]));
  });

  it("are the sum of their transactions less what was kept", () => {
    for (const payout of told) {
      const sum = linesOf(payout).reduce((all, line) => all + cents(line.amount) - cents(line.fee), 0);
      expect(sum, String(payout.body["ref_id"])).toBe(cents(payout.body["amount"]));
    }
  });

  it("hold every order once that somebody paid, with its whole amount, but those of the last days", () => {
    const charged = new Map<string, number>();
    for (const line of told.flatMap(linesOf)) {
      if (line.type !== "charge") continue;
      expect(charged.has(line.order), line.order).toBe(false);
      charged.set(line.order, cents(line.amount));
    }
    const paid = world.orders.filter(
      (order) => order.kind !== "pending" && !isVoided(order) && gateway(order) !== "bogus" && moneyOf(order).total > 0,
    );
    for (const order of paid) {
      const found = charged.get(`#${order.number}`);
      // The till's cash waits for the next month.
      if (found === undefined)
        expect(order.day >= isoDate(gateway(order) === "cash" ? "2026-02-01" : "2026-02-02"), order.day).toBe(true);
      else expect(found).toBe(moneyOf(order).total);
    }
    expect(charged.size).toBeGreaterThan(3000);
    const known = new Set(paid.map(({ number }) => `#${number}`));
    expect([...charged.keys()].filter((order) => !known.has(order))).toEqual([]);
  });

  it("hold a dispute that was won and one that is open", () => {
    const ofType = (type: string) => told.flatMap(linesOf).filter((line) => line.type === type);
    const [disputes, won] = [ofType("dispute"), ofType("dispute_reversal")];
    expect(won).toHaveLength(1);
    expect(disputes.length).toBeGreaterThan(1);
    expect(disputes.map(({ order }) => order)).toContain(won[0]?.order);
  });
});
