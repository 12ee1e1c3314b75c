import { type OpenJournal, openJournal } from "../../alerts/journal.js";
import { isoInstant } from "../../base/clock.js";
import { GrowthosError } from "../../base/errors.js";
import type { WorkspaceConfig } from "../../config/types.js";
import { letterMessage, letterWay, queuedIds, slackLetterWay } from "../../notify/letters.js";
import { type Delivered, deliver, type Way } from "../../notify/outbox.js";
import type { Message, OutboxEvent } from "../../notify/types.js";
import type { ReportModel } from "../../reports/types.js";
import { OUTBOX_JOURNAL } from "../../warehouse/journal.js";
import type { Workspace } from "../../warehouse/types.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  flagOption,
  type Outcome,
  stringOption,
} from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { bringUpToDate, factsOf } from "../report-facts.js";
import { mailOf } from "../report-mail.js";
import { contextOfWeek } from "../report-week.js";
import { NO_MAIL, refuseWithStore } from "../store.js";
import { workspaceClock } from "../world.js";

export const command: Command = {
  name: "report send",
  summary: "put a report into the outbox as e-mail and Slack summary, or deliver it",
  description:
    "By default nothing leaves this machine: the mails stand in the workspace's outbox/ as .eml files that any mail program opens. " +
    "With --deliver they go out through the server under alerts.email (and Slack's webhook with --slack), each once: what arrived is not sent again, what did not is tried again by the next call.",
  options: [
    { flags: "--to <addresses>", description: "recipients, separated by commas (default: those under alerts.email)" },
    { flags: "--slack", description: "also a summary for the Slack channel of alerts.slack" },
    { flags: "--page <id>", description: "this page instead of the weekly business review" },
    { flags: "--week <week>", description: "as of the day after this week: 2026-W06, or the shop's fiscal FY2026-W01" },
    { flags: "--deliver", description: "send, instead of leaving everything in the outbox" },
    { flags: "--no-build", description: "do not rebuild; stop when the current build is stale" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos report send --to ada@example.com,ben@example.com",
    "growthos report send --slack --deliver",
    "growthos report send --page executive --to ada@example.com --week 2026-W06 --deliver",
  ],
  async run(given, args) {
    const context = await contextOfWeek(given, args);
    const own = await context.workspaceConfig();
    const to = recipientsOf(stringOption(args, "to"), own.alerts?.email?.to ?? []);
    const isSlack = flagOption(args, "slack");
    if (to.length === 0 && !isSlack) throw nobody();
    if (context.flags.dryRun) return { exit: "ok", json: { dry_run: true, to, slack: isSlack }, text: to.join("\n") };
    await bringUpToDate(context, args);
    const model = await modelOf(context, stringOption(args, "page") ?? "wbr");
    return sendReport(context, args, { model, to, isSlack });
  },
};

/** Composes the report for everybody, keeps it in the outbox, and with `--deliver` sends what has not arrived yet. */
export async function sendReport(
  context: CommandContext,
  args: CommandArgs,
  { model, ...whom }: { readonly model: ReportModel; readonly to: readonly string[]; readonly isSlack: boolean },
): Promise<Outcome> {
  return sent(context, args, await lettersFor(context, model, whom));
}

/** `a@b.com,c@d.com` as a list, each once; the config's when it is not given. Throws `BAD_ADDRESS`. */
export function recipientsOf(text: string | undefined, configured: readonly string[]): readonly string[] {
  if (text === undefined) return configured;
  const addresses = text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  for (const address of addresses) {
    // Not every address of RFC 5321, but none that could become a header or a second recipient.
    if (/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(address)) continue;
    throw new GrowthosError({
      code: "BAD_ADDRESS",
      what: `"${address.slice(0, 80)}" is not an e-mail address`,
      hint: "write them with commas between: --to ada@example.com,ben@example.com",
      exit: "usage",
    });
  }
  return [...new Set(addresses)];
}

async function modelOf(context: CommandContext, id: string): Promise<ReportModel> {
  const { pageById } = await import("../../reports/pages/index.js");
  const page = pageById(id);
  const { database } = await context.openBuild();
  try {
    return page.build(await factsOf(context, database, [page]));
  } finally {
    await database.close();
  }
}

/** A message with what stands in its file. */
interface Prepared {
  readonly message: Message & { readonly letter: string };
  readonly content: Uint8Array | string;
}

async function lettersFor(
  context: CommandContext,
  model: ReportModel,
  { to, isSlack }: { readonly to: readonly string[]; readonly isSlack: boolean },
): Promise<readonly Prepared[]> {
  const own = await context.workspaceConfig();
  const [ws, mail] = [await context.workspace(), await mailOf(context, model)];
  const at = workspaceClock(own, context.effects.clock).now();
  const from = own.alerts?.email?.from ?? "growthos@localhost";
  const about = {
    workspace: ws.id,
    shop: own.shop.name,
    day: model.context.lastCompleteDay,
    page: model.id,
    inputs: model.context.inputHash,
  };
  const { composeMail } = await import("../../notify/smtp.js");
  const letters: Prepared[] = [];
  for (const one of to) {
    const message = letterMessage({ ...about, sink: `email:${one}` });
    const content = await composeMail({ ...mail, from, to: one, messageId: `<${message.id}@growthos>`, at });
    letters.push({ message, content });
  }
  if (!isSlack) return letters;
  const { summaryText } = await import("../../reports/summary.js");
  return [...letters, { message: letterMessage({ ...about, sink: "slack" }), content: summaryText(model) }];
}

/** Letters become durable, then the events that queue them, then they go out; or nothing but the first. */
async function sent(context: CommandContext, args: CommandArgs, letters: readonly Prepared[]): Promise<Outcome> {
  refuseWithStore(await context.workspaceConfig(), "report send", NO_MAIL);
  const ws = await context.workspace();
  const [{ withLock }, own] = [await import("../../warehouse/lock.js"), await context.workspaceConfig()];
  const clock = workspaceClock(own, context.effects.clock);
  const lock = { waitMs: waitMs(args), clock: context.effects.clock, owner: "growthos report send" };
  return withLock(ws, "spool", lock, async () => {
    const journal: OpenJournal<OutboxEvent> = openJournal(ws, OUTBOX_JOURNAL);
    const known = queuedIds(journal.events().map(({ event }) => event));
    const fresh = letters.filter(({ message }) => !known.has(message.id));
    keepLetters(ws, fresh);
    const files = letters.map(({ message }) => ws.at(OUTBOX_JOURNAL, message.letter));
    if (!flagOption(args, "deliver")) return keptOutcome(context, files);
    const queued = fresh.map(({ message }): OutboxEvent => ({ kind: "queued", message }));
    const ways = await waysOf(context, ws, { own, letters });
    await journal.append(isoInstant(clock.now()), queued);
    return deliveredOutcome(letters, await deliver(journal, ways, clock));
  });
}

function keepLetters(ws: Workspace, letters: readonly Prepared[]): void {
  ws.files.makeFolder(ws.at(OUTBOX_JOURNAL));
  for (const { message, content } of letters) {
    const path = ws.at(OUTBOX_JOURNAL, message.letter);
    ws.files.write(`${path}.tmp`, content);
    ws.files.sync(`${path}.tmp`);
    ws.files.rename(`${path}.tmp`, path);
  }
  ws.files.sync(ws.at(OUTBOX_JOURNAL));
}

/** A way for each recipient. Throws `MAIL_UNSET` and `SLACK_UNSET` for one that the config does not know. */
async function waysOf(
  context: CommandContext,
  ws: Workspace,
  { own, letters }: { readonly own: WorkspaceConfig; readonly letters: readonly Prepared[] },
): Promise<readonly Way[]> {
  const { openMailer, openSlack } = await import("../alert-sinks.js");
  const read = (name: string) => ws.files.read(ws.at(OUTBOX_JOURNAL, name));
  const addresses = letters.flatMap(({ message: { sink } }) => (sink.startsWith("email:") ? [sink.slice(6)] : []));
  const email = own.alerts?.email ?? null;
  if (addresses.length > 0 && email === null) throw unset("MAIL_UNSET", "alerts.email", "a mail server");
  const mailer = addresses.length === 0 || email === null ? null : await openMailer(context, ws, email);
  const mails = mailer === null ? [] : addresses.map((to) => letterWay(mailer, { from: email?.from ?? "", to }, read));
  if (addresses.length === letters.length) return mails;
  if ((own.alerts?.slack ?? null) === null) throw unset("SLACK_UNSET", "alerts.slack", "a Slack channel");
  const slack = await openSlack(context, ws);
  return slack === null ? mails : [...mails, slackLetterWay(slack.client, slack.url, read)];
}

function keptOutcome(context: CommandContext, files: readonly string[]): Outcome {
  context.output.note("nothing was sent: --deliver sends what stands in the outbox");
  return { exit: "ok", json: { delivered: [], files }, text: files.join("\n") };
}

function deliveredOutcome(letters: readonly Prepared[], delivered: readonly Delivered[]): Outcome {
  const tried = new Set(delivered.map(({ message }) => message.id));
  const before = letters.filter(({ message }) => !tried.has(message.id)).map(({ message }) => message);
  const rows = [
    ...before.map(({ id, sink }) => ({ id, sink, outcome: "sent_before", why: null })),
    ...delivered.map(({ message: { id, sink }, outcome, why }) => ({ id, sink, outcome, why })),
  ];
  // What waits for a recipient that was not named this time is not this call's failure.
  const errors = delivered.filter(({ outcome }) => outcome === "failed" || outcome === "given_up").map(notDelivered);
  return {
    exit: errors.length > 0 ? "source" : "ok",
    json: { delivered: rows },
    text: rows.map(({ sink, outcome }) => `${sink}: ${outcome.replaceAll("_", " ")}`).join("\n"),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

function notDelivered({ message: { sink }, outcome, why }: Delivered): GrowthosError {
  return new GrowthosError({
    code: "REPORT_NOT_DELIVERED",
    what: `the report to ${sink} was not delivered`,
    ...(why === null ? {} : { why }),
    state:
      outcome === "given_up"
        ? "it was given up: nothing tries again"
        : "it stays in the outbox and goes out with the next `growthos report send --deliver` to the same recipient",
    hint: `check the address and the credential of ${sink}`,
    exit: "source",
  });
}

function nobody(): GrowthosError {
  return new GrowthosError({
    code: "RECIPIENT_MISSING",
    what: "nobody was named to send the report to",
    hint: "give --to ada@example.com or --slack, or name recipients under alerts.email",
    exit: "usage",
  });
}

function unset(code: string, key: string, what: string): GrowthosError {
  return new GrowthosError({
    code,
    what: `the config names no ${what.replace(/^an? /, "")}`,
    state: "the report stands in the outbox; nothing was sent",
    hint: `add ${key} to growthos.config.ts, or leave out --deliver`,
    exit: "usage",
  });
}
