import { GrowthosError } from "../../base/errors.js";
import { decimalText } from "../../base/money.js";
import type { Timeline, TimelineEvent, TimelineOf } from "../../transform/timeline.js";
import { type Command, type CommandContext, stringOption } from "../command.js";
import { countOption, openTasks, usage } from "../tasks.js";

const LONGEST = 90;

export const command: Command = {
  name: "timeline",
  summary: "show everything that happened in one visit, or to one person, in order",
  description:
    "The events of GA4's export, each once, with their items, and who it was when the shop's list of users knows. A person is named by user id, e-mail address (when the shop keeps it), browser, or as `tasks show` names it.",
  options: [
    { flags: "--session <key>", description: "one visit, as `tasks show` names it" },
    { flags: "--user <who>", description: "one person, on all devices" },
    { flags: "--page <number>", description: "which page", default: "1" },
    { flags: "--limit <number>", description: "events on a page, up to 1000", default: "50" },
  ],
  examples: ["growthos timeline --session 1000010.20488.983460", "growthos timeline --user 4711 --json"],
  async run(context, args) {
    const [session, user] = [stringOption(args, "session"), stringOption(args, "user")];
    if ((session === undefined) === (user === undefined))
      throw usage("whose timeline?", "give --session or --user, one of them");
    const of: TimelineOf = session === undefined ? { user: user ?? "" } : { session };
    const page = countOption(args, "page", { most: 1_000_000, otherwise: 1 });
    const limit = countOption(args, "limit", { most: 1000, otherwise: 50 });
    const { readTimeline } = await import("../../transform/timeline.js");
    const database = await openTasks(context);
    const timeline = await readTimeline(database, of, { page, limit }).finally(() => database.close());
    if (timeline.total === 0) throw nothing(session ?? user ?? "", session !== undefined);
    return { exit: "ok", json: timelineJson(timeline, page), text: await timelineText(context, timeline, page) };
  },
};

function nothing(wanted: string, isSession: boolean): GrowthosError {
  return new GrowthosError({
    code: "TIMELINE_UNKNOWN",
    what: `no event is of ${isSession ? "the session" : "a person"} "${wanted.slice(0, 80)}"`,
    why: isSession
      ? "a session's key is the browser's id, a point, and the session's number"
      : "people are known by user id, e-mail address (when the shop keeps it), browser, or a key such as u:4711",
    hint: "`growthos tasks show <id>` names the session and the person of a task",
    exit: "usage",
  });
}

function timelineJson(timeline: Timeline, page: number): Readonly<Record<string, unknown>> {
  return {
    total: timeline.total,
    page,
    pages: timeline.pages,
    sessions: timeline.sessions,
    users: timeline.users.map(({ id, cellPhone, officePhone, ...user }) => ({
      ...{ user_id: id, ...user, cell_phone: cellPhone, office_phone: officePhone },
    })),
    events: timeline.events.map(({ revenue, refund, transaction, items, ...event }) => ({
      ...{ ...event, transaction_id: transaction, revenue_minor: revenue, refund_minor: refund },
      items: items.map(({ id, price, ...item }) => ({ item_id: id, ...item, price_minor: price })),
    })),
  };
}

async function timelineText({ output }: CommandContext, timeline: Timeline, page: number): Promise<string> {
  const { personText } = await import("../../reports/tasks.js");
  const who = timeline.users.map(({ id, company, branch, name, email, cellPhone, officePhone }) =>
    [`user ${id}`, company, branch, name, email, cellPhone, officePhone].filter((one) => one !== null).join(", "),
  );
  const people = [...new Set(timeline.events.flatMap(({ person }) => personText(person) ?? []))];
  const table = output.table(
    [{ title: "when (UTC)" }, { title: "what" }, { title: "session" }, { title: "about" }],
    timeline.events.map((event) => [
      event.at.slice(0, 19).replace("T", " "),
      event.kind.replaceAll("_", " "),
      event.session ?? "—",
      cut(aboutText(event)),
    ]),
  );
  const size = `${timeline.total === 1 ? "1 event" : `${timeline.total} events`} in ${timeline.sessions === 1 ? "1 visit" : `${timeline.sessions} visits`}, page ${page} of ${timeline.pages}`;
  const known = who.length > 0 ? who.join("; ") : `nobody that the shop's list knows: ${people.join(", ")}`;
  return [known, "", ...(timeline.events.length === 0 ? [] : [table, ""]), size].join("\n");
}

function aboutText({ term, transaction, revenue, refund, currency, items, page }: TimelineEvent): string {
  const amount = (minor: number | null, word: string) =>
    minor === null || currency === null ? [] : [`${decimalText({ minor, currency })} ${currency} ${word}`];
  const parts = [
    ...(term === null ? [] : [`“${term}”`]),
    ...(transaction === null ? [] : [`transaction ${transaction}`]),
    ...amount(revenue, "paid"),
    ...amount(refund, "went back"),
    ...items.map(({ name, id, quantity }) => `${quantity ?? 1} x ${name ?? id ?? "unnamed item"}`),
  ];
  return parts.length > 0 ? parts.join(", ") : (page ?? "");
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
