import type { Assessment } from "../../alerts/assess.js";
import type { OpenJournal } from "../../alerts/journal.js";
import type { AlertEvent, AlertHistory } from "../../alerts/lifecycle.js";
import type { Source } from "../../alerts/reads.js";
import type { AlertSettings } from "../../alerts/settings.js";
import { SEVERITIES, type Severity } from "../../alerts/types.js";
import { isoInstant } from "../../base/clock.js";
import { addDays, type ISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import type { AlertsConfig } from "../../config/types.js";
import type { Delivered } from "../../notify/outbox.js";
import type { OutboxEvent } from "../../notify/types.js";
import type { Database, Workspace } from "../../warehouse/types.js";
import { alertsText, type Shown, shownOf } from "../alerts-text.js";
import { type Command, type CommandArgs, type CommandContext, type Outcome, stringOption } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { workspaceClock } from "../world.js";

export const command: Command = {
  name: "alerts",
  summary: "judge the alert rules on the current build, and send what is new",
  description:
    "Rules and process-behaviour signals on complete days; a rule whose figures are unknown says so. An alert is told when it begins, when it gets worse and when it is over; what is muted is not told. " +
    "With --as-of an earlier day of the build is judged: nothing is sent and nothing is kept, and rules over customers' ages, which are those of the build's day, give no signal.",
  options: [
    {
      flags: "--fail-on <severity>",
      description: "exit with 5 when an alert that is not muted is at least so severe",
      choices: SEVERITIES,
    },
    { flags: "--no-send", description: "keep what is told in the outbox; the next run sends it" },
    WAIT_OPTION,
  ],
  examples: ["growthos alerts", "growthos alerts --fail-on critical --json", "growthos alerts --dry-run"],
  run: (context, args) => judgeAlerts(context, args, false),
};

/** The command; after a run that came to its end (`isAfterRun`) the failures of earlier ones are over. */
export async function judgeAlerts(context: CommandContext, args: CommandArgs, isAfterRun: boolean): Promise<Outcome> {
  const { database } = await context.openBuild();
  try {
    const options = { wait: waitMs(args), send: args.options["send"] !== false, isAfterRun };
    return outcomeOf(context, await judge(context, database, options), stringOption(args, "failOn"));
  } finally {
    await database.close();
  }
}

/** What a run of this command found and did. */
interface Judged {
  readonly assessment: Assessment;
  readonly shown: readonly Shown[];
  readonly day: ISODate;
  readonly delivered: readonly Delivered[];
}

interface Wishes {
  /** Milliseconds to wait for another run. */
  readonly wait: number;
  readonly send: boolean;
  readonly isAfterRun: boolean;
}

type Journal = OpenJournal<AlertEvent | OutboxEvent>;

async function judge(context: CommandContext, database: Database, wishes: Wishes): Promise<Judged> {
  const { wait, send, isAfterRun } = wishes;
  const own = await context.workspaceConfig();
  const ws = await context.workspace({ mustExist: true });
  const source = await sourceOf(context, database, own.shop.name);
  const [{ withLock }, { openJournal, historyOf }] = await Promise.all([
    import("../../warehouse/lock.js"),
    import("../../alerts/journal.js"),
  ]);
  const day = source.context.lastCompleteDay;
  const act = async (): Promise<Judged> => {
    const journal: Journal = openJournal(ws);
    const history = historyOf(journal as OpenJournal<AlertEvent>);
    const assessment = await assessed(context, source, { ws, config: own.alerts, history, isAfterRun });
    const isOver = history.lastDay !== null && history.lastDay > day;
    const isKept = !context.flags.dryRun && context.flags.asOf === undefined && !isOver;
    const delivered = isKept ? await keep(context, { ws, journal, history, assessment, source, send }) : [];
    const now = isKept ? historyOf(journal as OpenJournal<AlertEvent>) : history;
    return { assessment, shown: shownOf(assessment.alerts, now, day), day, delivered };
  };
  if (context.flags.dryRun) return act();
  return withLock(ws, "spool", { waitMs: wait, clock: context.effects.clock, owner: "growthos alerts" }, act);
}

/** Figures are judged as of the build's day, or an earlier one with `--as-of`. Throws `STALE_BUILD` for a later one. */
async function sourceOf({ flags }: CommandContext, db: Database, shop: string): Promise<Source> {
  const [{ readContext }, { readCatalog }, { readCoverage }] = await Promise.all([
    import("../../metrics/context.js"),
    import("../../metrics/declared.js"),
    import("../../metrics/coverage.js"),
  ]);
  const built = await readContext(db, shop);
  const { asOf = built.asOf } = flags;
  if (asOf > built.asOf) {
    throw new GrowthosError({
      code: "STALE_BUILD",
      what: `the build is as of ${built.asOf}, the question as of ${asOf}`,
      hint: `run \`growthos build --as-of ${asOf}\` first`,
      exit: "usage",
    });
  }
  const context = { ...built, asOf, lastCompleteDay: addDays(asOf, -1) };
  const earlier = asOf < built.asOf ? { builtAsOf: built.asOf } : {};
  return { db, context, catalog: await readCatalog(db), coverage: await readCoverage(db), ...earlier };
}

interface Known {
  readonly ws: Workspace;
  readonly config: AlertsConfig | undefined;
  readonly history: AlertHistory;
  readonly isAfterRun: boolean;
}

async function assessed(context: CommandContext, source: Source, known: Known): Promise<Assessment> {
  const { ws, config, history, isAfterRun } = known;
  const [{ assess }, { judgeFailures }, { DEFAULT_SETTINGS, WATCHED }, { readRuns }, { laterDay }] = await Promise.all([
    import("../../alerts/assess.js"),
    import("../../alerts/failed-step.js"),
    import("../../alerts/settings.js"),
    import("../../sync/runs.js"),
    import("../../metrics/calendar.js"),
  ]);
  const settings: AlertSettings =
    config === undefined ? DEFAULT_SETTINGS : { ...config, watch: config.watch ?? WATCHED };
  const yesterday = addDays(await context.asOf(), -1);
  return assess(settings, source, {
    runs: readRuns(ws).runs,
    frozen: history.frozen,
    failures: isAfterRun ? [] : judgeFailures(history),
    // A build that nobody renews must not look fresh.
    lastCompleteDay: laterDay(yesterday, source.context.lastCompleteDay),
  });
}

interface ToKeep {
  readonly ws: Workspace;
  readonly journal: Journal;
  readonly history: AlertHistory;
  readonly assessment: Assessment;
  readonly source: Source;
  readonly send: boolean;
}

/** Alerts and the messages about them become durable together; then the messages go out. */
async function keep(context: CommandContext, { ws, journal, history, assessment, source, send }: ToKeep) {
  const own = await context.workspaceConfig();
  const [{ step }, { deliver, messagesFor }, { openSinks }] = await Promise.all([
    import("../../alerts/lifecycle.js"),
    import("../../notify/outbox.js"),
    import("../alert-sinks.js"),
  ]);
  const clock = workspaceClock(own, context.effects.clock);
  const sinks = await openSinks(context, ws, { config: own.alerts, transport: context.effects.transport });
  const day = source.context.lastCompleteDay;
  const { events, tellings } = step(history, { day, ...assessment });
  const limits = assessment.settled.map((frozen): AlertEvent => ({ kind: "limits", frozen }));
  const messages = messagesFor(sinks, { workspace: ws.id, shop: own.shop.name, day, tellings });
  const queued = messages.map((message): OutboxEvent => ({ kind: "queued", message }));
  // Cron may judge a day many times; a day that is as it was leaves no trace.
  const isNews = history.lastDay !== day || events.some(({ kind }) => kind !== "evaluated");
  if (isNews || limits.length > 0) await journal.append(isoInstant(clock.now()), [...limits, ...events, ...queued]);
  return send ? deliver(journal, sinks, clock) : [];
}

function outcomeOf(context: CommandContext, judged: Judged, failOn: string | undefined): Outcome {
  const { assessment, shown, day, delivered } = judged;
  const rank = (severity: Severity) => SEVERITIES.indexOf(severity);
  const least = SEVERITIES.find((severity) => severity === failOn);
  const isBad = shown.some(
    ({ alert, muted }) => least !== undefined && muted === null && rank(alert.severity) >= rank(least),
  );
  const lost = delivered.filter(({ outcome }) => outcome !== "sent");
  const errors = lost.map(notDelivered);
  return {
    exit: isBad ? "alert" : errors.length > 0 ? "source" : "ok",
    json: jsonOf(judged),
    text: alertsText(context.output, { shown, judgements: assessment.judgements, day }),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

function jsonOf({ assessment, shown, day, delivered }: Judged): Readonly<Record<string, unknown>> {
  const silent = assessment.judgements.flatMap(({ key, verdict }) =>
    verdict.kind === "no_signal" ? [{ key, input: verdict.input, detail: verdict.detail }] : [],
  );
  return {
    day,
    judged: assessment.judgements.length,
    alerts: shown.map(({ alert, ...stands }) => ({ ...alert, ...stands })),
    no_signal: silent,
    delivered: delivered.map(({ message, outcome, why }) => ({ id: message.id, sink: message.sink, outcome, why })),
  };
}

function notDelivered({ message: { sink }, outcome, why }: Delivered): GrowthosError {
  return new GrowthosError({
    code: "ALERTS_NOT_DELIVERED",
    what: `a message to ${sink} was not delivered`,
    ...(why === null ? {} : { why }),
    state:
      outcome === "given_up"
        ? "it was given up: nothing tries again; `growthos alerts history` keeps it"
        : "it stays in the outbox and goes out with the next `growthos alerts`",
    hint: `check the address and the credential of ${sink}`,
    exit: "source",
  });
}
