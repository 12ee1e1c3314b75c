import type { ZodType } from "zod";
import type { DateRange, ISODate } from "../base/dates.js";
import type { Auth, HttpRequest, HttpResponse, Limits, Usage, Verdict } from "../http/types.js";
import type { SignIn } from "./sign-in.js";

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
  /** The ways to sign in, the recommended one first: what .env.example lists. */
  readonly signIns: readonly SignIn[];
  /** Credentials, by name; values come from the environment or the vault. Every member is secret. Made by `secretsOf(signIns)`. */
  readonly secrets: ZodType<S>;
  /** Hosts that may be asked, `*.` for any subdomain: anything else is refused before a byte leaves. */
  readonly hosts: readonly string[];
  readonly limits: Limits;
  /** The vendor's API version in use and the day on which it stops being served (null: no date published). */
  readonly apiVersion: ApiVersion;
  /** The vendor's own reading of a response; undefined: the HTTP status decides. */
  readonly classify?: (response: HttpResponse) => Verdict | undefined;
  /** What a response says about the quota. */
  readonly usage?: (response: HttpResponse) => readonly Usage[];
  /** Called with parsed options and secrets. A method, so that connectors of any option type fit one list. */
  open(options: O, secrets: S): OpenConnector;
}

/** A version of a vendor's API, and what the vendor has published about the end of it and of others. */
export interface ApiVersion {
  readonly name: string;
  readonly sunset: ISODate | null;
  /** The day follows from how long the vendor served earlier versions; it is not published. */
  readonly isEstimate?: true;
  /** The day on which the vendor's pages were read. */
  readonly checkedOn?: ISODate;
  /** Other versions whose end is published, newest first. */
  readonly others?: readonly { readonly name: string; readonly sunset: ISODate }[];
}

/** A connector with its options and credentials. */
export interface OpenConnector {
  readonly auth: Auth;
  /** Hosts that the options name, allowed beside the connector's own; only of sources without credentials. */
  readonly hosts?: readonly string[];
  readonly streams: readonly Stream[];
  /** What `doctor` and `connections test` ask, in order: are the credentials taken, and may they read what the streams need? */
  readonly probes: readonly Probe[];
}

/** One cheap question about the connection. */
export interface Probe {
  /** What is looked at, e.g. `scopes`. */
  readonly name: string;
  readonly request: HttpRequest;
  /** `now` is ms since 1970 UTC, for what expires. Throws `API_SHAPE`. */
  readonly read: (body: unknown, now: number) => Reading<Probe>;
}

/** One sentence of good news, or what is wrong and how to put it right. A `fix` beside good news is a warning: it is good today. */
export interface Reading<Next> {
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
  /** What `doctor` compares with the config: a currency (ISO 4217), and the time zone (IANA) in which the shop's own days end. */
  readonly facts?: { readonly currency?: string; readonly timeZone?: string };
  /** Asked next, in the place of a list of questions that depends on this answer. */
  readonly next?: readonly Next[];
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
  /**
   * Records of a page and the request for the next one; null ends the walk. Throws `API_SHAPE` naming the missing path.
   * `body` is a `ReceivedFile` when `asked.expect` is `file`, and null after a `skip` verdict.
   */
  readonly read: (body: unknown, asked: HttpRequest) => Page;
  /**
   * After a `shrink` verdict: smaller requests that together bring what was asked for, walked in order; none when it cannot be made
   * smaller. Each of them is then read as if it had been asked in the first place.
   */
  readonly shrink?: (asked: HttpRequest) => readonly HttpRequest[];
  /**
   * Window streams: figures whose restatement is recorded when a day is read again, as name -> dotted path in the payload
   * (a number, or a decimal as text). Must be additive over the rows of a day.
   */
  readonly measures?: Readonly<Record<string, string>>;
  /** Streams without days: settings whose changes are recorded when the stream is read again (D-54). */
  readonly tracked?: TrackedSettings;
  /** Window streams: may also be read for the day under way, as snapshots (`sync --today`). */
  readonly today?: true;
}

/** Where a record says whose it is and what it is set to; dotted paths in the payload. */
export interface TrackedSettings {
  readonly account: string;
  readonly name: string;
  /** Where its amounts have their currency; absent: in the account's record. */
  readonly currency?: string;
  /** Name of the setting -> path. */
  readonly fields: Readonly<Partial<Record<AdSetting, string>>>;
}

/** What an ad entity is set to; budgets as the platform writes them. */
export type AdSetting = "name" | "status" | "daily_budget" | "lifetime_budget";

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
      /** The vendor answers for this many days before today at most: older ones are not asked for. Absent: for all. */
      readonly reachDays?: number;
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
  /**
   * Owners (a key up to its first `|`: an ad account) whose records the walk has read. Once a page of a walk says so, what was read
   * before of owners that no page names stays as it is: an account that is cancelled or out of reach takes no figures along.
   */
  readonly owners?: readonly string[];
  /**
   * Days of a window stream of which the source has nothing to say yet (no table, no report): unknown, not empty. Earlier records of
   * these days stay, and the days are not counted as covered.
   */
  readonly unknown?: readonly ISODate[];
  /** The page is the file that was just received: its lines become records inside the database, not one by one here. */
  readonly file?: RecordFile;
}

/**
 * How the lines of a received file become records. A line without `parentMember` is a root and one record; the other lines belong to
 * the root that they name and become `{ nodes: [...] }` under the member that their `__typename` maps to. Order does not matter.
 */
export interface RecordFile {
  /** Member of a root line with its key. */
  readonly keyMember: string;
  /** Member of a child line with the key of its root. */
  readonly parentMember: string;
  /** `__typename` of a child -> member of the root that it is put under; every root gets every member, empty when it has none. */
  readonly children: Readonly<Record<string, string>>;
  /** What the vendor promised; another number is refused. */
  readonly expect: { readonly lines: number; readonly roots: number };
  /** Roots whose list `member` (inline in the root) is not empty are asked for again by key, because the file could not hold all of them. */
  readonly again?: {
    readonly member: string;
    readonly atATime: number;
    readonly request: (keys: readonly string[]) => HttpRequest;
  };
}
