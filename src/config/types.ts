import type { Calendar, ISODate } from "../base/dates.js";
import type { GrowthosError } from "../base/errors.js";

/** What the program uses: complete, checked, with every default filled in. What people write is in `schema.ts`. */
export interface Config {
  /** Folder of growthos.config.ts; workspaces live under it. */
  readonly projectRoot: string;
  /** Those that can be used: a file of a client that is wrong stops nobody but that client. */
  readonly workspaces: readonly WorkspaceConfig[];
  /** Workspaces that are written in files of their own; absent: there is no folder for them. */
  readonly clients?: Clients;
}

/** The folder of `workspacesFolder`. */
export interface Clients {
  /** Absolute path. */
  readonly folder: string;
  /** By name. */
  readonly files: readonly ClientFile[];
}

/** One workspace's file. */
export interface ClientFile {
  /** The file's name without `.json`. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** What is wrong with it; null: nothing, or it was not read because another workspace was asked for. */
  readonly error: GrowthosError | null;
}

/** One shop: its own folder, its own database file. */
export interface WorkspaceConfig {
  readonly name: string;
  readonly shop: { readonly name: string; readonly currency: string; readonly timeZone: string };
  readonly calendar: Calendar & {
    /** `dim_date` reaches at least to the end of this day's year; null: as far as the data. */
    readonly datesUntil: ISODate | null;
  };
  readonly sources: readonly SourceConfig[];
  readonly costs: Costs;
  /** Absent: 30 days. */
  readonly attribution?: { readonly windowDays: number };
  /** When a cart counts as left, and how long tasks are kept. */
  readonly tasks?: { readonly cartQuietHours: number; readonly keepDays: number };
  /** Metric id -> target per day, week or month, in the metric's own unit (money in minor units). */
  readonly targets: readonly {
    readonly metric: string;
    readonly period: "day" | "week" | "month";
    readonly value: number;
  }[];
  /** Metrics of the user's own; absent: none. */
  readonly metrics?: readonly OwnMetricConfig[];
  readonly pii: "hash" | "keep" | "drop";
  /** Folder of the user's own checks, as written; absent: `sql/checks` of the project, when it is there. */
  readonly checksFolder?: string;
  /** Bounds of the user's; `memoryMb` is that of all processes of a command together. Absent: as much as the machine allows. */
  readonly limits?: { readonly memoryMb?: number };
  readonly retention: {
    readonly builds: number;
    readonly runsDays: number;
    readonly eventsDays: number;
    readonly mailDays: number;
  };
  /** Absent: rules as shipped, nothing is sent. */
  readonly alerts?: AlertsConfig;
  /** Who may push data; absent: nobody. */
  readonly intake?: IntakeConfig;
  /** An object store that several machines share; absent: the folder is the only copy. */
  readonly store?: StorePlace | undefined;
  /** The language model of `growthos ask`; absent: none. */
  readonly model?: { readonly provider: "anthropic"; readonly name: string; readonly isReworded: boolean };
  /** Where models run; absent: on this machine. */
  readonly engine?: EngineConfig;
  /** Where marts are published; absent: nowhere. */
  readonly publish?: PublishConfig;
  /** Layout, owners and events of the weekly review; absent: as shipped. */
  readonly deck?: DeckConfig;
  /** Pages that `run` and `report` write unless asked for others; absent: all. Known ones are told by `reports/pages/index.ts`. */
  readonly pages?: readonly string[];
  /** A fixed as-of day (the demo); null: today in the shop's time zone. */
  readonly asOf: ISODate | null;
  /** The simulated world behind sources whose transport is "demo"; absent without them. */
  readonly demo?: { readonly seed: number; readonly days: number; readonly asOf: ISODate };
  /** SHA-256 of what the user wrote, without secrets. */
  readonly hash: string;
}

/** A place in an S3-compatible store, complete. */
export interface StorePlace {
  readonly bucket: string;
  /** Before every key, without slashes at its ends; empty for none. */
  readonly prefix: string;
  readonly region: string;
  /** `https://host`. */
  readonly endpoint: string;
  readonly isPathStyle: boolean;
}

