import type { Catalog } from "../metrics/catalog/index.js";
import type { MetricId, NumberOperator } from "../metrics/types.js";
import type { Meaning } from "./types.js";

/**
 * How people say metrics, beside the ids, titles and aliases of the catalog, which are all understood. Where a phrase is also an alias, this
 * table wins: in a sentence, "total" is no part of a name.
 */
const SAID: Readonly<Record<MetricId, string>> = {
  spend:
    "spent|spending|spent on ads|spend on ads|spending on ads|spent on advertising|spends|total spend|total ad spend|total cost|costs|ad cost|media spend|media cost|marketing spend|marketing cost|advertising spend|advertising cost|advertising|running ads on|running ads|burn|burned|pay for ads|paid for ads|ad budget used|cost me|adspend",
  net_revenue: "rev|revs|total revenue|total sales|turnover|top line|topline|takings|net turnover|revenues|earnings",
  orders: "how many sales|number of sales|number of orders|order volume|how many orders|total orders|order numbers",
  new_customers:
    "new buyers|first time customers|first time buyers|customers acquired|acquired customers|new clients|customers did we win|first purchases",
  returning_customers: "repeat buyers|loyal customers|existing customers|recurring customers",
  blended_cac:
    "acquisition cost|it cost to acquire a customer|acquisition costs|customer acquisition costs|cost per new customer|cost per customer|cost to acquire a customer|cost of acquiring a customer|cost of a new customer",
  aov: "average basket|average basket size|basket size|basket value|average cart|average cart value|order value|average order size|average order|average ticket|average order values",
  cvr: "conversion|convert rate|overall conversion rate|conversion percentage|site conversion rate|store conversion rate",
  click_conversion_rate: "click to conversion rate|conversion rate of ads|ad conversion rate",
  sessions: "traffic|site traffic|website traffic|website visits|site visits|store visits|website visitors",
  returns: "refunded|returned|returned goods|money refunded|amount refunded",
  refund_rate: "share of refunds|rate of returns|rate of refunds",
  roas: "return on ads|return on adspend|ad return|return on advertising|return on advertising spend|return on spend|revenue per dollar spent",
  gross_margin: "margin|margins|profit margins|gross margin percentage|gross margin pct",
  channel_profit: "profits|net profit|profit after ads|money made after ads|bottom line",
  operating_profit: "profit after all costs|profit after everything",
  daily_net_revenue: "average daily revenue|average revenue per day|daily average revenue|average daily sales",
  conversions: "conversion count|number of conversions|converted",
  conversion_value: "claimed revenue|reported revenue|platform reported revenue|conversion values",
  platform_roas: "reported roas|claimed roas|platform roas|roas according to the platforms",
  ctr: "click rate|clickthrough rate|clickthrough|click through|click thru rate",
  cpc: "cost of a click|price per click|click cost|click costs|pay per click|per click cost",
  cpm: "cost per thousand impressions|cost per thousand|cost per 1000 impressions",
  cpa: "cost per action|cost per conversions|cost of a conversion|price per conversion",
  cpl: "cost of a lead|price per lead",
  cpi: "cost of an install|price per install|cost per app install",
  cost_per_order: "cost per sale|ad cost per order|cost of an order",
  mer: "marketing efficiency|blended return|blended roas",
  units: "units sold|items|pieces|products sold|how many items|how many units|how many products did we sell",
  new_customer_share:
    "share of new customers|percentage of new customers|percent of new customers|% of new customers|customers are new|customers were new",
  repeat_rate:
    "repurchase rate|share of returning customers|customers buy again|customers bought again|customers come back|customers came back|repeat customer rate|repeat purchases rate",
  product_views: "product page views|views of products",
  add_to_carts: "add to carts|added to cart|cart adds|carts",
  checkouts: "checkouts started|started checkouts|begun checkouts",
  cogs: "product cost|product costs|cost of products",
  discounts: "discounted|discount amount|given in discounts|give in discounts|give away in discounts",
  shipping_cost: "shipping costs|cost of shipping|shipping expenses",
  payment_fees: "processing fees|transaction fees|payment processing fees",
  impressions: "ad views|times shown|ad impressions",
  clicks: "ad clicks|number of clicks",
  leads: "lead count|number of leads",
  installs: "app installs|number of installs",
  engagement_rate: "engaged rate",
  ltv_90: "ltv|lifetime value|customer lifetime value|clv|customer value",
  ltv_cac: "ltv to cac|ltv cac|ltv cac ratio|ltv to cac ratio|ltv/cac",
  poas: "profit per dollar of ads|profit on ads",
  ad_cost_ratio:
    "ad cost share|revenue goes to ads|revenue goes to advertising|revenue went to ads|revenue is spent on ads|revenue was spent on ads|revenue do we spend on ads|share of spend in revenue|spend as a share of revenue|share of revenue spent on ads|percentage of revenue spent on ads|percent of revenue spent on ads|% of revenue spent on ads",
  customers: "number of customers|unique customers|distinct customers",
  entered_costs: "overheads|other expenses",
};

