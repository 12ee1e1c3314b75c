/** Where orders came from, by every model, and what nobody knows: no figure here is the truth, how far they lie apart is one. */

import type { DateRange } from "../../base/dates.js";
import { addDays } from "../../base/dates.js";
import type { MetricValue } from "../../metrics/types.js";
import type { Attribution, Honesty, ModelError, Stage } from "../../transform/attribution.js";
import { flowsOf, MOST_STEPS } from "../../transform/attribution-flows.js";
import { ATTRIBUTION_MODELS } from "../../transform/attribution-models.js";
import type { CampaignCredit } from "../../transform/campaign-credits.js";
import { figure, moneyCell, moneyText, textCell, valueCell } from "../figures.js";
import { plural } from "../narrative.js";
import { stamps } from "../stamps.js";
import { label } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage } from "../types.js";

/** Days that the page is about. */
const DAYS = 30;

/** The days that the page is about, ended by the last complete one. */
export function attributionWindow(lastCompleteDay: DateRange["to"]): DateRange {
  return { from: addDays(lastCompleteDay, 1 - DAYS), to: lastCompleteDay };
}

/** Honesty, models side by side, claims, ways, the funnel from impression to order. */
export const attribution: ReportPage = {
  id: "attribution",
  title: "Attribution",
  reads: () => ({}),
  build: (facts) => ({
    schemaVersion: 1,
    id: attribution.id,
    title: attribution.title,
    subtitle: `What led to the orders of the last ${DAYS} days, by eight models, and what is not known`,
    context: facts.context,
    blocks: facts.attribution === null ? [prose(NOT_READ)] : blocksOf(facts, facts.attribution),
    stamps: stamps(facts),
  }),
};

const NOT_READ = "Nothing was read: build the workspace again.";

function prose(...paragraphs: readonly string[]): Block {
  return { kind: "prose", paragraphs };
}

function heading(id: string, text: string): Block {
  return { kind: "heading", id, text };
}

function blocksOf(facts: Facts, read: Attribution): readonly Block[] {
  const { currency } = facts.context;
  const { honesty } = read;
  if (honesty.orders === 0)
    return [{ kind: "prose", paragraphs: [`No order was counted in the last ${DAYS} days.`], lead: true }];
  return [
    { kind: "prose", paragraphs: [leadOf(honesty, currency)], lead: true },
    heading("honesty", "What is not known"),
    warnings(read),
    honestyTable(honesty, currency),
    heading("models", "Models side by side"),
    ...models(read, currency),
    prose(
      "Last and first touch give the whole order to one visit, linear divides it evenly, position-based 40 : 20 : 40, time decay halves what is a week older. Markov, Shapley and Fractribution learn from all journeys what a channel adds. Where they agree, little depends on the model.",
    ),
    heading("campaigns", "Campaigns"),
    ...campaigns(read.campaigns, honesty, currency),
    ...truth(read.errors),
    heading("claims", "What platforms claim"),
    claims(read, currency),
    heading("ways", "Ways to an order"),
    ways(read),
    heading("stages", "From impression to order"),
    ...stages(read.stages),
  ];
}

function leadOf(honesty: Honesty, currency: string): string {
  const { untouched, untouchedShare, movedShare, severalChannels } = honesty;
  const unseen =
    untouched.orders === 0
      ? "every one has a visit that is known"
      : `nobody saw a visit before ${figure({ status: "ok", value: untouched.orders }, "count", "").text} of them (${share(untouchedShare)})`;
  const models =
    severalChannels === 0
      ? "no order has visits from several channels, so all models agree"
      : `the choice of a model moves at most ${share(movedShare)} of the revenue to another channel`;
  return `Of ${plural(honesty.orders, "order")} (${moneyText(honesty.cents, currency)} after their returns) ${unseen}; ${models}.`;
}

function share(value: number | null): string {
  return figure(ratioValue(value), "ratio", "").text;
}

