import type { ZodType } from "zod";
import type { DateRange, ISODate } from "../base/dates.js";
import type { Auth, HttpRequest, HttpResponse, Limits, Verdict } from "../http/types.js";

/**
 * A connector is data plus two pure functions per stream. It never touches files, environment, clock or warehouse,
 * and never sees state: the runner hands it a slice and it answers with requests and records.
 *
 * Where members live: one folder per source (`src/connectors/<id>/`), one line in the list of `index.ts`,
 * the same id in `src/demo/<id>.ts`, `sql/staging/<id>/`, `fixtures/http/<id>/` and `raw.<id>__<stream>`.
 */
export interface Connector<O = unknown, S = unknown> {
  readonly id: string;
  readonly title: string;
  /** What a user writes under `sources.<id>` in growthos.config.ts, without secrets. Strict. */
  readonly options: ZodType<O>;
  /** Credentials, by name; values come from the environment or the vault. Every member is secret. */
  readonly secrets: ZodType<S>;
  readonly limits: Limits;
  /** The vendor's API version in use and the day on which it stops being served (null: no date published). */
  readonly apiVersion: { readonly name: string; readonly sunset: ISODate | null };
  /** The vendor's own reading of a response; undefined: the HTTP status decides. */
  readonly classify?: (response: HttpResponse) => Verdict | undefined;
  /** Called with parsed options and secrets. A method, so that connectors of any option type fit one list. */
  open(options: O, secrets: S): { readonly auth: Auth; readonly streams: readonly Stream[] };
}

/** One kind of record of a source. Streams are values, not subclasses. */
export interface Stream {
  /** Plain name; the raw relation is `raw.<source>__<name>`. */
  readonly name: string;
  readonly sync: SyncMode;
  /** Dotted paths inside the payload that hold personal data; `*` steps into every element of a list. */
  readonly pii: readonly string[];
  /** The first request of a slice: pure. */
  readonly first: (slice: Slice) => HttpRequest;
  /** Records of a page and the request for the next one; null ends the walk. Throws `API_SHAPE` naming the missing path. */
  readonly read: (body: unknown, asked: HttpRequest) => Page;
}

/**
 * How a stream is kept up to date, and thereby which row wins when one was read twice:
 * `full` newest load replaces all; `cursor` newest row of a key; `window` newest load of a day.
 */
export type SyncMode =
  | { readonly kind: "full" }
  | {
      readonly kind: "cursor" /** Re-read this many minutes before the cursor. */;
      readonly overlapMinutes: number;
      /** Every record from the beginning, whatever the first day wanted: what is sold today may not have changed for years. */
      readonly fromTheBeginning?: boolean;
    }
  | {
      readonly kind: "window" /** Re-read this many days: platforms restate. */;
      readonly lookbackDays: number /** Days per slice. */;
      readonly chunkDays: number;
    };

/** What one walk of pages asks for. */
export type Slice =
  | { readonly kind: "full" }
  | { readonly kind: "since" /** Instants, ISO 8601 UTC; half-open. */; readonly since: string; readonly until: string }
  | { readonly kind: "days"; readonly days: DateRange };

/** One object of the vendor, verbatim. */
export interface RawRecord {
  /** Unique per slice, non-empty. */
  readonly key: string;
  /** The day the row belongs to, for window streams; otherwise undefined. */
  readonly day?: ISODate;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** One page. */
export interface Page {
  readonly records: readonly RawRecord[];
  readonly next: HttpRequest | null;
  /** How many records the vendor says the whole slice holds; a walk that ends with another number is refused. */
  readonly total?: number;
  /** What the vendor says about the quality of this page (sampled, thresholded …): logged, and a warning of the run. */
  readonly warnings?: readonly string[];
}