/** Verbs that name a figure when nothing else in the question does: "how much did we make". */
const WEAK: Readonly<Record<MetricId, string>> = {
  net_revenue:
    "made|make|making|earn|earned|sell|sold|bring in|brought in|brings in|took in|take in|bringing in|selling|sells",
  units: "how many did we sell",
};

/** Aliases of the catalog that mean something else in a sentence ("the last 5 days", "revenue trend"). */
const NOT_SAID = new Set(["days", "day count", "trend", "total spend", "views", "revenue per day"]);

const none = (names: string): Readonly<Record<string, null>> =>
  Object.fromEntries(names.split("|").map((name) => [name, null]));

/** Figures that people ask for and no source tells, with the nearest that is there. */
const NOT_KEPT: Readonly<Record<string, MetricId | null>> = {
  "revenue per click": "conversion_value",
  "value per click": "conversion_value",
  "bounce rate": "engagement_rate",
  "bounce rates": "engagement_rate",
  "time on site": "engagement_rate",
  "session duration": "engagement_rate",
  "page views": "product_views",
  pageviews: "product_views",
  reach: "impressions",
  frequency: "impressions",
  followers: null,
  likes: null,
  subscribers: null,
  unsubscribes: null,
  nps: null,
  "net promoter score": null,
  csat: null,
  reviews: null,
  inventory: "units",
  stock: "units",
  "stock levels": "units",
  "quality score": "ctr",
  "impression share": "impressions",
  "video views": "impressions",
  "open rate": null,
  "open rates": null,
  "click to open rate": null,
  churn: "repeat_rate",
  "churn rate": "repeat_rate",
  "abandonment rate": "checkout_rate",
  "cart abandonment": "checkout_rate",
  "cart abandonment rate": "checkout_rate",
  "market share": null,
  "search volume": null,
  rankings: null,
  "cash flow": "channel_profit",
  "bank balance": null,
  headcount: null,
  weather: null,
  temperature: null,
  ...none(
    "page load time|load time|loading time|page speed|site speed|uptime|delivery time|shipping time|response time|support tickets|tickets|complaints|satisfaction|sentiment|sign ups|signups|downloads|salaries|payroll|rent|loans|valuation|backlinks|average position|share price",
  ),
  employees: null,
  ebitda: "operating_profit",
};

/** Conditions that are said without a number. */
const SIGNS: Readonly<Record<string, { readonly metric: MetricId; readonly operator: NumberOperator }>> = {
  "losing money": { metric: "channel_profit", operator: "<" },
  "lose money": { metric: "channel_profit", operator: "<" },
  "loses money": { metric: "channel_profit", operator: "<" },
  unprofitable: { metric: "channel_profit", operator: "<" },
  "not profitable": { metric: "channel_profit", operator: "<" },
  profitable: { metric: "channel_profit", operator: ">" },
  "making money": { metric: "channel_profit", operator: ">" },
};

/** Every phrase for a metric, ids before aliases before titles; the first meaning of a phrase holds. */
export function metricPhrases(catalog: Catalog): readonly (readonly [string, Meaning])[] {
  const said = Object.entries(SAID).flatMap(([id, phrases]) => named(catalog, id, phrases.split("|")));
  const ids = catalog.metrics.flatMap(({ id }) => named(catalog, id, [spoken(id)]));
  const aliases = catalog.metrics.flatMap(({ id, aliases: names }) => named(catalog, id, names.map(spoken)));
  const titles = catalog.metrics.flatMap(({ id, title }) => named(catalog, id, [spoken(title.replace(/\(.*\)/, ""))]));
  const weak = Object.entries(WEAK).flatMap(([id, phrases]) =>
    named(catalog, id, phrases.split("|")).map(([text, meaning]) => [text, { ...meaning, weak: true }] as const),
  );
  return [
    ...said,
    ...ids.filter(isSaid),
    ...aliases.filter(isSaid),
    ...titles.filter(isSaid),
    ...weak,
    ...Object.entries(NOT_KEPT).map(([name, nearest]) => [name, { kind: "missing_metric", name, nearest }] as const),
    ...Object.entries(SIGNS).map(([name, sign]) => [name, { kind: "sign", ...sign }] as const),
  ];
}

function named(catalog: Catalog, id: MetricId, phrases: readonly string[]) {
  const metric = catalog.find(id);
  if (metric === undefined) return [];
  return phrases.map((text) => [text, { kind: "metric", id: metric.id }] as const);
}

function isSaid([text]: readonly [string, Meaning]): boolean {
  return !NOT_SAID.has(text) && text !== "";
}

/** `net_revenue`, `averageOrderValue` and `Click-through rate` as people type them. */
function spoken(name: string): string {
  const apart = /[A-Z]{2}|\s/.test(name) ? name : name.replaceAll(/([a-z])([A-Z])/g, "$1 $2");
  return apart
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, " ")
    .trim();
}
