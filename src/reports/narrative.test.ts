import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import type { ChangeExplanation } from "../metrics/explain-change.js";
import type { Compared, MetricValue } from "../metrics/types.js";
import {
  causeSentence,
  type HeadlineInputs,
  headline,
  healthSentence,
  mainDriver,
  movements,
  nextSteps,
  riskFindings,
  splitSentence,
  splitTitle,
} from "./narrative.js";
import { SAMPLE_HEALTH } from "./sample-facts.js";
import type { ChangeSplit, DataHealth } from "./types.js";

const ok = (value: number): MetricValue => ({ status: "ok", value });
const pair = (value: number, previous: number): Compared => ({
  value: ok(value),
  previous: ok(previous),
  change: ok((value - previous) / Math.abs(previous)),
});
/** 1,000.00 to 1,200.00: +300 volume, -150 price, +20 mix, +30 fewer returns. */
const SPLIT = {
  status: "ok",
  before: 100_000,
  volume: 30_000,
  price: -15_000,
  mix: 2_000,
  less: 3_000,
  after: 120_000,
  change: 20_000,
} as const satisfies ChangeSplit;
const say = (inputs: Partial<HeadlineInputs>) =>
  headline({
    metric: { title: "Net revenue", unit: "money" },
    value: pair(120_000, 100_000),
    split: SPLIT,
    currency: "USD",
    when: "in the week of 2–8 Feb 2026",
    before: "the week before",
    ...inputs,
  });
const WELL: DataHealth = { ...SAMPLE_HEALTH, checks: [], quarantined: [], sources: [] };

describe("headline", () => {
  it("has the number, the change and the main driver", () => {
    expect(say({})).toBe(
      "Net revenue in the week of 2–8 Feb 2026 rose to $1,200.00, +20.0% against $1,000.00 the week before, mostly through more orders (+$300.00).",
    );
  });

  it("looks for the driver in the direction of the change", () => {
    const split = {
      ...SPLIT,
      volume: 1_000,
      price: -15_000,
      mix: -2_000,
      less: -4_000,
      after: 80_000,
      change: -20_000,
    };
    expect(say({ value: pair(80_000, 100_000), split })).toMatch(
      /fell to .*, mostly through a lower order value \(−\$150.00\)\.$/,
    );
    expect(mainDriver({ ...split, volume: 0, price: 0, mix: 0, less: 0, change: 0 })).toBeNull();
  });

  it("says held below one percent, and no driver where there is no split", () => {
    expect(say({ value: pair(100_900, 100_000) })).toMatch(
      /held at \$1,009.00 \(\+0.9% against \$1,000.00 the week before\)\.$/,
    );
    expect(say({ split: { status: "unknown", detail: "x" } })).toMatch(/the week before\.$/);
  });

  it("says plainly what is unknown", () => {
    const gone: MetricValue = { status: "unknown", because: "days_missing", detail: "shopify: 2026-02-05" };
    expect(say({ value: { value: gone } })).toBe(
      "Net revenue in the week of 2–8 Feb 2026 is unknown: shopify: 2026-02-05.",
    );
    expect(say({ value: { value: ok(100), previous: gone } })).toBe(
      "Net revenue in the week of 2–8 Feb 2026 was $1.00; a comparison with the week before is not possible (shopify: 2026-02-05).",
    );
  });
});

describe("splits in words", () => {
  it("name all parts, largest first, with their sum", () => {
    expect(splitSentence(SPLIT, "USD")).toBe(
      "More orders (+$300.00), a lower order value (−$150.00), fewer returns (+$30.00) and a shift towards channels with larger orders (+$20.00): +$200.00 in all.",
    );
    expect(splitTitle(SPLIT, "USD")).toBe("Net revenue moved by +$200.00, mostly through more orders (+$300.00)");
    expect(splitTitle({ ...SPLIT, after: 100_000, change: 0 }, "USD")).toMatch(/did not move/);
  });
});

