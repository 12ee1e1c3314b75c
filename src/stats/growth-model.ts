/**
 * What a monthly ad budget brings if it buys customers at a cost, and those come back: arithmetic on assumptions, no estimate. Of the customers of
 * all earlier months a share orders again in each month.
 */

/** Assumptions; amounts in one unit, shares as decimals. */
export interface GrowthPlan {
  /** Ad spend of a month. */
  readonly budget: number;
  readonly cac: number;
  /** Net revenue of an order. */
  readonly orderValue: number;
  /** What goods, fulfilment and fees take of an order. */
  readonly costShare: number;
  /** Customers of earlier months who order in a month. */
  readonly repeatShare: number;
  readonly months: number;
}

/** One month, and all up to it. */
export interface GrowthMonth {
  readonly month: number;
  readonly customers: number;
  readonly orders: number;
  readonly revenue: number;
  /** Revenue less its costs and the budget. */
  readonly contribution: number;
  readonly cumulative: number;
}

/** The course of a plan. Quotients are null over nothing. */
export interface GrowthCourse {
  readonly months: readonly GrowthMonth[];
  readonly customers: number;
  readonly orders: number;
  readonly revenue: number;
  readonly contribution: number;
  readonly roas: number | null;
  /** Contribution over revenue. */
  readonly margin: number | null;
  /** First month after which nothing of the budgets is left to be earned back; null: none within the months, or nothing was spent. */
  readonly breakEven: number | null;
}

/** Follows a plan month by month. */
export function growthCourse({ budget, cac, orderValue, costShare, repeatShare, months }: GrowthPlan): GrowthCourse {
  const bought = budget === 0 ? 0 : budget / cac;
  const course: GrowthMonth[] = [];
  for (let month = 1; month <= months; month += 1) {
    const orders = bought + repeatShare * bought * (month - 1);
    const revenue = orders * orderValue;
    const contribution = revenue * (1 - costShare) - budget;
    const cumulative = (course.at(-1)?.cumulative ?? 0) + contribution;
    course.push({ month, customers: bought, orders, revenue, contribution, cumulative });
  }
  const sum = (of: (month: GrowthMonth) => number) => course.reduce((all, month) => all + of(month), 0);
  const [revenue, contribution] = [sum((month) => month.revenue), sum((month) => month.contribution)];
  return {
    months: course,
    customers: bought * months,
    orders: sum((month) => month.orders),
    revenue,
    contribution,
    roas: budget === 0 ? null : revenue / (budget * months),
    margin: revenue === 0 ? null : contribution / revenue,
    breakEven: budget === 0 ? null : (course.find(({ cumulative }) => cumulative >= 0)?.month ?? null),
  };
}

/** What makes a spend safe: it leaves a margin within these months, so it is earned back by then, and it is not further away than anybody has seen. */
const SAFE = { months: 6, margin: 0.15, least: 0.5, most: 5 } as const;

/**
 * The largest multiple of the budget, in tenths between `SAFE.least` and `SAFE.most`, that leaves `SAFE.margin` of the revenue of `SAFE.months`. `rise`: by how much of itself CAC grows with every doubling of the budget (0.2 = 20 %). Null: not even the least does.
 */
export function safeMultiple(plan: GrowthPlan, rise: number): number | null {
  if (plan.budget === 0) return null;
  for (let tenths = SAFE.most * 10; tenths >= SAFE.least * 10; tenths -= 1) {
    const multiple = tenths / 10;
    const cac = plan.cac * (1 + rise) ** Math.log2(multiple);
    const { margin } = growthCourse({ ...plan, budget: plan.budget * multiple, cac, months: SAFE.months });
    if (margin !== null && margin >= SAFE.margin) return multiple;
  }
  return null;
}
