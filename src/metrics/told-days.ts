import type { DateRange, ISODate } from "../base/dates.js";
import { isoDate } from "../base/dates.js";
import type { Database } from "../warehouse/types.js";
import { TOLD_DAYS } from "./compile.js";
import type { Availability } from "./coverage.js";
import { formatValue } from "./format.js";
import type { Mart } from "./marts.js";
import type { Filter, GroupBreakdown, SemanticQuery } from "./types.js";

/** How finely one day of ad spend of one platform is told; money is minor units of the reporting currency (D-43). */
export interface ToldDay {
  readonly day: ISODate;
  readonly platform: string;
  /** Why it is not; null: it is. */
  readonly untold: Readonly<Record<"hour" | "quarter", string | null>>;
  readonly spend: number;
  /** What its hours add up to. */
  readonly hourSpend: number;
}

/** The days of spend that have landed within some ranges. */
export async function readToldDays(db: Database, ranges: readonly DateRange[]): Promise<readonly ToldDay[]> {
  const found = await Promise.all(ranges.map(({ from, to }) => db.all(TOLD_DAYS, [from, to])));
  const text = (cell: unknown) => (cell === null || cell === undefined ? null : String(cell));
  return found.flat().map((row) => ({
    day: isoDate(String(row["spend_date"]).slice(0, 10)),
    platform: String(row["source"]),
    untold: { hour: text(row["why_no_hours"]), quarter: text(row["why_no_quarters"]) },
    spend: Number(row["spend_cents"]),
    hourSpend: Number(row["hour_spend_cents"]),
  }));
}

/** The platforms that a question, or one row of its answer, is about. */
export interface Platforms {
  readonly accepts: (platform: string) => boolean;
  /** True where platforms that no origin names may be among them. */
  readonly isOpen: boolean;
}

const KNOWN = ["meta_ads", "google_ads"];

/** From the filters by platform, and from a row's key: a campaign's begins with its platform. Null: every platform. */
export function platformsOf(query: SemanticQuery, group: string | null): Platforms | null {
  const parts = (query.filters ?? []).flatMap((filter) => (filter.field === "platform" ? [filteredBy(filter)] : []));
  const own = platformOfRow(query.breakdown, group);
  if (own !== null) parts.push(oneOf([own]));
  if (parts.length === 0) return null;
  return {
    accepts: (platform) => parts.every((part) => part.accepts(platform)),
    isOpen: parts.every((part) => part.isOpen),
  };
}

function platformOfRow(breakdown: SemanticQuery["breakdown"], group: string | null): string | null {
  const named: readonly (GroupBreakdown | undefined)[] = ["platform", "campaign"];
  if (group === null || !named.includes(breakdown as GroupBreakdown)) return null;
  return group.split("|")[0] ?? group;
}

function filteredBy({ operator, value }: Filter): Platforms {
  const values = (typeof value === "object" ? value : [value]).map(String);
  switch (operator) {
    case "contains":
      return {
        accepts: (platform) => values.some((part) => platform.toLowerCase().includes(part.toLowerCase())),
        isOpen: true,
      };
    case "!=":
      return { accepts: (platform) => !values.includes(platform), isOpen: true };
    default:
      return oneOf(values);
  }
}

function oneOf(values: readonly string[]): Platforms {
  return {
    accepts: (platform) => values.includes(platform),
    isOpen: values.some((value) => !KNOWN.includes(value)),
  };
}

/** A mart with the origins that some platforms need. */
export function narrowed(mart: Mart, platforms: Platforms | null): Mart {
  if (platforms === null) return mart;
  const origins = mart.origins.filter(({ platform }) =>
    platform === undefined ? platforms.isOpen : platforms.accepts(platform),
  );
  return { ...mart, origins };
}

/** What is judged: a range of days, for some platforms, so finely. */
export interface ToldQuestion {
  readonly told: "hour" | "quarter";
  readonly platforms: Platforms | null;
  readonly range: DateRange;
  readonly asIs: boolean;
  readonly currency: string;
}

/** A day whose spend has landed may still not be told within the day; and what is told may lack a part of the day, which is then named. */
export function toldAvailability(landed: Availability, days: readonly ToldDay[], question: ToldQuestion): Availability {
  if (landed.status !== "ok") return landed;
  const { told, platforms, range, asIs, currency } = question;
  const asked = days.filter(
    ({ day, platform }) => day >= range.from && day <= range.to && (platforms?.accepts(platform) ?? true),
  );
  const untold = asked.filter((one) => one.untold[told] !== null);
  const reasons = untoldText(untold, told);
  if (untold.length > 0 && (!asIs || untold.length === asked.length))
    return { status: "unknown", because: "not_told", detail: reasons };
  const rests =
    told === "hour"
      ? restText(
          asked.filter((one) => one.untold.hour === null),
          currency,
        )
      : "";
  const partial = [landed.partial ?? "", reasons, rests].filter((text) => text !== "");
  return { ...landed, ...(partial.length === 0 ? {} : { partial: partial.join("; ") }) };
}

const NAMED = 4;

/** `meta_ads by the hour: 2026-02-03, 2026-02-04 (no snapshots)` */
function untoldText(days: readonly ToldDay[], told: "hour" | "quarter"): string {
  const groups = new Map<string, ISODate[]>();
  for (const { platform, untold, day } of days) {
    const key = JSON.stringify([platform, untold[told]]);
    groups.set(key, [...(groups.get(key) ?? []), day]);
  }
  const by = told === "hour" ? "by the hour" : "by the quarter of an hour";
  return [...groups]
    .map(([key, found]) => {
      const [platform, why] = JSON.parse(key) as readonly [string, string];
      return `${platform} ${by}: ${listed(found)} (${why})`;
    })
    .join("; ");
}

function restText(days: readonly ToldDay[], currency: string): string {
  const lacking = days.filter(({ spend, hourSpend }) => spend !== hourSpend);
  const amount = (value: number) => formatValue({ status: "ok", value }, "money", currency);
  return listed(
    lacking.map(({ platform, day, spend, hourSpend }) => {
      return `${amount(spend - hourSpend)} of the ${amount(spend)} of ${platform} on ${day}`;
    }),
  );
}

function listed(texts: readonly string[]): string {
  const rest = texts.length - NAMED;
  return `${texts.slice(0, NAMED).join(", ")}${rest > 0 ? ` and ${rest} more days` : ""}`;
}
