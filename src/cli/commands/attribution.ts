import { GrowthosError } from "../../base/errors.js";
import { decimalText } from "../../base/money.js";
import type { AnswerContext } from "../../metrics/types.js";
import type { Attribution, AttributionLine, Honesty } from "../../transform/attribution.js";
import { ATTRIBUTION_MODELS, type AttributionModel } from "../../transform/attribution-models.js";
import type { Database } from "../../warehouse/types.js";
import { type Command, type CommandContext, type OpenBuild, stringOption } from "../command.js";
import { olderBuild } from "../stamp.js";

type Models = typeof ATTRIBUTION_MODELS;

export const command: Command = {
  name: "attribution",
  summary: "divide orders among channels by every model, and say what is not known",
  description: [
    "Each counted order is divided among the visits that led to it, by eight models side by side, with how far they lie apart, the orders",
    "that nobody saw coming, and what each platform claims beside what the shop can verify. No model is the truth: where they agree, little",
    "depends on them. Windows end at the last complete day; how long before its order a visit counts is `attribution.windowDays` in the config.",
  ].join(" "),
  options: [
    { flags: "--window <window>", description: "28d, week, last month, 2026-01-01..2026-01-31", default: "28d" },
    {
      flags: "--by <what>",
      description: "lines by channel or campaign",
      choices: ["channel", "campaign"],
      default: "channel",
    },
    { flags: "--model <model>", description: "only this one, e.g. markov; with orders, revenue and spend" },
  ],
  examples: [
    "growthos attribution",
    "growthos attribution --by campaign --model markov",
    "growthos attribution --json",
  ],
  async run(context, args) {
    const [{ windowFor }, attribution] = await Promise.all([
      import("../../metrics/windows.js"),
      import("../../transform/attribution.js"),
    ]);
    const model = modelOf(stringOption(args, "model"), ATTRIBUTION_MODELS);
    const { database } = await openAttribution(context);
    try {
      const stamped = await contextOf(context, database);
      const window = windowFor(stringOption(args, "window") ?? "28d", stamped.lastCompleteDay, stamped.weekEndsOn ?? 7);
      const by = stringOption(args, "by") === "campaign" ? "campaign" : "channel";
      const read = await attribution.readAttribution(database, window, { by });
      const shown = { context, stamped, models: ATTRIBUTION_MODELS, model };
      return { exit: "ok", json: json(read, shown), text: text(read, shown) };
    } finally {
      await database.close();
    }
  },
};

/** The current build. Throws `STALE_BUILD` when it was made before there was attribution. */
export async function openAttribution(context: CommandContext): Promise<OpenBuild> {
  const { hasAttribution } = await import("../../transform/attribution.js");
  const build = await context.openBuild();
  if (await hasAttribution(build.database)) return build;
  await build.database.close();
  throw olderBuild();
}

async function contextOf(context: CommandContext, database: Database): Promise<AnswerContext> {
  const { readContext } = await import("../../metrics/context.js");
  return readContext(database, (await context.workspaceConfig()).shop.name);
}

function modelOf(wanted: string | undefined, models: Models): AttributionModel | null {
  if (wanted === undefined) return null;
  const found = models.find(({ id }) => id === wanted.replaceAll("-", "_"));
  if (found !== undefined) return found.id;
  throw new GrowthosError({
    code: "MODEL_UNKNOWN",
    what: `there is no attribution model "${wanted.slice(0, 40)}"`,
    why: `the models are ${models.map(({ id }) => id).join(", ")}`,
    exit: "usage",
  });
}

interface Shown {
  readonly context: CommandContext;
  readonly stamped: AnswerContext;
  readonly models: Models;
  readonly model: AttributionModel | null;
}

function text(read: Attribution, shown: Shown): string {
  const { context, stamped } = shown;
  const { output } = context;
  const head = `${stamped.shop}, ${read.window.from} … ${read.window.to}, ${stamped.currency}, ${stamped.timeZone}`;
  if (read.honesty.orders === 0) return [output.paint("dim", head), "no order was counted in these days"].join("\n\n");
  return [
    output.paint("dim", head),
    shown.model === null ? allModels(read, shown) : oneModel(read, shown.model, shown),
    [output.paint("strong", "What is not known"), ...honestyLines(read.honesty, stamped.currency)].join("\n"),
    [output.paint("strong", "What platforms claim"), claims(read, shown)].join("\n"),
  ].join("\n\n");
}

function nameOf({ title, campaign }: AttributionLine): string {
  return campaign === null ? title : `${title}: ${campaign}`;
}

