import type { Row } from "../warehouse/types.js";

/** The models of `fact_attribution`, in the order in which they are shown. */
export const ATTRIBUTION_MODELS = [
  { id: "last_touch", title: "Last touch" },
  { id: "first_touch", title: "First touch" },
  { id: "linear", title: "Linear" },
  { id: "position_based", title: "Position-based" },
  { id: "time_decay", title: "Time decay" },
  { id: "markov", title: "Markov" },
  { id: "shapley", title: "Shapley" },
  { id: "fractribution", title: "Fractribution" },
] as const;

/** What `fact_attribution` calls all of them together, where an order has one touch or none. */
const EVERY_MODEL = "every";

/** Joins `fact_attribution as a` with the models that each of its rows speaks for, as `m.model`. */
export const FOR_MODELS = `inner join (values ${ATTRIBUTION_MODELS.map(({ id }) => `('${id}')`).join(", ")}) as m(model)
      on a.model in (m.model, '${EVERY_MODEL}')`;

/** One of them. */
export type AttributionModel = (typeof ATTRIBUTION_MODELS)[number]["id"];

/** Orders (fractions of one are possible) and their net revenue, minor units of the reporting currency. */
export interface Credit {
  readonly orders: number;
  readonly cents: number;
}

/** The credit by each model from rows with `model`, `credit` (millionths of orders) and `cents`; none is zero. */
export function creditsByModel(rows: readonly Row[]): Readonly<Record<AttributionModel, Credit>> {
  return Object.fromEntries(
    ATTRIBUTION_MODELS.map(({ id }): [string, Credit] => {
      const row = rows.find(({ model }) => model === id);
      return [id, { orders: Number(row?.["credit"] ?? 0) / 1_000_000, cents: Number(row?.["cents"] ?? 0) }];
    }),
  ) as Record<AttributionModel, Credit>;
}
