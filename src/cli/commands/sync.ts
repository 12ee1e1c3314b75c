import { addDays, type ISODate, isISODate, isoDate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import type { FileTask } from "../../sync/files.js";
import type { ExportDay } from "../../sync/ga4-export.js";
import type { SftpTask } from "../../sync/sftp.js";
import type { RunError, SourceOutcome, SyncPlan, SyncReport, SyncSelection, SyncTask } from "../../sync/types.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  flagOption,
  listOption,
  type Outcome,
} from "../command.js";
import { count, duration, plural } from "../format.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { plannedSftp } from "../sftp-source.js";
import { isOnlyDays, plannedExport, plannedFiles, syncOptions } from "../sync-options.js";

export const command: Command = {
  name: "sync",
  summary: "read the sources and commit what is new",
  description:
    "Reads what is new since the last commit, and again the days that platforms still restate. Each slice is committed whole or not at all; a source that fails leaves the others in (exit code 3).",
  options: [
    { flags: "--source <id>", description: "only this source", repeat: true },
    { flags: "--stream <name>", description: "only this stream, as `orders` or `shopify.orders`", repeat: true },
    { flags: "--from <date>", description: "read again from this day on, whatever is covered" },
    { flags: "--to <date>", description: "… up to this day (default: the last complete day)" },
    { flags: "--refresh [days]", description: "read the last so many days again; without a number the whole history" },
    {
      flags: "--backfill <from..to>",
      description: "read what is missing of these days, newest first, and nothing else",
    },
    { flags: "--today", description: "take a snapshot of today's ad figures, and read nothing else" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos sync --dry-run",
    "growthos sync",
    "growthos sync --source meta_ads --from 2026-01-01",
    "growthos sync --backfill 2024-01-01..2024-12-31",
    "growthos sync --today",
  ],
  async run(context, args) {
    const selection = await selectionOf(context, args);
    const { planSync, runSync } = await import("../../sync/run.js");
    if (context.flags.dryRun) {
      const plan = planSync(await syncOptions(context, { selection }));
      const isWanted = (id: string) => !isOnlyDays(selection) && (selection.sources?.includes(id) ?? true);
      return plannedOutcome(context, plan, {
        files: isWanted("files") ? await plannedFiles(context) : [],
        exported: isWanted("ga4_events") ? await plannedExport(context) : [],
        sftp: isWanted("sftp") ? await plannedSftp(context, selection) : [],
      });
    }
    const step = context.output.step("sync");
    const start = context.effects.clock.elapsed();
    try {
      const report = await runSync(
        await syncOptions(context, {
          selection,
          lockWaitMs: waitMs(args),
          onProgress: ({ source, stream, doneTasks, allTasks, rows }) =>
            step.update(`${source}.${stream} ${doneTasks}/${allTasks}, ${plural(rows, "row")}`),
        }),
      );
      const summary = `${plural(report.rows, "row")} in ${duration(context.effects.clock.elapsed() - start)}`;
      if (report.exit === "ok") step.done(summary);
      else step.failed(summary);
      return reportOutcome(context, report);
    } catch (thrown) {
      step.failed();
      throw thrown;
    }
  },
};

async function selectionOf(context: CommandContext, args: CommandArgs): Promise<SyncSelection> {
  const own = await context.workspaceConfig();
  const known = [...own.sources.map(({ id }) => id), ...(own.intake === undefined ? [] : ["intake"])];
  const sources = listOption(args, "source");
  const streams = listOption(args, "stream");
  const stranger = sources.find((id) => !known.includes(id));
  if (stranger !== undefined) {
    const near = nearest(stranger, known);
    throw new GrowthosError({
      code: "SOURCE_UNKNOWN",
      what: `source "${stranger}" is not configured in workspace "${own.name}"`,
      why: `configured: ${known.join(", ") || "none"}`,
      ...(near === undefined ? {} : { hint: `did you mean --source ${near}?` }),
      exit: "usage",
    });
  }
  return {
    ...(sources.length === 0 ? {} : { sources }),
    ...(streams.length === 0 ? {} : { streams }),
    ...(await extentOf(context, args)),
  };
}

const EXTENTS = ["from/to", "refresh", "backfill", "today"] as const;

/** What is read beyond the usual: at most one of the ways to say so. */
async function extentOf(
  context: CommandContext,
  args: CommandArgs,
): Promise<Pick<SyncSelection, "force" | "everything" | "backfill" | "today">> {
  const { from, to, refresh, backfill } = args.options;
  const today = flagOption(args, "today");
  const given = [from ?? to, refresh, backfill, today || undefined].map((value) => value !== undefined);
  const chosen = EXTENTS.filter((_, index) => given[index]);
  if (chosen.length > 1) throw usage(`--${chosen.join(" and --")} cannot be combined`, "give one of them");
  if (today) return { today };
  if (typeof backfill === "string") return { backfill: parseRange(backfill) };
  const last = addDays(await context.asOf(), -1);
  if (refresh === true) return { everything: true };
  if (typeof refresh === "string") return { force: { from: refreshedFrom(refresh, last), to: last } };
  if (typeof from !== "string" && typeof to !== "string") return {};
  const end = typeof to === "string" ? isoDate(to) : last;
  return { force: { from: typeof from === "string" ? isoDate(from) : end, to: end } };
}

function refreshedFrom(refresh: string, last: ISODate): ISODate {
  const days = Number(refresh.replace(/d$/, ""));
  if (Number.isInteger(days) && days >= 1 && days <= 3660) return addDays(last, 1 - days);
  throw usage(`--refresh takes a number of days, not "${refresh}"`, "for example --refresh 7");
}

function parseRange(text: string): { readonly from: ISODate; readonly to: ISODate } {
  const [from = "", to = "", ...more] = text.split("..");
  if (more.length === 0 && isISODate(from) && isISODate(to) && from <= to) return { from, to };
  throw usage(`--backfill takes two days, not "${text}"`, "for example --backfill 2024-01-01..2024-12-31");
}

function usage(what: string, hint: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, hint, exit: "usage" });
}

