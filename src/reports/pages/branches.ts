/** How the branches of a shop do on its web site: the whole, every branch beside the others, and each for itself (D-65). */
import { addDays } from "../../base/dates.js";
import { NO_GROUP } from "../../metrics/marts.js";
import type { BreakdownRow, MetricId, QueryResult, SemanticQuery } from "../../metrics/types.js";
import type { BranchPages } from "../../transform/branch-pages.js";
import type { Branch } from "../../transform/branches.js";
import type { Task } from "../../transform/tasks.js";
import { changeCell, changeFigure, changeTone, figure, textCell, valueCell } from "../figures.js";
import { heading, lead, metricTable, prose } from "../metric-table.js";
import { plural } from "../narrative.js";
import { calendarIn, type PeriodChoice, periodBlock, periodsOf } from "../periods.js";
import { comparedOf, pointOf } from "../read-values.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { ageText, taskText, taskValue } from "../tasks.js";
import { dayText, label, rangeText, slug } from "../text.js";
import type { Block, BlockOf, Facts, Kpi, ReportPage } from "../types.js";

const METRICS = [
  "web_revenue",
  "web_purchases",
  "web_visits",
  "web_visitors",
  "abandoned_carts",
  "searches",
  "failed_searches",
  "repeat_visitors",
  "web_conversion_rate",
] as const satisfies readonly MetricId[];
/** Titles that fit above a column. */
const SHORT: Readonly<Partial<Record<MetricId, string>>> = {
  web_revenue: "Revenue",
  web_purchases: "Purchases",
  web_visits: "Visits",
  web_visitors: "People",
  abandoned_carts: "Carts left",
  repeat_visitors: "Repeat people",
  web_conversion_rate: "Conversion",
};
const COURSE: readonly MetricId[] = ["web_revenue", "web_purchases", "web_visits", "abandoned_carts", "searches"];
const OFFER = { days: [7, 30, 90] } as const;
const SELECTED = "30d";
const COURSE_DAYS = 30;
/** Branches that have a section of their own: those with the largest revenue. */
const MOST_SECTIONS = 60;
const MOST_NAMES = 12;

/** The whole, its course, the table of branches, and one section for each. */
export const branches: ReportPage = {
  id: "branches",
  title: "Branches",
  needs: "ga4_events",
  reads: (context, { weekEndsOn }) => ({
    branches_course: {
      metrics: COURSE,
      window: { from: addDays(context.lastCompleteDay, 1 - COURSE_DAYS), to: context.lastCompleteDay },
      grain: "day",
    },
    ...Object.fromEntries(
      periodsOf(context, weekEndsOn, OFFER).map(({ id, window, comparisons }): [string, SemanticQuery] => [
        `branches_${id}`,
        {
          metrics: METRICS,
          window,
          breakdown: "location",
          compare: comparisons.previous,
          orderBy: { metric: "web_revenue", direction: "desc" },
        },
      ]),
    ),
  }),
  build: (facts) => ({
    schemaVersion: 1,
    id: branches.id,
    title: branches.title,
    subtitle: "What people do on the web site, by the branch that they belong to",
    context: facts.context,
    blocks: blocksOf(facts),
    stamps: stamps(facts),
  }),
};

function blocksOf(facts: Facts): readonly Block[] {
  const read = facts.branches;
  if (read === null) return [lead("Nothing was read: build the workspace again.")];
  if (read.kinds.length === 0) return [lead("No event has landed yet."), nothingYet()];
  return [
    periodBlock(periodsOf(facts.context, calendarIn(facts.context), OFFER), SELECTED, (period) =>
      overview(facts, read, period),
    ),
    heading("course", `The last ${COURSE_DAYS} days`),
    ...course(facts),
    heading("each", "Branch by branch"),
    ...sections(facts, read),
    heading("events", "What this rests on"),
    events(read),
    heading("definitions", "Definitions"),
    definitions(METRICS.map(facts.metric)),
  ];
}

function nothingYet(): BlockOf<"findings"> {
  const detail = "Branches are measured by GA4's events, and none have landed: zeros would say that nobody came.";
  return {
    kind: "findings",
    items: [
      { tone: "neutral", badge: "Missing", title: "GA4's events", detail, advice: "growthos connect ga4_events" },
    ],
  };
}

