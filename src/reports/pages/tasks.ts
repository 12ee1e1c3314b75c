/** What somebody should follow up: a page for each type of task, with the open ones that matter most. */
import type { TaskPages } from "../../transform/task-pages.js";
import type { Task, TaskCount, TaskFacet, TaskList, TaskType } from "../../transform/tasks.js";
import { moneyCell, textCell } from "../figures.js";
import { heading, lead, prose } from "../metric-table.js";
import { capital, plural } from "../narrative.js";
import { stamps } from "../stamps.js";
import { ageText, noTasksText, taskText, totalsText } from "../tasks.js";
import { dayText, label } from "../text.js";
import type { Block, BlockOf, Column, Facts, ReportPage, TableCell } from "../types.js";

/** What a page says of its type. */
interface TaskPageWords {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  /** What one of them is called. */
  readonly noun: string;
  /** How it becomes one, and when it is none any more, by the limits of the shop. */
  readonly rule: (limits: TaskPages["limits"]) => string;
  readonly hasValue?: true;
  readonly hasPerson?: false;
}

const SHORT = 8;

const WORDS: Readonly<Record<TaskType, TaskPageWords>> = {
  purchase: {
    id: "tasks-purchases",
    title: "Purchases to follow up",
    subtitle: "Who bought, what, and what is left of it after refunds",
    noun: "purchase",
    rule: () => "One for each transaction, however often its page was loaded; refunds are taken off.",
    hasValue: true,
  },
  cart: {
    id: "tasks-carts",
    title: "Carts that were left",
    subtitle: "What people put into their carts, left there, and did not buy since",
    noun: "cart",
    rule: (limits) =>
      `A cart is what one person added less what was removed, on all devices. It is left after ${limits["cart_quiet_hours"]} hours without a visit, and bought with the person's next purchase. Without a price of every item its value is unknown.`,
    hasValue: true,
  },
  search: {
    id: "tasks-searches",
    title: "Searches to look into",
    subtitle: "Terms for which nothing was found, and people who searched and did not buy",
    noun: "search",
    rule: (limits) =>
      `No results: once per person, term and day. No conversion: more than ${limits["search_terms_over"]} different terms, and no purchase of the person since.`,
  },
  visit: {
    id: "tasks-visits",
    title: "Visits without a purchase",
    subtitle: "Who came back, looked at several pages, and bought nothing",
    noun: "visitor",
    rule: (limits) =>
      `More than ${limits["visits_over"]} visit with more than ${limits["visit_pages_over"]} pages, without a pause of more than ${limits["streak_days"]} days, and no purchase of the person since.`,
  },
  performance: {
    id: "tasks-performance",
    title: "Pages that people leave",
    subtitle: "Entry pages on which visits end, and single visits of known people that ended so",
    noun: "task",
    rule: (limits) =>
      `Pages by month, with at least ${limits["bounce_sessions_at_least"]} visits, ${limits["bounce_percent_at_least"]} % of which or more ended where they began. Single visits only of people whom the shop knows.`,
    hasPerson: false,
  },
};

/** One page per type, in the order of the types. They are written where GA4's events are a source. */
export const taskPages: readonly ReportPage[] = Object.entries(WORDS).map(([type, words]) => ({
  id: words.id,
  title: words.title,
  needs: "ga4_events",
  reads: () => ({}),
  build: (facts: Facts) => ({
    schemaVersion: 1,
    id: words.id,
    title: words.title,
    subtitle: words.subtitle,
    context: facts.context,
    blocks:
      facts.tasks === null
        ? [lead("Nothing was read: build the workspace again.")]
        : blocksOf(facts.tasks, type as TaskType),
    stamps: stamps(facts),
  }),
}));

function blocksOf(read: TaskPages, type: TaskType): readonly Block[] {
  const words = WORDS[type];
  const list = read.lists[type];
  if (!read.hasAny) return [lead("There is no task yet."), nothingYet(read.hasEvents)];
  return [
    lead(leadOf(list, words)),
    ...prose(`${words.rule(read.limits)} Those of the last ${read.limits["task_keep_days"]} days are kept.`),
    ...(read.sample === undefined ? [] : prose(read.sample)),
    ...(list.total === 0
      ? []
      : [heading("open", "What is open"), tableOf(read, type), heading("counts", "How they are spread"), spread(list)]),
    ...(type === "search" ? terms(read) : []),
  ];
}

/** What the pages would need; zeros would say that nobody did anything. */
function nothingYet(hasEvents: boolean): BlockOf<"findings"> {
  return {
    kind: "findings",
    items: [
      {
        tone: "neutral",
        badge: "Missing",
        title: "GA4's events",
        detail: noTasksText(hasEvents),
        ...(hasEvents ? {} : { advice: "growthos connect ga4_events" }),
      },
    ],
  };
}

function leadOf({ total, facets, totals }: TaskList, { noun }: TaskPageWords): string {
  if (total === 0) return `No ${noun} is open.`;
  const high = facets.priority["high"] ?? 0;
  const worth = totalsText(totals);
  return `${pluralOf(total, noun)} ${total === 1 ? "is" : "are"} open, ${high === 0 ? "none" : high} of high priority${worth === "" ? "" : `; worth ${worth}`}.`;
}

function pluralOf(count: number, noun: string): string {
  return noun === "search" && count !== 1 ? `${plural(count, noun).slice(0, -1)}es` : plural(count, noun);
}

