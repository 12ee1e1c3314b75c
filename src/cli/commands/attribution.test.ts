import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { isoDate } from "../../base/dates.js";
import { systemRandom } from "../../base/ids.js";
import { freshWorkspace, removeFolders } from "../../testing/workspace.js";
import { openWorld } from "../../testing/worlds.js";
import { readState } from "../../warehouse/log.js";
import type { Command, CommandArgs, CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command as attribution } from "./attribution.js";
import { command as journey } from "./attribution-journey.js";
import { command as matches } from "./attribution-matches.js";

const MODELS = "last_touch first_touch linear position_based time_decay markov shapley fractribution".split(" ");
const DAY = { order_date: "2026-02-07" };

type Tables = Parameters<typeof openWorld>[0]["tables"];

/** Order 1 by meta, then by google (100.00); order 2 by nobody (50.00); a claim of 3 orders by meta. */
const TABLES: Tables = {
  dim_channel: [
    { channel_id: "meta", channel_name: "Meta", is_paid: true, sort_order: 10 },
    { channel_id: "google", channel_name: "Google Ads", is_paid: true, sort_order: 20 },
  ],
  dim_campaign: [{ campaign_key: "k", campaign_name: "Spring", channel_id: "meta" }],
  fact_orders: [
    { order_id: "shopify:1", order_name: "#1001", ...DAY, net_cents: 10_000 },
    { order_id: "shopify:2", order_name: "#1002", ...DAY, net_cents: 5_000 },
  ],
  fact_touches: [
    {
      order_id: "shopify:1",
      touch_id: "a",
      touch_count: 2,
      channel_id: "meta",
      campaign_key: "k",
      ...DAY,
      net_cents: 10_000,
    },
    {
      order_id: "shopify:1",
      touch_id: "b",
      touch_position: 2,
      touch_count: 2,
      channel_id: "google",
      ...DAY,
      net_cents: 10_000,
    },
    { order_id: "shopify:2", touch_id: "(none)", touch_count: 0, confidence: "none", ...DAY, net_cents: 5_000 },
  ],
  fact_attribution: MODELS.flatMap((model) => [
    ...(model === "last_touch"
      ? [{ order_id: "shopify:1", model, touch_id: "b", channel_id: "google", ...DAY, net_cents: 10_000 }]
      : model === "first_touch"
        ? [
            {
              order_id: "shopify:1",
              model,
              touch_id: "a",
              channel_id: "meta",
              campaign_key: "k",
              ...DAY,
              net_cents: 10_000,
            },
          ]
        : [
            {
              order_id: "shopify:1",
              model,
              touch_id: "a",
              channel_id: "meta",
              campaign_key: "k",
              ...DAY,
              credit_millionths: 250_000,
              net_cents: 2_500,
            },
            {
              order_id: "shopify:1",
              model,
              touch_id: "b",
              channel_id: "google",
              ...DAY,
              credit_millionths: 750_000,
              net_cents: 7_500,
            },
          ]),
    { order_id: "shopify:2", model, touch_id: "(none)", ...DAY, net_cents: 5_000 },
  ]),
  fact_journeys: [
    { journey_id: "order:1", order_id: "shopify:1", journey_date: "2026-02-07", path: "meta>google" },
    { journey_id: "visitor:v", order_id: null, journey_date: "2026-02-07", path: "meta" },
  ],
  fact_claims: [{ claim_date: "2026-02-07", system: "meta", orders: 3, amount_cents: 30_000 }],
  fact_spend: [
    {
      spend_date: "2026-02-07",
      source: "meta_ads",
      campaign_key: "k",
      channel_id: "meta",
      impressions: 1_000,
      clicks: 50,
      spend_cents: 2_000,
    },
  ],
  fact_campaign_matches: [
    {
      channel_id: "meta",
      label: "spring!",
      match_kind: "fuzzy",
      match_score: 88,
      entity_key: "k",
      entity_name: "Spring",
      is_used: false,
      touch_count: 3,
    },
    {
      channel_id: "meta",
      label: "Spring",
      match_kind: "name",
      match_score: 100,
      entity_key: "k",
      entity_name: "Spring",
      is_used: true,
      touch_count: 9,
    },
    { channel_id: "meta", label: "zebra", match_kind: "none", is_used: false, touch_count: 1 },
  ],
};

afterAll(removeFolders);

