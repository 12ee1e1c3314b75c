import { formatValue } from "../metrics/format.js";
import type { GrowthAnswer, GrowthInputs, GrowthScenario } from "../metrics/growth-plan.js";
import type { AnswerContext, Unit } from "../metrics/types.js";
import type { Output } from "./command.js";

/** How each assumption is named, printed, and given. */
export const ASSUMPTIONS: Readonly<
  Record<keyof GrowthInputs, { readonly title: string; readonly unit: Unit; readonly flag: string }>
> = {
  budget: { title: "ad spend a month", unit: "money", flag: "--spend" },
  cac: { title: "CAC", unit: "money", flag: "--cac" },
  orderValue: { title: "net revenue an order", unit: "money", flag: "--order-value" },
  costShare: { title: "costs of an order", unit: "ratio", flag: "--cost-share" },
  repeatShare: { title: "earlier customers who order in a month", unit: "ratio", flag: "--repeat" },
};

type Known = Extract<GrowthAnswer, { readonly status: "ok" }>;

/** Scenarios for people; what is only assumed is called so. */
export function budgetText(answer: GrowthAnswer, context: AnswerContext, output: Output): string {
  const head = `${context.shop}, 30 days up to ${context.lastCompleteDay}, ${context.currency}, ${context.timeZone}`;
  if (answer.status === "unknown") {
    const lines = answer.missing.map(
      ({ name, detail }) => `${ASSUMPTIONS[name].title} n/a: ${detail}; ${ASSUMPTIONS[name].flag} gives it`,
    );
    return [output.paint("dim", head), "", ...lines].join("\n");
  }
  return [
    output.paint("dim", head),
    assumptionTable(answer, context, output),
    "",
    scenarioTable(answer, context, output),
    "",
    monthTable(answer, context, output),
    "",
    ...notes(answer).map((note) => output.paint("dim", note)),
  ].join("\n");
}

const RIGHT = { align: "right" } as const;

function text(value: number | null, unit: Unit, { currency }: AnswerContext): string {
  return value === null ? "n/a" : formatValue({ status: "ok", value }, unit, currency);
}

function assumptionTable({ assumptions }: Known, context: AnswerContext, output: Output): string {
  const rows = assumptions.map(({ name, value, isGiven }) => {
    const { title, unit } = ASSUMPTIONS[name];
    return [title, text(value, unit, context), isGiven ? "given" : "read"];
  });
  return output.table(
    [
      { title: "assumption", align: "left" },
      { title: "", ...RIGHT },
      { title: "", align: "left" },
    ],
    rows,
  );
}

function scenarioTable({ scenarios }: Known, context: AnswerContext, output: Output): string {
  const months = scenarios[0]?.course.months.length ?? 0;
  const line = (title: string, cell: (scenario: GrowthScenario) => string) => [title, ...scenarios.map(cell)];
  const money = (value: number) => text(value, "money", context);
  return output.table(
    [{ title: `${months} months`, align: "left" }, ...scenarios.map(({ name }) => ({ title: name, ...RIGHT }))],
    [
      line("CAC", ({ plan }) => money(plan.cac)),
      line("new customers", ({ course }) => text(course.customers, "count", context)),
      line("orders", ({ course }) => text(course.orders, "count", context)),
      line("net revenue", ({ course }) => money(course.revenue)),
      line("left after costs and ads", ({ course }) => money(course.contribution)),
      line("of net revenue", ({ course }) => text(course.margin, "ratio", context)),
      line("ROAS", ({ course }) => text(course.roas, "multiple", context)),
      line("earned back in month", ({ course }) => (course.breakEven === null ? "not" : String(course.breakEven))),
      line("safe spend a month", ({ safe, plan }) =>
        safe === null ? "none" : `${money(safe * plan.budget)} (x${safe})`,
      ),
    ],
  );
}

function monthTable({ scenarios }: Known, context: AnswerContext, output: Output): string {
  const [cautious, expected, hopeful] = scenarios;
  const rows = (expected?.course.months ?? []).map(({ month, orders, contribution }, index) => [
    String(month),
    text(orders, "count", context),
    text(contribution, "money", context),
    ...[cautious, expected, hopeful].map((one) =>
      text(one?.course.months[index]?.cumulative ?? null, "money", context),
    ),
  ]);
  const titles = ["orders", "left", "all so far, cautious", "expected", "hopeful"];
  return output.table([{ title: "month", align: "left" }, ...titles.map((title) => ({ title, ...RIGHT }))], rows);
}

function notes({ foretold, cacSpread, rise }: Known): readonly string[] {
  const share = (value: number) => formatValue({ status: "ok", value }, "ratio", "");
  const count = (value: number) => formatValue({ status: "ok", value }, "count", "");
  return [
    foretold === null
      ? "nothing could be held out: the CAC of the 30 days before is not known"
      : `held out: at the CAC of the 30 days before, ${count(foretold.expected)} new customers were to be expected, ${count(foretold.actual)} came (${foretold.error > 0 ? "+" : ""}${share(foretold.error)})`,
    cacSpread === null
      ? "CAC was given, so the scenarios are alike"
      : "cautious and hopeful: the 80 % ends of CAC, by chance in the count of customers and by that error",
    `safe: at least 15 % of the net revenue of six months is left, from half to five times the spend; that every doubling raises CAC by ${share(rise)} is assumed (--rise), not measured`,
  ];
}
