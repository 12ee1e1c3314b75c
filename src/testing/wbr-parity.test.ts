/**
 * The weekly review against wbr-app's own full-precision decks (scenarios 1-5): its CSV files imported as `daily_metrics`, its figures
 * read out of the build. The data lies beside the repository (`../shared/data`); without it this says so and passes.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { type Calendar, isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { filesOptions } from "../connectors/files/options.js";
import { PLAIN_CALENDAR } from "../metrics/fiscal.js";
import { type Figure, readSixTwelve, type SixTwelveRequest } from "../metrics/six-twelve.js";
import type { MetricValue } from "../metrics/types.js";
import { importFiles } from "../sync/files.js";
import { runBuild } from "../transform/build.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { createWorkspace } from "../warehouse/layout.js";
import type { Database } from "../warehouse/types.js";
import { SETTINGS, SQL_FOLDER } from "./evaluate.js";
import { root } from "./root.js";

const data = join(root, "../shared/data/wbr_app");
const isThere = existsSync(data);
if (!isThere) console.info(`skipped: parity with wbr-app, because there is no ${data}`);

/** A workspace with some of the CSV files, built. */
async function buildFrom(
  scenarios: readonly { readonly scenario: number; readonly by?: readonly string[] }[],
): Promise<Database> {
  const projectRoot = mkdtempSync(join(tmpdir(), "growthos-wbr-"));
  mkdirSync(join(projectRoot, "inbox"));
  const ws = await createWorkspace({ projectRoot, name: "shop", files: diskFiles, random: systemRandom });
  const common = { ws, clock: fixedClock(Date.parse("2022-06-01T12:00:00Z")), random: systemRandom, log: silentLog };
  const imports = scenarios.map(({ scenario, by }) => ({
    path: join(data, `unit_test_case/scenario_${scenario}/original.csv`),
    as: "daily_metrics",
    ...(by === undefined ? {} : { by }),
    metrics: COLUMNS[scenario],
  }));
  const imported = await importFiles(
    {
      ...common,
      projectRoot,
      options: filesOptions.parse({ imports }),
      shop: { currency: "USD", timeZone: "UTC" },
      pii: "hash",
      timeoutMinutes: 10,
      toolVersion: "test",
      configHash: "test",
    },
    { runId: "test" },
  );
  expect(imported.failures).toEqual([]);
  const settings = { ...SETTINGS, asOf: isoDate("2022-06-01"), weekEndsOn: 6, sources: ["files"] };
  const built = await runBuild({ ...common, sqlFolder: SQL_FOLDER, settings });
  return openDatabase({ path: built.build.path, readOnly: true });
}

/** The columns that the decks are made of. */
const COLUMNS: Readonly<Record<number, readonly string[]>> = {
  1: ["PageViews"],
  3: ["PageViews"],
  4: [
    "new_paid_customers",
    "new_churned_customers",
    "cumulative_paid_customers",
    "new_logo_mrr_usd",
    "upsell_mrr_usd",
    "downsell_mrr_usd",
    "churn_revenue_lost_usd",
    "cumulative_mrr_usd",
    "free_trial_starts",
    "free_trial_conversion_rate",
    "churn_rate",
    "daily_active_subcribers",
    "daily_active_users",
    "cac_usd",
    "new_seats",
    "latency",
    "new_arr_usd",
    "cumulative_arr_usd",
  ],
};

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

function requestOf(scenario: number, names: ReadonlyMap<string, string>): SixTwelveRequest {
  const text = readFileSync(join(data, `unit_test_case/scenario_${scenario}/config.yaml`), "utf8");
  const said = (name: string, block = text) => new RegExp(`\\b${name}: *"?([^"#\\n]*)`).exec(block)?.[1]?.trim();
  const [day = "", month = "", year = ""] = (said("week_ending") ?? "").split("-");
  const calendar: Calendar = {
    ...PLAIN_CALENDAR,
    weekEndsOn: 6,
    fiscalYearEndMonth: MONTHS.indexOf(said("fiscal_year_end_month") ?? "DEC") + 1,
  };
  // Two blanks before the name of a metric, more before what is said of it.
  const section = text.slice(text.indexOf("\nmetrics:"), text.indexOf("\ndeck:"));
  const figures = section
    .split(/\n {2}(?=\w)/)
    .slice(1)
    .map((block): readonly [string, Figure] => {
      const id = block.slice(0, block.indexOf(":"));
      const name = /\b(sum|difference|product|divide):\s*\n\s+- metric/.exec(block)?.[1];
      if (name !== undefined) {
        const of = [...block.matchAll(/\bname: (\w+)/g)].map((match) => match[1] ?? "");
        return [id, { kind: "function", function: name as "sum", of }];
      }
      const aggregate = (said("aggf", block) ?? "") as "sum";
      const column = said("column", block) ?? said("base_column", block) ?? "";
      const [, field, value = ""] = /(\w+) == '(\w+)'/.exec(block) ?? [];
      const series = { kind: "series", name: names.get(squeezed(column)) ?? column, aggregate } as const;
      return [id, { ...series, ...(field === undefined ? {} : { where: { [field]: value } }) }];
    });
  const monthNumber = String(MONTHS.indexOf(month) + 1).padStart(2, "0");
  return {
    weekEnding: isoDate(`${year}-${monthNumber}-${day}`),
    calendar,
    figures: Object.fromEntries(figures),
    partial: "as_is",
  };
}

/** `PageViews` and the importer's `page_views` are one figure. */
function squeezed(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}