async function run(command: Command, options: CommandArgs["options"], positionals: readonly string[] = []) {
  const database = await openWorld({
    as_of: isoDate("2026-02-09"),
    configured: ["meta_ads"],
    coverage: {},
    tables: TABLES,
  });
  const ws = await freshWorkspace();
  const clock = fixedClock(Date.parse("2026-02-09T10:00:00Z"));
  const outcome = await command.run(
    {
      output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
      workspaceConfig: async () => ({ shop: { name: "Tiny", timeZone: "UTC" }, hash: "h" }),
      workspace: async () => ws,
      openBuild: async () => ({ database }),
      effects: { clock, random: systemRandom },
      flags: { dryRun: options["dryRun"] === true },
      version: "0",
    } as unknown as CommandContext,
    { positionals, options },
  );
  return {
    ...outcome,
    ws,
    lines: String(outcome.text)
      .split("\n")
      .map((line) => line.replace(/ +/g, " ").trim()),
  };
}

describe("growthos attribution", () => {
  it("shows all models side by side, the unattributed line, and how far they lie apart", async () => {
    const { lines } = await run(attribution, { window: "2d" });
    // Five more models say 25.00; the spread is 100.00 - 0.
    expect(lines).toContain("Meta 0.00 100.00 25.00 25.00 25.00 25.00 25.00 25.00 100.00");
    expect(lines).toContain("Google Ads 100.00 0.00 75.00 75.00 75.00 75.00 75.00 75.00 100.00");
    expect(lines).toContain("Unattributed 50.00 50.00 50.00 50.00 50.00 50.00 50.00 50.00 0.00");
    expect(lines).toContain("unattributed: 1 orders of which nobody saw a visit (50.0 %)");
    expect(lines).toContain("overlap: 1 orders that several ad platforms may claim (50.0 %)");
    // 100.00 of 150.00 is Meta's by the first touch and Google's by the last.
    expect(lines).toContain("between the two models that differ most 66.7 % of the revenue changes its channel");
    expect(lines).toContain("Meta 3.0 1 3.00 300.00 20.00");
  });

  it("shows one model by campaign, as text and as JSON", async () => {
    const { lines, json } = await run(attribution, { window: "2d", by: "campaign", model: "linear" });
    expect(lines).toContain("Meta: Spring 0.25 25.00 100.00");
    expect(json).toMatchObject({
      models: ["linear"],
      honesty: { orders: 2, unattributed_orders: 1, without_campaign_orders: 1, open_matches: 1 },
      claims: [{ channel: "meta", claimed_orders: 3, seen_orders: 1, claimed_per_seen: 3 }],
    });
    expect(JSON.stringify(json)).toContain('"by_model":{"linear":{"orders":0.25,"net_minor":2500}}');
  });

  it("refuses a model that there is not, and says when nothing was sold", async () => {
    await expect(run(attribution, { model: "magic" })).rejects.toMatchObject({ code: "MODEL_UNKNOWN" });
    expect((await run(attribution, { window: "2026-01-01..2026-01-02" })).text).toContain("no order was counted");
  });
});

describe("growthos attribution journey", () => {
  it.each(["1001", "#1001", "shopify:1", "1"])("shows the way to order %s", async (name) => {
    const { json } = await run(journey, {}, [name]);
    expect(json).toMatchObject({
      order_id: "shopify:1",
      net_minor: 10_000,
      touches: [
        { channel: "meta", campaign: "Spring", credits: { first_touch: 1, linear: 0.25 } },
        { channel: "google", campaign: null, credits: { last_touch: 1, markov: 0.75 } },
      ],
    });
  });

  it("knows no other order", async () => {
    await expect(run(journey, {}, ["9"])).rejects.toMatchObject({ code: "ORDER_UNKNOWN", exitCode: 2 });
  });
});

describe("growthos attribution matches", () => {
  it("lists what waits for a decision, or all", async () => {
    const waiting = await run(matches, {});
    expect(waiting.lines.filter((line) => line.startsWith("meta"))).toEqual([
      "meta campaign spring! Spring 88 fuzzy — no 3",
    ]);
    expect((await run(matches, { all: true })).lines).toHaveLength(4);
  });

  it("keeps a decision as an event in raw, and nothing with --dry-run", async () => {
    const { ws, text } = await run(matches, { accept: "spring!" });
    expect(text).toBe('"spring!" (meta, campaign) is Spring; the next build counts it');
    expect(
      readState(ws).parts.map(({ source, stream, rows, supersession }) => [source, stream, rows, supersession]),
    ).toEqual([["growthos", "match_decisions", 1, "key"]]);
    expect(readState((await run(matches, { reject: "spring!", dryRun: true })).ws).parts).toEqual([]);
  });

  it("refuses a label that is like nothing, or both decisions at once", async () => {
    await expect(run(matches, { accept: "zebra" })).rejects.toMatchObject({ code: "USAGE" });
    await expect(run(matches, { accept: "spring!", reject: "spring!" })).rejects.toMatchObject({ code: "USAGE" });
  });
});
