import { formatChange, formatValue } from "../../metrics/format.js";
import type { QueryResult } from "../../metrics/types.js";
import type { Branch, EventKindDays } from "../../transform/branches.js";
import { BRANCH_METRICS, DAYS_OPTIONS, daysOfArgs, NO_BRANCH, type OpenBranches, withBranches } from "../branches.js";
import type { Command, CommandContext, Outcome } from "../command.js";
import { count } from "../format.js";

export const command: Command = {
  name: "branches list",
  summary: "show the figures of the web site as a whole and by branch, and which events there are",
  description:
    "Nine figures of the days before the last complete one, against as many days before, then a line per branch. What adds up does: branches and Unassigned, which is what no branch is known of, give the whole. Different people do not: who visited two branches is one person of each.",
  options: DAYS_OPTIONS,
  examples: ["growthos branches list", "growthos branches list --days 7", "growthos branches list --json"],
  async run(context, args) {
    return withBranches(context, async (open) => {
      const [{ runQuery }, { readEventKinds }, present] = await Promise.all([
        import("../../metrics/run-query.js"),
        import("../../transform/branches.js"),
        import("../../metrics/present.js"),
      ]);
      const { database, stamped, branches } = open;
      const result = await runQuery(
        database,
        {
          metrics: BRANCH_METRICS,
          window: daysOfArgs(args, stamped.lastCompleteDay),
          breakdown: "location",
          compare: { kind: "previous" },
          orderBy: { metric: "web_revenue", direction: "desc" },
        },
        stamped,
      );
      const kinds = await readEventKinds(database);
      const json = {
        ...present.presentAsJson(result, stamped),
        branches: present.snakeCased(branches),
        availability: kinds,
      };
      return { exit: "ok", json, text: listText(context, { ...open, result, kinds }) } satisfies Outcome;
    });
  },
};

interface Listed extends OpenBranches {
  readonly result: QueryResult;
  readonly kinds: readonly EventKindDays[];
}

function listText(context: CommandContext, { stamped, branches, result, kinds }: Listed): string {
  const { output } = context;
  const { from, to } = result.query.window;
  const silent = branches.filter(({ id, isActive }) => isActive && !result.rows.some(({ key }) => key === id));
  return [
    output.paint("dim", `${stamped.shop}, ${from} … ${to}, ${stamped.currency}, ${stamped.timeZone}`),
    overviewTable(context, result, stamped.currency),
    "",
    branchTable(context, result, { branches, currency: stamped.currency }),
    ...(silent.length === 0 ? [] : [output.paint("dim", `nothing happened in these days: ${namesOf(silent)}`)]),
    output.paint(
      "dim",
      "unique and repeat people are counted once in the whole, and once at every branch they visited",
    ),
    "",
    kinds.length === 0
      ? "No events have landed."
      : output.table(
          [{ title: "event" }, { title: "count", align: "right" }, { title: "first day" }, { title: "last day" }],
          kinds.map(({ kind, count: events, first, last }) => [kind, count(events), first, last]),
        ),
  ].join("\n");
}

/** The figures with what they are compared with and, once each, why some are not there. */
export function overviewTable({ output }: CommandContext, { totals }: Pick<QueryResult, "totals">, currency: string) {
  const rows = BRANCH_METRICS.flatMap((id) => {
    const [metric, compared] = [METRIC_NAMES[id], totals[id]];
    if (compared === undefined) return [];
    const before = compared.previous ?? compared.value;
    return [
      [
        metric.title,
        formatValue(compared.value, metric.unit, currency),
        formatValue(before, metric.unit, currency),
        formatChange(compared, metric.unit),
        compared.value.status === "unknown" ? compared.value.detail : "",
      ],
    ];
  });
  const right = "right" as const;
  const columns = [
    { title: "" },
    { title: "value", align: right },
    { title: "before", align: right },
    { title: "change", align: right },
    { title: "" },
  ];
  return output.table(columns, rows);
}

/** Titles that fit into a table of nine columns. */
const METRIC_NAMES = {
  web_revenue: { title: "revenue", unit: "money" },
  web_purchases: { title: "purchases", unit: "count" },
  web_visits: { title: "visitors", unit: "count" },
  web_visitors: { title: "unique people", unit: "count" },
  abandoned_carts: { title: "abandoned carts", unit: "count" },
  searches: { title: "searches", unit: "count" },
  failed_searches: { title: "failed searches", unit: "count" },
  repeat_visitors: { title: "repeat visitors", unit: "count" },
  web_conversion_rate: { title: "conversion", unit: "ratio" },
} as const;

function branchTable(
  { output }: CommandContext,
  { rows, totals }: QueryResult,
  { branches, currency }: { readonly branches: readonly Branch[]; readonly currency: string },
): string {
  const cells = (values: QueryResult["totals"]) =>
    BRANCH_METRICS.map((id) => {
      const value = values[id]?.value;
      return value === undefined ? "" : formatValue(value, METRIC_NAMES[id].unit, currency);
    });
  const lines = rows.map((row) => {
    const branch = branches.find(({ id }) => id === row.key) ?? NO_BRANCH;
    const place = [branch.city, branch.state].filter((part) => part !== null).join(", ");
    return [branch.code, branch.name, place, ...cells(row.values)];
  });
  const titles = BRANCH_METRICS.map((id) => ({ title: METRIC_NAMES[id].title, align: "right" as const }));
  return output.table(
    [{ title: "branch" }, { title: "name" }, { title: "place" }, ...titles],
    [...lines, ["all", "", "", ...cells(totals)]],
  );
}

const MOST_NAMES = 10;

function namesOf(branches: readonly Branch[]): string {
  const more = branches.length > MOST_NAMES ? [`and ${branches.length - MOST_NAMES} more`] : [];
  return [...branches.slice(0, MOST_NAMES).map(({ code }) => code), ...more].join(", ");
}