function overview(facts: Facts, read: BranchPages, period: PeriodChoice): readonly Block[] {
  const result = facts.result(`branches_${period.id}`);
  const silent = silentIn(read, result);
  return [
    lead(sentence(facts, read, period)),
    { kind: "kpis", items: METRICS.map((id) => card(facts, id, period)) },
    linked(read, result.rows, {
      ...metricTable(facts, {
        title: `Branches, ${period.label}`,
        head: "Branch",
        words: [
          { column: { id: "code", title: "Code", align: "left" }, of: ({ key }) => branchOf(read, key)?.code ?? "" },
          { column: { id: "place", title: "Place", align: "left" }, of: ({ key }) => placeOf(branchOf(read, key)) },
        ],
        columns: METRICS.map((metric) => ({ metric, ...titled(metric) })),
        result,
        total: "All together",
        note: [
          ...(result.rows.length === 0 ? ["Nothing happened in these days."] : []),
          "Who visited two branches is one person at each and one in the whole.",
          ...(silent.length === 0 ? [] : [`Nothing happened at ${namesOf(silent)}.`]),
          restatedNote(result, METRICS, facts.metric) ?? "",
        ]
          .filter((text) => text !== "")
          .join(" "),
      }),
    }),
  ];
}

/** Active branches without a row. Where days have not landed nobody knows whether something happened. */
function silentIn(read: BranchPages, { rows, totals }: QueryResult): readonly Branch[] {
  if (comparedOf(totals, "web_visits").value.status === "unknown") return [];
  return read.branches.filter(({ id, isActive }) => isActive && !rows.some(({ key }) => key === id));
}

function titled(metric: MetricId): { readonly title?: string } {
  const title = SHORT[metric];
  return title === undefined ? {} : { title };
}

/** A branch's name leads to its section. */
function linked(read: BranchPages, rows: readonly BreakdownRow[], table: BlockOf<"table">): BlockOf<"table"> {
  return {
    ...table,
    rows: table.rows.map((cells, index) => {
      const [first, ...rest] = cells;
      const key = rows[index]?.key ?? "";
      const isShown = index < MOST_SECTIONS && (key === NO_GROUP || branchOf(read, key) !== undefined);
      return first === undefined || !isShown
        ? cells
        : [{ ...first, link: { page: branches.id, anchor: anchorOf(key) } }, ...rest];
    }),
  };
}

function sentence(facts: Facts, read: BranchPages, { id, when }: PeriodChoice): string {
  const { rows, totals } = facts.result(`branches_${id}`);
  const { currency } = facts.context;
  const total = comparedOf(totals, "web_revenue").value;
  if (total.status !== "ok") return `Web revenue ${when} is unknown: ${total.detail}.`;
  const all = `The web site brought ${figure(total, "money", currency).text} ${when}`;
  const first = rows.find(({ key }) => key !== NO_GROUP);
  const own = first === undefined ? undefined : comparedOf(first.values, "web_revenue").value;
  if (first === undefined || own?.status !== "ok") return `${all}; no branch is known of it.`;
  return `${all}; the largest part at ${nameOf(read, first)}, ${figure(own, "money", currency).text}.`;
}

function card(facts: Facts, id: MetricId, period: PeriodChoice): Kpi {
  const def = facts.metric(id);
  const compared = comparedOf(facts.result(`branches_${period.id}`).totals, id);
  const { series } = facts.result("branches_course");
  return {
    metric: id,
    title: def.title,
    value: figure(compared.value, def.unit, facts.context.currency),
    change: changeFigure(compared, def.unit),
    tone: changeTone(compared, def),
    // The course is of 30 days: under the cards of other days it would show what they do not count.
    spark: period.id === SELECTED && COURSE.includes(id) ? series.map(({ values }) => pointOf(facts, values, id)) : [],
    formula: def.formula,
  };
}

