import { describe, expect, it } from "vitest";
import type { Reading } from "../types.js";
import { shopier } from "./shopier.js";
import { shopifyWebhooks } from "./shopify_webhooks.js";
import { webhooks } from "./webhooks.js";

const order = { id: "W-1", created_at: "2026-02-01T10:00:00Z", currency: "EUR", status: "paid", total: "10.00" };
const refund = { id: "R-1", order_id: "W-1", created_at: "2026-02-02T10:00:00Z", currency: "EUR", amount: "4.00" };
const headers = { "webhook-id": "d-1" };

function generic(topic: string, body: unknown, idPath: string | null = null): Reading {
  const delivery = { source: "webhooks", topic, receivedAt: "2026-02-09T06:00:00Z", headers, by: "signed" } as const;
  return webhooks({ idPath }).read(delivery, body);
}

const told = (reading: Reading) =>
  "events" in reading
    ? reading.events.map(({ deliveryId, eventId, body }) => ({ deliveryId, eventId, body }))
    : reading;

describe("a delivery whose topic is empty", () => {
  it.each([
    ["webhooks", webhooks({ idPath: null })],
    ["shopify_webhooks", shopifyWebhooks],
    ["shopier", shopier],
  ] as const)("is refused with a reason that says so: %s", (source, adapter) => {
    const delivery = { source, topic: "", receivedAt: "2026-02-09T06:00:00Z", headers: {}, by: "signed" } as const;
    expect(adapter.read(delivery, {})).toEqual({
      reason: "unknown_topic",
      why: expect.stringMatching(/^no (topic|event) was given$/),
    });
  });
});

describe("orders and refunds under a generic topic", () => {
  it("takes one, a list, and either as `data`; a record of a list is known by itself", () => {
    expect(told(generic("orders", order))).toEqual([{ deliveryId: "d-1", eventId: null, body: order }]);
    expect(told(generic("orders", { data: order, provenance: { license: "CC0" } }))).toEqual([
      { deliveryId: "d-1", eventId: null, body: order },
    ]);
    expect(told(generic("refunds", [refund, { ...refund, event_id: "e-2" }]))).toEqual([
      { deliveryId: null, eventId: null, body: refund },
      { deliveryId: null, eventId: "e-2", body: { ...refund, event_id: "e-2" } },
    ]);
    expect(told(generic("orders", { data: [{ ...order, number: "n-7" }] }, "number"))).toMatchObject([
      { deliveryId: null, eventId: "n-7" },
    ]);
    expect(generic("orders", { data: [order], provenance: { license: "CC0" } })).toMatchObject({
      events: [{ provenance: { license: "CC0" } }],
    });
  });

  it("takes the names that other systems have for id and total", () => {
    const { id, total, ...rest } = order;
    expect(generic("orders", { ...rest, external_id: 7, total_price: 10 })).toHaveProperty("events");
    expect(generic("orders", { ...rest, external_id: null, total })).toMatchObject({ why: "record 1: id: no id" });
    expect(generic("orders", { ...rest, id })).toMatchObject({ why: "record 1: total: no decimal" });
  });

  const wrong: readonly (readonly [string, string, unknown])[] = [
    ["no list of none", "orders", []],
    ["no text", "orders", { data: "W-1" }],
    ["no amount of words", "orders", { ...order, total: "ten" }],
    ["no amount beyond what can be summed", "orders", { ...order, total: "1000000000000" }],
    ["no line worth more than that", "orders", { ...order, items: [{ price: "999999999", quantity: 2_000 }] }],
    ["no quantity below nothing", "orders", { ...order, items: [{ price: "1", quantity: -1 }] }],
    ["no time without an offset", "orders", { ...order, created_at: "2026-02-01T10:00:00" }],
    ["no day that there is not", "orders", { ...order, created_at: "2026-02-30T10:00:00Z" }],
    ["no currency of two letters", "orders", { ...order, currency: "EU" }],
    ["no order without a status", "orders", { ...order, status: undefined }],
    ["no refund of no order", "refunds", { ...refund, order_id: null }],
    ["no list with one that is wrong", "refunds", [refund, { ...refund, amount: null }]],
  ];
  it.each(wrong)("takes %s", (_what, topic, body) => {
    expect(generic(topic, body)).toMatchObject({ reason: "wrong_shape" });
  });

  it("takes anything under other topics", () => {
    expect(told(generic("stock", { data: [] }))).toEqual([{ deliveryId: "d-1", eventId: null, body: { data: [] } }]);
  });
});

describe("refunds of Shopier", () => {
  const body = { id: "1", orderId: "77", type: "partial", status: "pending", total: "25.00", currency: "TRY" };
  const read = (more: object) =>
    shopier.read(
      { source: "shopier", topic: "refund.updated", receivedAt: "2026-02-09T06:00:00Z", headers: {}, by: "signed" },
      { ...body, dateCreated: "2026-02-03T09:00:00+0300", ...more },
    );

  it("are taken whole or not at all", () => {
    expect(read({})).toHaveProperty("events");
    expect(read({ status: "succeeded", dateRefunded: "2026-02-04T09:00:00+0300" })).toHaveProperty("events");
    expect(read({ total: null })).toMatchObject({ reason: "wrong_shape" });
    expect(read({ orderId: undefined })).toMatchObject({ reason: "wrong_shape" });
    expect(read({ dateRefunded: "soon" })).toMatchObject({ reason: "wrong_shape" });
  });
});
