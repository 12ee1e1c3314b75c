import { decimalText } from "../../base/money.js";
import type { TaskChange } from "../../transform/task-changes.js";
import type { Task, TaskItem } from "../../transform/tasks.js";
import type { Command, CommandContext } from "../command.js";
import { openTasks, taskJson, taskKeyOf } from "../tasks.js";

export const command: Command = {
  name: "tasks show",
  summary: "show one task: what happened, its items, whom to call, and everything that was said about it",
  arguments: [{ usage: "<id>", description: "as `growthos tasks list` shows it; its beginning is enough" }],
  options: [],
  examples: ["growthos tasks show cart-1f3a9c20"],
  async run(context, args) {
    const [{ readTask, readTaskItems }, { keysOfTask, readTaskChanges }] = await Promise.all([
      import("../../transform/tasks.js"),
      import("../../transform/task-changes.js"),
    ]);
    const database = await openTasks(context);
    try {
      const key = await taskKeyOf(database, args.positionals[0] ?? "");
      const task = await readTask(database, key);
      const items = task === null ? [] : await readTaskItems(database, task);
      const keys = await keysOfTask(database, key);
      const history = await readTaskChanges(await context.workspace({ mustExist: true }), keys);
      return {
        exit: "ok",
        json: {
          id: key,
          task: task === null ? null : { ...taskJson(task), contact: contactJson(task) },
          items: items.map(({ id, name, quantity, price, currency }) => ({
            ...{ item_id: id, name, quantity, price_minor: price, currency },
          })),
          history: history.map(({ change, until, assignee, by, note, at }) => ({
            at,
            by,
            change,
            until,
            assignee,
            note,
          })),
        },
        text: [
          ...(task === null ? [`${key} is not in the current build any more: it is too old, or was cleared.`] : []),
          ...(task === null ? [] : [await taskLines(task), itemTable(context, items)]),
          historyTable(context, history),
        ]
          .filter((part) => part !== "")
          .join("\n\n"),
      };
    } finally {
      await database.close();
    }
  },
};

function contactJson({ contact }: Task): Readonly<Record<string, unknown>> {
  const { name, email, cellPhone, officePhone } = contact;
  return { name, email, cell_phone: cellPhone, office_phone: officePhone };
}

async function taskLines(task: Task): Promise<string> {
  const words = await import("../../reports/tasks.js");
  const value = words.taskValue(task);
  const standing = task.state === "snoozed" ? `snoozed until ${task.until}` : task.state;
  const lines: readonly (readonly [string, string])[] = [
    ["task", `${task.key} (${task.kind.replaceAll("_", " ")})`],
    ["state", `${standing}, ${task.assignee === null ? "nobody's" : `assigned to ${task.assignee}`}`],
    ["priority", task.priority],
    ["when", `${task.day}, ${words.ageText(task.ageHours)} before the build's last complete moment`],
    ["what", words.taskText(task)],
    ...(value === "" ? [] : [["value", value] as const]),
    ["company", task.company ?? "not known"],
    ["contact", contactText(task)],
    ["branch", task.branch ?? "not known"],
    ...(task.person === null
      ? []
      : [["person", `${words.personText(task.person)} (growthos timeline --user ${task.person})`] as const]),
    ...(task.session === null
      ? []
      : [["session", `${task.session} (growthos timeline --session ${task.session})`] as const]),
  ];
  return lines.map(([name, text]) => `${name.padEnd(9)} ${text}`).join("\n");
}

function contactText({ contactState, contact }: Task): string {
  if (contactState === "unknown") return "not known";
  if (contactState === "hidden") return 'known, but the shop keeps no contact data (`pii: "keep"` would)';
  return [contact.name, contact.email, contact.cellPhone, contact.officePhone].filter((one) => one !== null).join(", ");
}

function itemTable({ output }: CommandContext, items: readonly TaskItem[]): string {
  if (items.length === 0) return "";
  return output.table(
    [{ title: "item" }, { title: "id" }, { title: "pieces", align: "right" }, { title: "price", align: "right" }],
    items.map(({ name, id, quantity, price, currency }) => [
      name ?? "not named",
      id ?? "",
      String(quantity),
      price === null || currency === null ? "unknown" : `${decimalText({ minor: price, currency })} ${currency}`,
    ]),
  );
}

function historyTable({ output }: CommandContext, history: readonly TaskChange[]): string {
  if (history.length === 0) return "Nobody has said anything about it yet.";
  return output.table(
    [{ title: "when (UTC)" }, { title: "who" }, { title: "what" }, { title: "note" }],
    history.map(({ at, by, change, until, assignee, note }) => [
      at.slice(0, 16).replace("T", " "),
      by,
      change === "snoozed"
        ? `snoozed until ${until}`
        : change === "assigned"
          ? assignee === null
            ? "given back"
            : `assigned to ${assignee}`
          : change,
      note ?? "",
    ]),
  );
}