interface Planned {
  readonly files: readonly FileTask[];
  readonly exported: readonly ExportDay[];
  readonly sftp: readonly SftpTask[];
}

function plannedOutcome({ output }: CommandContext, plan: SyncPlan, { files, exported, sftp }: Planned): Outcome {
  const because = (reason: string) => reason.replaceAll("_", " ");
  const rows = [
    ...plan.tasks.map((task) => [`${task.source}.${task.stream}`, sliceText(task), because(task.because)]),
    ...files.map((task) => ["files", task.file.name, because(task.because)]),
    ...exported.map((task) => ["ga4_events", task.table.name, because(task.because)]),
    ...sftp.map((task) => ["sftp", task.name.replace(/^sftp:/, ""), task.why ?? because(task.because)]),
  ];
  return {
    exit: "ok",
    json: {
      dry_run: true,
      as_of: plan.asOf,
      tasks: plan.tasks,
      files: files.map((task) => ({ name: task.file.name, sha256: task.sha256, because: task.because })),
      exported: exported.map((task) => ({ name: task.table.name, because: task.because })),
      sftp,
    },
    text:
      rows.length === 0
        ? "nothing to read"
        : output.table([{ title: "stream" }, { title: "what" }, { title: "because" }], rows),
  };
}

function sliceText({ slice }: SyncTask): string {
  if (slice.kind === "full") return "everything";
  if (slice.kind === "days") return `days ${slice.days.from} … ${slice.days.to}`;
  return `changed ${slice.since} … ${slice.until}`;
}

function reportOutcome({ output }: CommandContext, report: SyncReport): Outcome {
  const columns = [
    { title: "source" },
    {
      title: "state",
      tone: (cell: string) =>
        cell === "failed" ? ("bad" as const) : cell === "completed" ? ("good" as const) : ("warn" as const),
    },
    { title: "rows", align: "right" as const },
    { title: "took", align: "right" as const },
    { title: "notes" },
  ];
  const { exit, sources, ...record } = report;
  return {
    exit,
    json: { run: { ...record, sources } },
    text: output.table(
      columns,
      sources.map((source) => [
        source.source,
        source.state,
        count(source.rows),
        duration(source.durationMs),
        notes(source),
      ]),
    ),
    errors: sources.flatMap(({ error }) => (error === null ? [] : [asError(error, exit)])),
  };
}

function notes({ error, warnings }: SourceOutcome): string {
  if (error !== null) return error.code;
  return warnings.length > 1 ? `${warnings[0]} (and ${warnings.length - 1} more)` : (warnings[0] ?? "");
}

function asError(error: RunError, exit: SyncReport["exit"]): GrowthosError {
  return new GrowthosError({ ...error, exit: exit === "ok" ? "source" : exit });
}
