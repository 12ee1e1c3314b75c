import { describe, expect, it } from "vitest";
import { fired, judged, pair } from "../testing/alert-sample.js";
import { DEFAULT_SETTINGS, rulesOf } from "./settings.js";
import type { AlertRule } from "./types.js";

const firedWith = (settings: Partial<typeof DEFAULT_SETTINGS>, values: Parameters<typeof judged>[0]) =>
  fired(judged(values, rulesOf({ ...DEFAULT_SETTINGS, ...settings })));

describe("the workspace's own wishes", () => {
  it("switch rules off", () => {
    const values = { blended_cac: pair(20_000, 10_000) };
    expect(firedWith({}, values)).toEqual(["cac_increase critical", "channel_cac_increase warning"]);
    expect(firedWith({ off: ["cac_increase"] }, values)).toEqual(["channel_cac_increase warning"]);
  });

  it("move thresholds and volumes, each level by itself", () => {
    const values = { blended_cac: pair(14_000, 10_000) };
    const thresholds = (own: Record<string, number>) => ({
      off: ["channel_cac_increase"],
      thresholds: { cac_increase: own },
    });
    expect(firedWith(thresholds({ critical: 0.5 }), values)).toEqual(["cac_increase warning"]);
    expect(firedWith(thresholds({ warning: 0.45, critical: 0.5 }), values)).toEqual([]);
    expect(firedWith(thresholds({ minVolume: 201 }), values)).toEqual([]);
  });

  it("add a level that the shipped rule has not", () => {
    const settings = { thresholds: { new_customer_decline: { critical: -0.15 } } };
    expect(firedWith(settings, { new_customer_share: pair(0.2, 0.4) })).toEqual(["new_customer_decline critical"]);
  });

  it("of a fall take the size with or without its sign, of both sides move both", () => {
    const fell = { net_revenue: pair(8_500_000, 10_000_000) };
    for (const warning of [0.2, -0.2])
      expect(firedWith({ thresholds: { revenue_decline: { warning, critical: 0.3 } } }, fell)).toEqual([]);
    const own = { thresholds: { aov_change: { info: 0.3, warning: 0.4 } } };
    expect(firedWith(own, { aov: pair(25_000, 20_000) })).toEqual([]);
    expect(firedWith(own, { aov: pair(13_000, 20_000) })).toEqual(["aov_change info"]);
  });

  it("of several conditions move the one on the rule's own metric", () => {
    const values = { mer: pair(4, 5), spend: pair(2_400_000, 2_000_000) };
    expect(firedWith({}, values)).toEqual(["mer_deterioration warning"]);
    expect(firedWith({ thresholds: { mer_deterioration: { warning: -0.25 } } }, values)).toEqual([]);
  });

  it("bring rules of their own", () => {
    const rule: AlertRule = {
      id: "dear_and_few",
      title: "Dear and few",
      scope: "shop",
      look: { days: 7, against: "previous" },
      about: "blended_cac",
      levels: {
        critical: {
          all: [
            { metric: "blended_cac", by: "level", over: 104.5 },
            { not: { metric: "new_customers", by: "level", over: 199 } },
          ],
        },
      },
      repeat: "once",
      advice: "Look.",
    };
    const values = { blended_cac: pair(10_451, 10_000), new_customers: pair(199, 200) };
    expect(firedWith({ rules: [rule] }, values)).toEqual(["dear_and_few critical"]);
    expect(firedWith({ rules: [rule] }, { ...values, blended_cac: pair(10_450, 10_000) })).toEqual([]);
  });
});
