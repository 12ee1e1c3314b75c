/** What the weekly review consists of unless a shop says otherwise: exceptions, then from customers over inputs and outputs to the money. */
import { WATCHED } from "../../alerts/settings.js";
import type { MetricId } from "../../metrics/types.js";
import type { DeckBlock, DeckFacts, DeckSection } from "./types.js";

/** The shipped sections by the names that a layout may use. */
export const SECTIONS = {
  exceptions: { title: "Exceptions", blocks: ["exceptions"] },
  customers: {
    title: "Customers",
    blocks: [
      { six_twelve: "new_customers" },
      { six_twelve: "cvr" },
      "funnel",
      { weeks: ["sessions", "cvr", "new_customers", "new_customer_share", "refund_rate"] },
      "cohorts",
    ],
  },
  inputs: {
    title: "Inputs by channel",
    blocks: [{ six_twelve: "spend" }, { six_twelve: "blended_cac" }, "channels", "spend_return"],
  },
  outputs: {
    title: "Outputs",
    blocks: [
      "week_table",
      { six_twelve: "net_revenue" },
      "drivers",
      { six_twelve: "orders" },
      { six_twelve: "aov" },
      { xmr: "net_revenue" },
    ],
  },
  finance: {
    title: "Finance",
    blocks: [
      { six_twelve: "contribution_margin_pct" },
      { months: ["net_revenue", "returns", "spend", "mer", "contribution_margin", "contribution_margin_pct"] },
    ],
  },
  risks: { title: "Risks", blocks: ["risks"] },
  next: { title: "Next steps", blocks: ["next_steps"] },
  events: { title: "Events", blocks: ["events"] },
  definitions: { title: "Definitions", blocks: ["definitions"] },
  data_health: { title: "Data health", blocks: ["data_health"] },
} as const satisfies Readonly<Record<string, DeckSection>>;

/** A shipped section's name. */
export type SectionName = keyof typeof SECTIONS;

/** Names that a layout may use. */
export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];

/** Sections as a layout names or writes them; absent: all that are shipped. Names were checked when the config was read. */
export function sectionsOf(
  written: readonly (string | { readonly title: string; readonly blocks: readonly unknown[] })[] = SECTION_NAMES,
): readonly DeckSection[] {
  return written.flatMap((section): readonly DeckSection[] => {
    if (typeof section !== "string") return [{ title: section.title, blocks: section.blocks as DeckSection["blocks"] }];
    const shipped: DeckSection | undefined = SECTIONS[section as SectionName];
    return shipped === undefined ? [] : [shipped];
  });
}

/** A review of which nobody has said anything: shipped layout, no owner, no target, no event, no comment. */
export const DEFAULT_DECK: DeckFacts = {
  sections: sectionsOf(),
  owners: {},
  targets: [],
  events: [],
  watch: WATCHED,
  limits: "mean",
  dividers: [],
  frozen: [],
  commentary: { folder: "commentary", now: {}, before: {}, weekBefore: "", problems: [] },
};

/** Metrics that are drawn or listed by week and month, then those that are watched or have a target, each once. */
export function metricsOf({
  sections,
  watch,
  targets,
}: Pick<DeckFacts, "sections" | "watch" | "targets">): readonly MetricId[] {
  const shown = sections.flatMap(({ blocks }) => blocks.flatMap(metricsOfBlock));
  return [...new Set([...shown, ...watch, ...targets.map(({ metric }) => metric)])];
}

function metricsOfBlock(block: DeckBlock): readonly MetricId[] {
  if (typeof block === "string") return [];
  if ("six_twelve" in block) return [block.six_twelve];
  if ("xmr" in block) return [block.xmr];
  return "weeks" in block ? block.weeks : block.months;
}