function allModels({ lines }: Attribution, { context, stamped, models }: Shown): string {
  const money = (minor: number) => decimalText({ minor, currency: stamped.currency });
  return context.output.table(
    [{ title: "after returns" }, ...[...models.map(({ title }) => title.toLowerCase()), "spread"].map(right)],
    lines.map((line) => [
      nameOf(line),
      ...models.map(({ id }) => money(line.byModel[id].cents)),
      money(line.spreadCents),
    ]),
  );
}

function oneModel({ lines }: Attribution, model: AttributionModel, { context, stamped, models }: Shown): string {
  const title = models.find(({ id }) => id === model)?.title ?? model;
  return context.output.table(
    [{ title: title.toLowerCase() }, ...["orders", "after returns", "spread of all models"].map(right)],
    lines.map((line) => [
      nameOf(line),
      line.byModel[model].orders.toFixed(2),
      decimalText({ minor: line.byModel[model].cents, currency: stamped.currency }),
      decimalText({ minor: line.spreadCents, currency: stamped.currency }),
    ]),
  );
}

function claims({ claims: rows }: Attribution, { context, stamped }: Shown): string {
  if (rows.length === 0) return "no platform has spent or claimed anything";
  const money = (minor: number | null) =>
    minor === null ? "unknown" : decimalText({ minor, currency: stamped.currency });
  return context.output.table(
    [
      { title: "channel" },
      ...["claimed orders", "shop saw it on", "claimed / seen", "claimed revenue", "spend"].map(right),
    ],
    rows.map((row) => [
      row.title,
      row.claimedOrders === null ? "unknown" : row.claimedOrders.toFixed(1),
      `${row.touched.orders}`,
      row.claimedPerTouched === null ? "unknown" : row.claimedPerTouched.toFixed(2),
      money(row.claimedCents),
      money(row.spendCents),
    ]),
  );
}

function right(title: string) {
  return { title, align: "right" as const };
}

function honestyLines(honesty: Honesty, currency: string): readonly string[] {
  const share = (value: number | null) => (value === null ? "undefined" : `${(value * 100).toFixed(1)} %`);
  return [
    `${honesty.orders} orders, ${decimalText({ minor: honesty.cents, currency })} after their returns`,
    `unattributed: ${honesty.untouched.orders} orders of which nobody saw a visit (${share(honesty.untouchedShare)})`,
    `direct: ${honesty.direct} orders whose visits say nothing about where from`,
    `low confidence: ${honesty.lowConfidence} orders known by source or referrer only (${share(honesty.lowConfidenceShare)})`,
    `no campaign: ${honesty.withoutCampaign} orders of paid channels`,
    `several channels: ${honesty.severalChannels} orders; only about these models can differ`,
    `overlap: ${honesty.overlap} orders that several ad platforms may claim (${share(honesty.overlapShare)})`,
    `between the two models that differ most ${share(honesty.movedShare)} of the revenue changes its channel`,
  ];
}

function json(read: Attribution, { stamped, models, model }: Shown) {
  const { honesty } = read;
  const chosen = models.filter(({ id }) => model === null || id === model);
  return {
    as_of: stamped.asOf,
    window: read.window,
    currency: stamped.currency,
    models: chosen.map(({ id }) => id),
    lines: read.lines.map((line) => ({
      channel: line.channel,
      title: line.title,
      campaign: line.campaign,
      by_model: Object.fromEntries(
        chosen.map(({ id }) => [id, { orders: line.byModel[id].orders, net_minor: line.byModel[id].cents }]),
      ),
      spread_minor: line.spreadCents,
    })),
    honesty: {
      orders: honesty.orders,
      net_minor: honesty.cents,
      unattributed_orders: honesty.untouched.orders,
      unattributed_share: honesty.untouchedShare,
      direct_orders: honesty.direct,
      low_confidence_orders: honesty.lowConfidence,
      without_campaign_orders: honesty.withoutCampaign,
      several_channels_orders: honesty.severalChannels,
      overlap_orders: honesty.overlap,
      overlap_share: honesty.overlapShare,
      moved_share: honesty.movedShare,
      open_matches: read.openMatches,
    },
    claims: read.claims.map((row) => ({
      channel: row.channel,
      claimed_orders: row.claimedOrders,
      claimed_minor: row.claimedCents,
      seen_orders: row.touched.orders,
      seen_net_minor: row.touched.cents,
      claimed_per_seen: row.claimedPerTouched,
      spend_minor: row.spendCents,
    })),
  };
}
