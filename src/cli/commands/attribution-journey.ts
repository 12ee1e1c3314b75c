import { GrowthosError } from "../../base/errors.js";
import { decimalText } from "../../base/money.js";
import type { Command } from "../command.js";
import { openAttribution } from "./attribution.js";

export const command: Command = {
  name: "attribution journey",
  summary: "show the visits that led to one order, with the credit of each by every model",
  description:
    "The visits within the look-back window in order of time: channel, campaign, how sure that is, by which rule, and who told of it.",
  arguments: [{ usage: "<order>", description: "the order's name or number (#1001, 1001) or id (shopify:5001)" }],
  options: [],
  examples: ["growthos attribution journey 1001", "growthos attribution journey '#1001' --json"],
  async run(context, args) {
    const order = args.positionals[0] ?? "";
    const [{ readJourney }, { ATTRIBUTION_MODELS }] = await Promise.all([
      import("../../transform/journeys.js"),
      import("../../transform/attribution-models.js"),
    ]);
    const { database } = await openAttribution(context);
    try {
      const journey = await readJourney(database, order);
      if (journey === null) throw unknown(order);
      const { touches } = journey;
      const head = `${journey.orderId}, ${journey.orderAt}, ${decimalText({ minor: journey.cents, currency: journey.currency })} ${journey.currency} net`;
      const rows = touches.map((touch) => [
        touch.at ?? "—",
        touch.channel ?? "unattributed",
        touch.campaign ?? "—",
        touch.confidence,
        touch.rule ?? "—",
        touch.seenBy ?? "—",
        ...ATTRIBUTION_MODELS.map(({ id }) => (touch.credits[id] ?? 0).toFixed(3)),
      ]);
      const titles = ["touched at", "channel", "campaign", "confidence", "rule", "seen by"].map((title) => ({ title }));
      const models = ATTRIBUTION_MODELS.map(({ title }) => ({ title: title.toLowerCase(), align: "right" as const }));
      return {
        exit: "ok",
        json: {
          order_id: journey.orderId,
          order_at: journey.orderAt,
          net_minor: journey.cents,
          currency: journey.currency,
          touches: touches.map(({ touchId, at, channel, rule, campaign, confidence, seenBy, credits }) => ({
            touch_id: touchId,
            touched_at: at,
            channel,
            rule,
            campaign,
            confidence,
            seen_by: seenBy,
            credits,
          })),
        },
        text: [context.output.paint("dim", head), context.output.table([...titles, ...models], rows)].join("\n\n"),
      };
    } finally {
      await database.close();
    }
  },
};

function unknown(order: string): GrowthosError {
  return new GrowthosError({
    code: "ORDER_UNKNOWN",
    what: `there is no counted order "${order.slice(0, 60)}"`,
    why: "tests, cancelled and unpaid orders are not counted, and have no journey",
    hint: "give the order's name as the shop shows it, such as 1001",
    exit: "usage",
  });
}
