/** What people would like figures to be broken down by, and no source tells. */
import type { Meaning } from "./types.js";

/** Phrases that mean only this; the nearest breakdown that there is, or none. */
const ALWAYS: Readonly<Record<string, readonly [phrases: string, nearest: string | null]>> = {
  city: [
    "city|cities|town|towns|zip|zip code|zip codes|zipcode|postcode|postcodes|postal code|postal codes|zips",
    "by region",
  ],
  "a part of the world": [
    "europe|eu|european union|asia|africa|north america|south america|latin america|oceania|scandinavia|emea|apac|dach|continent|continents|international|internationally|abroad|overseas|domestic|worldwide|foreign",
    "by country",
  ],
  "gender and age": [
    "gender|genders|age group|age groups|by age|demographic|demographics|men vs women|male vs female",
    null,
  ],
  weekday: ["weekday|weekdays|day of week|day of the week|days of the week|by weekday", "by day"],
  "hour of the day": [
    "hour of day|hour of the day|hours of the day|time of day|time of the day|by hour of day",
    "by hour",
  ],
  "way of payment": ["payment method|payment methods|payment type|payment gateway", null],
  "discount code": [
    "discount code|discount codes|coupon|coupons|coupon code|coupon codes|promo code|promo codes|voucher|vouchers",
    null,
  ],
  brand: ["brands|vendors|suppliers|manufacturers|by vendor|by supplier", "by product"],
  variant: ["variant|variants|sizes|colors|colours|by size|by color|by colour|color|colour", "by product"],
  page: ["landing page|landing pages|by page|pages", "by channel"],
  "search term": ["keyword|keywords|search term|search terms|search query|search queries", "by campaign"],
  placement: ["placement|placements|ad format|ad formats|audience segment", "by ad set"],
  "browser and system": ["browser|browsers|operating system|operating systems", "by device"],
};

/** Words that are often part of a name: these lead to rows. */
const LEADS = ["by", "per", "which", "each", "every", "what", "for each"];
const AFTER_A_LEAD: Readonly<Record<string, string>> = {
  ...{ brand: "brand", vendor: "brand", size: "variant", collection: "collection", tag: "tag" },
  ...{ employee: "employee", salesperson: "employee" },
};
const NEAREST: Readonly<Record<string, string>> = { collection: "by category", tag: "by category" };

/** Each phrase with its refusal, which names it and the nearest breakdown. */
export const UNKNOWN_LEVELS: readonly (readonly [string, Meaning])[] = [
  ...Object.entries(ALWAYS).flatMap(([what, [phrases, nearest]]) =>
    phrases.split("|").map((text) => [text, refusal(what, nearest)] as const),
  ),
  ...Object.entries(AFTER_A_LEAD).flatMap(([word, what]) =>
    LEADS.map((lead) => [`${lead} ${word}`, refusal(what, NEAREST[word] ?? ALWAYS[what]?.[1] ?? null)] as const),
  ),
];

function refusal(what: string, nearest: string | null): Meaning {
  const why = `no figure is told by ${what}`;
  return { kind: "refusal", code: "NOT_SUPPORTED", why, ...(nearest === null ? {} : { nearest }) };
}
