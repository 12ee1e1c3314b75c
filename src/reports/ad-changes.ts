/** What ads are set to, in words, and the table of what was set otherwise. */
import type { AdChange, AdLevel, AdSettings, AdValue } from "../transform/ad-history.js";
import { moneyText, textCell } from "./figures.js";
import { prose } from "./metric-table.js";
import { label } from "./text.js";
import type { Block, Facts } from "./types.js";

const LEVELS: Readonly<Record<AdLevel, string>> = {
  account: "Account",
  campaign: "Campaign",
  ad_set: "Ad set",
  ad: "Ad",
};
const SETTINGS: Readonly<Record<string, string>> = {
  name: "Name",
  status: "Status",
  daily_budget: "Budget a day",
  lifetime_budget: "Budget in all",
};

/** The budget of an entity, "$75.00 a day (shared)"; empty when it has none of its own. */
export function budgetText(settings: AdSettings | undefined): string {
  if (settings === undefined) return "";
  const { dailyCents, lifetimeCents, isShared, currency } = settings;
  const amounts = [
    dailyCents === null ? "" : `${moneyText(dailyCents, currency ?? "")} a day`,
    lifetimeCents === null ? "" : `${moneyText(lifetimeCents, currency ?? "")} in all`,
  ].filter((text) => text !== "");
  return `${amounts.join(", ")}${isShared && amounts.length > 0 ? " (shared)" : ""}`;
}

/** The last changes, newest first; nothing at all where no platform's list was ever read. */
export function changesTable({ ads: { history } }: Facts, platformName: (source: string) => string): readonly Block[] {
  if (history.settings.size === 0 && history.changes.length === 0) return [];
  if (history.changes.length === 0)
    return prose("No name, status or budget has changed since the lists of the platforms were first read.");
  return [
    {
      kind: "table",
      title: "Changes of names, statuses and budgets",
      columns: [
        { id: "seen", title: "First seen", align: "left" },
        { id: "platform", title: "Platform", align: "left", filter: true },
        { id: "level", title: "Level", align: "left", filter: true },
        { id: "entity", title: "Of", align: "left" },
        { id: "setting", title: "What", align: "left" },
        { id: "before", title: "Before", align: "left" },
        { id: "after", title: "After", align: "left" },
      ],
      rows: history.changes.map((one) => [
        textCell(one.day),
        textCell(platformName(one.platform)),
        textCell(LEVELS[one.level]),
        textCell(label(one.entity)),
        ...wordsOf(one).map((text) => textCell(text)),
      ]),
      note: "A change is seen when the platform is read, so it may have been made any time since it was read before. fact_ad_entity_history has all of them.",
    },
  ];
}

function wordsOf({ change, setting, before, after, currency }: AdChange): readonly [string, string, string] {
  if (change === "added") return ["New", "—", "listed"];
  if (change === "gone") return ["Gone", "listed", "no longer listed"];
  return [SETTINGS[setting] ?? setting, valueText(before, currency), valueText(after, currency)];
}

function valueText({ text, cents }: AdValue, currency: string | null): string {
  if (cents !== null) return moneyText(cents, currency ?? "");
  return text === null ? "none" : label(text);
}
