/** Advertising from the account down to the ad, one row below the other. */

import type { BreakdownRow, MetricId, QueryResult, SemanticQuery } from "../../metrics/types.js";
import { adPlace } from "../../transform/ad-history.js";
import { budgetText, changesTable } from "../ad-changes.js";
import { currencySentences } from "../currencies.js";
import { figure, textCell } from "../figures.js";
import { heading, lead, type MetricColumn, metricTable, prose } from "../metric-table.js";
import { plural } from "../narrative.js";
import { calendarIn, type PeriodChoice, type PeriodOffer, periodBlock, periodsOf } from "../periods.js";
import { platformName } from "../platforms.js";
import { comparedOf } from "../read-values.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { label } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage } from "../types.js";

/** Hundreds of rows per period: fewer periods keep the file small. */
const OFFER: PeriodOffer = { days: [7, 30, 90] };
/** Campaigns come first; their parts follow as far as there is room. */
const CAMPAIGNS_SHOWN = 200;
const ROWS_SHOWN = 320;
const NONE = "(none)";
const CLAIMED: readonly MetricId[] = [
  "spend",
  "impressions",
  "clicks",
  "ctr",
  "cpc",
  "conversions",
  "conversion_value",
  "platform_roas",
];
/** Orders know their campaign, but neither account nor ad. */
const VERIFIED: readonly MetricId[] = ["net_revenue", "roas"];
const LEVELS = ["account", "campaign", "ad_set", "ad"] as const;
const STATUS = { id: "status", title: "Status", align: "left" } as const;

/** Accounts, campaigns, ad sets and ads. */
export const campaigns: ReportPage = {
  id: "campaigns",
  title: "Campaigns",
  reads: (context, { weekEndsOn }) =>
    Object.fromEntries(
      periodsOf(context, weekEndsOn, OFFER).flatMap(({ id, window, comparisons }) =>
        LEVELS.flatMap((level): [string, SemanticQuery][] => {
          const metrics = level === "campaign" ? [...CLAIMED, ...VERIFIED] : CLAIMED;
          const orderBy = { metric: "spend", direction: "desc" } as const;
          const question = { window, breakdown: level, orderBy, limit: 1000 } as const;
          return [
            [`campaigns_${level}_${id}`, { ...question, metrics, compare: comparisons.previous }],
            [`campaigns_${level}_${id}_year`, { ...question, metrics: ["spend"], compare: comparisons.year }],
          ];
        }),
      ),
    ),
  build: (facts) => ({
    schemaVersion: 1,
    id: campaigns.id,
    title: campaigns.title,
    subtitle: "What ad accounts, campaigns, ad sets and ads cost, and what came of it",
    context: facts.context,
    blocks: [
      periodBlock(periodsOf(facts.context, calendarIn(facts.context), OFFER), "30d", (period) =>
        blocksOf(facts, period),
      ),
      ...changesOf(facts),
      heading("definitions", "Definitions"),
      definitions([...CLAIMED, ...VERIFIED].map(facts.metric)),
    ],
    stamps: stamps(facts),
  }),
};

interface Line {
  readonly row: BreakdownRow;
  readonly level: (typeof LEVELS)[number];
  /** Place of the row that it is a part of. */
  readonly parent: number | null;
  readonly platform: string;
  readonly status: string;
  readonly budget: string;
}

function changesOf(facts: Facts): readonly Block[] {
  const blocks = changesTable(facts, platformName);
  return blocks.length === 0 ? [] : [heading("changes", "What was changed"), ...blocks];
}

function blocksOf(facts: Facts, period: PeriodChoice): readonly Block[] {
  const at = (level: Line["level"], year = "") => facts.result(`campaigns_${level}_${period.id}${year}`);
  const campaign = at("campaign");
  const spend = comparedOf(campaign.totals, "spend").value;
  if (spend.status !== "ok")
    return [lead(`What was spent on ads ${period.when} is unknown: ${spend.detail}.`), ...noAds(campaign)];
  const { lines, left, closed } = linesOf(facts, at);
  if (lines.length === 0) return [lead(`Nothing was spent on ads ${period.when}.`), ...noAds(campaign)];
  const places = new Map(lines.map((line) => [line.row, line]));
  const byLevel = (level: Line["level"]) => lines.filter((line) => line.level === level);
  const years = LEVELS.flatMap((level) => at(level, "_year").rows.filter((row) => row.key !== NONE));
  const table = metricTable(facts, {
    title: `Accounts, campaigns, ad sets and ads, ${period.label}`,
    head: "Name",
    words: [
      {
        column: { id: "platform", title: "Platform", align: "left", filter: true },
        of: (row) => places.get(row)?.platform ?? "",
      },
      ...(lines.some(({ status }) => status !== "")
        ? [{ column: STATUS, of: (row: BreakdownRow) => places.get(row)?.status ?? "" }]
        : []),
    ],
    columns: columnsOf(places),
    result: campaign,
    years: { ...at("campaign", "_year"), rows: years },
    rows: lines.map(({ row }) => row),
    total: "All platforms",
    note: [
      `Net revenue is that of orders whose links name the campaign; the total is that of all orders.`,
      left === 0 ? "" : `${plural(left, "campaign")} that spent less ${left === 1 ? "is" : "are"} not shown.`,
      closed === 0 ? "" : `Ad sets and ads of ${plural(closed, "campaign")} are not shown.`,
      restatedNote(campaign, CLAIMED, facts.metric) ?? "",
      ...currencySentences(facts, campaign.query.window),
    ]
      .filter((text) => text !== "")
      .join(" "),
  });
  return [
    lead(sentence(facts, period, byLevel("campaign"))),
    { ...table, parents: lines.map(({ parent }) => parent) },
    ...(byLevel("ad_set").length === 0
      ? prose("No platform tells the spend of single ad sets and ads in these days.")
      : []),
    ...budgets(lines),
  ];
}