/** Days that have not landed are gaps of the lines, and named; a day on which nothing happened is zero. */
function course(facts: Facts): readonly Block[] {
  const { query, series } = facts.result("branches_course");
  const when = rangeText(query.window);
  const isMissing = ({ values }: BreakdownRow) => comparedOf(values, "web_visits").value.status === "unknown";
  const missing = series.filter(isMissing).map(({ label: day }) => day);
  const line = (id: MetricId, name: string, mark: "line" | "bar") => ({
    name,
    mark,
    points: series.map(({ key, values }) => ({ x: key, y: pointOf(facts, values, id) })),
  });
  const x = { title: "Day", kind: "day" } as const;
  const chart = (title: string, y: string, lines: BlockOf<"chart">["spec"]["series"]): Block => ({
    kind: "chart",
    title,
    alt: `${title}, day by day.`,
    spec: { form: lines.length === 1 ? "bar" : "line", x, y: { title: y, format: "~s" }, series: lines },
  });
  return [
    chart(`Web revenue of all branches, ${when}`, `${facts.context.currency} per day`, [
      line("web_revenue", "Web revenue", "bar"),
    ]),
    chart(`Web visits of all branches, ${when}`, "per day", [line("web_visits", "Web visits", "bar")]),
    chart(`Searches, abandoned carts and purchases of all branches, ${when}`, "per day", [
      line("searches", "Searches", "line"),
      line("abandoned_carts", "Abandoned carts", "line"),
      line("web_purchases", "Purchases", "line"),
    ]),
    ...prose(
      missing.length === 0
        ? "Every day has landed: a day without a mark is one on which nothing happened."
        : `${plural(missing.length, "day")} without events that have landed, left open in the lines: ${listed(missing)}.`,
      "Hours, weeks, months and single branches: growthos branches chart.",
    ),
  ];
}

/** Branches in the order of the table, then those at which nothing happened; Unassigned where it stands. */
function sections(facts: Facts, read: BranchPages): readonly Block[] {
  const result = facts.result(`branches_${SELECTED}`);
  const { rows } = result;
  const silent = silentIn(read, result);
  const all: readonly BreakdownRow[] = [
    ...rows,
    ...silent.map(({ id, name }): BreakdownRow => ({ key: id, label: name, values: {} })),
  ];
  const left = all.length - MOST_SECTIONS;
  return [
    ...all.slice(0, MOST_SECTIONS).flatMap((row) => section(facts, read, row)),
    ...prose(
      left > 0 ? `${plural(left, "more branch").replace(/branchs$/, "branches")}: growthos branches show.` : undefined,
    ),
  ];
}

function section(facts: Facts, read: BranchPages, row: BreakdownRow): readonly Block[] {
  const branch = branchOf(read, row.key);
  const tasks = read.tasks.find((one) => (one.branch ?? NO_GROUP) === row.key);
  const name = nameOf(read, row);
  return [
    heading(anchorOf(row.key), name),
    ...prose([aboutText(row, branch), repsText(read, row.key), openText(tasks)].join(" ")),
    ...(Object.keys(row.values).length === 0 ? [] : [figures(facts, name, row)]),
    ...(tasks === undefined ? [] : [taskTable(name, tasks.tasks, tasks.total)]),
  ];
}

function aboutText({ key, values }: BreakdownRow, branch: Branch | undefined): string {
  if (key === NO_GROUP) return "What no branch is known of.";
  const about = [branch?.code ?? key, ...(branch === undefined ? [] : [placeOf(branch)])].filter((text) => text !== "");
  return [
    `Branch ${about.map(label).join(", ")}.`,
    ...(branch?.isListed === false ? ["It is in no list of locations."] : []),
    ...(branch?.isActive === false ? ["It is not active any more."] : []),
    ...(Object.keys(values).length === 0 ? [`Nothing happened there in ${COURSE_DAYS} days.`] : []),
  ].join(" ");
}

function repsText({ reps }: BranchPages, key: string): string {
  const names = (isOn: boolean) =>
    reps
      .filter(({ branch, isEnabled }) => branch === key && isEnabled === isOn)
      .map(({ name, email }) => label(name ?? email));
  const [on, off] = [names(true), names(false)];
  const gets = on.length === 0 ? "Nobody gets its daily report" : `Its daily report goes to ${listed(on)}`;
  return off.length === 0 ? `${gets}.` : `${gets}; it is disabled for ${listed(off)}.`;
}

