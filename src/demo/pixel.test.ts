import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { pixel } from "../intake/adapters/pixel.js";
import { trueChannels } from "./answer-key.js";
import { pixelEvents } from "./pixel.js";
import { visitsOf } from "./shopify-order.js";
import { makeWorld } from "./world.js";

const options = { seed: 42, days: 60, asOf: isoDate("2026-02-09") };
const world = makeWorld(options);
const events = pixelEvents(world);

describe("the demo's pixel", () => {
  it("speaks as the intake understands, each event once and in order", () => {
    const headers = { source: "pixel", topic: null, receivedAt: "", headers: {}, by: "public" } as const;
    const refused = events.filter(({ body }) => !("events" in pixel.read(headers, body)));
    expect(refused).toEqual([]);
    expect(new Set(events.map(({ body }) => body["event_id"])).size).toBe(events.length);
    expect(events.every(({ at }, index) => index === 0 || at >= (events[index - 1]?.at ?? 0))).toBe(true);
  });

  it("tells one checkout of every order of its days that web analytics saw, before the order", () => {
    const orders = world.orders.filter(
      ({ tracked, entrance, day }) => tracked && entrance !== null && day >= isoDate("2026-01-10"),
    );
    const completed = events.filter(({ body }) => body["event"] === "checkout_completed");
    const ids = completed.map(({ body }) => (body["data"] as { order_id: string }).order_id);
    expect(ids.sort()).toEqual(orders.map(({ id }) => String(id)).sort());
    const late = completed.filter(({ at, body }) => {
      const order = orders.find(({ id }) => String(id) === (body["data"] as { order_id: string }).order_id);
      return order === undefined || at > order.at;
    });
    expect(late).toEqual([]);
  });

  it("tells the last visit of the channel that the answer key names", () => {
    const key = new Map(
      trueChannels(options, { from: isoDate("2026-01-10"), to: world.to }).map((one) => [one.orderId, one.channel]),
    );
    expect(key.size).toBeGreaterThan(500);
    for (const order of world.orders) {
      const channel = key.get(`shopify:${order.id}`);
      if (channel !== undefined) expect(visitsOf(order).at(-1)?.entrance.channel).toBe(channel);
    }
  });
});