describe("movements", () => {
  it("lists what moved, then what did not, and leaves out what is unknown", () => {
    const values = {
      orders: pair(110, 100),
      cvr: pair(0.0205, 0.02),
      sessions: { value: { status: "unknown", because: "no_data", detail: "x" } } as const,
    };
    const metric = (id: string) => ({ title: id, unit: id === "cvr" ? "ratio" : "count" }) as const;
    expect(movements(["orders", "cvr", "sessions", "aov"], values, metric)).toBe("orders +10.0%. Unchanged: cvr.");
  });
});

describe("findings and next steps", () => {
  const risk = {
    rule: "r",
    severity: "critical",
    title: "It broke",
    detail: "From 2 to 1.",
    advice: "Mend it.",
  } as const;

  it("say that all is clear only when every rule could judge", () => {
    const clear = riskFindings({ risks: [], noSignal: [], rules: 11 }).items;
    expect(clear.map((item) => item.badge)).toEqual(["All clear"]);
    const partly = riskFindings({
      risks: [],
      noSignal: [{ metric: "Sessions", detail: "ga4: never synced" }],
      rules: 11,
    });
    expect(partly.items.map((item) => [item.badge, item.tone])).toEqual([
      ["Quiet", "neutral"],
      ["No signal", "neutral"],
    ]);
    expect(partly.items[1]?.detail).toBe("No signal on Sessions (ga4: never synced).");
    expect(riskFindings({ risks: [risk], noSignal: [], rules: 11 }).items[0]).toMatchObject({
      badge: "Critical",
      tone: "bad",
    });
  });

  it("put the data before the advice, at most five", () => {
    const steps = nextSteps({ risks: Array(9).fill(risk), noSignal: [], rules: 11 }, SAMPLE_HEALTH).items;
    expect(steps.map((step) => step.title)).toEqual([
      "Run growthos sync --source ga4 to fill the gap",
      "Correct the quarantined rows and import the file again",
      ...Array(3).fill("Mend it"),
    ]);
    expect(steps[2]?.detail).toBe("Because: it broke.");
    expect(nextSteps({ risks: [], noSignal: [], rules: 11 }, WELL).items).toHaveLength(1);
  });
});

describe("healthSentence", () => {
  it("counts what is wrong, and says when nothing is", () => {
    expect(healthSentence(SAMPLE_HEALTH)).toBe(
      "1 of 3 checks failed, ga4.traffic_days lacks days and rows of 1 file were refused.",
    );
    const checks = [{ id: "c", severity: "critical", passed: true, message: "" }] as const;
    expect(healthSentence({ ...WELL, checks })).toBe("All 1 checks passed, and no day is missing.");
    expect(healthSentence(WELL)).toBe("Nothing was loaded yet.");
  });
});

describe("the cause of a change", () => {
  const metric = CATALOG.get("orders");
  const ok = (value: number) => ({ status: "ok", value }) as const;
  const part = (name: string, effect: number) => ({ key: name, label: name, effect, before: ok(0), after: ok(0) });
  const days = { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") };
  const explained = (change: number, effects: readonly number[]): ChangeExplanation => ({
    metric,
    window: days,
    before: days,
    compared: { value: ok(0) },
    change,
    splits: [{ kind: "factors", formula: "f", parts: effects.map((effect, index) => part(`P${index}`, effect)) }],
    segments: [
      {
        by: "channel",
        volume: null,
        rows: effects.map((effect, index) => ({ ...part(`C${index}`, -effect), of: {} })),
      },
    ],
    unknown: [],
  });

  it("is what did most in the direction of the change, by formula and by group", () => {
    expect(causeSentence(explained(-12, [-20, 5, 3]), "USD")).toBe(
      "−12 against the week before, mostly through P0 (−20) and the channel C1 (−5).",
    );
  });

  it("is not invented where nothing moved that way", () => {
    expect(causeSentence({ ...explained(0, [0, 0]), segments: [] }, "USD")).toBeNull();
    expect(causeSentence({ ...explained(4, [-3]), segments: [], splits: [] }, "USD")).toBeNull();
  });
});
