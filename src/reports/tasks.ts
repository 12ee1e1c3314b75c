/** The words of tasks, the same on the pages and in the terminal. */
import { decimalText } from "../base/money.js";
import type { Task, TaskTotal } from "../transform/tasks.js";
import { moneyText } from "./figures.js";
import { plural } from "./narrative.js";

/** Who it was, where no company is known: a user of the shop's list by the id there, a browser that nobody signed in with, or nobody. */
export function personText(person: string | null): string | null {
  if (person === null) return null;
  return person.startsWith("u:") ? `user ${person.slice(2)}` : "anonymous visitor";
}

/** What happened, in one line. Its names come from outside. */
export function taskText(task: Task): string {
  const { counts, subject, items } = task;
  const of = (name: keyof Task["counts"]) => counts[name] ?? 0;
  switch (task.kind) {
    case "purchase":
      return [
        `${subject === null ? "" : `${subject}: `}${items ?? "items not told"}`,
        ...(task.refund === null ? ["something went back, how much is not told"] : refundText(task)),
      ].join("; ");
    case "cart":
      return [
        `left in the cart: ${items ?? "items not told"}`,
        ...(of("unpriced_item") === 0 ? [] : [`${plural(of("unpriced_item"), "item")} without a price`]),
      ].join("; ");
    case "no_results":
      return `nothing found for “${subject}”, tried ${times(of("search"))}`;
    case "no_conversion":
      return `${of("search")} terms searched, nothing bought: ${subject}`;
    case "repeat_visits":
      return `${plural(of("session"), "visit")}, ${plural(of("page"), "page")}, ${plural(of("viewed_item"), "product")} viewed, nothing bought`;
    case "bounce_page":
      return `${of("bounce")} of ${plural(of("session"), "visit")} that began on ${subject} ended there`;
    default:
      return `left after one page: ${subject ?? "page not told"}`;
  }
}

function refundText({ refund, currency }: Task): readonly string[] {
  if (refund === null || refund === 0 || currency === null) return [];
  return [`${decimalText({ minor: refund, currency })} ${currency} went back`];
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** What a task is worth, `unknown` where its kind has a value that nobody told, or nothing. */
export function taskValue({ type, value, currency }: Task): string {
  if (value !== null && currency !== null) return `${decimalText({ minor: value, currency })} ${currency}`;
  return type === "purchase" || type === "cart" ? "unknown" : "";
}

/** Whole hours as hours up to two days, then as days. */
export function ageText(hours: number): string {
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** `$1,200.00 in 3 tasks, €90.00 in 1 task`; empty without money. */
export function totalsText(totals: readonly TaskTotal[]): string {
  return totals
    .map(({ currency, value, tasks }) => `${moneyText(value, currency)} in ${plural(tasks, "task")}`)
    .join(", ");
}

/** Why there is no task at all, and what to do about it. */
export function noTasksText(hasEvents: boolean): string {
  return hasEvents
    ? "The events that have landed hold no task: nobody bought, left a cart, searched in vain or came back in the days that are kept."
    : "Tasks are made of GA4's events, and none have landed. Connect the export: `growthos connect ga4_events`, then `growthos run`.";
}
