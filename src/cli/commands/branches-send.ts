import { type ISODate, isISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import type { PostLine } from "../../notify/branch-post.js";
import { standingReps } from "../branch-reps.js";
import type { JobResult, PreparedDay } from "../branch-send.js";
import { type Command, type CommandContext, flagOption, type Outcome, stringOption } from "../command.js";
import { plural } from "../format.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { NO_MAIL, refuseWithStore } from "../store.js";

/** Failures that are told one by one. */
const MOST_ERRORS = 10;

export const command: Command = {
  name: "branches send",
  summary: "write the daily branch reports as mails, or send them to the sales reps",
  description: [
    "One report per branch with an enabled rep, rendered once and addressed to each. By default nothing leaves this machine: the mails stand",
    "in the workspace's outbox/branches/<date>/ as .eml files. With --send they go out through the server under alerts.email, over one",
    "connection, once per branch, rep and date: what arrived is not sent again, what was put off is tried by later calls, after 5 minutes,",
    "10, 20 and so on, and what was refused for good is not. When the program dies between the server's reply and its note of it, nobody",
    "knows whether the mail arrived: it goes out again under the same Message-ID, and the history says that it may be a repeat.",
  ].join(" "),
  options: [
    { flags: "--date <day>", description: "the day reported on, YYYY-MM-DD (default: the last complete one)" },
    { flags: "--send", description: "send, instead of leaving everything in the outbox" },
    { flags: "--now", description: "try what was put off at once, without a rest" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos branches send",
    "growthos branches send --send",
    "growthos branches send --date 2026-02-07 --send",
  ],
  async run(context, args) {
    refuseWithStore(await context.workspaceConfig(), "branches send", NO_MAIL);
    const ws = await context.workspace({ mustExist: true });
    const reps = standingReps(ws).filter(({ isEnabled }) => isEnabled);
    if (reps.length === 0) throw nobody();
    const { daysToRetry, keepLetters, prepareDay, sendDays } = await import("../branch-send.js");
    const prepared = await prepareDay(context, reps, dayOf(stringOption(args, "date")));
    const { day, letters } = prepared;
    const isDry = context.flags.dryRun;
    if (isDry || !flagOption(args, "send")) {
      if (!isDry) keepLetters(ws, day, letters);
      return keptOutcome(context, prepared, ws.at("outbox", "branches", day));
    }
    const sending = { reps, isNow: flagOption(args, "now"), waitMs: waitMs(args) };
    return sentOutcome(prepared, await sendDays(context, [{ day, letters }, ...daysToRetry(ws, day)], sending));
  },
};

function dayOf(given: string | undefined): ISODate | undefined {
  if (given === undefined || isISODate(given)) return given;
  throw new GrowthosError({
    code: "BAD_DAY",
    what: `"${given.slice(0, 20)}" is no day such as 2026-01-31`,
    state: "nothing was sent",
    exit: "usage",
  });
}

function nobody(): GrowthosError {
  return new GrowthosError({
    code: "REPS_NONE",
    what: "nobody gets a daily report",
    why: "no sales rep is mapped to a branch, or none is enabled",
    state: "nothing was sent",
    hint: "`growthos branches map <branch> <email>` maps one",
    exit: "usage",
  });
}

function keptOutcome(context: CommandContext, { day, letters, rendered }: PreparedDay, folder: string): Outcome {
  const isDry = context.flags.dryRun;
  context.output.note(isDry ? "nothing was written and nothing was sent" : "nothing was sent: --send sends them");
  const files = letters.map(({ message }) => ({
    branch_code: message.code,
    email: message.sink.slice("email:".length),
    subject: message.subject,
    file: `${folder}/${message.letter}`,
  }));
  return {
    exit: "ok",
    json: { date: day, rendered, reports: files, dry_run: isDry },
    text: files.map(({ branch_code: code, email, file }) => `${code} ${email}: ${file}`).join("\n"),
  };
}

function sentOutcome({ day, rendered }: PreparedDay, results: readonly JobResult[]): Outcome {
  const lines = results.flatMap((result) => result.lines);
  // What rests until its time comes is told, and no failure of this call.
  const isFailed = results.some(({ failed }) => failed > 0);
  const open = isFailed ? lines.filter(({ state }) => state === "deferred" || state === "given_up") : [];
  return {
    exit: isFailed ? "source" : "ok",
    json: {
      date: day,
      rendered,
      jobs: results.map(({ lines: _lines, ...job }) => job),
      reports: lines.map(postJson),
    },
    text: results.map(jobText).join("\n"),
    errors: open.slice(0, MOST_ERRORS).map(notArrived),
  };
}

function jobText({ day, state, sent, before, failed, waits }: JobResult): string {
  const parts = [
    `${plural(sent, "report")} sent`,
    ...(before > 0 ? [`${before} sent before`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(waits > 0 ? [`${waits} resting`] : []),
  ];
  return `${day}: ${parts.join(", ")}; ${state.replaceAll("_", " ")}`;
}

/** A line of the history as JSON, snake_case. */
export function postJson({ code, mayRepeat, branch: _branch, day, ...line }: PostLine) {
  return { date: day, branch_code: code, ...line, may_repeat: mayRepeat };
}

function notArrived({ day, code, email, state, reply }: PostLine): GrowthosError {
  const isOver = state === "given_up";
  return new GrowthosError({
    code: isOver ? "REPORT_GIVEN_UP" : "REPORT_NOT_DELIVERED",
    what: `the report of ${code} for ${day} did not reach ${email}`,
    ...(reply === null ? {} : { why: reply }),
    state: isOver ? "it is not tried again" : "it stays in the outbox",
    hint: isOver
      ? "correct the address: `growthos branches unmap`, then `growthos branches map`"
      : "`growthos branches send --send` tries again when it has rested, with --now at once",
    exit: "source",
  });
}
