import { describe, expect, it } from "vitest";
import { addDays, daysOf, isoDate, isoWeekday } from "../base/dates.js";
import { OVERCLAIM } from "./campaigns.js";
import { isCounted, moneyOf } from "./orders.js";
import { blackFriday } from "./season.js";
import { localDay, localInstant } from "./shop-time.js";
import type { Order } from "./types.js";
import { makeWorld } from "./world.js";

const options = { seed: 42, days: 180, asOf: isoDate("2026-02-09") };
const world = makeWorld(options);
const days = daysOf({ from: world.from, to: world.to });
const end = localInstant(options.asOf, 0);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Orders of the web shop that sent events: all but tests and what staff entered. */
const online = world.orders.filter((order) => order.entrance !== null && order.kind !== "test");

function perDay(orders: readonly Order[], wanted: (day: string) => boolean): number {
  return orders.filter((order) => wanted(order.day)).length / days.filter(wanted).length;
}

describe("the demo shop", () => {
  it("has the published size", () => {
    expect(world.from).toBe("2025-08-13");
    expect(world.to).toBe("2026-02-08");
    expect(world.customers.length).toBeGreaterThanOrEqual(2300);
    expect(world.customers.length).toBeLessThanOrEqual(2500);
    expect(world.orders.length).toBeGreaterThanOrEqual(5200);
    expect(world.orders.length).toBeLessThanOrEqual(5600);
    expect(world.products).toHaveLength(25);
    expect(new Set(world.adDays.map((day) => day.campaign.name)).size).toBe(8);
    expect(new Set(world.trafficDays.map((day) => day.entrance.group)).size).toBe(6);
  });

  it("has discounts on a quarter of the orders, refunds on 8 %, guests, and every odd kind of order", () => {
    const counted = world.orders.filter(isCounted);
    const share = (of: (order: Order) => boolean) => counted.filter(of).length / counted.length;
    expect(share((order) => order.code !== null)).toBeCloseTo(0.25, 1);
    expect(share((order) => order.refunds.length > 0)).toBeCloseTo(0.08, 2);
    expect(share((order) => order.customer === null)).toBeGreaterThan(0.02);
    expect(share((order) => order.lines.length > 1)).toBeCloseTo(0.52, 1);
    expect(new Set(world.orders.map((order) => order.kind))).toEqual(
      new Set(["normal", "test", "gift", "cancelled", "pending"]),
    );
    expect(new Set(world.orders.map((order) => order.sourceName))).toEqual(
      new Set(["web", "pos", "shopify_draft_order"]),
    );
    expect(world.orders.some((order) => moneyOf(order).total === 0)).toBe(true);
    expect(world.products.flatMap((product) => product.variants).some((variant) => variant.costCents === null)).toBe(
      true,
    );
  });

  it("grows, and more and more orders are by people who came back", () => {
    const months = ["2025-09", "2025-11", "2026-01"].map((month) =>
      world.orders.filter((order) => order.day.startsWith(month)),
    );
    const returning = months.map((orders) => orders.filter((order) => order.customerIndex > 1).length / orders.length);
    const [first = [], second = [], third = []] = months;
    expect(second.length).toBeGreaterThan(first.length * 1.4);
    expect(third.length).toBeGreaterThan(first.length * 1.8);
    expect(returning).toEqual([...returning].sort((a, b) => a - b));
    expect(returning[2]).toBeGreaterThan(0.55);
  });

  it("sees a fifth of the customers again within 30 days", () => {
    const first = new Map<number, Order>();
    const back = new Set<number>();
    for (const order of world.orders) {
      if (order.customer === null) continue;
      const start = first.get(order.customer.id);
      if (start === undefined) first.set(order.customer.id, order);
      else if (order.day <= addDays(start.day, 30)) back.add(order.customer.id);
    }
    const mature = [...first.values()].filter((order) => addDays(order.day, 30) < options.asOf);
    const share =
      mature.filter((order) => order.customer !== null && back.has(order.customer.id)).length / mature.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });

  it("pays 25 to 60 dollars for a new customer and earns three to five times its spend", () => {
    const spend = sum(world.adDays.map((day) => day.spendCents));
    const net = sum(world.orders.filter(isCounted).map((order) => moneyOf(order).goods - moneyOf(order).refunded));
    expect(spend / world.customers.length / 100).toBeGreaterThan(25);
    expect(spend / world.customers.length / 100).toBeLessThan(60);
    expect(net / spend).toBeGreaterThan(3);
    expect(net / spend).toBeLessThan(5);
  });

  it("sells more at weekends, most on Black Friday, little on Christmas Day", () => {
    const ordinary = (day: string) => day >= "2025-09-01" && day <= "2025-10-05";
    const weekend = (day: string) => ordinary(day) && isoWeekday(isoDate(day)) > 5;
    const working = (day: string) => ordinary(day) && isoWeekday(isoDate(day)) <= 5;
    expect(perDay(world.orders, weekend)).toBeGreaterThan(perDay(world.orders, working) * 1.08);
    const best = days.map((day) => perDay(world.orders, (one) => one === day));
    expect(blackFriday(2025)).toBe("2025-11-28");
    expect(days[best.indexOf(Math.max(...best))]).toBe("2025-11-28");
    expect(perDay(world.orders, (day) => day === "2025-12-25")).toBeLessThan(
      perDay(world.orders, (day) => day >= "2025-12-08" && day <= "2025-12-14") * 0.6,
    );
  });
});