function tableOf(read: TaskPages, type: TaskType): BlockOf<"table"> {
  const { hasValue, hasPerson = true, noun } = WORDS[type];
  const { tasks, total } = read.lists[type];
  // A column in which nothing is known takes room from the others.
  const told = (id: string, title: string, of: (task: Task) => string | null, isFilter = false) =>
    tasks.some((task) => of(task) !== null) ? [column(id, title, (task) => namedCell(of(task)), isFilter)] : [];
  const kinds = new Set(tasks.map(({ kind }) => kind)).size > 1;
  const columns: readonly (readonly [Column, (task: Task) => TableCell])[] = [
    [{ id: "task", title: "Task", align: "left" }, keyCell],
    [{ id: "priority", title: "Priority", align: "left", filter: true }, priorityCell],
    ...(kinds ? [column("kind", "Kind", (task) => textCell(task.kind.replaceAll("_", " ")), true)] : []),
    [{ id: "day", title: "Day", align: "left" }, ({ day }) => textCell(dayText(day), day)],
    [{ id: "age", title: "Age", align: "right" }, ({ ageHours }) => textCell(ageText(ageHours), ageHours)],
    ...(hasValue === true ? [[{ id: "value", title: "Value", align: "right" }, valueCell] as const] : []),
    column("what", "What happened", (task) => textCell(label(taskText(task)))),
    ...(type === "performance" ? [countColumn("session", "Visits"), countColumn("bounce", "Ended there")] : []),
    ...told("company", "Company", ({ company }) => company),
    ...(read.hasContacts ? told("contact", "Contact", contactOf) : []),
    ...told("branch", "Branch", ({ branch }) => branch, true),
    ...told("assignee", "Assigned to", ({ assignee }) => assignee, true),
  ];
  return {
    kind: "table",
    title: `${capital(pluralOf(total, noun))}, ${total > tasks.length ? `the ${tasks.length} most urgent of them` : "the most urgent first"}`,
    columns: columns.map(([one]) => one),
    rows: tasks.map((task) => columns.map(([, cell]) => cell(task))),
    note: [
      "Ages count to the build's last complete moment. Close one: growthos tasks done, with the beginning of its name.",
      ...(hasPerson
        ? [
            read.hasContacts
              ? "Contact data are shown because this shop keeps them."
              : 'No contact data are shown: this shop keeps none (pii: "keep" would).',
          ]
        : []),
    ].join(" "),
  };
}

function column(
  id: string,
  title: string,
  cell: (task: Task) => TableCell,
  isFilter = false,
): readonly [Column, (task: Task) => TableCell] {
  return [{ id, title, align: "left", ...(isFilter ? { filter: true as const } : {}) }, cell];
}

function countColumn(name: TaskCount, title: string): readonly [Column, (task: Task) => TableCell] {
  return [
    { id: name, title, align: "right" },
    ({ counts }) => (counts[name] === null ? textCell("—", null) : textCell(String(counts[name]), counts[name])),
  ];
}

function keyCell({ key }: Task): TableCell {
  const [kind = "", hash = ""] = key.split("-");
  return { ...textCell(`${kind}-${hash.slice(0, SHORT)}`, key), exact: key };
}

const RANKS: Readonly<Record<Task["priority"], number>> = { high: 3, medium: 2, low: 1 };

function priorityCell({ priority }: Task): TableCell {
  return {
    ...textCell(priority, RANKS[priority]),
    exact: priority,
    ...(priority === "high" ? { tone: "bad" as const } : {}),
  };
}

function valueCell({ value, currency }: Task): TableCell {
  return value === null || currency === null ? textCell("unknown", null) : moneyCell(value, currency);
}

function namedCell(name: string | null): TableCell {
  return name === null ? textCell("—", null) : textCell(label(name));
}

function contactOf({ contact }: Task): string | null {
  const known = [contact.name, contact.cellPhone ?? contact.officePhone, contact.email].filter((one) => one !== null);
  return known.length === 0 ? null : known.join(", ");
}

const SPREADS: readonly (readonly [TaskFacet, string])[] = [
  ["priority", "Priority"],
  ["kind", "Kind"],
  ["branch", "Branch"],
  ["assignee", "Assigned to"],
];

/** Counts of the whole set, whatever the table shows of it. */
function spread({ facets, total }: TaskList): BlockOf<"table"> {
  // What is the same for all, or known of none, says nothing.
  const isTold = (facet: TaskFacet) => {
    const [first, ...others] = Object.keys(facets[facet]);
    return facet === "priority" || others.length > 0 || (facet !== "kind" && first !== "none");
  };
  const rows = SPREADS.filter(([facet]) => isTold(facet)).flatMap(([facet, title]) =>
    Object.entries(facets[facet]).map(([value, count]) => [
      textCell(title),
      textCell(value === "none" ? (facet === "assignee" ? "nobody" : "not known") : label(value.replaceAll("_", " "))),
      textCell(String(count), count),
    ]),
  );
  return {
    kind: "table",
    title: total === 1 ? "The open one" : `All ${total} open ones`,
    columns: [
      { id: "by", title: "By", align: "left", filter: true },
      { id: "value", title: "Value", align: "left" },
      { id: "tasks", title: "Tasks", align: "right" },
    ],
    rows,
  };
}

function terms({ terms: list, termDays }: TaskPages): readonly Block[] {
  if (list.length === 0) return [];
  return [
    heading("terms", "What people search for"),
    {
      kind: "table",
      title: `Terms of the last ${termDays} days, those searched most first`,
      columns: [
        { id: "term", title: "Term", align: "left" },
        { id: "searches", title: "Searches", align: "right" },
        { id: "failed", title: "Found nothing", align: "right" },
        { id: "people", title: "People", align: "right" },
      ],
      rows: list.map(({ term, searches, failed, people }) => [
        textCell(label(term)),
        textCell(String(searches), searches),
        { ...textCell(String(failed), failed), ...(failed === searches ? { tone: "bad" as const } : {}) },
        textCell(String(people), people),
      ]),
      note: "In lower case. People who refused cookies are in the searches and not among the people.",
    },
  ];
}