function ratioValue(value: number | null): MetricValue {
  if (value !== null) return { status: "ok", value };
  return { status: "undefined", because: "zero_denominator", detail: "there is nothing to divide by" };
}

function countValue(value: number | null, detail: string): MetricValue {
  return value === null ? { status: "unknown", because: "never_synced", detail } : { status: "ok", value };
}

/** What somebody can do something about. */
function warnings({ honesty, openMatches, stages: list }: Attribution): BlockOf<"findings"> {
  const items: BlockOf<"findings">["items"][number][] = [];
  const warn = (count: number, title: string, detail: string) => {
    if (count > 0) items.push({ tone: "warn", badge: "Look", title: `${plural(count, "order")} ${title}`, detail });
  };
  warn(
    honesty.withoutCampaign,
    "of paid channels name no campaign",
    "Put utm_campaign, or utm_id with the campaign's id, into the links of the ads.",
  );
  warn(
    honesty.untouched.orders,
    "are unattributed",
    "Nobody saw a visit: consent, blockers, or a shop without the pixel.",
  );
  warn(
    honesty.lowConfidence,
    "are known by a source or a referrer only",
    "A click id or a campaign would make them sure.",
  );
  warn(
    honesty.overlap,
    "have visits of several ad platforms",
    "Each of them may claim the order: platform figures do not add up.",
  );
  if (openMatches > 0)
    items.push({
      tone: "warn",
      badge: "Decide",
      title: `${plural(openMatches, "label")} of visits are only like a campaign's name`,
      detail: "Nobody has said whether they are meant.",
      advice: "growthos attribution matches",
    });
  if (list.find(({ id }) => id === "page_viewed")?.count === null)
    items.push({
      tone: "neutral",
      badge: "Missing",
      title: "The shop's own pixel has sent nothing",
      detail: "Journeys without an order are not known then, and of each order only what the shop itself names.",
    });
  if (items.length > 0) return { kind: "findings", items };
  return {
    kind: "findings",
    items: [
      {
        tone: "good",
        badge: "Fine",
        title: "Every order has a visit with a campaign",
        detail: "There is nothing to repair.",
      },
    ],
  };
}

function honestyTable(honesty: Honesty, currency: string): BlockOf<"table"> {
  const row = (label: string, orders: number, part: number | null = null) => [
    textCell(label),
    valueCell({ status: "ok", value: orders }, "count", currency),
    part === null ? textCell("—", null) : valueCell(ratioValue(part), "ratio", currency),
  ];
  return {
    kind: "table",
    title: "How much is known of the orders",
    columns: [
      { id: "what", title: "Orders", align: "left" },
      { id: "orders", title: "Count", align: "right" },
      { id: "share", title: "Share", align: "right" },
    ],
    rows: [
      row("All counted orders", honesty.orders),
      row("Unattributed: nobody saw a visit", honesty.untouched.orders, honesty.untouchedShare),
      row("Direct: a visit, from nowhere that is known", honesty.direct),
      row("Low confidence: source or referrer only", honesty.lowConfidence, honesty.lowConfidenceShare),
      row("Paid channel without a campaign", honesty.withoutCampaign),
      row("Several channels on the way", honesty.severalChannels),
      row("Several ad platforms on the way (overlap)", honesty.overlap, honesty.overlapShare),
    ],
  };
}

/** Models that follow a rule, and those that learn from journeys; together they are too wide for a sheet. */
const LEARNING = ["markov", "shapley", "fractribution"];

