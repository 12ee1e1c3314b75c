import { addDays, dayInZone } from "../../base/dates.js";
import type { OldMail } from "../../notify/history.js";
import type { PrunePlan } from "../../warehouse/prune.js";
import type { Database, Workspace } from "../../warehouse/types.js";
import { type Command, type CommandContext, flagOption, type Outcome } from "../command.js";
import { plural } from "../format.js";
import { WAIT_OPTION, waitMs, withBothLocks } from "../locks.js";

export const command: Command = {
  name: "prune",
  summary: "take out what is older than `retention` in the config wants it",
  description:
    "Events of GA4's export and of the pixel (2 years), the history of mails (1 year) and logs of runs (90 days); orders, payments and master data stay. Figures of the days that are kept do not change, and pruned days are neither missing nor read again. " +
    "Shows what would go; --yes does it. Files of landed events are deleted by `growthos gc` a day later.",
  options: [{ flags: "--yes", description: "do it" }, WAIT_OPTION],
  examples: ["growthos prune", "growthos prune --yes"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const isDone = flagOption(args, "yes") && !context.flags.dryRun;
    if (!isDone) return told(await withDatabase(context, ws, (db) => planned(context, ws, db)), ws, { isDone });
    const { withLock } = await import("../../warehouse/lock.js");
    const lock = { waitMs: waitMs(args), clock: context.effects.clock, owner: "prune" };
    const old = await withBothLocks(context, { ws, waitMs: waitMs(args), owner: "prune" }, () =>
      // Whoever sends holds the spool lock while it writes the history.
      withLock(ws, "spool", lock, () => withDatabase(context, ws, (db) => pruned(context, ws, db))),
    );
    return told(old, ws, { isDone });
  },
};

/** What is older than it is kept. */
interface Old {
  readonly events: PrunePlan;
  readonly mail: OldMail & { readonly before: string };
  /** Journals and letters of branch reports. */
  readonly post: readonly string[];
  readonly runs: readonly string[];
}

async function withDatabase<T>(
  context: CommandContext,
  ws: Workspace,
  action: (db: Database) => Promise<T>,
): Promise<T> {
  const [{ openDatabase }, { databaseMemoryMb }] = await Promise.all([
    import("../../warehouse/duckdb.js"),
    import("../database-memory.js"),
  ]);
  const memoryLimitMb = await databaseMemoryMb(context);
  const db = await openDatabase({ memoryLimitMb, tempFolder: ws.at("staging") });
  try {
    return await action(db);
  } finally {
    await db.close();
  }
}

async function planned(context: CommandContext, ws: Workspace, db: Database): Promise<Old> {
  const [{ planPrune }, { oldMail }, { OUTBOX_JOURNAL, readJournal }, { oldPost, oldRuns }] = await Promise.all([
    import("../../warehouse/prune.js"),
    import("../../notify/history.js"),
    import("../../warehouse/journal.js"),
    import("../../warehouse/gc.js"),
  ]);
  const { retention } = await context.workspaceConfig();
  const now = context.effects.clock.now();
  const mailBefore = addDays(dayInZone(now, "UTC"), -retention.mailDays);
  return {
    events: await planPrune(ws, db, addDays(await context.asOf(), -retention.eventsDays)),
    mail: { ...oldMail(readJournal(ws, OUTBOX_JOURNAL), mailBefore), before: mailBefore },
    post: oldPost(ws, mailBefore),
    runs: oldRuns(ws, { now, runsDays: retention.runsDays }).map(({ path }) => path),
  };
}

async function pruned(context: CommandContext, ws: Workspace, db: Database): Promise<Old> {
  const [{ applyPrune }, { beginJournalAfter, OUTBOX_JOURNAL }, { deleteNow }, { recover }] = await Promise.all([
    import("../../warehouse/prune.js"),
    import("../../warehouse/journal.js"),
    import("../../warehouse/gc.js"),
    import("../../warehouse/log.js"),
  ]);
  recover(ws);
  const { clock, random } = context.effects;
  const { hash } = await context.workspaceConfig();
  const old = await planned(context, ws, db);
  const run = { runId: `prune-${random.hex(6)}`, toolVersion: context.version, configHash: hash, now: clock.now() };
  await applyPrune({ ws, db, random }, old.events, run);
  const entries = beginJournalAfter(ws, OUTBOX_JOURNAL, old.mail.last);
  deleteNow(ws, [...old.mail.letters.map((name) => `${OUTBOX_JOURNAL}/${name}`), ...entries, ...old.post, ...old.runs]);
  return old;
}

function told({ events, mail, post, runs }: Old, ws: Workspace, { isDone }: { readonly isDone: boolean }): Outcome {
  const streams = new Map<string, number>();
  for (const { part, rows } of events.parts) {
    const name = `${part.source}.${part.stream}`;
    streams.set(name, (streams.get(name) ?? 0) + rows);
  }
  const lines = [
    ...[...streams].map(([name, rows]) => `${name}: ${plural(rows, "row")} before ${events.before}`),
    ...(mail.messages === 0 ? [] : [`outbox: ${plural(mail.messages, "message")} before ${mail.before}`]),
    ...(post.length === 0 ? [] : [`branch reports: ${plural(post.length, "file")} before ${mail.before}`]),
    ...(runs.length === 0 ? [] : [`runs: ${plural(runs.length, "file")}`]),
  ];
  const end = isDone
    ? "taken out; `growthos gc` deletes the files of landed events after a day, `growthos build` makes figures without them"
    : "nothing was changed: add --yes to take it out";
  return {
    exit: "ok",
    json: {
      dry_run: !isDone,
      workspace: ws.name,
      before: events.before,
      rows: Object.fromEntries(streams),
      messages: mail.messages,
      branch_reports: post,
      runs,
    },
    text: lines.length === 0 ? "nothing is older than it is kept" : [...lines, end].join("\n"),
  };
}
