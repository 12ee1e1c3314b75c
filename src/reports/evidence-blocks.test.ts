import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { codeFence } from "./block-types/code.js";
import { type CoverageBlock, coverageView } from "./block-types/coverage.js";
import { plainCode } from "./plain-text.js";
import { renderMarkdown } from "./render-markdown.js";
import { SAMPLE_CONTEXT } from "./sample-facts.js";
import { sampleRenderer } from "./sample-site.js";
import type { Block, ReportModel } from "./types.js";

function pageOf(...blocks: readonly Block[]): ReportModel {
  return { schemaVersion: 1, id: "wbr", title: "T", subtitle: "S", context: SAMPLE_CONTEXT, blocks, stamps: [] };
}

const days = (from: string, to = from) => ({ from: isoDate(from), to: isoDate(to) });

describe("a statement", () => {
  it("keeps its lines and indents, and loses what cannot be seen", () => {
    expect(plainCode("select\r\n\ta,\u0007\n  b\u202E\n")).toBe("select\n  a,\n  b[U+202E]");
    expect(plainCode(plainCode("a\tb\u2028c"))).toBe("a  b\nc");
    expect(plainCode("x".repeat(30_000))).toHaveLength(20_002);
  });

  it("cannot end its fence", () => {
    expect(codeFence({ kind: "code", title: "", language: "sql", text: "select 1 -- ``` ````" })).toBe(
      "`````sql\nselect 1 -- ``` ````\n`````",
    );
  });

  it("can be opened, and copied by its id", async () => {
    const page = pageOf({ kind: "code", title: "SQL of orders", language: "sql", text: "select 1\n  < 2" });
    const html = await sampleRenderer().render(page, []);
    expect(html).toContain('data-copy="code-1"');
    expect(html).toMatch(/<pre id="code-1" tabindex="0"><code>select 1\n {2}&lt; 2<\/code><\/pre>/);
  });
});

const COVERAGE: CoverageBlock = {
  kind: "coverage",
  title: "Days that have landed",
  alt: "1 of 1 reports lacks days.",
  days: days("2026-01-29", "2026-02-07"),
  rows: [
    {
      label: "ga4.traffic_days",
      runs: [
        { state: "landed", days: days("2026-01-30", "2026-02-03") },
        { state: "missing", days: days("2026-02-04") },
      ],
      text: "1 missing: 2026-02-04",
      tone: "bad",
    },
  ],
};

describe("a calendar of days", () => {
  it("puts each run at its days, states apart by shape", () => {
    // Ten days: each is a tenth of the width.
    expect(coverageView(COVERAGE)).toMatchObject({
      months: [{ x: 30, text: "Feb" }],
      rows: [
        {
          bars: [
            { state: "landed", x: 10, width: 50, y: 0, height: 100 },
            { state: "missing", x: 60, width: 10, y: 35, height: 30 },
          ],
        },
      ],
    });
  });

  it("says in words what the strip shows, in every rendering", async () => {
    expect(renderMarkdown(pageOf(COVERAGE))).toContain("| ga4.traffic\\_days | 1 missing: 2026-02-04 |");
    expect(await sampleRenderer().render(pageOf(COVERAGE), [])).toContain("1 missing: 2026-02-04</td>");
  });
});

describe("lights", () => {
  it("carry a word, a figure and their threshold beside the shape", async () => {
    const page = pageOf({
      kind: "lights",
      title: "Guardrails",
      items: [
        {
          label: "Refund rate",
          value: "9.1%",
          state: "red",
          word: "Critical",
          threshold: "amber above 8%",
          note: "Why.",
        },
      ],
    });
    expect(renderMarkdown(page)).toContain("- **Critical: Refund rate 9.1%.** amber above 8% Why.");
    const html = await sampleRenderer().render(page, []);
    expect(html).toMatch(/<li class="light red">[\s\S]*<path d="M3 3H17V17H3Z"\/>[\s\S]*Critical<\/span>/);
  });
});

describe("a cell with a link", () => {
  it("leads to a heading of another page", async () => {
    const link = { page: "metrics", anchor: "net_revenue" };
    const page = pageOf({
      kind: "table",
      title: "Metrics",
      columns: [{ id: "metric", title: "Metric", align: "left" }],
      rows: [[{ text: "Net revenue", sort: null, link }]],
    });
    expect(renderMarkdown(page)).toContain("| [Net revenue](metrics.md#net-revenue) |");
    expect(await sampleRenderer().render(page, [])).toContain('<a href="metrics.html#net-revenue">Net revenue</a>');
  });
});