function models({ lines, honesty }: Attribution, currency: string): readonly BlockOf<"table">[] {
  const right = "right" as const;
  const tableOf = (title: string, isLearning: boolean): BlockOf<"table"> => {
    const shown = ATTRIBUTION_MODELS.filter(({ id }) => LEARNING.includes(id) === isLearning);
    return {
      kind: "table",
      title,
      columns: [
        { id: "channel", title: "Channel", align: "left" },
        ...shown.map((model) => ({ id: model.id, title: model.title, align: right })),
        ...(isLearning ? [{ id: "spread", title: "Spread of all", align: right }] : []),
      ],
      rows: lines.map((line) => [
        textCell(line.title),
        ...shown.map(({ id }) => moneyCell(line.byModel[id].cents, currency)),
        ...(isLearning ? [moneyCell(line.spreadCents, currency)] : []),
      ]),
      totals: [
        textCell("All orders"),
        ...shown.map(() => moneyCell(honesty.cents, currency)),
        ...(isLearning ? [textCell("—", null)] : []),
      ],
      note: isLearning
        ? "Spread: the highest less the lowest that any two of the eight models give a channel."
        : "A return counts with its order here; net revenue counts it on its own day.",
    };
  };
  return [
    tableOf("Revenue of orders after their returns, models that follow a rule", false),
    tableOf("Revenue of orders after their returns, models that learn from journeys", true),
  ];
}

/** More are a list, not a view. */
const CAMPAIGNS_SHOWN = 50;
/** What a choice between models is mostly about: a rule, the fair share of a rule, and two that learn. */
const CAMPAIGN_MODELS = ["last_touch", "linear", "markov", "shapley"] as const;

function campaigns(all: readonly CampaignCredit[], honesty: Honesty, currency: string): readonly Block[] {
  const named = all.filter(({ campaign }) => campaign !== null);
  if (named.length === 0) return [prose("No campaign has spent or led to an order in these days.")];
  const shown = [...named.slice(0, CAMPAIGNS_SHOWN), ...all.filter(({ campaign }) => campaign === null)];
  const right = "right" as const;
  const models = CAMPAIGN_MODELS.map((id) => ATTRIBUTION_MODELS.find((model) => model.id === id)).filter(
    (model) => model !== undefined,
  );
  const left = named.length - Math.min(named.length, CAMPAIGNS_SHOWN);
  const rowOf = ({ campaign, channel, byModel, spendCents, roas, costPerOrder }: CampaignCredit) => [
    textCell(campaign === null ? "No campaign" : label(campaign)),
    textCell(channel),
    spendCents === null ? textCell("—", null) : moneyCell(spendCents, currency),
    valueCell(countValue(byModel.last_touch.orders, ""), "count", currency),
    ...models.map(({ id }) => moneyCell(byModel[id].cents, currency)),
    campaign === null ? textCell("—", null) : valueCell(ratioValue(roas), "multiple", currency),
    campaign === null ? textCell("—", null) : valueCell(ratioValue(costPerOrder), "money", currency),
  ];
  return [
    {
      kind: "table",
      title: "What campaigns cost and are given",
      columns: [
        { id: "campaign", title: "Campaign", align: "left" },
        { id: "channel", title: "Channel", align: "left", filter: true },
        { id: "spend", title: "Ad spend", align: right },
        { id: "orders", title: "Orders, last touch", align: right },
        ...models.map(({ id, title }) => ({ id, title: `${title} revenue`, align: right })),
        { id: "roas", title: "ROAS, last touch", align: right },
        { id: "cost", title: "Cost per order, last touch", align: right },
      ],
      rows: shown.map(rowOf),
      totals: [
        textCell("All orders"),
        textCell(""),
        textCell("—", null),
        valueCell(countValue(honesty.orders, ""), "count", currency),
        ...models.map(() => moneyCell(honesty.cents, currency)),
        textCell("—", null),
        textCell("—", null),
      ],
      note: [
        "Revenue of orders after their returns, by model. Orders whose visits name no campaign, or none of an ad account, stand in one line.",
        left === 0 ? "" : `${plural(left, "campaign")} that spent less ${left === 1 ? "is" : "are"} not shown.`,
      ]
        .filter((text) => text !== "")
        .join(" "),
    },
  ];
}

