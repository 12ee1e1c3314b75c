import { type Gaql, meets } from "./google_ads-judge.js";
import {
  type GoogleCell,
  type GoogleClient,
  type GoogleFields,
  type GoogleWorld,
  MANAGER,
} from "./google_ads-world.js";

/** The rows of a judged query in the account `customer`, as objects of the wire. */
export function rowsOf(world: GoogleWorld, query: Gaql, customer: string): readonly GoogleFields[] {
  const rows =
    query.from === "click_view"
      ? clicksOf(world, customer)
      : entitiesOf(world, query.from, customer).flatMap((entity) => measured(world, query, entity));
  return rows
    .filter((row) => query.where.every((condition) => meets(row[condition.name], condition)))
    .slice(0, query.limit)
    .map((row) => printed(row, query, customer));
}

/** Every name that the double has a value for. */
export function namesOf(world: GoogleWorld): ReadonlySet<string> {
  const entities = [...world.entities.values()].flat();
  const clients = world.clients.flatMap((client) => [accountOf(client), clientOf(client)]);
  const [cell] = world.cells;
  const figures = cell === undefined ? [] : [figuresOf([cell], "SEARCH"), { "segments.date": "", "segments.hour": 0 }];
  const clicks = clicksOf(world, world.clients[0]?.id ?? "").slice(0, 1);
  return new Set([...entities, ...clients, ...figures, ...clicks].flatMap((fields) => Object.keys(fields)));
}

function entitiesOf(world: GoogleWorld, from: string, customer: string): readonly GoogleFields[] {
  const clients = world.clients.filter(({ linked }) => linked);
  if (from === "customer_client") return customer === MANAGER ? [MANAGER_CLIENT, ...clients.map(clientOf)] : [];
  const client = world.clients.find(({ id }) => id === customer);
  const account = client === undefined ? MANAGER_ACCOUNT : accountOf(client);
  if (from === "customer") return [account];
  const own = (world.entities.get(from) ?? []).filter((entity) => entity["customer.id"] === customer);
  return own.map((entity) => ({ ...account, ...entity }));
}

function accountOf({ id, name, currency, timeZone, status }: GoogleClient): GoogleFields {
  return {
    "customer.id": id,
    "customer.descriptive_name": name,
    "customer.currency_code": currency,
    "customer.time_zone": timeZone,
    "customer.manager": false,
    "customer.test_account": false,
    "customer.status": status,
    "customer.auto_tagging_enabled": true,
  };
}

function clientOf({ id, name, currency, timeZone, status }: GoogleClient): GoogleFields {
  return {
    "customer.id": MANAGER,
    "customer_client.id": id,
    "customer_client.descriptive_name": name,
    "customer_client.currency_code": currency,
    "customer_client.time_zone": timeZone,
    "customer_client.level": "1",
    "customer_client.manager": false,
    "customer_client.status": status,
  };
}

const MANAGER_ACCOUNT: GoogleFields = {
  "customer.id": MANAGER,
  "customer.descriptive_name": "Northwind",
  "customer.currency_code": "USD",
  "customer.time_zone": "America/New_York",
  "customer.manager": true,
  "customer.status": "ENABLED",
};

/** A manager is its own client at level 0. */
const MANAGER_CLIENT: GoogleFields = {
  "customer.id": MANAGER,
  "customer_client.id": MANAGER,
  "customer_client.descriptive_name": "Northwind",
  "customer_client.currency_code": "USD",
  "customer_client.level": "0",
  "customer_client.manager": true,
  "customer_client.status": "ENABLED",
};

