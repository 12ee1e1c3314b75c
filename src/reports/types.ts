import type { AlertRule } from "../alerts/types.js";
import type { Calendar, DateRange } from "../base/dates.js";
import type { AdTree } from "../metrics/ad-tree.js";
import type { ChangeExplanation, ChangeRequest } from "../metrics/explain-change.js";
import type { MetricForecast } from "../metrics/forecast.js";
import type { LifetimeValue } from "../metrics/lifetime-value.js";
import type { ReadColumns } from "../metrics/metric-lineage.js";
import type { BuildHealth } from "../metrics/page-facts.js";
import type {
  AnswerContext,
  Compared,
  MetricDef,
  MetricId,
  MetricValue,
  QueryResult,
  SemanticQuery,
} from "../metrics/types.js";
import type { Attribution } from "../transform/attribution.js";
import type { BranchPages } from "../transform/branch-pages.js";
import type { LedgerPage } from "../transform/ledger-page.js";
import type { Lineage } from "../transform/lineage.js";
import type { TaskPages } from "../transform/task-pages.js";
import type { Column, ComparisonId, Figure, TableCell } from "./block-types/cells.js";
import type { CodeBlock } from "./block-types/code.js";
import type { CommentaryBlock } from "./block-types/commentary.js";
import type { CoverageBlock } from "./block-types/coverage.js";
import type { FunnelBlock } from "./block-types/funnel.js";
import type { LightsBlock } from "./block-types/lights.js";
import type { SankeyBlock } from "./block-types/sankey.js";
import type { ScatterBlock } from "./block-types/scatter.js";
import type { SixTwelveBlock } from "./block-types/six-twelve.js";
import type { XmrBlock } from "./block-types/xmr.js";
import type { DeckFacts } from "./deck/types.js";
import type { Operations } from "./operations.js";

/** Everything a page reads, fetched before it is built: a page is a pure function of it and does no arithmetic. */
export interface Facts {
  readonly context: AnswerContext;
  metric(id: MetricId): MetricDef;
  /** A result by the name that the page gave it in `reads`. Throws `FACT_MISSING` (a bug) when it was not declared. */
  result(name: string): QueryResult;
  /** The split of a change by the name that the page gave it in `splits`. Throws `FACT_MISSING` when it was not declared. */
  split(name: string): ChangeSplit;
  /** A row's part of the total of an additive metric, by row key. Throws `FACT_MISSING` like `result`. */
  share(result: string, metric: MetricId): Readonly<Record<string, MetricValue>>;
  /** How a channel is to be read; undefined for rows that belong to none. */
  isPaid(channel: string): boolean | undefined;
  readonly health: DataHealth;
  /** What belongs to what among ads. */
  readonly ads: AdTree;
  /** Where orders came from; null: not read. */
  readonly attribution: Attribution | null;
  /** Where the money is; null: not read. */
  readonly ledger: LedgerPage | null;
  /** What somebody should follow up; null: not read. */
  readonly tasks: TaskPages | null;
  /** What branches are called, who their reps are, and what is open there; null: not read. */
  readonly branches: BranchPages | null;
  /** What is likely next; empty: nobody asked. */
  readonly forecasts: readonly MetricForecast[];
  /** What customers are expected to bring; null: nobody asked. */
  readonly lifetime: LifetimeValue | null;
  /** Metrics of the user's own, in the order of the config; absent: none. */
  readonly own?: readonly MetricId[];
  /** The rules of the weekly review, with the workspace's own thresholds. */
  readonly rules: readonly AlertRule[];
  /** Those rules and the workspace's own that look at the same days. */
  readonly guardrails: readonly AlertRule[];
  /** Runs, connections, schedule and alerts of the workspace. */
  readonly operations: Operations;
  /** The metrics of the catalog, the user's own last. */
  readonly metrics: readonly MetricDef[];
  /** The statement that reads a metric for the newest complete week. */
  sqlOf(id: MetricId): string;
  /** What a metric and its parts are read from. */
  columnsOf(id: MetricId): readonly ReadColumns[];
  /** `$12,000.00 a week`, or null without a target. */
  targetText(id: MetricId): string | null;
  /** Relations, and where their columns come from. */
  readonly lineage: Lineage;
  /** Those that hold a day against the same weekday before. */
  readonly dailyRules: readonly AlertRule[];
  /** What the shop says about its weekly review: layout, owners, targets, events, comments. */
  readonly deck: DeckFacts;
  /** Why a metric moved, by the name that a page gave it in `asks`; undefined when it was not asked or could not be told. */
  explanation(name: string): ChangeExplanation | undefined;
  /** What came in other currencies in a range of days. */
  foreign(range: DateRange): readonly ForeignUse[];
}

/** Amounts of one kind in one other currency. */
export interface ForeignUse {
  readonly what: "orders" | "refunds" | "spend";
  readonly currency: string;
  readonly converted: boolean;
  readonly rows: number;
  /** Minor units of `currency` that are in no figure; 0 for what was converted. */
  readonly minor: number;
}

/** What a page wants to know about a change: total = sum over the rows of `value` - `less`, `value` = `volume` x price. */
export interface SplitRequest {
  /** Name of a read with a breakdown and a comparison. */
  readonly read: string;
  readonly total: MetricId;
  readonly value: MetricId;
  readonly volume: MetricId;
  /** A metric that is taken off after the split, such as returns. */
  readonly less: MetricId;
}

/** Why a total moved. Minor units; before + volume + price + mix + less = after, to the cent. */
export type ChangeSplit =
  | {
      readonly status: "ok";
      readonly before: number;
      readonly volume: number;
      readonly price: number;
      readonly mix: number;
      readonly less: number;
      readonly after: number;
      /** after - before. */
      readonly change: number;
    }
  | { readonly status: "unknown"; readonly detail: string };