/** The `engine` key, complete. */
export interface EngineConfig {
  readonly use: "duckdb" | "motherduck" | "clickhouse";
  readonly motherduck: { readonly database: string; readonly host: string; readonly port: number };
  /** Absent: the config names no server. */
  readonly clickhouse?: {
    readonly url: string;
    readonly database: string;
    readonly user: string;
    readonly cluster: string | null;
  };
}

/** The `publish` key, complete. */
export interface PublishConfig {
  /** What goes to every target: these relations, or null for all; with or without what names people. */
  readonly relations: readonly string[] | null;
  readonly people: boolean;
  readonly bigquery: {
    readonly project: string;
    readonly dataset: string;
    readonly location: string;
    /** Before the name of every table. */
    readonly prefix: string;
  } | null;
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly schema: string;
    readonly prefix: string;
    readonly tls: "verify" | "off";
    /** PEM of an authority that is trusted in place of the usual ones. */
    readonly caFile: string | null;
  } | null;
  readonly snowflake: {
    readonly account: string;
    readonly user: string;
    /** Null: the user's own. */
    readonly role: string | null;
    readonly warehouse: string;
    readonly database: string;
    readonly schema: string;
    readonly stage: string;
    /** What the stage is over. */
    readonly files: StorePlace;
    readonly prefix: string;
  } | null;
}

/** The `intake` key, complete. */
export interface IntakeConfig {
  readonly port: number;
  readonly host: string;
  /** Further names under which it is reached. */
  readonly hosts: readonly string[];
  readonly behindProxy: boolean;
  /** How much is taken, a second unless it says otherwise. */
  readonly limits: {
    readonly perSecond: number;
    readonly perAddress: number;
    readonly pixelPerSecond: number;
    readonly pixelPerAddress: number;
    readonly pixelPerDay: number;
  };
  readonly sources: readonly IntakeSourceConfig[];
}

/** One source that may push. */
export interface IntakeSourceConfig {
  readonly id: "shopify_webhooks" | "shopier" | "webhooks" | "payouts" | "fulfilments" | "pixel";
  /** The only account whose events are taken: a shop's domain, of the pixel the workspace's name; null: any. */
  readonly account: string | null;
  /** How senders sign where that can be chosen; null: as the vendor does. */
  readonly signature: {
    readonly header: string;
    readonly algorithm: "sha1" | "sha256" | "sha512";
    readonly encoding: "hex" | "base64";
    readonly prefix: string;
    readonly toleranceSeconds: number | null;
  } | null;
  /** Sites on which the pixel stands; `null`: sandboxes, which have none. */
  readonly origins: readonly string[];
  /** Dotted path of a generic body's id. */
  readonly idPath: string | null;
}

/** A metric of the user's own, as written, with its id; which of the kinds it is, is told by the members that are there. */
export interface OwnMetricConfig {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly unit: "money" | "count" | "ratio" | "multiple" | "days" | "number";
  readonly better: "up" | "down" | "neither";
  readonly aliases: readonly string[];
  readonly formula?: string;
  readonly sum?: string;
  readonly count?: string;
  readonly distinct?: string;
  readonly figure?: string;
  readonly where?: readonly string[];
  readonly plus?: readonly string[];
  readonly minus?: readonly string[];
  readonly divide?: string;
  readonly by?: string;
  readonly times?: number;
  readonly multiply?: readonly string[];
  readonly slopeOf?: string;
}

/** A block of the weekly review: by its name, or about metrics. */
type DeckBlockConfig =
  | string
  | { readonly six_twelve: string }
  | { readonly xmr: string }
  | { readonly weeks: readonly string[] }
  | { readonly months: readonly string[] };

