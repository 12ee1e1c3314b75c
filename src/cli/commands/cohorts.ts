import { addDays, addMonths, type Calendar, type DateRange, type ISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { bucketStart, laterDay } from "../../metrics/calendar.js";
import type { PresentedTable } from "../../metrics/present.js";
import type { AnswerContext, QueryResult } from "../../metrics/types.js";
import type { Database } from "../../warehouse/types.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  flagOption,
  type Outcome,
  stringOption,
} from "../command.js";

/** What is asked of every cohort. */
const METRICS = [
  "cohort_size",
  "cohort_cac",
  ...[7, 30, 60, 90].map((days) => `retention_d${days}`),
  ...[30, 90, 180, 365].map((days) => `ltv_${days}`),
  "ltv_cac",
  "payback_days",
] as const;

/** Cohorts that are shown unless a window is given, the one under way included. */
const SHOWN = { month: 12, week: 26 } as const;

export const command: Command = {
  name: "cohorts",
  summary: "show retention, lifetime value, CAC and payback by cohort, and customer segments",
  description: [
    "Customers by the month or week of their first order: who ordered again within 7, 30, 60 and 90 days, what they brought within 30, 90,",
    "180 and 365 days, each on their own clock, what winning one cost, and when that is earned back. A figure for which nobody is old enough",
    "is too young, never 0. Months are calendar months, weeks end on the shop's own day. --rfm scores customers by recency, frequency and money.",
  ].join(" "),
  options: [
    {
      flags: "--by <length>",
      description: "cohorts of a month or a week",
      choices: ["month", "week"],
      default: "month",
    },
    {
      flags: "--window <window>",
      description:
        "cohorts that these days touch: 'last 6 months', 2026, 2025-07-01..2025-12-31 (default: 12 months or 26 weeks)",
    },
    { flags: "--rfm", description: "customer segments instead of cohorts" },
    {
      flags: "--format <format>",
      description: "how to print",
      choices: ["table", "csv", "json", "md"],
      default: "table",
    },
  ],
  examples: [
    "growthos cohorts",
    "growthos cohorts --by week --window 'last 12 weeks' --format csv",
    "growthos cohorts --rfm",
  ],
  async run(context, args) {
    if (flagOption(args, "rfm") && stringOption(args, "window") !== undefined)
      throw new GrowthosError({
        code: "BAD_OPTION",
        what: "segments are of all customers: --rfm takes no --window",
        hint: "leave one of them out",
        exit: "usage",
      });
    const [{ readContext }, { refuseOtherAges, stampFor }] = await Promise.all([
      import("../../metrics/context.js"),
      import("../stamp.js"),
    ]);
    const workspace = await context.workspaceConfig();
    const { database } = await context.openBuild();
    try {
      const built = await readContext(database, workspace.shop.name, workspace.calendar.holidays);
      refuseOtherAges(built, context);
      const stamped = await stampFor(built, context);
      return flagOption(args, "rfm")
        ? await segments(database, context, { args, stamped })
        : await cohorts(database, context, { args, stamped });
    } finally {
      await database.close();
    }
  },
};

interface Asked {
  readonly args: CommandArgs;
  readonly stamped: AnswerContext;
}

async function cohorts(database: Database, context: CommandContext, { args, stamped }: Asked): Promise<Outcome> {
  const [{ runQuery }, { readCoverage, firstCoveredDay }, { MARTS }] = await Promise.all([
    import("../../metrics/run-query.js"),
    import("../../metrics/coverage.js"),
    import("../../metrics/marts.js"),
  ]);
  const { calendarOf } = await import("../../metrics/fiscal.js");
  const by = stringOption(args, "by") === "week" ? "week" : "month";
  const own = stamped.calendar ?? calendarOf(stamped.weekEndsOn ?? 7);
  // Monthly cohorts are of calendar months, whatever the fiscal ones are.
  const calendar = by === "month" ? ({ ...own, periods: "months" } as const) : own;
  const counted = { ...stamped, calendar };
  const coverage = await readCoverage(database);
  const window = await windowOf(stringOption(args, "window"), {
    by,
    calendar,
    last: stamped.lastCompleteDay,
    first: firstCoveredDay(coverage, MARTS.fact_orders),
  });
  const result = await runQuery(database, { metrics: METRICS, window, breakdown: by }, counted, { coverage });
  return formatted(context, args, await answerOf(result, counted));
}

/** Whole cohorts: from the first day of the first one, and never before there are any orders. */
async function windowOf(
  asked: string | undefined,
  days: {
    readonly by: "month" | "week";
    readonly calendar: Calendar;
    readonly last: ISODate;
    readonly first: ISODate | null;
  },
): Promise<DateRange> {
  const { windowFor } = await import("../../metrics/windows.js");
  const { by, calendar, last, first } = days;
  const newest = bucketStart(last, by, calendar);
  const usual = by === "month" ? addMonths(newest, 1 - SHOWN.month) : addDays(newest, 7 * (1 - SHOWN.week));
  const window = asked === undefined ? { from: usual, to: last } : windowFor(asked, last, calendar);
  const from = first === null || first > window.to ? window.from : laterDay(window.from, first);
  return { from: bucketStart(from, by, calendar), to: window.to };
}

async function answerOf(result: QueryResult, stamped: AnswerContext): Promise<Answer> {
  const { headOf, cohortTable } = await import("../cohorts-text.js");
  const present = await import("../../metrics/present.js");
  return {
    head: headOf(stamped, result.query.window),
    table: cohortTable(result, stamped),
    machines: present.presentForMachines(result, stamped),
    json: present.presentAsJson(result, stamped),
  };
}

async function segments(database: Database, context: CommandContext, { args, stamped }: Asked): Promise<Outcome> {
  const { readSegments } = await import("../../metrics/segments.js");
  const { headOf, segmentTable, segmentsAsJson, segmentsForMachines } = await import("../cohorts-text.js");
  const found = await readSegments(database, stamped);
  return formatted(context, args, {
    head: headOf(stamped, null),
    table: segmentTable(found, stamped),
    machines: segmentsForMachines(found, stamped),
    json: segmentsAsJson(found, stamped),
  });
}

/** One answer in the forms in which it may be printed. */
interface Answer {
  readonly head: string;
  readonly table: PresentedTable;
  readonly machines: PresentedTable;
  readonly json: Readonly<Record<string, unknown>>;
}

async function formatted(context: CommandContext, args: CommandArgs, answer: Answer): Promise<Outcome> {
  const { csvText, markdownText } = await import("../../metrics/present.js");
  const { head, table, machines, json } = answer;
  const { output, flags } = context;
  switch (flags.json ? "json" : stringOption(args, "format")) {
    case "json":
      return { exit: "ok", json, text: JSON.stringify({ schema_version: 1, ...json }, null, 2) };
    case "csv":
      return { exit: "ok", json, text: csvText(machines) };
    case "md":
      return { exit: "ok", json, text: markdownText(table) };
    default: {
      const lines = [output.paint("dim", head), output.table(table.columns, table.rows)];
      return { exit: "ok", json, text: [...lines, ...table.notes.map((note) => output.paint("dim", note))].join("\n") };
    }
  }
}