/** What accounts have set; wide tables of figures have no room for it. Budgets of a platform may be shared, so they have no sum. */
function budgets(lines: readonly Line[]): readonly BlockOf<"table">[] {
  const rows = lines.filter(({ budget }) => budget !== "");
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      title: "Budgets as they are set now",
      columns: ["Name", "Platform", "Status", "Budget"].map((title) => ({
        id: title.toLowerCase(),
        title,
        align: "left",
      })),
      rows: rows.map(({ row, platform, status, budget }) =>
        [row.label, platform, status, budget].map((text) => textCell(label(text))),
      ),
    },
  ];
}

function noAds({ query }: QueryResult): readonly Block[] {
  return prose(
    `There is no campaign to show between ${query.window.from} and ${query.window.to}. Connect an ad account (growthos connect) or import its export, then run growthos sync.`,
  );
}

function columnsOf(places: ReadonlyMap<BreakdownRow, Line>): readonly MetricColumn[] {
  const hides = (row: BreakdownRow) => places.get(row)?.level !== "campaign";
  return [
    { metric: "spend", title: "Spend", changes: true },
    { metric: "impressions" },
    { metric: "clicks" },
    { metric: "ctr", title: "CTR" },
    { metric: "cpc", title: "CPC" },
    { metric: "conversions", title: "Claimed orders" },
    { metric: "conversion_value", title: "Claimed revenue" },
    { metric: "platform_roas", title: "ROAS claimed" },
    { metric: "net_revenue", title: "Net revenue (shop)", hides },
    { metric: "roas", title: "ROAS (shop)", hides },
  ];
}

/** Every campaign under its account, then ad sets and ads under theirs until the table is full. Rows that spent nothing are left out. */
function linesOf(
  facts: Facts,
  at: (level: Line["level"]) => QueryResult,
): { readonly lines: readonly Line[]; readonly left: number; readonly closed: number } {
  const { ads: tree } = facts;
  const spent = (level: Line["level"]) => at(level).rows.filter((row) => row.key !== NONE && isSpent(row));
  const all = spent("campaign");
  const shown = new Set(all.slice(0, CAMPAIGNS_SHOWN));
  const [adSets, ads] = [spent("ad_set"), spent("ad")];
  const lines: Line[] = [];
  const push = (row: BreakdownRow, place: Omit<Line, "row" | "status" | "budget">) => {
    const settings = tree.history.settings.get(adPlace(place.level, row.key));
    const status = settings?.status ?? (place.level === "campaign" ? tree.campaigns.get(row.key)?.status : null) ?? "";
    return lines.push({ row, ...place, status, budget: budgetText(settings) }) - 1;
  };
  let room = ROWS_SHOWN - shown.size;
  let closed = 0;
  for (const account of spent("account")) {
    const own = [...shown].filter((row) => tree.campaigns.get(row.key)?.account === account.key);
    const platform = platformName(tree.campaigns.get(own[0]?.key ?? "")?.platform ?? "");
    const root = push(named(account, platform), { level: "account", parent: null, platform });
    for (const campaign of own) {
      const place = push(campaign, { level: "campaign", parent: root, platform });
      const sets = adSets.filter((row) => tree.adSets.get(row.key) === campaign.key);
      const parts = ads.filter((row) => tree.ads.get(row.key)?.campaign === campaign.key);
      if (sets.length + parts.length > room) {
        closed += 1;
        continue;
      }
      room -= sets.length + parts.length;
      for (const set of sets) {
        const line = push(set, { level: "ad_set", parent: place, platform });
        for (const ad of parts.filter((row) => tree.ads.get(row.key)?.adSet === set.key))
          push(ad, { level: "ad", parent: line, platform });
      }
    }
  }
  return { lines, left: all.length - shown.size, closed };
}

function isSpent(row: BreakdownRow): boolean {
  const { value } = comparedOf(row.values, "spend");
  return value.status === "ok" && value.value !== 0;
}

/** Accounts have numbers for names. */
function named(account: BreakdownRow, platform: string): BreakdownRow {
  return { ...account, label: `${platform} ${account.label}`.trim() };
}

function sentence(facts: Facts, { id, when }: PeriodChoice, lines: readonly Line[]): string {
  const name = `campaigns_campaign_${id}`;
  const { totals } = facts.result(name);
  const { currency } = facts.context;
  const spend = figure(comparedOf(totals, "spend").value, "money", currency).text;
  const roas = figure(comparedOf(totals, "platform_roas").value, "multiple", currency).text;
  const most = facts.result(name).rows.find((row) => row.key !== NONE);
  const share = most === undefined ? undefined : facts.share(name, "spend")[most.key];
  const largest =
    most === undefined || share?.status !== "ok"
      ? ""
      : ` ${label(most.label)} took ${figure(share, "ratio", currency).text} of it.`;
  return `${plural(lines.length, "campaign")} spent ${spend} ${when}, a claimed ROAS of ${roas}.${largest}`;
}