/** Whether the data behind the figures can be trusted: what a build says about itself. */
export type DataHealth = BuildHealth;

/** One card: a metric's value, its change, and its course over the days. */
export interface Kpi {
  readonly metric: MetricId;
  readonly title: string;
  readonly value: Figure;
  readonly change: Figure | null;
  readonly tone: "good" | "bad" | "neutral";
  readonly spark: readonly (number | null)[];
  readonly formula: string;
  /** The figure that a page is for: larger, on a ground of its own. */
  readonly large?: true;
  /** The change against the same weekdays a year earlier, where the page compares with both. */
  readonly yearly?: { readonly change: Figure; readonly tone: "good" | "bad" | "neutral" };
}

/** The building blocks; every renderer is exhaustive over them. Text is plain, never markup. */
export type Block =
  | { readonly kind: "heading"; readonly id: string; readonly text: string }
  | {
      readonly kind: "prose";
      readonly paragraphs: readonly string[] /** The sentence that the page is for. */;
      readonly lead?: boolean;
    }
  | { readonly kind: "kpis"; readonly items: readonly Kpi[] }
  | {
      readonly kind: "table";
      readonly title: string;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly TableCell[])[];
      /** Of rows that are parts of others: by row, the place of the row that it belongs to, which stands before it; null for whole ones. */
      readonly parents?: readonly (number | null)[];
      /** The last line, set apart. */
      readonly totals?: readonly TableCell[];
      readonly note?: string;
    }
  | {
      readonly kind: "chart";
      readonly title: string /** States the finding, not the form. */;
      readonly alt: string;
      readonly spec: ChartSpec;
    }
  | {
      readonly kind: "findings";
      readonly items: readonly {
        readonly tone: "good" | "bad" | "warn" | "neutral";
        /** The tone as a word: colour alone says nothing. */
        readonly badge: string;
        readonly title: string;
        readonly detail: string;
        readonly advice?: string;
      }[];
    }
  | {
      readonly kind: "waterfall";
      readonly title: string;
      readonly alt: string;
      readonly steps: readonly {
        readonly label: string;
        readonly value: number;
        readonly figure: Figure;
        readonly total?: boolean;
      }[];
    }
  | {
      readonly kind: "presets" /** One of these is shown at a time; without script all are, one after the other. */;
      readonly options: readonly PresetOption[];
      readonly selected: string;
    }
  | {
      readonly kind: "versus" /** Belongs to one of the two comparisons; without script both are shown. */;
      readonly comparison: ComparisonId;
      readonly blocks: readonly Block[];
    }
  | {
      readonly kind: "search" /** Everything that can be found in the pages of the folder. */;
      readonly items: readonly {
        readonly what: "page" | "section" | "metric";
        readonly title: string;
        readonly detail: string;
        /** Absent: there is no page about it. */
        readonly page?: string;
        /** Id of a heading on that page. */
        readonly anchor?: string;
      }[];
    }
  | {
      readonly kind: "links" /** Other pages of the same folder. */;
      readonly items: readonly { readonly page: string; readonly title: string; readonly detail: string }[];
    }
  | FunnelBlock
  | SankeyBlock
  | ScatterBlock
  | SixTwelveBlock
  | XmrBlock
  | CodeBlock
  | CoverageBlock
  | LightsBlock
  | CommentaryBlock;

/** One choice of a presets block. */
export interface PresetOption {
  readonly id: string;
  readonly label: string;
  /** Its heading where all are shown; default `Last <label>`. */
  readonly title?: string;
  /** Chosen from a list of this name (`Week`, `Month`) instead of by a button of its own. */
  readonly group?: string;
  readonly blocks: readonly Block[];
}

/** The block of one kind. */
export type BlockOf<K extends Block["kind"]> = Extract<Block, { readonly kind: K }>;

/** A small description that `charts.ts` turns into vega-lite: data is numbers already in display units. */
export interface ChartSpec {
  readonly form: "line" | "bar" | "area_and_bar" | "heat_map";
  readonly x: { readonly title: string; readonly kind: "day" | "category" };
  readonly y: { readonly title: string; readonly format: string };
  readonly series: readonly {
    readonly name: string;
    readonly mark?: "line" | "bar" | "area";
    readonly points: readonly { readonly x: string; readonly y: number | null }[];
  }[];
}

/** What all renderings share; its JSON is the frozen report. */
export interface ReportModel {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly context: AnswerContext;
  readonly blocks: readonly Block[];
  /** Footer lines: as-of, time zone, revenue basis, cut-off, completeness, build hash. */
  readonly stamps: readonly { readonly label: string; readonly text: string }[];
}

/** Page registry entry. */
export interface ReportPage {
  readonly id: string;
  readonly title: string;
  /** The source without which the page is only written when it is asked for by name; absent: it always is. */
  readonly needs?: string;
  /** Named queries that the page needs, from the as-of day alone. */
  readonly reads: (
    context: AnswerContext,
    calendar: {
      /** The shop's calendar, or the weekday on which the weeks of a plain one end. */
      readonly weekEndsOn: Calendar | number;
      readonly own?: readonly MetricId[];
      /** The layout of the weekly review; absent: as shipped. */
      readonly deck?: DeckFacts;
    },
  ) => Readonly<Record<string, SemanticQuery>>;
  readonly splits?: Readonly<Record<string, SplitRequest>>;
  /** Changes to be explained once the results are known, by name; each costs several queries, so only what is exceptional. */
  readonly asks?: (facts: Facts) => Readonly<Record<string, ChangeRequest>>;
  readonly build: (facts: Facts) => ReportModel;
}

export type { Column, Compared, ComparisonId, Figure, TableCell };