describe("money", () => {
  it("adds up: lines give the order, refunds never exceed it", () => {
    const wrong = world.orders.filter((order) => {
      const money = moneyOf(order);
      const lines = sum(order.lines.map((line) => line.unitCents * line.quantity - line.discountCents + line.taxCents));
      return lines + order.shippingCents !== money.total || money.refunded > money.total;
    });
    expect(wrong).toEqual([]);
    const back = world.orders.flatMap((order) => order.refunds.flatMap((refund) => refund.lines));
    const tooMuch = back.filter(
      ({ line, quantity, goodsCents, taxCents }) =>
        quantity > line.quantity ||
        goodsCents > line.unitCents * line.quantity - line.discountCents ||
        taxCents > line.taxCents,
    );
    expect(tooMuch).toEqual([]);
  });

  it("is integer cents", () => {
    const figures = world.orders.flatMap((order) => Object.values(moneyOf(order)));
    expect(figures.every(Number.isSafeInteger)).toBe(true);
    expect(world.adDays.every((day) => Number.isSafeInteger(day.spendCents + day.claimedCents))).toBe(true);
  });
});

describe("time", () => {
  it("knows no future, and every order lies on its day in New York", () => {
    const strays = world.orders.filter((order) => {
      const refunds = order.refunds.map((refund) => refund.at);
      const last = Math.max(order.at, order.cancelledAt ?? 0, order.fulfilledAt ?? 0, ...refunds);
      const placed = localDay(order.at) === order.day;
      return !placed || last > order.updatedAt || order.updatedAt >= end;
    });
    expect(strays).toEqual([]);
    const refunds = world.orders.flatMap((order) => order.refunds);
    expect(refunds.filter((refund) => localDay(refund.at) !== refund.day)).toEqual([]);
  });

  it("reads the wall clock on both sides of the change of 2 November", () => {
    expect(localInstant(isoDate("2025-11-01"), 12 * 3600)).toBe(Date.parse("2025-11-01T16:00:00Z"));
    expect(localInstant(isoDate("2025-11-02"), 12 * 3600)).toBe(Date.parse("2025-11-02T17:00:00Z"));
    expect(localInstant(isoDate("2025-11-02"), 1800)).toBe(Date.parse("2025-11-02T04:30:00Z"));
    expect(localDay(Date.parse("2026-02-09T04:59:59Z"))).toBe("2026-02-08");
  });
});

describe("the four sources", () => {
  it("agree on every day: GA4 sees 96 % of the web orders, but for the week of the tracking loss", () => {
    const purchases = new Map<string, number>();
    for (const row of world.trafficDays) purchases.set(row.day, (purchases.get(row.day) ?? 0) + row.purchases);
    const lost = (day: string) => day >= "2025-10-22" && day <= "2025-10-28";
    for (const day of days) {
      const orders = online.filter((order) => order.day === day).length;
      const seen = purchases.get(day) ?? 0;
      expect(seen).toBeLessThanOrEqual(orders);
      if (!lost(day)) expect(orders - seen).toBeLessThanOrEqual(2 + orders * 0.1);
    }
    const calm = online.filter((order) => !lost(order.day));
    expect(calm.filter((order) => order.tracked).length / calm.length).toBeCloseTo(0.96, 2);
    const week = online.filter((order) => lost(order.day));
    expect(week.filter((order) => order.tracked).length / week.length).toBeCloseTo(0.96 * 0.7, 1);
  });

  it("agree on money: GA4 revenue is the goods value of the purchases it saw", () => {
    const seen = online.filter((order) => order.tracked).map((order) => moneyOf(order).goods);
    expect(sum(world.trafficDays.map((row) => row.revenueCents))).toBe(sum(seen));
  });

  it("agree on visits: two to three sessions in a hundred end with an order", () => {
    const sessions = sum(world.trafficDays.map((row) => row.sessions));
    expect(online.length / sessions).toBeGreaterThan(0.02);
    expect(online.length / sessions).toBeLessThan(0.03);
    const broken = world.trafficDays.filter(
      (row) =>
        row.sessions < row.productViews ||
        row.productViews < row.addToCarts ||
        row.addToCarts < row.checkouts ||
        row.checkouts < row.purchases,
    );
    expect(broken).toEqual([]);
  });

  it("differ by the published factor: platforms claim more orders and more value than they caused", () => {
    for (const platform of ["meta_ads", "google_ads"] as const) {
      const claimed = world.adDays.filter((day) => day.campaign.platform === platform);
      const names = new Set(claimed.map((day) => day.campaign.name));
      const caused = online.filter((order) => names.has(order.entrance?.ad?.name ?? ""));
      const orders = sum(claimed.map((day) => day.claimedOrders));
      const value = sum(claimed.map((day) => day.claimedCents));
      expect(orders / caused.length).toBeCloseTo(OVERCLAIM[platform], 2);
      expect(value / sum(caused.map((order) => moneyOf(order).goods))).toBeCloseTo(OVERCLAIM[platform], 3);
      const far = claimed.filter((day) => Math.abs(day.claimedOrders - day.orders * OVERCLAIM[platform]) >= 1);
      expect(far).toEqual([]);
    }
  });
});

describe("determinism", () => {
  it("gives the same world for the same options and another one for another seed", () => {
    const again = makeWorld(options);
    expect(again.orders).toEqual(world.orders);
    expect(again.adDays).toEqual(world.adDays);
    expect(again.trafficDays).toEqual(world.trafficDays);
    const totals = (orders: readonly Order[]) => orders.map((order) => moneyOf(order).total);
    expect(totals(makeWorld({ ...options, seed: 43 }).orders)).not.toEqual(totals(world.orders));
  });

  it("makes other windows too", () => {
    const short = makeWorld({ seed: 1, days: 30, asOf: isoDate("2026-03-15") });
    expect(short.from).toBe("2026-02-13");
    expect(short.orders.every((order) => localDay(order.at) === order.day)).toBe(true);
    expect(makeWorld({ seed: 1, days: 0, asOf: isoDate("2026-03-15") }).orders).toEqual([]);
  });
});
