import { addMonths, dayInZone, type ISODate, isISODate } from "../../base/dates.js";
import { isObject } from "../../connectors/shape.js";
import { hasMetaSpec, metaError, splitFields, strangeField, valuesOf } from "./meta-spec.js";
import { amount, type MetaAccount, type MetaDay, type MetaObject, type MetaWorld } from "./meta-world.js";
import type { Answer } from "./server.js";

/** A question to the insights of an account, understood. */
export interface MetaQuestion {
  readonly account: MetaAccount;
  readonly level: "account" | "campaign" | "ad";
  readonly since: ISODate;
  readonly until: ISODate;
  readonly fields: readonly string[];
  /** Statuses that are wanted; null: everything that was not deleted. */
  readonly statuses: readonly string[] | null;
  readonly breakdowns: boolean;
}

const HISTORY_MONTHS = 37;
const REACH_MONTHS = 13;
const LEVELS = ["account", "campaign", "ad"] as const;

/** Reads a question as the vendor does; an answer when it refuses. */
export function questionOf(account: MetaAccount, query: URLSearchParams, now: number): MetaQuestion | Answer {
  const fields = splitFields(query.get("fields") ?? "impressions,spend");
  const stranger = strangeField("ads-insights", fields);
  if (stranger !== null) return stranger;
  const level = LEVELS.find((one) => one === query.get("level"));
  if (level === undefined) return metaError(100, "(#100) level must be one of: account, campaign, ad");
  const [since, until] = rangeOf(query.get("time_range"));
  if (!isISODate(since) || !isISODate(until)) return metaError(100, "(#100) time_range must be {since, until}");
  if (until < since) return metaError(100, "(#100) The start date of the time range cannot be after the end date");
  if (since < addMonths(dayInZone(now, account.timeZone), -HISTORY_MONTHS)) {
    return metaError(3018, "(#3018) The start date of the time range cannot be beyond 37 months from the current date");
  }
  if (query.get("time_increment") !== "1") return metaError(100, "(#100) time_increment: this account is read by day");
  const breakdowns = splitFields((query.get("breakdowns") ?? "").replace(/[[\]"]/g, ""));
  const wrong = breakdowns.find((name) => valuesOf("ads-insights", "Breakdowns")?.includes(name) === false);
  if (wrong !== undefined) return metaError(2, `breakdown ${wrong} is not valid`, { subcode: 1504041 });
  const statuses = statusesOf(level, query.get("filtering"));
  if (statuses !== null && !Array.isArray(statuses)) return statuses as Answer;
  return { account, level, since, until, fields, statuses, breakdowns: breakdowns.length > 0 };
}

/** True for an answer instead of a question. */
export function isAnswer(value: MetaQuestion | Answer): value is Answer {
  return !("level" in value);
}

function rangeOf(text: string | null): readonly [string, string] {
  const range = json(text);
  return isObject(range) ? [String(range["since"]), String(range["until"])] : ["", ""];
}

function json(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch (thrown) {
    return String(thrown);
  }
}

const KINDS = { account: "campaign", campaign: "campaign", ad: "ad" } as const;

function statusesOf(level: MetaQuestion["level"], text: string | null): readonly string[] | null | Answer {
  if (text === null) return null;
  const filters = json(text);
  const [filter, ...others] = Array.isArray(filters) ? filters : [];
  const field = isObject(filter) ? filter["field"] : undefined;
  if (!isObject(filter) || others.length > 0 || filter["operator"] !== "IN" || !Array.isArray(filter["value"])) {
    return metaError(100, "(#100) filtering must be one filter with operator IN and a list");
  }
  if (field !== `${level}.effective_status`)
    return metaError(100, `(#100) filtering by ${String(field)} at ${level} level`);
  const known = valuesOf(KINDS[level], "EffectiveStatus");
  const wrong = filter["value"].find((status) => known?.includes(String(status)) === false);
  if (wrong !== undefined) return metaError(100, `(#100) ${String(wrong)} is no effective_status of ${level}`);
  return filter["value"].map(String);
}

/** The rows that answer a question, in an order that does not change: by object, then by day. */
export function rowsOf(
  world: MetaWorld,
  asked: MetaQuestion,
  now: number,
): readonly Readonly<Record<string, unknown>>[] {
  const groups = new Map<string, Group>();
  for (const day of world.days) {
    if (day.day < asked.since || day.day > asked.until) continue;
    const ad = world.objects.find(({ id }) => id === day.ad);
    if (ad === undefined || ad.account !== asked.account.id || !isWanted(world, asked, ad)) continue;
    const object = asked.level === "ad" ? ad : world.objects.find(({ id }) => id === ad.campaign);
    const id = asked.level === "account" ? asked.account.id : (object?.id ?? "");
    const key = `${id} ${day.day}`;
    const group = groups.get(key) ?? {
      object: object ?? ad,
      ...EMPTY,
      day: day.day,
      spend: unserved(world, asked, id),
    };
    groups.set(key, added(group, day));
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => shown(world, asked, group, now));
}

interface Group extends Omit<MetaDay, "ad"> {
  readonly object: MetaObject;
}

const EMPTY = { spend: 0, impressions: 0, clicks: 0, purchases: 0, value: 0 };

function added(group: Group, day: MetaDay): Group {
  return {
    ...group,
    spend: group.spend + day.spend,
    impressions: group.impressions + day.impressions,
    clicks: group.clicks + day.clicks,
    purchases: group.purchases + day.purchases,
    value: group.value + day.value,
  };
}

/** Spend of the campaign that no ad shows; the account has what its campaigns have. */
function unserved(world: MetaWorld, { level }: MetaQuestion, id: string): number {
  return level === "campaign" ? (world.unserved[id] ?? 0) : 0;
}

function isWanted(world: MetaWorld, { level, statuses }: MetaQuestion, ad: MetaObject): boolean {
  if (level === "account") return true;
  const object = level === "ad" ? ad : world.objects.find(({ id }) => id === ad.campaign);
  const status = object?.effectiveStatus ?? "";
  return statuses === null ? status !== "DELETED" : statuses.includes(status);
}

type Show = (group: Group, account: MetaAccount, world: MetaWorld) => unknown;

const named = (world: MetaWorld, id: string) => world.objects.find((one) => one.id === id)?.name;
const PURCHASES = ["omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"];

/** Every figure is a text; lists without anything in them are left out. */
const SHOWN: Readonly<Record<string, Show>> = {
  account_id: (_, { id }) => id,
  account_name: (_, { name }) => name,
  account_currency: (_, { currency }) => currency,
  campaign_id: ({ object }) => object.campaign,
  campaign_name: ({ object }, _, world) => named(world, object.campaign),
  adset_id: ({ object }) => object.adset || undefined,
  adset_name: ({ object }, _, world) => named(world, object.adset),
  ad_id: ({ object }) => object.id,
  ad_name: ({ object }) => object.name,
  objective: () => "OUTCOME_SALES",
  attribution_setting: () => "7d_click_1d_view",
  date_start: ({ day }) => day,
  date_stop: ({ day }) => day,
  spend: ({ spend }, { currency }) => amount(spend, currency),
  impressions: ({ impressions }) => String(impressions),
  clicks: ({ clicks }) => String(clicks),
  inline_link_clicks: ({ clicks }) => String(Math.floor(clicks * 0.9)),
  reach: ({ impressions }) => String(Math.floor(impressions * 0.8)),
  frequency: () => "1.25",
  actions: ({ clicks, purchases }) => [
    { action_type: "link_click", value: String(Math.floor(clicks * 0.9)) },
    ...(purchases === 0 ? [] : PURCHASES.map((action_type) => ({ action_type, value: String(purchases) }))),
  ],
  action_values: ({ value }, { currency }) =>
    value === 0 ? undefined : PURCHASES.map((action_type) => ({ action_type, value: amount(value, currency) })),
};

/** Figures that are left out, not refused, when breakdowns go back more than 13 months. */
const REACH_FIELDS = ["reach", "frequency", "cpp"];

function shown(world: MetaWorld, asked: MetaQuestion, group: Group, now: number): Readonly<Record<string, unknown>> {
  const { account, breakdowns, since } = asked;
  const tooOld = breakdowns && since < addMonths(dayInZone(now, account.timeZone), -REACH_MONTHS);
  const fields = [...new Set([...asked.fields, "date_start", "date_stop"])];
  return Object.fromEntries(
    fields.flatMap((field) => {
      if (tooOld && REACH_FIELDS.includes(field)) return [];
      const value = SHOWN[field]?.(group, account, world);
      if (SHOWN[field] === undefined && !hasMetaSpec) throw new Error(`the double does not play ${field}`);
      return value === undefined ? [] : [[field, value] as const];
    }),
  );
}
