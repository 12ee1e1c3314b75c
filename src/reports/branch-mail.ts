/** The daily report of one branch as a mail (D-65): tables and inline styles alone, nothing that is fetched, and the same as plain text. */
import { decimalText } from "../base/money.js";
import { formatValue } from "../metrics/format.js";
import type { AnswerContext, MetricId, MetricValue, Unit } from "../metrics/types.js";
import type { BranchList, BranchProduct, BranchThing, BranchThings } from "../transform/branch-report.js";
import type { Branch } from "../transform/branches.js";
import { type BranchTasks, TASK_TYPES, type Task, type TaskType } from "../transform/tasks.js";
import { ageText, taskText, taskValue } from "./tasks.js";

/** Rows of a list that a mail shows. */
export const MOST_ROWS = 500;
/** Products that a mail shows, and open tasks of each type. */
export const MOST_PRODUCTS = 20;
/** The rest is for `growthos tasks list`. */
export const MOST_TASKS = 50;
/** Failed searches are ranked, and only the first are worth a table. */
const MOST_TERMS = 10;

/** What the report of a branch is made of. */
export interface BranchDay {
  readonly context: AnswerContext;
  readonly day: string;
  readonly branch: Branch;
  readonly values: Readonly<Record<MetricId, MetricValue>>;
  readonly lists: readonly BranchThings[];
  readonly products: readonly BranchProduct[];
  /** What is open there now; null: nothing. */
  readonly tasks: BranchTasks | null;
}

/** A report that is not addressed yet. */
export interface BranchMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Stands where the greeting will; no cleaned text has it. */
const GREETING = "\u0000";

/** Renders the report of a branch: once, whoever gets it. */
export function renderBranchMail(given: BranchDay): BranchMail {
  const { day, branch } = given;
  const subject = clean(`Daily Branch Sales Report - ${day} - ${branch.name}`).slice(0, 200);
  const summary = summaryOf(given);
  const tables = [...tablesOf(given), ...productTable(given), ...taskTables(given)];
  const happened = happenedText(given);
  const text = [
    subject,
    GREETING,
    ...(happened === null ? [] : [happened]),
    summary.map(([name, value]) => `${name}: ${value}`).join("\n"),
    ...tables.map(tableText),
    ...footOf(given),
  ].join("\n\n");
  const html = [
    paragraph(GREETING),
    heading(subject),
    ...(happened === null ? [] : [paragraph(escaped(happened))]),
    htmlTable(
      ["", ""],
      summary.map((row) => row.map(clean)),
    ),
    ...tables.map(tableHtml),
    ...footOf(given).map((one) => paragraph(escaped(one))),
  ].join("");
  return { subject, html: framed(html), text: `${text}\n` };
}

/** The same with a greeting; without a name it greets nobody by it. */
export function addressed(mail: BranchMail, name: string | null): BranchMail {
  const greeting = name === null || clean(name) === "" ? "Hello," : `Hello ${clean(name)},`;
  return {
    subject: mail.subject,
    html: mail.html.replaceAll(GREETING, () => escaped(greeting)),
    text: mail.text.replaceAll(GREETING, () => greeting),
  };
}

type Line = readonly [name: string, value: string];

function summaryOf({ values, lists, tasks, context }: BranchDay): readonly Line[] {
  const told = (metric: MetricId, unit: Unit) => {
    const value = values[metric];
    return value === undefined ? "n/a" : formatValue(value, unit, context.currency);
  };
  const visits = lists.find(({ list }) => list === "repeat_visit");
  const pages = visits?.meanPages ?? null;
  const mean = pages === null ? "" : `, ${pages.toFixed(1)} pages on average`;
  return [
    ["Purchases", `${told("web_purchases", "count")}, revenue ${told("web_revenue", "money")}`],
    ["Abandoned carts", `${told("abandoned_carts", "count")}, value at risk ${told("cart_value_at_risk", "money")}`],
    ["Failed searches", told("failed_searches", "count")],
    ["Repeat visitors", `${told("repeat_visitors", "count")}${mean}`],
    ["Visitors", told("web_visits", "count")],
    [
      "Open tasks",
      tasks === null ? "none" : `${tasks.total}, ${tasks.high === 0 ? "none" : tasks.high} of high priority`,
    ],
  ];
}

/** A digest says so when there was nothing: silence would look like a mail that was lost. */
function happenedText({ values, day, branch }: BranchDay): string | null {
  const isQuiet = ["web_visits", "web_purchases", "searches", "web_revenue"].every((metric) => {
    const value = values[metric];
    return value?.status === "ok" && value.value === 0;
  });
  return isQuiet ? `Nothing happened at ${branch.name} on ${day}: no visit, no purchase, no cart, no search.` : null;
}

interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note: string | null;
}

