import { resolve } from "node:path";
import { currencyExponent, decimalText } from "../../base/money.js";
import type { Task, TaskQuery } from "../../transform/tasks.js";
import { type Command, stringOption } from "../command.js";
import { FILTER_OPTIONS, filterOf, openTasks, taskJson, usage } from "../tasks.js";
import type { SheetCell } from "../workbook.js";

/** More rows than a list that people work through has; Excel takes a million. */
const MOST = 200_000;

interface ExportColumn {
  readonly title: string;
  readonly of: (task: Task) => SheetCell;
  readonly isContact?: true;
}

const money = (minor: number | null, currency: string | null): SheetCell =>
  minor === null || currency === null ? null : Number(decimalText({ minor, currency }));

const COLUMNS: readonly ExportColumn[] = [
  { title: "id", of: ({ key }) => key },
  { title: "type", of: ({ type }) => type },
  { title: "kind", of: ({ kind }) => kind },
  { title: "priority", of: ({ priority }) => priority },
  { title: "state", of: ({ state }) => state },
  { title: "until", of: ({ until }) => until },
  { title: "assignee", of: ({ assignee }) => assignee },
  { title: "date", of: ({ day }) => day },
  { title: "age_hours", of: ({ ageHours }) => ageHours },
  { title: "branch", of: ({ branch }) => branch },
  { title: "company", of: ({ company }) => company },
  { title: "contact", of: ({ contact }) => contact.name, isContact: true },
  { title: "email", of: ({ contact }) => contact.email, isContact: true },
  { title: "cell_phone", of: ({ contact }) => contact.cellPhone, isContact: true },
  { title: "office_phone", of: ({ contact }) => contact.officePhone, isContact: true },
  { title: "user_id", of: ({ userId }) => userId },
  { title: "value", of: ({ value, currency }) => money(value, currency) },
  { title: "refund", of: ({ refund, currency }) => money(refund, currency) },
  { title: "currency", of: ({ currency }) => currency },
  { title: "subject", of: ({ subject }) => subject },
  { title: "items", of: ({ items }) => items },
  { title: "pieces", of: ({ counts }) => counts.piece },
  { title: "items_without_price", of: ({ counts }) => counts.unpriced_item },
  { title: "searches", of: ({ counts }) => counts.search },
  { title: "visits", of: ({ counts }) => counts.session },
  { title: "pages", of: ({ counts }) => counts.page },
  { title: "products_viewed", of: ({ counts }) => counts.viewed_item },
  { title: "bounces", of: ({ counts }) => counts.bounce },
  { title: "session", of: ({ session }) => session },
];

export const command: Command = {
  name: "tasks export",
  summary: "write tasks as CSV, Excel or JSON lines, with whom to call when the shop keeps contact data",
  description:
    'The tasks that `tasks list` would show with the same filters, all pages of them. Texts that a spreadsheet would run as formulas are made plain text. Names, e-mail addresses and phone numbers are in it only when the shop keeps them (`pii: "keep"`).',
  options: [
    ...FILTER_OPTIONS,
    { flags: "-f, --format <format>", description: "what to write", choices: ["csv", "xlsx", "jsonl"], default: "csv" },
    { flags: "-o, --out <file>", description: "where to (default: standard output; xlsx needs a file)" },
  ],
  examples: [
    "growthos tasks export --priority high --out monday.csv",
    "growthos tasks export --branch north --format xlsx --out north.xlsx",
  ],
  async run(context, args) {
    const format = stringOption(args, "format") ?? "csv";
    const out = stringOption(args, "out");
    if (format === "xlsx" && out === undefined) throw usage("a workbook goes into a file", "add --out tasks.xlsx");
    const query: TaskQuery = {
      ...filterOf(args),
      sort: (stringOption(args, "sort") ?? "priority") as TaskQuery["sort"],
      order: stringOption(args, "order") === "asc" ? "asc" : "desc",
      page: 1,
      limit: MOST,
    };
    const { readTasks } = await import("../../transform/tasks.js");
    const database = await openTasks(context);
    const { tasks, total } = await readTasks(database, query).finally(() => database.close());
    if (total > MOST)
      throw usage(
        `${total} tasks are more than the ${MOST} that fit into one file`,
        "narrow them by day, type or branch",
      );
    const hasContacts = (await context.workspaceConfig()).pii === "keep";
    const bytes = await written(tasks, { format, hasContacts });
    const file = out === undefined ? null : resolve(context.effects.cwd, out);
    if (file !== null && !context.flags.dryRun) context.effects.files.write(file, bytes);
    const line = hasContacts
      ? "Contains names, e-mail addresses and phone numbers: this shop keeps contact data."
      : 'Contains no contact data: this shop keeps none (`pii: "keep"` would).';
    // On standard error, so that it is no row of what was asked for.
    if (file === null) context.output.note(line);
    return {
      exit: "ok",
      json: { tasks: total, format, file, has_contact_data: hasContacts, dry_run: context.flags.dryRun },
      text: file === null ? String(bytes).trimEnd() : `${file}: ${total === 1 ? "1 task" : `${total} tasks`}. ${line}`,
    };
  },
};

async function written(
  tasks: readonly Task[],
  { format, hasContacts }: { readonly format: string; readonly hasContacts: boolean },
): Promise<string | Uint8Array> {
  if (format === "jsonl") {
    const lines = tasks.map((task) => JSON.stringify({ ...taskJson(task), ...(hasContacts ? contactJson(task) : {}) }));
    return lines.map((line) => `${line}\n`).join("");
  }
  const columns = COLUMNS.filter(({ isContact }) => hasContacts || isContact !== true);
  const head = columns.map(({ title }) => title);
  if (format === "xlsx") {
    const { workbookOf } = await import("../workbook.js");
    return workbookOf("Tasks", [head, ...tasks.map((task) => columns.map(({ of }) => of(task)))]);
  }
  const { csvText } = await import("../../metrics/present.js");
  const cells = tasks.map((task) => columns.map(({ title, of }) => csvCell(title, of(task), task)));
  return `${csvText({ columns: head.map((title) => ({ title, align: "left" as const })), rows: cells })}\n`;
}

/** Amounts with all their decimals, as people expect them in a column of money. */
function csvCell(title: string, cell: SheetCell, { currency }: Task): string {
  if (typeof cell !== "number") return String(cell ?? "");
  const isMoney = (title === "value" || title === "refund") && currency !== null;
  return isMoney ? cell.toFixed(currencyExponent(currency)) : String(cell);
}

function contactJson({ contact }: Task): Readonly<Record<string, unknown>> {
  const { name, email, cellPhone, officePhone } = contact;
  return { contact: { name, email, cell_phone: cellPhone, office_phone: officePhone } };
}
