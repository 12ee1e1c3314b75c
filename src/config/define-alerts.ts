// What is alerted about, and where alerts are sent: a part of what a config says.

/** How much an alert matters. */
export type Severity = "info" | "warning" | "critical";

/** A metric against a limit, or conditions put together. When an input is unknown the rule says "no signal". */
export type AlertCondition =
  | {
      /** Metric id; `growthos metrics` lists them. */
      readonly metric: string;
      /** `level` (default): the value; `relative`: its change, 0.1 = 10 %; `points`: the difference of a rate, 0.05 = 5 points. */
      readonly by?: "level" | "relative" | "points";
      /** Strictly above. Money in main units. */
      readonly over?: number;
      /** Strictly below. */
      readonly under?: number;
    }
  | { readonly all: readonly AlertCondition[] }
  | { readonly any: readonly AlertCondition[] }
  | { readonly not: AlertCondition };

/** A rule of one's own. */
export interface AlertRuleOptions {
  readonly id: string;
  readonly title: string;
  /** `shop` (default), or a breakdown whose groups are judged one by one. */
  readonly scope?:
    | "shop"
    | "channel"
    | "platform"
    | "campaign"
    | "product"
    | "category"
    | "country"
    | "region"
    | "customer_type";
  readonly filters?: readonly {
    readonly field:
      | "channel"
      | "platform"
      | "campaign"
      | "product"
      | "category"
      | "country"
      | "region"
      | "customer_type"
      /** Of `entered_costs`: the category of what was entered. */
      | "cost_category";
    readonly operator: "=" | "!=" | "in" | "contains";
    readonly value: string | readonly string[];
  }[];
  /** Complete days that are looked at. Default 7. */
  readonly days?: number;
  /** What they are compared with: as many days before (default), the same weekdays a week or 364 days earlier. */
  readonly against?: "previous" | "last_week" | "last_year";
  /** The highest level that holds is the alert's severity. */
  readonly levels: Readonly<Partial<Record<Severity, AlertCondition>>>;
  /** Below this volume, now and before, the rule is silent. */
  readonly minVolume?: { readonly metric: string; readonly atLeast: number };
  /** It must have held in `times` of the last `of` windows. */
  readonly lasting?: { readonly times: number; readonly of: number };
  /** Told once (default), on every judged day, or again after so many days. */
  readonly repeat?: "once" | "continuous" | { readonly cooldownDays: number };
  /** What to do. */
  readonly advice: string;
}

/** What is judged by `growthos alerts`, and where it is sent. */
export interface AlertOptions {
  /** Ids of rules that are not judged; `signal` for all process-behaviour signals. */
  readonly off?: readonly string[];
  /** Other limits of shipped rules, e.g. `{ cac_increase: { warning: 0.2, critical: 0.4, minVolume: 50 } }`. */
  readonly thresholds?: Readonly<Record<string, Readonly<Partial<Record<Severity | "minVolume", number>>>>>;
  readonly rules?: readonly AlertRuleOptions[];
  /** Metrics that are watched by week for more than their usual noise. */
  readonly watch?: readonly string[];
  /** The average behind the natural limits; medians bear outliers in the first weeks. Default mean. */
  readonly limits?: "mean" | "median";
  /** Known reasons why a level changed: the limits of all, or of these metrics begin anew on that day. */
  readonly dividers?: readonly {
    readonly day: string;
    readonly reason: string;
    readonly metrics?: readonly string[];
  }[];
  /** Days without new data after which a source is stale. Default 2. */
  readonly staleAfterDays?: number;
  /** Send to Slack, from this severity on (default warning); the address is `SLACK_WEBHOOK_URL` in the environment or `.env`. */
  readonly slack?: { readonly least?: Severity };
  /** Send to a webhook, signed with `WEBHOOK_SECRET` as Standard Webhooks describes. */
  readonly webhook?: { readonly url: string; readonly least?: Severity };
  /** Send by e-mail, each recipient a mail of their own; the password of `user` is `EMAIL_PASSWORD` in the environment or `.env`. */
  readonly email?: {
    /** The mail server that takes mail for sending (SMTP submission). */
    readonly host: string;
    /** `starttls` (default): encrypted before anything is said; `tls`: from the first byte; `none`: in the clear, for a relay nearby. */
    readonly security?: "starttls" | "tls" | "none";
    /** Default 587 with `starttls`, 465 with `tls`, 25 with `none`. */
    readonly port?: number;
    /** Absent: the server takes mail without signing in. */
    readonly user?: string;
    /** `alerts@example.com`, or `Name <alerts@example.com>`. */
    readonly from: string;
    readonly to: readonly string[];
    readonly least?: Severity;
  };
}
