/** What pages know of a workspace beside its build: who runs what, when it ran, how it signs in. Read by the CLI, which knows the rooms. */
import { type AlertLog, NO_ALERT_LOG } from "../alerts/alert-log.js";
import type { ISODate } from "../base/dates.js";

/** One run of `sync`, as its record says. */
export interface RunFact {
  readonly runId: string;
  readonly state: "queued" | "running" | "completed" | "completed_with_warnings" | "failed";
  /** Instants, ISO 8601 UTC. */
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly rows: number;
  /** The steps: one per source. */
  readonly sources: readonly {
    readonly source: string;
    readonly state: RunFact["state"];
    readonly rows: number;
    readonly tasksDone: number;
    readonly tasksPlanned: number;
    /** Null: not told, as of a simulated shop. */
    readonly durationMs: number | null;
    readonly warnings: readonly string[];
    /** Never holds a secret. */
    readonly error: { readonly code: string; readonly what: string; readonly hint?: string } | null;
  }[];
}

/** How a source is connected. No member holds a credential. */
export interface ConnectionFact {
  readonly source: string;
  readonly title: string;
  /** Where its credentials come from; `demo` and `local` need none. */
  readonly from: "environment" | "stored" | "both" | "nowhere" | "demo" | "local";
  /** Shop, accounts or property of the config; empty: it names none. */
  readonly account: string;
  /** The way of signing in, where it is stored. */
  readonly method: string | null;
  /** What the way of signing in asks for; empty: the vendor's pages decide. */
  readonly scopes: readonly string[];
  /** Instants, ISO 8601 UTC: when a person connected, and when the newest token ends. */
  readonly connectedAt: string | null;
  readonly tokenExpiresAt: string | null;
  /** What keeps it from being used; null: nothing is known. */
  readonly problem: string | null;
}

/** A version of a vendor's API, and until when it is served. */
export interface ApiFact {
  readonly source: string;
  readonly title: string;
  readonly version: string;
  /** The day on which it stops; null: the vendor has named none. */
  readonly sunset: ISODate | null;
  /** The day is reckoned from the vendor's habits, not published. */
  readonly isEstimate: boolean;
  /** Other versions with a published end. */
  readonly others: readonly { readonly version: string; readonly sunset: ISODate }[];
  /** The day on which the vendor's pages were read. */
  readonly checkedOn: ISODate | null;
}

/** Something that a scheduler is to do. */
export interface JobFact {
  readonly name: string;
  readonly title: string;
  /** `every day at 03:10`. */
  readonly when: string;
  readonly command: string;
}

/** Everything of that kind. */
export interface Operations {
  /** Newest first. */
  readonly runs: readonly RunFact[];
  /** Names of run records that cannot be read. */
  readonly brokenRuns: readonly string[];
  readonly connections: readonly ConnectionFact[];
  readonly apis: readonly ApiFact[];
  readonly jobs: readonly JobFact[];
  readonly alerts: AlertLog;
  /** The present instant, ISO 8601 UTC; ages are told against it. */
  readonly now: string | null;
}

/** Nothing is known: nobody looked. */
export const NO_OPERATIONS: Operations = {
  runs: [],
  brokenRuns: [],
  connections: [],
  apis: [],
  jobs: [],
  alerts: NO_ALERT_LOG,
  now: null,
};
