import { metaError } from "./meta-spec.js";
import type { Answer } from "./server.js";

/** How a report ends: as it should, or with the members that a failure has from v25 on. */
export type MetaOutcome =
  | { readonly kind: "completed" }
  | { readonly kind: "failed" | "skipped"; readonly code: number; readonly subcode: number; readonly message: string }
  /** Never gets beyond the status. */
  | { readonly kind: "stuck"; readonly status: string };

/** A report that was started. */
export interface MetaJob {
  readonly id: string;
  readonly account: string;
  readonly since: string;
  readonly until: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly outcome: MetaOutcome;
  polls: number;
  reads: number;
}

/** All reports of the double, and what becomes of the next ones. */
export interface MetaJobs {
  readonly all: readonly MetaJob[];
  /** Decides about each report when it is started; the default: completed. */
  outcome: (job: Pick<MetaJob, "account" | "since" | "until"> & { readonly count: number }) => MetaOutcome;
  /** A completed report gives nothing this often before its rows are there. */
  emptyReads: number;
  start(job: Pick<MetaJob, "account" | "since" | "until" | "rows">): MetaJob;
  find(id: string): MetaJob | undefined;
  status(job: MetaJob): Answer;
  /** Rows to read now; the refusal when the report is not there yet. */
  rows(job: MetaJob): MetaJob["rows"] | Answer;
}

/** What a report says poll by poll; completed at 90 % is not completed. */
const PROGRESS = [
  ["Job Not Started", 0],
  ["Job Running", 40],
  ["Job Completed", 90],
  ["Job Completed", 100],
] as const;

/** The state machine of asynchronous reports. It moves with each poll, so that it needs no clock. */
export function metaJobs(): MetaJobs {
  const all: MetaJob[] = [];
  const jobs: MetaJobs = {
    all,
    outcome: () => ({ kind: "completed" }),
    emptyReads: 1,
    start: (job) => {
      const outcome = jobs.outcome({ ...job, count: all.length });
      const started = { ...job, id: String(7_000_000_000_000_000 + all.length), outcome, polls: 0, reads: 0 };
      all.push(started);
      return started;
    },
    find: (id) => all.find((job) => job.id === id),
    status: (job) => {
      job.polls += 1;
      return {
        json: { id: job.id, account_id: job.account, ...progress(job), date_start: job.since, date_stop: job.until },
      };
    },
    rows: (job) => {
      if (!isDone(job)) return metaError(100, "(#100) The report is not completed", { subcode: 1504011 });
      job.reads += 1;
      return job.reads <= jobs.emptyReads ? [] : job.rows;
    },
  };
  return jobs;
}

function isDone(job: MetaJob): boolean {
  return job.outcome.kind === "completed" && job.polls >= PROGRESS.length;
}

function progress({ outcome, polls }: MetaJob): Readonly<Record<string, unknown>> {
  if (outcome.kind === "stuck") return { async_status: outcome.status, async_percent_completion: 0 };
  const [status, percent] = PROGRESS[Math.min(polls, PROGRESS.length) - 1] ?? PROGRESS[0];
  if (outcome.kind === "completed" || polls < 2) return { async_status: status, async_percent_completion: percent };
  return {
    async_status: outcome.kind === "failed" ? "Job Failed" : "Job Skipped",
    async_percent_completion: 40,
    error_code: outcome.code,
    error_subcode: outcome.subcode,
    error_message: outcome.message,
  };
}
