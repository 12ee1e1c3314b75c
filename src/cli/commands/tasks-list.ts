import type { Task, TaskList, TaskQuery } from "../../transform/tasks.js";
import { type Command, type CommandContext, stringOption } from "../command.js";
import { plural } from "../format.js";
import { countOption, FILTER_OPTIONS, filterOf, hasEvents, openTasks, shortKey, taskJson } from "../tasks.js";

const LONGEST = 70;

export const command: Command = {
  name: "tasks list",
  summary: "list what somebody should follow up: purchases, carts, searches, visits, pages that people leave",
  description:
    "Made of GA4's events by the build; how each stands is what people said since. Filters, order, pages, counts and sums are those of the whole set. Ages count to the build's last complete moment. No contact data: `tasks show` and `tasks export` have what the shop keeps.",
  options: [
    ...FILTER_OPTIONS,
    { flags: "--page <number>", description: "which page", default: "1" },
    { flags: "--limit <number>", description: "tasks on a page, up to 1000", default: "25" },
  ],
  examples: [
    "growthos tasks list --priority high",
    "growthos tasks list --type cart --branch north --sort value",
    "growthos tasks list --assignee nobody --json",
  ],
  async run(context, args) {
    const query: TaskQuery = {
      ...filterOf(args),
      sort: (stringOption(args, "sort") ?? "priority") as TaskQuery["sort"],
      order: stringOption(args, "order") === "asc" ? "asc" : "desc",
      page: countOption(args, "page", { most: 1_000_000, otherwise: 1 }),
      limit: countOption(args, "limit", { most: 1000, otherwise: 25 }),
    };
    const { hasAnyTask, readTasks } = await import("../../transform/tasks.js");
    const database = await openTasks(context);
    try {
      const list = await readTasks(database, query);
      const isEmpty = list.total === 0 && !(await hasAnyTask(database));
      const text = isEmpty ? await emptyText(context) : await listText(context, list, query);
      return { exit: "ok", json: listJson(list, query), text };
    } finally {
      await database.close();
    }
  },
};

function listJson(list: TaskList, { page, limit }: TaskQuery): Readonly<Record<string, unknown>> {
  return {
    total: list.total,
    page,
    pages: list.pages,
    limit,
    has_more: page < list.pages,
    facets: list.facets,
    totals: list.totals.map(({ currency, tasks, value }) => ({ currency, tasks, value_minor: value })),
    tasks: list.tasks.map(taskJson),
  };
}

async function emptyText(context: CommandContext): Promise<string> {
  const { noTasksText } = await import("../../reports/tasks.js");
  return noTasksText(await hasEvents(context));
}

async function listText(context: CommandContext, list: TaskList, query: TaskQuery): Promise<string> {
  const words = await import("../../reports/tasks.js");
  const { output } = context;
  if (list.total === 0) return "No task is like that: `growthos tasks list --state all` shows every one.";
  const rows = list.tasks.map((task: Task) => [
    shortKey(task.key),
    task.priority,
    task.day,
    words.ageText(task.ageHours),
    words.taskValue(task),
    task.company ?? words.personText(task.person) ?? "—",
    task.branch ?? "—",
    task.state === "snoozed" ? `until ${task.until}` : task.state === "open" ? (task.assignee ?? "open") : task.state,
    cut(words.taskText(task)),
  ]);
  const right = ["age", "value"];
  const titles = ["task", "priority", "day", "age", "value", "who", "branch", "state", "what happened"];
  const table = output.table(
    titles.map((title) => (right.includes(title) ? { title, align: "right" } : { title })),
    rows,
  );
  const facet = (name: "type" | "priority") =>
    Object.entries(list.facets[name])
      .map(([value, count]) => `${count} ${value}`)
      .join(", ");
  const worth = words.totalsText(list.totals);
  const lines = [
    `${plural(list.total, "task")}, page ${query.page} of ${list.pages}: ${facet("type")}; ${facet("priority")}`,
    ...(worth === "" ? [] : [`worth ${worth}`]),
  ];
  return [...(rows.length === 0 ? [] : [table, ""]), ...lines].join("\n");
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
