import { describe, expect, it } from "vitest";
import { CONTEXT, fired, GONE, judged, ok, pair, STEADY } from "../testing/alert-sample.js";
import { accumulate, holds, judge } from "./judge.js";
import type { AlertRule, Condition, Verdict } from "./types.js";

const RULE: AlertRule = {
  id: "mine",
  title: "Mine",
  scope: "shop",
  look: { days: 7, against: "previous" },
  about: "orders",
  levels: { warning: { metric: "orders", by: "level", under: 100 } },
  repeat: "once",
  advice: "Look.",
};
const few: Condition = { metric: "orders", by: "level", under: 100 };
const rich: Condition = { metric: "net_revenue", by: "level", over: 99_999.99 };
const check = (condition: Condition, values = {}) => holds(condition, { ...STEADY, ...values }, CONTEXT);

describe("conditions", () => {
  it("all, any and not", () => {
    expect(check({ all: [few, rich] })).toBe(false);
    expect(check({ any: [few, rich] })).toBe(true);
    expect(check({ not: few })).toBe(true);
    expect(check({ all: [{ not: few }, rich] })).toBe(true);
    expect(check({ not: { any: [few, rich] } })).toBe(false);
  });

  it("limits of money are main units, strictly", () => {
    expect(check({ metric: "net_revenue", by: "level", over: 100_000 })).toBe(false);
    expect(check({ metric: "net_revenue", by: "level", over: 99_999.99 })).toBe(true);
  });

  it("an unknown input is no signal, also under not and beside what already decides", () => {
    const conditions: readonly Condition[] = [
      { not: { metric: "sessions", by: "level", over: 1 } },
      { any: [rich, { metric: "sessions", by: "level", over: 1 }] },
      { all: [few, { metric: "sessions", by: "level", over: 1 }] },
    ];
    for (const warning of conditions) {
      const verdict = judge({ ...RULE, levels: { warning } }, { ...STEADY, sessions: { value: GONE } }, CONTEXT);
      expect(verdict).toEqual({ kind: "no_signal", input: "Sessions", detail: "ga4: 2026-02-05" });
    }
  });

  it("a metric that was not asked for is no signal", () => {
    expect(judge(RULE, {}, CONTEXT)).toMatchObject({ kind: "no_signal", detail: "it was not asked for" });
  });

  it("a ratio over nothing: no signal for the shop, not meant in one group of many", () => {
    const undefinedCac = { blended_cac: { value: NO_RATIO, previous: ok(1) } } as const;
    const levels = { warning: { metric: "blended_cac", by: "relative", over: 0.1 } } as const;
    const verdictOf = (scope: AlertRule["scope"]) =>
      judge({ ...RULE, about: "blended_cac", levels, scope }, { ...STEADY, ...undefinedCac }, CONTEXT).kind;
    expect([verdictOf("shop"), verdictOf("channel")]).toEqual(["no_signal", "quiet"]);
  });
});

const NO_RATIO = { status: "undefined", because: "zero_denominator", detail: "no new customers" } as const;

describe("N of the last M", () => {
  const fires = (severity: "warning" | "critical"): Verdict => ({ kind: "fires", severity });
  const quiet: Verdict = { kind: "quiet", because: "within_limits" };
  const gap: Verdict = { kind: "no_signal", input: "Orders", detail: "a gap" };

  it.each<readonly [string, readonly Verdict[], Verdict]>([
    ["often enough", [quiet, fires("warning"), fires("warning")], fires("warning")],
    ["not often enough", [fires("warning"), quiet, quiet], quiet],
    ["the level that held often enough", [fires("critical"), fires("warning"), quiet], fires("warning")],
    ["critical twice", [fires("critical"), fires("warning"), fires("critical")], fires("critical")],
    ["a gap that could make it", [fires("warning"), gap, quiet], gap],
    ["a gap that cannot make it", [quiet, gap, quiet], quiet],
    ["enough in spite of a gap", [fires("warning"), gap, fires("warning")], fires("warning")],
  ])("%s", (_name, verdicts, expected) => {
    expect(accumulate(verdicts, 2)).toEqual(expected);
  });

  it("looks at windows one behind the other, and says since when", () => {
    const rule: AlertRule = { ...RULE, lasting: { times: 2, of: 3 } };
    const low = { orders: pair(80, 120) };
    const [one] = judged(low, [rule], [low, {}]);
    expect(one?.verdict).toEqual({ kind: "fires", severity: "warning" });
    // Two weeks of seven days, the newest ending on 2026-02-08.
    expect(one?.since).toBe("2026-01-26");
    expect(one?.what).toBe("Orders was 80, in 2 of the last 3 windows.");
    expect(fired(judged(low, [rule], [{}, {}]))).toEqual([]);
  });
});

describe("what is told", () => {
  it("names figures, change and threshold, and what it cost", () => {
    const rules: readonly AlertRule[] = [
      {
        ...RULE,
        about: "blended_cac",
        levels: { warning: { metric: "blended_cac", by: "relative", over: 0.15 } },
      },
    ];
    const [one] = judged({ blended_cac: pair(12_000, 10_000) }, rules);
    expect(one?.what).toBe("Blended CAC went from $100.00 to $120.00 (+20.0%; threshold +15.0%).");
    expect(one).toMatchObject({ key: "mine", means: "worse", since: "2026-02-02" });
    // 20.00 more for each of 200 new customers.
    expect(one?.money).toBe(-400_000);
  });

  it("of alternatives only what holds", () => {
    const any: readonly Condition[] = [
      { metric: "aov", by: "relative", under: -0.1 },
      { metric: "aov", by: "relative", over: 0.1 },
    ];
    const [one] = judged({ aov: pair(25_000, 20_000) }, [{ ...RULE, about: "aov", levels: { info: { any } } }]);
    expect(one?.what).toBe("Average order value went from $200.00 to $250.00 (+25.0%; threshold +10.0%).");
    expect(one).toMatchObject({ means: "better", money: 2_500_000 });
  });

  it("a group has a key and a title of its own", () => {
    const rule: AlertRule = { ...RULE, scope: "channel", title: "Few orders from" };
    expect(judged({ orders: pair(80, 120) }, [rule])[0]).toMatchObject({
      key: "mine:meta",
      title: "Few orders from Meta",
      segment: { by: "channel", key: "meta", label: "Meta" },
    });
  });
});
