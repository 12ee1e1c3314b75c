import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { createBudget } from "./budget.js";
import type { Usage } from "./types.js";

const bucket = (available: number, requested = 100): Usage => ({
  kind: "bucket",
  name: "points",
  available,
  maximum: 1000,
  restorePerSecond: 50,
  requested,
});

function start() {
  const clock = fixedClock(0);
  const budget = createBudget(clock);
  const wait = async (label = "orders") => {
    const before = clock.now();
    await budget.wait(label);
    return (clock.now() - before) / 1000;
  };
  return { clock, budget, wait };
}

describe("a quota that the vendor's answers tell", () => {
  it("asks nobody to wait before the vendor said anything", async () => {
    expect(await start().wait()).toBe(0);
  });

  it("waits until the bucket holds what the same request asked for last time: (100 - 40) / 50 = 1.2 s", async () => {
    const { budget, wait } = start();
    budget.note("orders", [bucket(40)]);
    expect(await wait()).toBe(1.2);
    // Taken: the bucket is at zero, the next one has to wait for all of its points.
    expect(await wait()).toBe(2);
  });

  it("lets a cheap request go where a dear one has to wait", async () => {
    const { budget, wait } = start();
    budget.note("orders", [bucket(60, 500)]);
    budget.note("count", [bucket(60, 10)]);
    expect(await wait("count")).toBe(0);
    expect(await wait("orders")).toBeCloseTo((500 - 50) / 50, 6);
  });

  it("never waits for more points than the bucket can hold", async () => {
    const { budget, wait } = start();
    budget.note("orders", [bucket(1000, 5000)]);
    expect(await wait()).toBe(0);
  });

  it("pauses near the end of a sliding quota, longer the nearer, and obeys the regain time", async () => {
    const { budget, wait } = start();
    const percent = (percent: number, regainSeconds = 0): Usage => ({
      kind: "percent",
      name: "calls",
      percent,
      regainSeconds,
    });
    budget.note("insights", [percent(95)]);
    expect(await wait()).toBe(0);
    budget.note("insights", [percent(96)]);
    expect(await wait()).toBe(60);
    budget.note("insights", [percent(99)]);
    expect(await wait()).toBe(600);
    budget.note("insights", [percent(100, 1800)]);
    expect(await wait()).toBe(1800);
  });

  it("keeps an hour of 600 calls: never over it, and at least 90 % of it used", async () => {
    const { clock, budget } = start();
    const calls: number[] = [];
    while (clock.now() < 3_600_000) {
      await budget.wait("insights");
      if (clock.now() >= 3_600_000) break;
      calls.push(clock.now());
      const used = calls.filter((at) => at > clock.now() - 3_600_000).length;
      expect(used).toBeLessThanOrEqual(600);
      budget.note("insights", [{ kind: "percent", name: "calls", percent: Math.floor(used / 6), regainSeconds: 0 }]);
      clock.advance(100);
    }
    expect(calls.length).toBeGreaterThanOrEqual(540);
  });

  it("waits for the next window when less is left than one request takes", async () => {
    const { budget, wait } = start();
    const left = (remaining: number): Usage => ({
      kind: "remaining",
      name: "tokens an hour",
      remaining,
      taken: 10,
      renewsWithinSeconds: 1200,
    });
    budget.note("report", [left(10)]);
    expect(await wait()).toBe(0);
    budget.note("report", [left(9)]);
    expect(await wait()).toBe(1200);
  });

  it("takes the longest of several quotas", async () => {
    const { budget, wait } = start();
    budget.note("orders", [bucket(0), { kind: "percent", name: "calls", percent: 97, regainSeconds: 0 }]);
    expect(await wait()).toBe(60);
  });
});