function openText(tasks: BranchPages["tasks"][number] | undefined): string {
  if (tasks === undefined) return "No task is open.";
  const { total, high } = tasks;
  return `${plural(total, "task")} ${total === 1 ? "is" : "are"} open, ${high === 0 ? "none" : high} of high priority.`;
}

function figures(facts: Facts, name: string, { values }: BreakdownRow): BlockOf<"table"> {
  const { currency } = facts.context;
  const right = "right" as const;
  return {
    kind: "table",
    title: `${name}, ${COURSE_DAYS} days`,
    columns: [
      { id: "figure", title: "Figure", align: "left" },
      { id: "value", title: "Value", align: right },
      { id: "before", title: `${COURSE_DAYS} days before`, align: right },
      { id: "change", title: "Change", align: right },
    ],
    rows: METRICS.map((id) => {
      const [def, compared] = [facts.metric(id), comparedOf(values, id)];
      const { previous } = compared;
      return [
        textCell(def.title),
        valueCell(compared.value, def.unit, currency),
        previous === undefined ? textCell("—", null) : valueCell(previous, def.unit, currency),
        changeCell(compared, def),
      ];
    }),
  };
}

const RANKS: Readonly<Record<Task["priority"], number>> = { high: 3, medium: 2, low: 1 };
/** Of the hash behind the kind of a task: enough to name it by. */
const KEY_LENGTH = 8;

function taskTable(name: string, tasks: readonly Task[], total: number): BlockOf<"table"> {
  return {
    kind: "table",
    title: `What is open at ${name}`,
    columns: [
      { id: "task", title: "Task", align: "left" },
      { id: "priority", title: "Priority", align: "left" },
      { id: "age", title: "Age", align: "right" },
      { id: "value", title: "Value", align: "right" },
      { id: "what", title: "What happened", align: "left" },
      { id: "company", title: "Company", align: "left" },
      { id: "assignee", title: "Assigned to", align: "left" },
    ],
    rows: tasks.map((task) => [
      {
        ...textCell(
          task.key.replace(/-.*/, (hash) => hash.slice(0, KEY_LENGTH + 1)),
          task.key,
        ),
        exact: task.key,
      },
      {
        ...textCell(task.priority, RANKS[task.priority]),
        ...(task.priority === "high" ? { tone: "bad" as const } : {}),
      },
      textCell(ageText(task.ageHours), task.ageHours),
      textCell(taskValue(task) === "" ? "—" : taskValue(task), task.value),
      textCell(label(taskText(task))),
      textCell(task.company === null ? "—" : label(task.company)),
      textCell(task.assignee === null ? "—" : label(task.assignee)),
    ]),
    ...(total > tasks.length
      ? {
          note: `The most urgent of each kind, ${tasks.length} of ${total}: growthos tasks list --branch tells them all.`,
        }
      : {}),
  };
}

function events({ kinds }: BranchPages): BlockOf<"table"> {
  return {
    kind: "table",
    title: "Events that have landed",
    columns: [
      { id: "event", title: "Event", align: "left" },
      { id: "count", title: "Count", align: "right" },
      { id: "first", title: "First day", align: "left" },
      { id: "last", title: "Last day", align: "left" },
    ],
    rows: kinds.map(({ kind, count, first, last }) => [
      textCell(kind.replaceAll("_", " ")),
      valueCell({ status: "ok", value: count }, "count", ""),
      textCell(dayText(first), first),
      textCell(dayText(last), last),
    ]),
  };
}

function branchOf({ branches: known }: BranchPages, key: string): Branch | undefined {
  return known.find(({ id }) => id === key);
}

function nameOf(read: BranchPages, row: BreakdownRow): string {
  return label(branchOf(read, row.key)?.name ?? row.label);
}

function placeOf(branch: Branch | undefined): string {
  return [branch?.city, branch?.state]
    .flatMap((part) => part ?? [])
    .map(label)
    .join(", ");
}

/** Keys come from outside; two that become one word are told apart by nothing else, and the first is found. */
function anchorOf(key: string): string {
  return key === NO_GROUP ? "branch-none" : `branch-${slug(key)}`;
}

function namesOf(some: readonly Branch[]): string {
  return listed(some.map(({ name }) => label(name)));
}

function listed(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more`] : [];
  return [...names.slice(0, MOST_NAMES), ...more].join(", ");
}
