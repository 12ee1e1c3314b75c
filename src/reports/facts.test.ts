import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { CATALOG } from "../metrics/catalog/index.js";
import { compile } from "../metrics/compile.js";
import { ownCatalog } from "../metrics/own.js";
import type { MetricValue, QueryResult } from "../metrics/types.js";
import { sharesOf, splitOf } from "./facts.js";
import { executive } from "./pages/executive.js";
import { PAGES, pageById } from "./pages/index.js";
import { wbr } from "./pages/wbr.js";
import { EMPTY_HEALTH, SAMPLE_CONTEXT, sampleFacts } from "./sample-facts.js";
import type { BlockOf } from "./types.js";

const ROOT = new URL("../../", import.meta.url);
const ok = (value: number): MetricValue => ({ status: "ok", value });
const values = (numbers: Record<string, readonly [number, number]>) =>
  Object.fromEntries(
    Object.entries(numbers).map(([id, [value, previous]]) => [id, { value: ok(value), previous: ok(previous) }]),
  );
const REQUEST = { read: "channels", total: "net_revenue", value: "sales", volume: "orders", less: "returns" };
/** Two channels; see decompose.test.ts for the arithmetic of the same numbers. Returns go from 5.00 to 20.00. */
const RESULT = {
  query: { metrics: [], window: { from: SAMPLE_CONTEXT.asOf, to: SAMPLE_CONTEXT.asOf } },
  totals: values({ net_revenue: [82000, 79500], sales: [84000, 80000], orders: [18, 20], returns: [2000, 500] }),
  rows: [
    { key: "a", label: "A", values: values({ sales: [66000, 50000], orders: [12, 10] }) },
    { key: "b", label: "B", values: values({ sales: [18000, 30000], orders: [6, 10] }) },
  ],
  series: [],
  sql: [],
} as const satisfies QueryResult;

describe("splitOf", () => {
  it("splits net revenue exactly, returns apart", () => {
    expect(splitOf(RESULT, REQUEST)).toEqual({
      status: "ok",
      before: 79500,
      volume: -8000,
      mix: 6000,
      price: 6000,
      less: -1500,
      after: 82000,
      change: 2500,
    });
  });

  it("is unknown when a figure is, and when rows are missing", () => {
    const gone = { status: "unknown", because: "no_data", detail: "nothing before 2026" } as const;
    const totals = { ...RESULT.totals, returns: { value: ok(1), previous: gone } };
    expect(splitOf({ ...RESULT, totals }, REQUEST)).toEqual({ status: "unknown", detail: "nothing before 2026" });
    expect(splitOf({ ...RESULT, rows: RESULT.rows.slice(1) }, REQUEST)).toEqual({
      status: "unknown",
      detail: "the rows do not add up to the total",
    });
  });
});

describe("sharesOf", () => {
  it("divides by the total, and does not when that means nothing", () => {
    expect(sharesOf(RESULT, "orders")).toEqual({ a: ok(12 / 18), b: ok(6 / 18) });
    const nothing = { ...RESULT, totals: values({ orders: [0, 0] }) };
    expect(sharesOf(nothing, "orders")["a"]?.status).toBe("undefined");
    expect(sharesOf(RESULT, "sessions")["a"]?.status).toBe("unknown");
  });
});

describe("facts", () => {
  it("refuse what no page declared", () => {
    const facts = sampleFacts();
    expect(() => facts.result("nothing")).toThrow(/FACT_MISSING|no page declared/);
    expect(() => facts.split("nothing")).toThrow(/no page declared/);
    expect(() => facts.share("nothing", "orders")).toThrow(/no page declared/);
  });
});

