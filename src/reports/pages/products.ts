/** What is sold: by product and by category, with what is left of it. */

import type { MetricId, SemanticQuery } from "../../metrics/types.js";
import { figure } from "../figures.js";
import { heading, lead, metricTable, prose } from "../metric-table.js";
import { plural } from "../narrative.js";
import { calendarIn, type PeriodChoice, type PeriodOffer, periodBlock, periodsOf } from "../periods.js";
import { comparedOf } from "../read-values.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { label } from "../text.js";
import type { Block, Facts, ReportPage } from "../types.js";

/** A table of products is long: fewer periods keep the file small. */
const OFFER: PeriodOffer = { days: [7, 30, 90], months: 3 };
const PRODUCTS_SHOWN = 100;
const PRODUCT_METRICS: readonly MetricId[] = [
  "net_order_revenue",
  "units",
  "orders",
  "discount_rate",
  "cogs",
  "gross_profit_before_returns",
  "gross_margin_before_returns",
];
const CATEGORY_METRICS: readonly MetricId[] = [
  "net_revenue",
  "units",
  "orders",
  "returns",
  "refund_rate",
  "gross_profit",
  "gross_margin",
];

/** Products and categories. Refunds know the order, not the product, so products are told before returns. */
export const products: ReportPage = {
  id: "products",
  title: "Products",
  reads: (context, { weekEndsOn }) =>
    Object.fromEntries(
      periodsOf(context, weekEndsOn, OFFER).flatMap(({ id, window, comparisons }): [string, SemanticQuery][] => {
        const orderBy = { metric: "net_order_revenue", direction: "desc" } as const;
        const product = { window, breakdown: "product", orderBy, limit: 1000 } as const;
        const category = { window, breakdown: "category" } as const;
        return [
          [`products_${id}`, { ...product, metrics: PRODUCT_METRICS, compare: comparisons.previous }],
          [`products_${id}_year`, { ...product, metrics: ["net_order_revenue"], compare: comparisons.year }],
          [`products_categories_${id}`, { ...category, metrics: CATEGORY_METRICS, compare: comparisons.previous }],
          [`products_categories_${id}_year`, { ...category, metrics: ["net_revenue"], compare: comparisons.year }],
        ];
      }),
    ),
  build: (facts) => ({
    schemaVersion: 1,
    id: products.id,
    title: products.title,
    subtitle: "Sales by product and category, and what is left after the cost of goods",
    context: facts.context,
    blocks: [
      periodBlock(periodsOf(facts.context, calendarIn(facts.context), OFFER), "30d", (period) =>
        blocksOf(facts, period),
      ),
      heading("definitions", "Definitions"),
      definitions([...new Set([...PRODUCT_METRICS, ...CATEGORY_METRICS])].map(facts.metric)),
    ],
    stamps: stamps(facts),
  }),
};

function blocksOf(facts: Facts, period: PeriodChoice): readonly Block[] {
  const result = facts.result(`products_${period.id}`);
  const categories = facts.result(`products_categories_${period.id}`);
  const left = result.rows.slice(PRODUCTS_SHOWN).length;
  return [
    lead(sentence(facts, period)),
    metricTable(facts, {
      title: `Categories, ${period.label}`,
      head: "Category",
      columns: CATEGORY_METRICS.map((metric) =>
        metric === "net_revenue" ? { metric, changes: true as const } : { metric },
      ),
      result: categories,
      years: facts.result(`products_categories_${period.id}_year`),
      total: "All categories",
      ...(categories.rows.length === 0 ? { note: "Nothing was sold in these days, as far as is known." } : {}),
    }),
    metricTable(facts, {
      title: `Products, ${period.label}`,
      head: "Product",
      columns: PRODUCT_METRICS.map((metric) =>
        metric === "net_order_revenue" ? { metric, changes: true as const } : { metric },
      ),
      result,
      rows: result.rows.slice(0, PRODUCTS_SHOWN),
      years: facts.result(`products_${period.id}_year`),
      total: "All products",
      note: `Before returns: a refund tells its order, not its product. Orders count for each of their products. Goods without a cost of their own are taken at their category's margin.${left === 0 ? "" : ` ${plural(left, "product")} that sold less ${left === 1 ? "is" : "are"} not shown.`}`,
    }),
    ...prose(restatedNote(result, PRODUCT_METRICS, facts.metric)),
  ];
}

function sentence(facts: Facts, { id, when }: PeriodChoice): string {
  const name = `products_${id}`;
  const { rows, totals } = facts.result(name);
  const total = comparedOf(totals, "net_order_revenue").value;
  if (total.status !== "ok") return `What was sold ${when} is unknown: ${total.detail}.`;
  const [first] = rows;
  const share = first === undefined ? undefined : facts.share(name, "net_order_revenue")[first.key];
  if (first === undefined || share?.status !== "ok") return `No product was sold ${when}.`;
  const { currency } = facts.context;
  const own = figure(comparedOf(first.values, "net_order_revenue").value, "money", currency).text;
  return `${label(first.label)} sold most ${when}: ${own}, ${figure(share, "ratio", currency).text} of all.`;
}
