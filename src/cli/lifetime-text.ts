import { formatValue, plainValue } from "../metrics/format.js";
import type { Holdout, LifetimeGroup, LifetimeModel, LifetimeValue } from "../metrics/lifetime-value.js";
import type { AnswerContext, Unit } from "../metrics/types.js";
import type { Output, TableColumn } from "./command.js";

type Known = Extract<LifetimeValue, { readonly status: "ok" }>;

interface Around {
  readonly context: AnswerContext;
  readonly output: Output;
}

/** What is expected of customers, for people: all, by cohort, by channel, and how it did on the days held out. */
export function lifetimeText(found: LifetimeValue, around: Around): string {
  const { context, output } = around;
  const head = `${context.shop}, 12 months after ${context.lastCompleteDay}, ${context.currency}, ${context.timeZone}`;
  if (found.status === "refused")
    return [output.paint("dim", head), "", `Nothing is expected: ${found.detail}`, ...modelLines(found.models)].join(
      "\n",
    );
  return [
    output.paint("dim", head),
    groupTable("first order", [...found.cohorts, found.total], around),
    "",
    groupTable("channel of it", found.channels, around),
    "",
    ...holdoutLines(found, output),
    ...modelLines(found.models).map((line) => output.paint("dim", line)),
    output.paint("dim", "net revenue after returns, neither discounted nor less costs; orders of one day are one"),
  ].join("\n");
}

const RIGHT = { align: "right" } as const;

function groupTable(title: string, groups: readonly LifetimeGroup[], { context, output }: Around): string {
  const columns: readonly TableColumn[] = [
    { title, align: "left" },
    ...[
      "customers",
      "still buying",
      "net so far",
      "orders to come",
      "value to come",
      "80 % between",
      "lifetime, each",
    ].map((name) => ({ title: name, ...RIGHT })),
    { title: "80 % between", ...RIGHT },
  ];
  const text = (value: number, unit: Unit) => formatValue({ status: "ok", value }, unit, context.currency);
  const money = (value: number) => text(value, "money");
  const between = (band: LifetimeGroup["band"]) => (band === null ? "n/a" : `${money(band.low)} … ${money(band.high)}`);
  return output.table(
    columns,
    groups.map((group) => [
      group.label,
      text(group.customers, "count"),
      text(group.alive, "count"),
      money(group.netSoFar),
      text(group.expectedOrders, "count"),
      money(group.expectedValue),
      between(group.band),
      money(group.lifetimeEach),
      between(group.lifetimeBand),
    ]),
  );
}

function holdoutLines({ holdout, holdoutMissing }: Known, output: Output): readonly string[] {
  if (holdout === null) return [`no band: ${holdoutMissing}`, ""];
  return [holdoutTable(holdout, output), ""];
}

function holdoutTable({ days, rows, expected, actual, error }: Holdout, output: Output): string {
  const number = (value: number) => formatValue({ status: "ok", value }, "number", "");
  const count = (value: number) => formatValue({ status: "ok", value }, "count", "");
  const share = formatValue({ status: "ok", value: error }, "ratio", "");
  const customers = rows.reduce((sum, row) => sum + row.customers, 0);
  const lines = rows.map((row) => [
    row.repeats === 7 ? "7 and more" : String(row.repeats),
    count(row.customers),
    number(row.expected),
    count(row.actual),
  ]);
  const total = ["All", count(customers), number(expected), `${count(actual)} (${error > 0 ? "+" : ""}${share})`];
  const columns = [
    { title: "came back before", align: "left" as const },
    { title: "customers", ...RIGHT },
    { title: `expected of the last ${days} days`, ...RIGHT },
    { title: "came", ...RIGHT },
  ];
  return output.table(columns, [...lines, total]);
}

function modelLines(models: readonly LifetimeModel[]): readonly string[] {
  return models.flatMap((model) => {
    const number = (name: string) => plainValue({ status: "ok", value: Number(model[name]) }, "number", "");
    const has = (name: string) => (model[name] ?? null) !== null;
    const of = model["basis"] === "now" ? "of all history" : "of the history before the days held out";
    const customers = `${number("customer_count")} customers, ${number("repeater_count")} of them came back`;
    return [
      has("r")
        ? `BG/NBD ${of}: r ${number("r")}, alpha ${number("alpha_weeks")} weeks, a ${number("a")}, b ${number("b")}; ${customers}`
        : `BG/NBD ${of}: none; ${customers}`,
      ...(has("value_p")
        ? [`Gamma-Gamma ${of}: p ${number("value_p")}, q ${number("value_q")}, v ${number("value_v")} minor units`]
        : []),
    ];
  });
}