interface Frame {
  readonly columns: readonly string[];
  readonly data: readonly (readonly (string | number | null)[])[];
}

function frameOf(scenario: number, kind: "metrics" | "box_totals"): Frame {
  return JSON.parse(readFileSync(join(data, `expected/scenario_${scenario}.${kind}.json`), "utf8"));
}

/** A column of a frame, without the blank between weeks and months. */
function column({ columns, data: rows }: Frame, name: string): readonly (number | null)[] {
  const index = columns.indexOf(name);
  expect(index, name).toBeGreaterThan(-1);
  return rows.map((row) => (typeof row[index] === "number" ? row[index] : null));
}

function expectClose(found: readonly MetricValue[], expected: readonly (number | null)[], what: string): number {
  expect(found.length, what).toBe(expected.length);
  found.forEach((value, index) => {
    const wanted = expected[index] ?? null;
    const number = value.status === "ok" ? value.value : null;
    if (wanted === null || number === null) expect(number, `${what}[${index}]`).toBe(wanted);
    else
      expect(Math.abs(number - wanted) / Math.max(1, Math.abs(wanted)), `${what}[${index}] ${number}`).toBeLessThan(
        1e-9,
      );
  });
  return expected.filter((value) => value !== null).length;
}

/** wbr-app writes changes times 100. */
function percent(value: MetricValue): MetricValue {
  return value.status === "ok" ? { ...value, value: value.value * 100 } : value;
}

describe.runIf(isThere)("wbr-app's decks", { timeout: 300_000 }, () => {
  const open: Database[] = [];
  beforeAll(async () => {
    open.push(
      await buildFrom([{ scenario: 1 }, { scenario: 4, by: ["latency_country"] }]),
      await buildFrom([{ scenario: 3 }]),
    );
  });
  afterAll(async () => {
    for (const db of open) await db.close();
  });

  // Scenarios 1 and 2, and 4 and 5, are the same days in one file each.
  it.each([
    [1, 0, 2, ["2021-W33", "2021-W38"]],
    [2, 0, 2, ["2020-W49", "2021-W01"]],
    [3, 1, 1, ["FY2022 W12", "FY2022 W17"]],
    [4, 0, 29, ["2022-W12", "2022-W17"]],
    [5, 0, 28, ["FY2023 W04", "FY2023 W09"]],
  ] as const)("scenario %i, equal to 1e-9", async (scenario, place, figures, [first, last]) => {
    const db = open[place] as Database;
    const rows = await db.all("select distinct metric_name as name from fact_daily_metrics");
    const names = rows.map((row) => String(row["name"]).replace(/ \[.*/, ""));
    const request = requestOf(scenario, new Map(names.map((name) => [squeezed(name), name])));
    expect(Object.keys(request.figures)).toHaveLength(figures);
    const trailing = await readSixTwelve(db, request);
    const fiscal = await readSixTwelve(db, { ...request, months: "fiscal_year" });
    expect([trailing.weeks[0]?.label, trailing.weeks[5]?.label]).toEqual([first, last]);
    const [metrics, box] = [frameOf(scenario, "metrics"), frameOf(scenario, "box_totals")];
    let compared = 0;
    for (const [id, one] of Object.entries(trailing.figures)) {
      const now = column(metrics, id);
      const before = column(metrics, `PY__${id}`);
      compared += expectClose(one.weeks, now.slice(0, 6), `${id} weeks`);
      compared += expectClose(one.weeksBefore, before.slice(0, 6), `${id} weeks before`);
      compared += expectClose(one.months, now.slice(7, 19), `${id} months`);
      compared += expectClose(one.monthsBefore, before.slice(7, 19), `${id} months before`);
      const { lastWeek, mtd, qtd, ytd, ...changes } = one.box;
      const cells = [
        lastWeek,
        percent(changes.weekOverWeek),
        percent(changes.yearOverYear),
        mtd,
        percent(changes.mtdYearOverYear),
        qtd,
        percent(changes.qtdYearOverYear),
        ytd,
        percent(changes.ytdYearOverYear),
      ];
      compared += expectClose(cells, column(box, id), `${id} box`);
    }
    expect(compared).toBeGreaterThanOrEqual(28 * Object.keys(trailing.figures).length);
    // The months of the fiscal year: this year's rest is blank, last year's is whole.
    for (const block of deckOf(scenario)) {
      const one = (block.fiscal ? fiscal : trailing).figures[block.title];
      if (one === undefined) continue;
      expectClose(one.months, block.now, `${block.title} deck months`);
      expectClose(one.monthsBefore, block.before, `${block.title} deck months before`);
    }
  });
});

interface Block {
  readonly title: string;
  readonly fiscal: boolean;
  readonly now: readonly (number | null)[];
  readonly before: readonly (number | null)[];
}

function deckOf(scenario: number): readonly Block[] {
  const deck = JSON.parse(readFileSync(join(data, `expected/scenario_${scenario}.deck.json`), "utf8"));
  const months = (side: readonly { readonly secondaryAxis?: readonly unknown[] }[]) =>
    (side[1]?.secondaryAxis ?? []).slice(7).map((value) => (typeof value === "number" ? value : null));
  return deck.blocks.map((block: { title: string; yAxis: { metric: { current: []; previous: [] } }[] }) => ({
    title: block.title,
    fiscal: block.title.endsWith("Fiscal"),
    now: months(block.yAxis[0]?.metric.current ?? []),
    before: months(block.yAxis[0]?.metric.previous ?? []),
  }));
}