function tablesOf({ lists, context }: BranchDay): readonly Table[] {
  const when = (thing: BranchThing) => clock(thing.at, context.timeZone);
  const who = (thing: BranchThing) => [thing.company, thing.name, thing.email, thing.phone].map((text) => text ?? "—");
  const money = ({ cents, currency }: BranchThing) =>
    cents === null ? "not told" : `${decimalText({ minor: cents, currency: currency ?? "" })} ${currency ?? ""}`.trim();
  const contact = ["Company", "Name", "E-mail", "Phone"];
  const table = (
    list: BranchList,
    title: string,
    columns: readonly string[],
    row: (thing: BranchThing) => string[],
  ) => {
    const found = lists.find((one) => one.list === list);
    if (found === undefined) return [];
    const rows = found.things.slice(0, MOST_ROWS).map((thing) => row(thing).map(clean));
    return [{ title, columns, rows, note: leftOut(rows.length, found.count) }];
  };
  return [
    ...table("purchase", "Purchases", ["Time", "Transaction", "Value", "Products", ...contact], (thing) => [
      when(thing),
      thing.subject ?? "no number",
      money(thing),
      thing.items ?? "not told",
      ...who(thing),
    ]),
    ...table("abandoned_cart", "Abandoned carts", ["Abandoned at", "Value", "Left in it", ...contact], (thing) => [
      when(thing),
      money(thing),
      thing.items ?? "not told",
      ...who(thing),
    ]),
    ...termTable(lists.find(({ list }) => list === "failed_search")),
    ...table("repeat_visit", "Repeat visits", ["Time", "Pages", ...contact], (thing) => [
      when(thing),
      String(thing.pages ?? "—"),
      ...who(thing),
    ]),
  ];
}

/** What was bought and what was left, by product. */
function productTable({ products }: BranchDay): readonly Table[] {
  if (products.length === 0) return [];
  return [
    {
      title: "Products",
      columns: ["Product", "Bought", "Left in carts"],
      rows: products.map(({ name, bought, left }) => [clean(name), String(bought), String(left)]),
      note: products.length === MOST_PRODUCTS ? `At most ${MOST_PRODUCTS} products are shown.` : null,
    },
  ];
}

const TASK_TITLES: Readonly<Record<TaskType, string>> = {
  purchase: "Open: purchases to follow up",
  cart: "Open: carts that were left",
  search: "Open: searches to look into",
  visit: "Open: visits without a purchase",
  performance: "Open: pages that people leave",
};

/** What is open at the branch, whenever it began: the most urgent of each type first. */
function taskTables({ tasks, context }: BranchDay): readonly Table[] {
  const who = ({ company, contact }: Task) =>
    [company, contact.name, contact.email, contact.cellPhone ?? contact.officePhone].map((text) => text ?? "—");
  return TASK_TYPES.flatMap((type) => {
    const own = tasks?.tasks.filter((task) => task.type === type) ?? [];
    if (own.length === 0) return [];
    const rows = own.map((task) =>
      [task.key, task.priority, ageText(task.ageHours), taskValue(task) || "—", taskText(task), ...who(task)].map(
        clean,
      ),
    );
    const note = leftOut(own.length, tasks?.types[type] ?? own.length) ?? `As of ${context.asOf}.`;
    const columns = ["Task", "Priority", "Age", "Value", "What happened", "Company", "Name", "E-mail", "Phone"];
    return [{ title: TASK_TITLES[type], columns, rows, note }];
  });
}

/** Terms by how often they found nothing. */
function termTable(found: BranchThings | undefined): readonly Table[] {
  if (found === undefined) return [];
  const counts = new Map<string, number>();
  for (const { subject } of found.things) counts.set(subject ?? "", (counts.get(subject ?? "") ?? 0) + 1);
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const rows = ranked.slice(0, MOST_TERMS).map(([term, count]) => [clean(term), String(count)]);
  const more = ranked.length - rows.length;
  const note = [
    ...(more > 0 ? [`${more} more terms are left out.`] : []),
    ...(found.count > found.things.length ? [`Counted in the first ${found.things.length} of ${found.count}.`] : []),
  ].join(" ");
  const title = "Searches that found nothing";
  return [{ title, columns: ["Term", "Visits"], rows, note: note === "" ? null : note }];
}

function leftOut(shown: number, all: number): string | null {
  return all > shown ? `${shown} of ${all} rows: the mail shows no more, growthos tells them all.` : null;
}

function footOf({ context, day, values }: BranchDay): readonly string[] {
  const unknown = Object.values(values).flatMap((value) => (value.status === "unknown" ? [value.detail] : []));
  return [
    ...(unknown.length === 0 ? [] : [`n/a: ${clean([...new Set(unknown)].join("; "))}`]),
    `${clean(context.shop)}, ${day} by the days of the analytics tool; times are ${context.timeZone}. Exports may still change for three days.`,
  ];
}

function clock(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

function tableText({ title, columns, rows, note }: Table): string {
  const lines = rows.map((row) => row.join(" | "));
  return [title, columns.join(" | "), ...lines, ...(note === null ? [] : [note])].join("\n");
}

const FONT = "font-family:Arial,sans-serif;color:#24211d";
const CELL = `${FONT};font-size:13px;text-align:left;padding:4px 8px;border-bottom:1px solid #ddd6cb`;

function tableHtml({ title, columns, rows, note }: Table): string {
  return `${heading(title)}${htmlTable(columns, rows)}${note === null ? "" : paragraph(escaped(note))}`;
}

function htmlTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = columns.some((title) => title !== "")
    ? `<tr>${columns.map((title) => `<th style="${CELL}">${escaped(title)}</th>`).join("")}</tr>`
    : "";
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td style="${CELL}">${escaped(cell)}</td>`).join("")}</tr>`);
  return `<table role="presentation" style="border-collapse:collapse">${head}${body.join("")}</table>`;
}

function heading(text: string): string {
  return `<h2 style="${FONT};font-size:16px;margin:20px 0 8px">${escaped(text)}</h2>`;
}

/** `html` is escaped already. */
function paragraph(html: string): string {
  return `<p style="${FONT};font-size:14px;line-height:1.5">${html}</p>`;
}

function framed(html: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light"></head><body style="margin:16px;background:#ffffff">${html}</body></html>`;
}

/** One line without control characters. */
function clean(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