/** The `deck` key; its names were checked. */
export interface DeckConfig {
  readonly sections?:
    | readonly (string | { readonly title: string; readonly blocks: readonly DeckBlockConfig[] })[]
    | undefined;
  /** Metric id -> who answers for it. */
  readonly owners: Readonly<Record<string, string>>;
  readonly events: readonly {
    readonly day: string;
    readonly text: string;
    readonly metrics?: readonly string[] | undefined;
  }[];
}

/** Shares are decimals: 0.08 = 8 %. */
export interface Costs {
  /** Gross margin by product category, lower-cased. */
  readonly categoryMargins: Readonly<Record<string, number>>;
  readonly defaultMargin: number;
  readonly shippingShare: number;
  readonly opsShare: number;
  readonly paymentFeeShare: number;
  /** Fixed part of the payment fee per order, minor units. */
  readonly paymentFeeFixed: number;
}

/** One source of a shop. */
export interface SourceConfig {
  readonly id: string;
  /** Checked against the connector's own schema. */
  readonly options: unknown;
  /** Where its bytes come from. */
  readonly transport: "network" | "demo";
  readonly timeoutMinutes: number;
  /** First day wanted by a first run. */
  readonly since: ISODate | null;
  /** What happens when the vendor's records change, for all streams or by stream; absent: evolve. */
  readonly contract?: ContractName | Readonly<Record<string, ContractName>>;
  /** Complete days that it may lack; absent: the default of its kind. */
  readonly freshness?: { readonly warnAfterDays: number; readonly errorAfterDays: number };
  /** Only these streams are read; absent: all of the source. */
  readonly streams?: readonly string[];
}

/** `evolve` keeps and tells every change, `freeze` refuses the load, `quarantine` sets records of another type aside. */
export type ContractName = "evolve" | "freeze" | "quarantine";

/** A limit on a metric, or conditions put together; money in main units, shares as decimals. */
export type AlertCondition =
  | {
      readonly metric: string;
      readonly by: "level" | "relative" | "points";
      readonly over?: number;
      readonly under?: number;
    }
  | { readonly all: readonly AlertCondition[] }
  | { readonly any: readonly AlertCondition[] }
  | { readonly not: AlertCondition };

/** How much an alert matters. */
export type AlertSeverity = "info" | "warning" | "critical";

type GroupName = "channel" | "platform" | "campaign" | "product" | "category" | "country" | "region" | "customer_type";

/** The `alerts` key, complete. */
export interface AlertsConfig {
  readonly off: readonly string[];
  readonly thresholds: Readonly<Record<string, Readonly<Partial<Record<AlertSeverity | "minVolume", number>>>>>;
  readonly rules: readonly {
    readonly id: string;
    readonly title: string;
    readonly scope: "shop" | GroupName;
    readonly filters?: readonly {
      readonly field: GroupName;
      readonly operator: "=" | "!=" | "in" | "contains";
      readonly value: string | readonly string[];
    }[];
    readonly look: { readonly days: number; readonly against: "previous" | "last_week" | "last_year" };
    readonly about: string;
    readonly levels: Readonly<Partial<Record<AlertSeverity, AlertCondition>>>;
    readonly minVolume?: { readonly metric: string; readonly atLeast: number };
    readonly lasting?: { readonly times: number; readonly of: number };
    readonly repeat: "once" | "continuous" | { readonly cooldownDays: number };
    readonly advice: string;
  }[];
  /** Metrics watched by week; null: the shipped list. */
  readonly watch: readonly string[] | null;
  readonly limits: "mean" | "median";
  readonly dividers: readonly {
    readonly day: ISODate;
    readonly reason: string;
    readonly metrics?: readonly string[];
  }[];
  readonly staleAfterDays: number;
  readonly slack: { readonly least: AlertSeverity } | null;
  readonly webhook: { readonly url: string; readonly least: AlertSeverity } | null;
  readonly email: {
    readonly host: string;
    readonly port: number;
    readonly security: "tls" | "starttls" | "none";
    /** Null: the server takes mail without signing in. */
    readonly user: string | null;
    readonly from: string;
    readonly to: readonly string[];
    readonly least: AlertSeverity;
  } | null;
}