function claims({ claims: rows }: Attribution, currency: string): Block {
  if (rows.length === 0) return prose("No ad platform has spent or claimed anything in these days.");
  const right = "right" as const;
  return {
    kind: "table",
    title: "Claimed by the platform, seen by the shop",
    columns: [
      { id: "channel", title: "Channel", align: "left" },
      { id: "claimed", title: "Claimed orders", align: right },
      { id: "seen", title: "Orders it has a visit of", align: right },
      { id: "ratio", title: "Claimed per seen", align: right },
      { id: "money", title: "Claimed revenue", align: right },
      { id: "net", title: "Revenue of those seen", align: right },
      { id: "spend", title: "Ad spend", align: right },
    ],
    rows: rows.map((row) => [
      textCell(row.title),
      valueCell(countValue(row.claimedOrders, "the platform has not said"), "count", currency),
      valueCell({ status: "ok", value: row.touched.orders }, "count", currency),
      valueCell(ratioValue(row.claimedPerTouched), "multiple", currency),
      moneyCell(row.claimedCents, currency),
      moneyCell(row.touched.cents, currency),
      moneyCell(row.spendCents, currency),
    ]),
    note: "A platform that claims more than the shop can see counts views, other devices, or orders of others.",
  };
}

const ENDS: Readonly<Record<string, string>> = { ordered: "Ordered", left: "No order", "…": "Other ways" };

function ways({ ways: list, lines }: Attribution): Block {
  if (list.length === 0) return prose("No journey is known in these days.");
  const { places, flows } = flowsOf(list);
  const titles = new Map(lines.map(({ channel, title }) => [channel, title]));
  const count = (value: number) => figure({ status: "ok", value }, "count", "");
  const [first] = list;
  return {
    kind: "sankey",
    title: "Channels in the order in which journeys met them",
    alt: `Most walked: ${(first?.steps ?? []).map((step) => titles.get(step) ?? ENDS[step] ?? step).join(", then ")}, ${plural(first?.journeys ?? 0, "journey")}`,
    columns: [...["First", "Then", "Later"].slice(0, MOST_STEPS), "End"],
    nodes: places.map(({ id, name, column, journeys }) => ({
      id,
      label: titles.get(name) ?? ENDS[name] ?? name,
      column,
      value: journeys,
      figure: count(journeys),
    })),
    links: flows.map(({ from, to, journeys }) => ({ from, to, value: journeys, figure: count(journeys) })),
  };
}

function stages(list: readonly Stage[]): readonly Block[] {
  const missing = "the pixel has sent nothing in these days";
  return [
    {
      kind: "funnel",
      title: "Seven stages from an impression to an order",
      alt: list.map(({ title, count }) => `${title}: ${count ?? "unknown"}`).join("; "),
      steps: list.map(({ title, count, rate }, index) => ({
        label: title,
        value: count,
        figure: figure(countValue(count, missing), "count", ""),
        passed:
          index === 0
            ? null
            : rate === null
              ? figure({ status: "unknown", because: "never_synced", detail: missing }, "ratio", "")
              : figure({ status: "ok", value: rate }, "ratio", ""),
      })),
    },
    prose(
      "Impressions and clicks are those of the ad platforms, page views to checkouts those of the shop's own pixel, orders those of the shop. Visits that no ad led to are among the pages, so a share of them may be above one.",
    ),
  ];
}

/** The demo's answer key: how many orders each model puts under another channel than the true one. */
function truth(errors: readonly ModelError[] | null): readonly Block[] {
  if (errors === null) return [];
  return [
    heading("truth", "Against the answer key"),
    {
      kind: "table",
      title: "The demo knows where its orders came from",
      columns: [
        { id: "model", title: "Model", align: "left" },
        { id: "wrong", title: "Orders under a wrong channel", align: "right" },
        { id: "share", title: "Share", align: "right" },
      ],
      rows: errors.map(({ model, wrongOrders, share: part }) => [
        textCell(ATTRIBUTION_MODELS.find(({ id }) => id === model)?.title ?? model),
        textCell(wrongOrders.toFixed(1), wrongOrders),
        valueCell(ratioValue(part), "ratio", ""),
      ]),
      note: "The key holds the channel of the last visit of each order: in the demo that visit makes the order and an earlier one changes nothing, which favours last touch. Parts of orders count as parts.",
    },
  ];
}
