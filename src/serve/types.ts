/** What the local server is given. It reads; nothing that it is asked changes anything. */
import type { Alert } from "../alerts/types.js";
import type { Catalog } from "../metrics/catalog/index.js";
import type { Coverage } from "../metrics/coverage.js";
import type { AnswerContext } from "../metrics/types.js";
import type { FrozenReport } from "../reports/render-html.js";
import type { Database } from "../warehouse/types.js";

/** The published build, open for reading, with what answers are stamped with. */
export interface ApiBuild {
  readonly db: Database;
  readonly context: AnswerContext;
  readonly catalog: Catalog;
  readonly coverage: Coverage;
}

/** A sync as the API lists it. Instants are ISO 8601 UTC. */
export interface ApiJob {
  readonly runId: string;
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly rows: number;
}

/** Where the API's answers come from. */
export interface ApiSources {
  readonly version: string;
  readonly isDemo: boolean;
  /** The present instant, ISO 8601 UTC. */
  now(): string;
  /** The current build; a newer one is opened when it was published. Throws `NO_BUILD`. */
  build(): Promise<ApiBuild>;
  /** Newest first. */
  jobs(): readonly ApiJob[];
  alerts(): Promise<{ readonly day: string | null; readonly alerts: readonly Alert[] }>;
  /** A written report of an as-of day, or of the newest; null when there is none. */
  report(page: string, asOf: string | null): Promise<FrozenReport | null>;
}

/** A failure as the API tells it; `status` is of HTTP. */
export interface ApiError {
  readonly status: number;
  readonly error: { readonly code: string; readonly what: string; readonly why?: string; readonly hint?: string };
}