/** An entity without figures is one row; with them, one per combination of segments in which there is something. */
function measured({ cells }: GoogleWorld, { fields, where }: Gaql, entity: GoogleFields): readonly GoogleFields[] {
  const segments = fields.filter((name) => name.startsWith("segments."));
  if (segments.length === 0 && !fields.some((name) => name.startsWith("metrics."))) return [entity];
  const days = where.filter(({ name }) => name === "segments.date");
  const own = cells.filter((cell) => isOf(cell, entity) && days.every((condition) => meets(cell.day, condition)));
  const channel = String(entity["campaign.advertising_channel_type"]);
  const groups = new Map<string, GoogleCell[]>();
  for (const cell of own) {
    const key = JSON.stringify(segments.map((name) => (name === "segments.hour" ? cell.hour : cell.day)));
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  // Without a segment an entity stays although nothing happened.
  if (segments.length === 0) groups.set("[]", own);
  return [...groups].flatMap(([key, some]) => {
    const values = JSON.parse(key) as readonly unknown[];
    const figures = figuresOf(some, channel);
    const isEmpty = some.every(({ impressions, clicks, cost, conversions, arrived }) =>
      [impressions, clicks, cost, conversions, arrived].every((figure) => figure === 0),
    );
    if (isEmpty && segments.length > 0) return [];
    return [{ ...entity, ...figures, ...Object.fromEntries(segments.map((name, index) => [name, values[index]])) }];
  });
}

/** One click of every hour in which there was one; a campaign without ads tells itself alone. */
function clicksOf({ cells }: GoogleWorld, customer: string): readonly GoogleFields[] {
  return cells
    .filter((cell) => cell.customer === customer && cell.clicks > 0)
    .map(({ campaign, adGroup, ad, day, hour }) => ({
      "customer.id": customer,
      "campaign.id": campaign,
      "ad_group.id": adGroup ?? undefined,
      "click_view.gclid": `gclid-${campaign}-${ad ?? "none"}-${day}-${hour}`,
      "click_view.ad_group_ad": ad === null ? undefined : `customers/${customer}/adGroupAds/${adGroup}~${ad}`,
      "segments.date": day,
      "metrics.clicks": "1",
    }));
}

function isOf(cell: GoogleCell, entity: GoogleFields): boolean {
  const is = (name: string, value: string | null) => entity[name] === undefined || entity[name] === value;
  return (
    is("customer.id", cell.customer) &&
    is("campaign.id", cell.campaign) &&
    is("ad_group.id", cell.adGroup) &&
    is("ad_group_ad.ad.id", cell.ad)
  );
}

function figuresOf(cells: readonly GoogleCell[], channel: string): GoogleFields {
  const sum = (pick: (cell: GoogleCell) => number) => cells.reduce((total, cell) => total + pick(cell), 0);
  const share = { SEARCH: 0.6142, SHOPPING: 0.0999 }[channel];
  return {
    "metrics.impressions": String(sum(({ impressions }) => impressions)),
    "metrics.clicks": String(sum(({ clicks }) => clicks)),
    "metrics.cost_micros": String(sum(({ cost }) => cost)),
    "metrics.conversions": sum(({ conversions }) => conversions),
    "metrics.conversions_value": sum(({ value }) => value),
    "metrics.all_conversions": sum(({ conversions }) => conversions + 1),
    "metrics.all_conversions_value": sum(({ value }) => value),
    "metrics.view_through_conversions": "0",
    "metrics.conversions_by_conversion_date": sum(({ arrived }) => arrived),
    "metrics.conversions_value_by_conversion_date": sum(({ arrivedValue }) => arrivedValue),
    "metrics.search_impression_share": share,
  };
}

/** `ad_group_ad.ad.id` as `{"adGroupAd":{"ad":{"id":…}}}`; what has no value is left out. */
function printed(row: GoogleFields, { fields, from }: Gaql, customer: string): GoogleFields {
  const wire: Record<string, unknown> = { [camel(from)]: { resourceName: resourceName(row, from, customer) } };
  for (const field of fields) {
    if (row[field] === undefined) continue;
    const [part = "", ...rest] = field.split(".").map(camel);
    const resource = field.split(".")[0] ?? "";
    const isMeasure = part === "metrics" || part === "segments";
    wire[part] ??= isMeasure ? {} : { resourceName: resourceName(row, resource, customer) };
    put(wire[part] as Record<string, unknown>, rest, row[field]);
  }
  return wire;
}

function put(target: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) target[name] = value;
  else {
    target[name] ??= {};
    put(target[name] as Record<string, unknown>, rest, value);
  }
}

function resourceName(row: GoogleFields, resource: string, customer: string): string {
  const id = (name: string) => String(row[name]);
  const paths: Readonly<Record<string, string>> = {
    customer_client: `/customerClients/${id("customer_client.id")}`,
    campaign: `/campaigns/${id("campaign.id")}`,
    campaign_budget: `/campaignBudgets/${id("campaign_budget.id")}`,
    ad_group: `/adGroups/${id("ad_group.id")}`,
    ad_group_ad: `/adGroupAds/${id("ad_group.id")}~${id("ad_group_ad.ad.id")}`,
    ad_group_criterion: `/adGroupCriteria/${id("ad_group.id")}~${id("ad_group_criterion.criterion_id")}`,
    conversion_action: `/conversionActions/${id("conversion_action.id")}`,
    click_view: `/clickViews/${id("segments.date")}~${id("click_view.gclid")}`,
  };
  return `customers/${customer}${paths[resource] ?? ""}`;
}

/** `cost_micros` as `costMicros`. */
export function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
