import { describe, expect, it } from "vitest";
import { WEEKLY_RULES } from "../alerts/rules/index.js";
import { GONE, judged, ok, pair } from "../testing/alert-sample.js";
import { riskReport } from "./risks.js";

const report = (values: Parameters<typeof judged>[0]) => riskReport(judged(values, WEEKLY_RULES), WEEKLY_RULES.length);

describe("the risks of a week", () => {
  it("come most severe first, in the words of the engine", () => {
    const { risks, rules } = report({
      aov: pair(17_000, 20_000),
      orders: pair(1000, 1000),
      blended_cac: pair(14_000, 10_000),
    });
    expect(risks.map(({ severity }) => severity)).toEqual(["critical", "warning", "info"]);
    expect(risks[0]).toMatchObject({
      title: "A new customer became more expensive",
      detail: "Blended CAC went from $100.00 to $140.00 (+40.0%; threshold +30.0%).",
    });
    expect(rules).toBe(WEEKLY_RULES.length);
  });

  it("name each input without a signal once", () => {
    const gap = { value: GONE, previous: ok(1) };
    expect(report({ sessions: gap }).noSignal).toEqual([{ metric: "Sessions", detail: "ga4: 2026-02-05" }]);
  });

  it("are none in a week in which nothing moved", () => {
    expect(report({})).toMatchObject({ risks: [], noSignal: [] });
  });

  it("judge the rules whose window is a week against the week before, and no others", () => {
    expect(WEEKLY_RULES.map(({ id }) => id)).not.toContain("revenue_dip");
    expect(WEEKLY_RULES.map(({ id }) => id)).not.toContain("retention_drop");
    expect(WEEKLY_RULES.map(({ id }) => id)).toContain("revenue_decline");
  });
});