describe("pages", () => {
  it("declare complete days only, from the as-of day alone, under names of their own", () => {
    const names = PAGES.flatMap((page) => {
      const reads = page.reads(SAMPLE_CONTEXT, { weekEndsOn: 7 });
      for (const query of Object.values(reads)) expect(query.window.to <= SAMPLE_CONTEXT.lastCompleteDay).toBe(true);
      return Object.keys(reads);
    });
    expect(new Set(names).size).toBe(names.length);
    expect(wbr.reads(SAMPLE_CONTEXT, { weekEndsOn: 7 })["week"]?.window).toEqual({
      from: "2026-02-02",
      to: "2026-02-08",
    });
    expect(wbr.reads(SAMPLE_CONTEXT, { weekEndsOn: 6 })["week"]?.window).toEqual({
      from: "2026-02-01",
      to: "2026-02-07",
    });
    expect(executive.reads(SAMPLE_CONTEXT, { weekEndsOn: 7 })["cards_90d"]?.window.from).toBe("2025-11-11");
  });

  it("read marts only, however many orders there are", () => {
    const marts = new Set(readdirSync(new URL("sql/marts", ROOT)).map((name) => name.replace(/\.sql$/, "")));
    const queries = PAGES.flatMap((page) => Object.values(page.reads(SAMPLE_CONTEXT, { weekEndsOn: 7 })));
    expect(queries.length).toBeGreaterThan(100);
    const read = new Set<string>();
    for (const query of queries) {
      const { sql } = compile(query, { catalog: CATALOG, weekEndsOn: 7, timeZone: "UTC" });
      const own = new Set([...sql.matchAll(/"?(\w+)"? as (?:not )?(?:materialized )?\(/g)].map(([, name]) => name));
      for (const [, name = ""] of sql.matchAll(/\b(?:from|join)\s+"?([a-z]\w*)"?/g)) if (!own.has(name)) read.add(name);
    }
    expect([...read].filter((name) => !marts.has(name))).toEqual([]);
    expect([...read]).toContain("fact_orders");
    const beside = readdirSync(new URL("src/metrics", ROOT)).filter((name) => /^[a-z-]+\.ts$/.test(name));
    for (const name of beside)
      expect(readFileSync(new URL(`src/metrics/${name}`, ROOT), "utf8"), name).not.toMatch(/\b(stg|int|raw)_[a-z]/);
  });

  it("draw a waterfall whose steps add up to its end, to the cent", () => {
    const waterfall = wbr
      .build(sampleFacts())
      .blocks.find((block) => block.kind === "waterfall") as BlockOf<"waterfall">;
    const [before, ...steps] = waterfall.steps;
    const after = steps.pop();
    expect(steps.reduce((sum, step) => sum + step.value, before?.value ?? 0)).toBe(after?.value);
    expect(after?.figure.text).toMatch(/^\$/);
  });

  it("print one value for one figure on every page", () => {
    const facts = sampleFacts();
    const week = table(wbr.build(facts), "The week in figures").rows[0]?.[1]?.text;
    const presets = executive.build(facts).blocks[0] as BlockOf<"presets">;
    const cards = presets.options[0]?.blocks.find((block) => block.kind === "kpis") as BlockOf<"kpis">;
    expect(cards.items[0]?.value.text).toBe(week);
    expect(table(wbr.build(facts), "Channels by net revenue").totals?.[3]?.text).toBe(week);
  });

  it("stand without any data and say so", () => {
    const gone = { status: "unknown", because: "never_synced", detail: "shopify: never synced" } as const;
    const facts = sampleFacts({ override: () => gone, health: EMPTY_HEALTH });
    const model = wbr.build(facts);
    expect(JSON.stringify(model)).toContain("is unknown: shopify: never synced");
    expect(JSON.stringify(model)).toContain("The change cannot be split: shopify: never synced");
    expect(JSON.stringify(model)).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(JSON.stringify(executive.build(facts))).not.toMatch(/NaN|undefined"|Infinity|\[object/);
  });

  it("leave out the year when there is none, and say why", () => {
    const gone = { status: "unknown", because: "no_data", detail: "no orders before 2025-08-13" } as const;
    const young = sampleFacts({ override: (_, range) => (range.from < "2025-08-13" ? gone : undefined) });
    const week = table(wbr.build(young), "The week in figures");
    expect(week.columns.map((column) => column.id)).toEqual(["metric", "week", "before", "change"]);
    expect(week.note).toMatch(/^There is no year to compare with \(no orders before 2025-08-13\)\. May still/);
    expect(table(wbr.build(sampleFacts()), "The week in figures").columns).toHaveLength(6);
  });

  it("hold no arithmetic: figures come from metrics and stats, words from the narrative", () => {
    for (const name of ["wbr", "executive", "contents"]) {
      const source = readFileSync(new URL(`./pages/${name}.ts`, import.meta.url), "utf8");
      const tree = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
      const found: string[] = [];
      const look = (node: ts.Node) => {
        if (ts.isBinaryExpression(node) && /^[*/%]$/.test(node.operatorToken.getText())) found.push(node.getText());
        ts.forEachChild(node, look);
      };
      look(tree);
      // Days of a window, and the place of a row, are the only sums.
      expect(found.filter((text) => text !== "7 * WEEKS_SHOWN")).toEqual([]);
    }
  });

  it("mark a cohort of which only a part is old enough, and the ones that are too young", () => {
    const rows = table(wbr.build(sampleFacts()), "Retention and lifetime value by month of the first order").rows;
    const [newest] = rows.slice(-1);
    expect(newest?.[3]?.note).toMatch(/still too young and left out/);
    expect(newest?.[6]).toEqual({ text: "too young", sort: null });
    expect(rows[0]?.[3]?.note).toBeUndefined();
  });

  it("do not call an unpaid channel free", () => {
    const email = table(wbr.build(sampleFacts()), "Channels by net revenue").rows.find(
      (row) => row[0]?.text === "Email",
    );
    expect([email?.[2]?.text, email?.[8]?.text, email?.[9]?.text]).toEqual(["—", "—", "—"]);
  });

  it("are found by name, with a suggestion", () => {
    expect(pageById("wbr")).toBe(wbr);
    expect(() => pageById("wrb")).toThrow(/no report page/);
  });
});

function table(model: ReturnType<typeof wbr.build>, title: string): BlockOf<"table"> {
  const found = model.blocks.find((block) => block.kind === "table" && block.title === title);
  if (found?.kind !== "table") throw new Error(`no table ${title}`);
  return found;
}

describe("metrics of the user's own", () => {
  it("have cards and a definition on the executive page", () => {
    const own = [
      { id: "half", title: "Half", unit: "money", better: "up", aliases: [], divide: "net_revenue", by: "days" },
    ] as const;
    const catalog = ownCatalog(own);
    const calendar = { weekEndsOn: 7, own: ["half"] };
    const reads = executive.reads(SAMPLE_CONTEXT, calendar);
    expect(reads["own_7d"]).toMatchObject({ metrics: ["half"], compare: { kind: "previous" } });
    expect(Object.keys(executive.reads(SAMPLE_CONTEXT, { weekEndsOn: 7 }))).not.toContain("own_7d");
    const sample = sampleFacts();
    const result = {
      ...RESULT,
      query: { ...RESULT.query, metrics: ["half"] },
      totals: { half: { value: ok(700), previous: ok(350), change: ok(1) } },
      rows: [],
    };
    const facts = {
      ...sample,
      own: ["half"],
      metric: catalog.get,
      result: (name: string) => (name.startsWith("own_") ? result : sample.result(name)),
    };
    const { blocks } = executive.build(facts);
    const presets = blocks.find((block): block is BlockOf<"presets"> => block.kind === "presets");
    const cards = presets?.options[0]?.blocks.filter((block): block is BlockOf<"kpis"> => block.kind === "kpis");
    expect(cards?.[1]?.items).toMatchObject([
      {
        metric: "half",
        title: "Half",
        value: { text: "$7.00" },
        change: { text: "+100.0%" },
        formula: "net_revenue / days",
      },
    ]);
    const definitions = blocks.findLast((block): block is BlockOf<"table"> => block.kind === "table");
    expect(
      definitions?.rows
        .at(-1)
        ?.map((cell) => cell.text)
        .slice(0, 2),
    ).toEqual(["Half", "net_revenue / days"]);
  });
});
