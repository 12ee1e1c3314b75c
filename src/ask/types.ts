/**
 * A question in plain words, answered from the catalog. It goes through small stages, each pure and each in a file of its own:
 * `tokens` (words and numbers) -> `typos` (words nobody uses) -> `spans` (what each stretch of words means, one table per kind) ->
 * `read` (what the spans mean together: a draft, or a refusal) -> `settle` (which figure is known so finely) -> `ask`.
 * Nothing is guessed in silence: a word that no table knows is a refusal.
 */
import type { DateRange, ISODate } from "../base/dates.js";
import type { Catalog } from "../metrics/catalog/index.js";
import type { ListedHoliday } from "../metrics/holidays.js";
import type {
  AnswerContext,
  Breakdown,
  GroupBreakdown,
  MetricId,
  NumberOperator,
  SemanticQuery,
} from "../metrics/types.js";

/** Something that the warehouse knows by name. */
export interface Entity {
  readonly field: GroupBreakdown;
  readonly key: string;
  /** What people read. */
  readonly label: string;
}

/** What a question is read against. */
export interface AskWorld {
  readonly catalog: Catalog;
  readonly context: AnswerContext;
  readonly entities: readonly Entity[];
  /** First day of which there is data; absent: `all time` cannot be said. */
  readonly firstDay?: ISODate;
  /** Holidays of the shop's country, beside its own lists and those that are known by a rule. */
  readonly holidays?: readonly ListedHoliday[];
}

/** What was asked just before, for questions that lean on it ("that campaign"). */
export interface Turn {
  readonly query: SemanticQuery;
  /** Names of the rows that were shown, in their order. */
  readonly rows: readonly string[];
}

/** A word, a number or a mark of a question. */
export interface Token {
  /** Lower case; numbers without grouping. */
  readonly text: string;
  readonly kind: "word" | "number" | "date" | "mark" | "quoted";
  readonly value?: number;
  /** What stood beside a number: `%`, `x`, a currency, `th` of an ordinal. */
  readonly unit?: string;
  /** In capitals: `US` is a country, `us` is not. */
  readonly isUpper?: true;
  /** As it was typed, where a typo was put right. */
  readonly typed?: string;
}

/** Days that a question names, and how the answer calls them. */
export interface NamedWindow {
  readonly range: DateRange;
  /** `this week so far`, `the last 30 days`. */
  readonly name: string;
  /** Calendar periods keep their unit, so that the one before can be found; rolling windows have none. */
  readonly unit?: "week" | "month" | "quarter" | "year";
  /** What a reader has to know of these days. */
  readonly note?: string;
  /** Of a holiday, so that the same one of another year can be found. */
  readonly holiday?: HolidayTime;
}

/** A holiday that some days are of. */
export interface HolidayTime {
  /** Lower snake case. */
  readonly name: string;
  readonly day: ISODate;
  /** `season`: from it to its second day, Black Friday to Cyber Monday. */
  readonly shape: "day" | "week" | "weekend" | "season";
}

/** Why a question cannot be answered. Permanent names. */
export type RefusalCode =
  | "HYPOTHETICAL"
  | "FUTURE"
  | "WHY"
  | "ADVICE"
  | "ACTION"
  | "NOT_COMPLETE"
  | "OUTSIDE_DATA"
  | "UNKNOWN_METRIC"
  | "UNKNOWN_NAME"
  | "UNKNOWN_WORDS"
  | "NO_METRIC"
  | "NOT_SUPPORTED"
  | "TOO_MUCH"
  | "NOTHING_BEFORE"
  | "BAD_QUERY";

/** What each stretch of words means. */
export type Meaning =
  | { readonly kind: "metric"; readonly id: MetricId /** Only when no other metric is named. */; readonly weak?: true }
  | { readonly kind: "performance" }
  | { readonly kind: "missing_metric"; readonly name: string; readonly nearest: MetricId | null }
  | { readonly kind: "window"; readonly window: NamedWindow }
  | { readonly kind: "refusal"; readonly code: RefusalCode; readonly why: string; readonly nearest?: string }
  | { readonly kind: "versus" }
  | { readonly kind: "compare" }
  | { readonly kind: "change" }
  | { readonly kind: "previous"; readonly with: "period" | "year" | "week" | "month" | "week_ago" | "month_ago" }
  /** "The 14 days before": so many days right before those that are asked for. */
  | { readonly kind: "days_before"; readonly days: number }
  | { readonly kind: "level"; readonly by: Breakdown; readonly plural: boolean }
  | { readonly kind: "grain"; readonly grain: "hour" | "day" | "week" | "month" | "quarter" }
  | { readonly kind: "series" }
  | {
      readonly kind: "rank";
      readonly rank: Rank /** Some ranks name their figure: "best selling". */;
      readonly metric?: MetricId;
    }
  | { readonly kind: "marker"; readonly marker: "which" | "by" | "all" | "list" | "each" | "rank" }
  | { readonly kind: "platform"; readonly platform: string; readonly said: string }
  | { readonly kind: "status"; readonly value: string }
  | { readonly kind: "customers"; readonly value: "new" | "returning" }
  | { readonly kind: "name"; readonly text: string; readonly matches: readonly Entity[] }
  | { readonly kind: "not" }
  | { readonly kind: "condition"; readonly operator: NumberOperator }
  | { readonly kind: "between" }
  | { readonly kind: "amount"; readonly value: number; readonly unit?: string }
  | { readonly kind: "that"; readonly level: Breakdown | null }
  | { readonly kind: "again" }
  | { readonly kind: "average" }
  | { readonly kind: "share"; readonly isUnit?: true /** "Percent" is also only a way to write a ratio. */ }
  | { readonly kind: "output"; readonly output: Output }
  | { readonly kind: "sign"; readonly metric: MetricId; readonly operator: NumberOperator }
  | { readonly kind: "and" }
  | { readonly kind: "filler" }
  | { readonly kind: "unknown" };

/** How rows are ranked: by size, or by what is good news. */
export type Rank = "top" | "bottom" | "best" | "worst" | "highest" | "lowest";

/** What the answer should look like, when the question says. */
export type Output = "auto" | "chart" | "table" | "text";

/** A stretch of words with its meaning; `to` is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly meaning: Meaning;
}

/** A span of one kind. */
export type SpanOf<K extends Meaning["kind"]> = Span & { readonly meaning: Extract<Meaning, { readonly kind: K }> };

/** A question that became a query. */
export interface Understood {
  readonly kind: "query";
  readonly query: SemanticQuery;
  readonly window: NamedWindow;
  /** How the answer calls what it is compared with. */
  readonly compared?: string;
  readonly output: Output;
  /** The figures are told as shares of the same ones without the rows or the filter by this. */
  readonly share?: GroupBreakdown;
  /** What was taken for what, what stands in for what, what came from the question before. */
  readonly notes: readonly string[];
}

/** A question that cannot be answered: why, and the nearest that can. */
export interface Refused {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly why: string;
  /** A question or command line that would be answered. */
  readonly nearest?: string;
}

/** A question that can be read in several ways. */
export interface AskedBack {
  readonly kind: "which";
  readonly why: string;
  /** What could be meant, at most ten. */
  readonly choices: readonly string[];
}

/** What became of a question. */
export type Asked = Understood | Refused | AskedBack;
