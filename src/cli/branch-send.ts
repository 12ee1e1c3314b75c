/** The daily branch reports from figures to mails on their way (D-65): rendered once per branch, kept, queued, sent, each step durable. */
import { type OpenJournal, openJournal } from "../alerts/journal.js";
import { isoInstant } from "../base/clock.js";
import { type ISODate, isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { MetricId, MetricValue } from "../metrics/types.js";
import {
  type BranchMessage,
  branchMessage,
  foldPost,
  hasRested,
  type JobState,
  linedWays,
  openJobs,
  type PostEvent,
  type PostLine,
  postJournal,
} from "../notify/branch-post.js";
import type { Rep } from "../notify/branch-reps.js";
import { queuedIds } from "../notify/letters.js";
import { deliver, foldOutbox } from "../notify/outbox.js";
import type { BranchMail } from "../reports/branch-mail.js";
import type { Branch } from "../transform/branches.js";
import { POST_FOLDER } from "../warehouse/journal.js";
import { withLock } from "../warehouse/lock.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { NO_BRANCH, type OpenBranches, withBranches } from "./branches.js";
import type { CommandContext } from "./command.js";
import { workspaceClock } from "./world.js";

const METRICS = [
  "web_revenue",
  "web_purchases",
  "web_visits",
  "abandoned_carts",
  "cart_value_at_risk",
  "searches",
  "failed_searches",
  "repeat_visitors",
] as const satisfies readonly MetricId[];

/** Earlier dates whose reports are tried again. */
const MOST_DATES = 14;

/** A report for one rep, with the mail that stands in its file. */
export interface Prepared {
  readonly message: BranchMessage;
  readonly content: Uint8Array;
}

/** The reports of a date. */
export interface PreparedDay {
  readonly day: ISODate;
  readonly letters: readonly Prepared[];
  /** Reports that were rendered: one per branch. */
  readonly rendered: number;
}

/** Renders and addresses the reports of a date. Throws `BRANCH_DAY_UNKNOWN` when its events have not landed, `BAD_DAY` when it is not over. */
export async function prepareDay(
  context: CommandContext,
  reps: readonly Rep[],
  given: ISODate | undefined,
): Promise<PreparedDay> {
  return withBranches(context, async (open) => {
    const day = given ?? open.stamped.lastCompleteDay;
    if (day > open.stamped.lastCompleteDay) throw notOver(day, open.stamped.lastCompleteDay);
    const ws = await context.workspace();
    const mails = await mailsOf({ ...open, ws }, reps, day);
    const own = await context.workspaceConfig();
    const [{ addressed }, { composeMail }] = await Promise.all([
      import("../reports/branch-mail.js"),
      import("../notify/smtp.js"),
    ]);
    const at = workspaceClock(own, context.effects.clock).now();
    const from = own.alerts?.email?.from ?? "growthos@localhost";
    const letters: Prepared[] = [];
    for (const { branch, code, email, name } of reps) {
      const mail = mails.get(branch);
      if (mail === undefined) continue;
      const { subject, html, text } = addressed(mail, name);
      const message = branchMessage({ workspace: ws.id, shop: own.shop.name, day, branch, code, email, subject });
      const messageId = `<${message.id}@growthos>`;
      letters.push({ message, content: await composeMail({ from, to: email, subject, html, text, messageId, at }) });
    }
    return { day, letters, rendered: mails.size };
  });
}

/** By branch; one of the mapping that no build knows any more is still reported on: nothing happened there. */
async function mailsOf(
  { database, stamped, branches, ws }: OpenBranches & { readonly ws: Workspace },
  reps: readonly Rep[],
  day: ISODate,
): Promise<ReadonlyMap<string, BranchMail>> {
  const [
    { runQuery },
    { readBranchDay, readBranchProducts },
    { renderBranchMail, MOST_ROWS, MOST_PRODUCTS, MOST_TASKS },
  ] = await Promise.all([
    import("../metrics/run-query.js"),
    import("../transform/branch-report.js"),
    import("../reports/branch-mail.js"),
  ]);
  const window = { from: day, to: day };
  const result = await runQuery(database, { metrics: METRICS, window, breakdown: "location" }, stamped);
  const visits = result.totals["web_visits"]?.value;
  if (visits?.status !== "ok") throw notLanded(day, visits?.status === "unknown" ? visits.detail : "");
  const lists = await readBranchDay(database, day, MOST_ROWS);
  const products = await readBranchProducts(database, day, MOST_PRODUCTS);
  const tasks = await openTasks(database, ws, stamped.asOf, MOST_TASKS);
  const mails = new Map<string, BranchMail>();
  for (const { branch: id, code } of reps) {
    if (mails.has(id)) continue;
    const row = result.rows.find(({ key }) => key === id)?.values ?? {};
    const values = Object.fromEntries(METRICS.map((metric) => [metric, row[metric]?.value ?? NOTHING]));
    const isOwn = (one: { readonly branch: string | null }) => (one.branch ?? NO_BRANCH.id) === id;
    const own = { lists: lists.filter(isOwn), products: products.filter(isOwn), tasks: tasks.find(isOwn) ?? null };
    mails.set(id, renderBranchMail({ context: stamped, day, branch: named(id, code, branches), values, ...own }));
  }
  return mails;
}

/** What is open now, whatever day is reported on. */
async function openTasks(database: Database, ws: Workspace, today: ISODate, most: number) {
  const [{ createTasksNow }, { readBranchTasks }] = await Promise.all([
    import("../transform/task-changes.js"),
    import("../transform/tasks.js"),
  ]);
  await createTasksNow(database, ws, today);
  return readBranchTasks(database, most);
}

/** The day has landed, and holds no row of the branch. */
const NOTHING: MetricValue = { status: "ok", value: 0 };

function named(id: string, code: string, branches: readonly Branch[]): Branch {
  return (
    branches.find((branch) => branch.id === id) ??
    (id === NO_BRANCH.id ? NO_BRANCH : { ...NO_BRANCH, id, code, name: code })
  );
}

/** Puts mails where their messages say, durably. */
export function keepLetters(ws: Workspace, day: ISODate, letters: readonly Prepared[]): void {
  const folder = postJournal(day);
  ws.files.makeFolder(ws.at(...folder.split("/")));
  for (const { message, content } of letters) {
    const path = ws.at(...folder.split("/"), message.letter);
    ws.files.write(`${path}.tmp`, content);
    ws.files.sync(`${path}.tmp`);
    ws.files.rename(`${path}.tmp`, path);
  }
  ws.files.sync(ws.at(...folder.split("/")));
}

/** Dates of which something was ever queued, oldest first. */
export function postDays(ws: Workspace): readonly ISODate[] {
  return ws.files.list(ws.at(...POST_FOLDER.split("/"))).filter(isISODate);
}

/** What is to be sent of one date: nothing new of earlier ones. */
export interface DayToSend {
  readonly day: ISODate;
  readonly letters: readonly Prepared[];
}

/** The newest earlier and later dates with reports that have not arrived. */
export function daysToRetry(ws: Workspace, except: ISODate): readonly DayToSend[] {
  return postDays(ws)
    .filter((day) => day !== except)
    .slice(-MOST_DATES)
    .filter(
      (day) =>
        foldOutbox(
          journalOf(ws, day)
            .events()
            .map(({ event }) => event),
        ).length > 0,
    )
    .map((day) => ({ day, letters: [] }));
}

/** The journal of a date. */
export function journalOf(ws: Workspace, day: ISODate): OpenJournal<PostEvent> {
  return openJournal<PostEvent>(ws, postJournal(day));
}

/** What a job did. */
export interface JobResult {
  readonly day: ISODate;
  readonly job: string;
  readonly state: JobState;
  readonly sent: number;
  /** Of those asked for, how many had arrived by an earlier call. */
  readonly before: number;
  readonly failed: number;
  /** Put off earlier, and not tried because it is not their time. */
  readonly waits: number;
  /** All reports of the date. */
  readonly lines: readonly PostLine[];
}

/** How a sending is done. */
export interface Sending {
  readonly reps: readonly Rep[];
  /** Without a rest for what was put off. */
  readonly isNow: boolean;
  readonly waitMs: number;
}

/** Sends dates one after the other over one connection. Throws `MAIL_UNSET` without a server in the config. */
export async function sendDays(
  context: CommandContext,
  days: readonly DayToSend[],
  sending: Sending,
): Promise<readonly JobResult[]> {
  const [own, ws] = [await context.workspaceConfig(), await context.workspace()];
  const email = own.alerts?.email ?? null;
  if (email === null) throw unset();
  const { openMailer } = await import("./alert-sinks.js");
  const line = (await openMailer(context, ws, email)).line();
  const clock = workspaceClock(own, context.effects.clock);
  const lock = { waitMs: sending.waitMs, clock: context.effects.clock, owner: "growthos branches send" };
  const recipients = [...new Set(sending.reps.map((rep) => rep.email))];
  try {
    return await withLock(ws, "spool", lock, async () => {
      const results: JobResult[] = [];
      for (const one of days) {
        const read = (name: string) => ws.files.read(ws.at(...postJournal(one.day).split("/"), name));
        const ways = linedWays(line, { from: email.from, recipients }, read);
        results.push(await sendDay({ context, ws, clock }, one, { ...sending, ways }));
      }
      return results;
    });
  } finally {
    line.close();
  }
}

type World = {
  readonly context: CommandContext;
  readonly ws: Workspace;
  readonly clock: ReturnType<typeof workspaceClock>;
};

async function sendDay(
  { context, ws, clock }: World,
  { day, letters }: DayToSend,
  { reps, isNow, ways }: Sending & { readonly ways: ReturnType<typeof linedWays> },
): Promise<JobResult> {
  const journal = journalOf(ws, day);
  const events = () => journal.events();
  const note = (...added: readonly PostEvent[]) => journal.append(isoInstant(clock.now()), added);
  for (const job of openJobs(events().map(({ event }) => event)))
    await note({ kind: "job", job, state: "failed", why: "it was interrupted; what it had queued goes on" });
  const known = queuedIds(events().map(({ event }) => event));
  const arrived = new Set(
    foldPost(events()).flatMap(({ state, branch, email }) => (state === "sent" ? [`${branch} ${email}`] : [])),
  );
  const fresh = letters.filter(({ message }) => !known.has(message.id));
  // The mails are durable before anything says that they are to be sent.
  keepLetters(ws, day, fresh);
  const job = `job_${context.effects.random.hex(6)}`;
  const queued = fresh.map(({ message }): PostEvent => ({ kind: "queued", message }));
  await note({ kind: "job", job, state: "queued", total: letters.length }, ...queued);
  await note({ kind: "job", job, state: "processing" });
  const wanted = new Set(reps.map(({ branch, email }) => `${branch} email:${email}`));
  const delivered = await deliver(journal, ways, clock, {
    isRefusalFinal: true,
    mayTry: (pending) => {
      const { branch, sink } = pending.message as BranchMessage;
      return wanted.has(`${branch} ${sink}`) && (isNow || hasRested(pending, events(), clock.now()));
    },
  });
  const having = (...outcomes: readonly string[]) =>
    delivered.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const [sent, failed, waits] = [having("sent"), having("failed", "given_up"), having("waits", "no_sink")];
  const state: JobState = failed === 0 ? "completed" : sent === 0 ? "failed" : "completed_with_errors";
  await note({ kind: "job", job, state, sent, failed });
  const before = letters.filter(({ message }) => arrived.has(`${message.branch} ${message.sink.slice(6)}`)).length;
  return { day, job, state, sent, before, failed, waits, lines: foldPost(events()) };
}

function unset(): GrowthosError {
  return new GrowthosError({
    code: "MAIL_UNSET",
    what: "no mail server is configured",
    why: "`alerts.email` in growthos.config.ts names it",
    state: "nothing was sent",
    hint: "add it, or leave --send out to get the mails as files",
    exit: "usage",
  });
}

function notOver(day: ISODate, last: ISODate): GrowthosError {
  return new GrowthosError({
    code: "BAD_DAY",
    what: `${day} is not over`,
    why: `the last complete day of the build is ${last}`,
    state: "nothing was sent",
    hint: "leave --date out, or run `growthos run` first",
    exit: "usage",
  });
}

function notLanded(day: ISODate, why: string): GrowthosError {
  return new GrowthosError({
    code: "BRANCH_DAY_UNKNOWN",
    what: `what happened on ${day} is not known`,
    why,
    state: "nothing was written and nothing was sent: a report of zeros would be wrong",
    hint: "run `growthos run` when the export of that day is there",
    exit: "source",
  });
}
