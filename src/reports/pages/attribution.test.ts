import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../render-markdown.js";
import { SAMPLE_ATTRIBUTION } from "../sample-attribution.js";
import { sampleFacts } from "../sample-facts.js";
import { attribution, attributionWindow } from "./attribution.js";

const textOf = (given: Parameters<typeof sampleFacts>[0] = {}) => renderMarkdown(attribution.build(sampleFacts(given)));

describe("the page of attribution", () => {
  it("begins with what is not known and how much the choice of a model moves", () => {
    expect(textOf()).toContain(
      "Of 100 orders ($10,000.00 after their returns) nobody saw a visit before 5 of them (5.0%); the choice of a model moves at most 30.0% of the revenue to another channel.",
    );
  });

  it("shows the models side by side with their spread, and the unattributed line", () => {
    const lines = textOf().split("\n");
    const rows = (title: string) => lines.filter((line) => line.startsWith(`| ${title} |`));
    expect(rows("Meta")[0]).toContain("| $2,000.00 | $5,000.00 | $3,500.00 | $3,500.00 | $3,200.00 |");
    expect(rows("Meta")[1]).toContain("| $4,000.00 | $3,800.00 | $4,100.00 | $3,000.00 |");
    expect(rows("Unattributed")[1]).toContain("| $500.00 | $0.00 |");
  });

  it("holds what campaigns cost against what models give them, and has a line of no campaign", () => {
    const rows = textOf()
      .split("\n")
      .filter((line) => /^\| (Winter sale|Brand search|Awareness|No campaign) \|/.test(line));
    expect(rows).toEqual([
      "| Winter sale | Meta | $2,500.00 | 20 | $2,000.00 | $3,500.00 | $4,000.00 | $3,800.00 | 0.80x | $125.00 |",
      "| Brand search | Google Ads | $1,500.00 | 50 | $5,000.00 | $3,500.00 | $3,000.00 | $3,200.00 | 3.33x | $30.00 |",
      expect.stringMatching(/^\| Awareness \| Meta \| \$400\.00 \| 0 \| .* \| 0\.00x \| n\/a/),
      "| No campaign |  | — | 30 | $3,000.00 | $3,000.00 | $3,000.00 | $3,000.00 | — | — |",
    ]);
  });

  it("holds platforms against the shop, and says what a platform has not said", () => {
    const rows = textOf()
      .split("\n")
      .filter((line) => line.includes("$2,500.00") || line.includes("$1,500.00"));
    expect(rows.some((line) => /Meta \| 75 \| 50 \| 1\.50/.test(line))).toBe(true);
    expect(rows.some((line) => /Google Ads \| n\/a.* \| 50 \| n\/a/.test(line))).toBe(true);
  });

  it("warns of missing campaigns, unattributed and unsure orders, overlap, open matches and a missing pixel", () => {
    const text = textOf();
    for (const part of [
      "8 orders of paid channels name no campaign",
      "5 orders are unattributed",
      "12 orders are known by a source or a referrer only",
      "30 orders have visits of several ad platforms",
      "2 labels of visits are only like a campaign's name",
      "The shop's own pixel has sent nothing",
    ])
      expect(text).toContain(part);
  });

  it("prints each model's error against the key for a demo only", () => {
    expect(textOf()).toContain("Orders under a wrong channel");
    expect(textOf({ attribution: { ...SAMPLE_ATTRIBUTION, errors: null } })).not.toContain("wrong channel");
  });

  it("says so when nothing was read or sold", () => {
    expect(textOf({ attribution: null })).toContain("Nothing was read");
    const none = { ...SAMPLE_ATTRIBUTION, honesty: { ...SAMPLE_ATTRIBUTION.honesty, orders: 0 } };
    expect(textOf({ attribution: none })).toContain("No order was counted in the last 30 days.");
  });

  it("is about thirty complete days", () => {
    expect(attributionWindow(SAMPLE_ATTRIBUTION.window.to)).toEqual(SAMPLE_ATTRIBUTION.window);
  });
});
