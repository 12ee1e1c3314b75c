import type { DateRange } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpRequest } from "../../http/types.js";
import { dayAt, isObject, listAt, objectAt, textAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, RawRecord, Stream } from "../types.js";

/** Google Ads API version in use. */
export const API_VERSION = "v25";

/** int64 values arrive as texts, doubles as numbers; cost in micros of the account's currency, values in whole units. */
const FIELDS = [
  "segments.date",
  "customer.id",
  "customer.descriptive_name",
  "customer.currency_code",
  "customer.time_zone",
  "campaign.id",
  "campaign.name",
  "campaign.status",
  "campaign.advertising_channel_type",
  "metrics.impressions",
  "metrics.clicks",
  "metrics.cost_micros",
  "metrics.conversions",
  "metrics.conversions_value",
  "metrics.all_conversions",
  "metrics.all_conversions_value",
  "metrics.view_through_conversions",
];

/**
 * One row per customer, campaign and day with impressions, in the account's time zone. Key = customer|campaign|day.
 * Conversions are booked on the day of the click, up to 90 days back; 30 days are read again.
 */
export function campaignDaysStream(options: {
  readonly customers: readonly string[];
  readonly login: string | undefined;
}): Stream {
  const request = (customer: string, days: DateRange): HttpRequest => ({
    method: "POST",
    url: `https://googleads.googleapis.com/${API_VERSION}/customers/${customer}/googleAds:searchStream`,
    headers: {
      "content-type": "application/json",
      ...(options.login === undefined ? {} : { "login-customer-id": options.login }),
    },
    body: JSON.stringify({ query: gaql(days) }),
    label: "campaign_days",
  });
  return {
    name: "campaign_days",
    sync: { kind: "window", lookbackDays: 30, chunkDays: 30 },
    pii: [],
    first: (slice) => request(options.customers[0] ?? "", daysOfSlice(slice, "google_ads.campaign_days")),
    read: (body, asked): Page => ({
      records: chunks(body).flatMap(rows),
      next: nextCustomer(options.customers, asked),
    }),
  };
}

function gaql({ from, to }: DateRange): string {
  return `SELECT ${FIELDS.join(", ")} FROM campaign WHERE segments.date BETWEEN '${from}' AND '${to}'`;
}

/** A stream is a list of chunks; an error may follow good ones, and then none of them counts. */
function chunks(body: unknown): readonly unknown[] {
  const list = listAt(body, "");
  const failed = list.find((chunk) => isObject(chunk) && chunk["error"] !== undefined);
  if (failed === undefined) return list;
  throw new GrowthosError({
    code: "API_BROKEN",
    what: "Google Ads broke off in the middle of a stream",
    why: JSON.stringify(failed).slice(0, 300),
    hint: "run the same command again: nothing of this slice was written",
    exit: "source",
  });
}

function rows(chunk: unknown): readonly RawRecord[] {
  if (!isObject(chunk) || chunk["results"] === undefined) return [];
  return listAt(chunk, "results").map((_, index) => {
    const path = `results.${index}`;
    const day = dayAt(chunk, `${path}.segments.date`);
    const customer = textAt(chunk, `${path}.customer.id`);
    objectAt(chunk, `${path}.metrics`);
    const key = `${customer}|${textAt(chunk, `${path}.campaign.id`)}|${day}`;
    return { key, day, payload: objectAt(chunk, path) };
  });
}

/** The same query for the next account: everything but the address stays. */
function nextCustomer(customers: readonly string[], asked: HttpRequest): HttpRequest | null {
  const done = /\/customers\/(\d+)\//.exec(asked.url)?.[1] ?? "";
  const next = customers[customers.indexOf(done) + 1];
  if (next === undefined) return null;
  textAt(parseJson(asked.body ?? ""), "query");
  return { ...asked, url: asked.url.replace(`/customers/${done}/`, `/customers/${next}/`) };
}
