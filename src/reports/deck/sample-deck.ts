/** Decks for tests: a shop's own small one with targets, events and words, and a fiscal 4-4-5 calendar. Imported by tests only. */
import { type Calendar, isoDate } from "../../base/dates.js";
import { DEFAULT_DECK, sectionsOf } from "./layout.js";
import type { DeckFacts } from "./types.js";

/** Years of whole weeks that end on the last Saturday of January. */
export const FISCAL_445: Calendar = {
  weekEndsOn: 6,
  fiscalYearEndMonth: 1,
  periods: "4-4-5",
  lastWeek: "last",
  yearNamedBy: "end",
  holidays: {},
};

/** Two chapters of one's own beside shipped ones. */
export const SMALL_DECK: DeckFacts = {
  ...DEFAULT_DECK,
  sections: sectionsOf([
    "exceptions",
    { title: "Traffic", blocks: [{ six_twelve: "sessions" }, "funnel", { weeks: ["sessions", "cvr"] }] },
    { title: "Money", blocks: [{ six_twelve: "net_revenue" }, { months: ["net_revenue", "mer"] }] },
    "events",
  ]),
  watch: ["net_revenue", "cvr"],
  owners: { net_revenue: "Dana", cvr: "Site team" },
  targets: [
    { metric: "net_revenue", period: "month", value: 8_000_000 },
    { metric: "cvr", period: "week", value: 0.025 },
  ],
  events: [{ day: isoDate("2026-02-03"), text: "Prices raised by 5 %", metrics: ["net_revenue"] }],
  commentary: {
    ...DEFAULT_DECK.commentary,
    now: { net_revenue: [{ paragraph: "Higher prices, as planned." }, { list: ["bundles hold", "no complaint yet"] }] },
    before: { net_revenue: [{ paragraph: "We expect a step with the new prices." }] },
    weekBefore: "2026-W05",
  },
};
