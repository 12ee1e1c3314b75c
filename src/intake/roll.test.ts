import { afterAll, describe, expect, inject, it } from "vitest";
import { hmac256 } from "../base/hash.js";
import { FAULT_MODES, faultyFiles } from "../testing/faults/faulty-files.js";
import { landContext, pushed, rawEvents, shopifyDelivery } from "../testing/intake-bench.js";
import { freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { openWorkspace, readSalt } from "../warehouse/layout.js";
import { readLog, readState, recover } from "../warehouse/log.js";
import type { Workspace } from "../warehouse/types.js";
import { verifyWorkspace } from "../warehouse/verify.js";
import { payouts } from "./adapters/payouts.js";
import { landDeliveries } from "./land-deliveries.js";
import { quarantined } from "./quarantined.js";
import { readDelivery } from "./read-delivery.js";
import { rollSpool } from "./roll.js";
import { openPath, recoverSpool, sealedSegments, sealSegment, spoolFolder } from "./segments.js";
import { spoolLine } from "./spool-line.js";
import type { Delivery } from "./types.js";

afterAll(removeFolders);

const signal = new AbortController().signal;
const roll = (ws: Workspace) => rollSpool(landContext(ws), signal);

/** A sealed segment with these lines. */
function put(ws: Workspace, number: number, deliveries: readonly (Delivery | Uint8Array)[]): void {
  spoolFolder(ws);
  const bytes = Buffer.concat(deliveries.map((one) => ("source" in one ? spoolLine(one) : one)));
  ws.files.write(openPath(ws, number), bytes);
  sealSegment(ws, number, bytes.length);
}

const order = (id: string, version = 1) =>
  shopifyDelivery(id, `{"id":900719925474099${id.length}${version},"updated_at":"2026-02-0${version}T00:00:00Z"}`);

describe("the roll", () => {
  it("lands every event as its envelope, big ids exact, personal data hashed, and deletes the segment", async () => {
    const ws = await freshWorkspace();
    const body =
      '{"id": 9007199254740993, "total": 19.90, "email": " Ann@Example.com", "line_items": [{"name": "Mug"}]}';
    const more = { "x-shopify-event-id": "ev-1" };
    const given = shopifyDelivery("d-1", body);
    put(ws, 1, [{ ...given, headers: { ...given.headers, ...more } }]);
    expect(await roll(ws)).toEqual({ rows: 1, repeats: 0, rejected: 0 });
    expect(await rawEvents(ws, "shopify_webhooks")).toEqual([
      {
        key: "shop.myshopify.com|carts/update|e:ev-1",
        topic: "carts/update",
        account: "shop.myshopify.com",
        delivery_id: "d-1",
        event_id: "ev-1",
        received_at: "2026-02-09T06:00:00.000Z",
        provenance: {
          origin_name: "Shopify webhooks",
          origin_type: "webhook",
          license: "first-party",
          quality_score: 1,
        },
        body: {
          id: "9007199254740993",
          total: 19.9,
          email: hmac256(readSalt(ws), "ann@example.com"),
          line_items: [{ name: "Mug" }],
        },
      },
    ]);
    expect(sealedSegments(ws)).toEqual([]);
    expect(readLog(ws).at(-1)?.cursors).toEqual({ "intake.spool": { upto: 1 } });
  });

  it("W02 lands an event once: delivered again, by another subscription, replayed under new ids, now and much later", async () => {
    const ws = await freshWorkspace();
    const first = order("a");
    const event = (id: string, delivery: Delivery) => ({
      ...delivery,
      headers: { ...delivery.headers, "x-shopify-event-id": id },
    });
    const other = shopifyDelivery("other delivery", '{"id":2,"updated_at":"x"}');
    put(ws, 1, [
      first,
      first,
      event("ev", other),
      event("ev", { ...other, headers: { ...other.headers, "x-shopify-webhook-id": "second" } }),
    ]);
    expect(await roll(ws)).toEqual({ rows: 2, repeats: 2, rejected: 0 });
    // The same bytes under a forged delivery id: the signature is good, because headers are not signed.
    put(ws, 2, [
      {
        ...first,
        headers: { ...first.headers, "x-shopify-webhook-id": "forged" },
        receivedAt: "2026-05-20T00:00:00.000Z",
      },
    ]);
    expect(await roll(ws)).toEqual({ rows: 0, repeats: 1, rejected: 0 });
    put(ws, 3, [order("a", 2), event("ev", { ...other, topic: null })]);
    // Another version of the order under a delivery id that was used is a repeat of that delivery.
    expect(await roll(ws)).toEqual({ rows: 0, repeats: 2, rejected: 0 });
    expect(await rawEvents(ws, "shopify_webhooks")).toHaveLength(2);
    expect(readState(ws).parts).toHaveLength(1);
    expect(sealedSegments(ws)).toEqual([]);
  });

  it("keeps what it cannot read, with the reason, and lands it when it can", async () => {
    const ws = await freshWorkspace();
    const strange = shopifyDelivery("b", "{}", { topic: "planets/create" });
    const foreign = shopifyDelivery("c", '{"id":3}');
    const bad = [
      shopifyDelivery("a", '{"id":1'),
      strange,
      { ...foreign, headers: { ...foreign.headers, "x-shopify-shop-domain": "other.myshopify.com" } },
      shopifyDelivery("d", "[1]"),
      shopifyDelivery("e", '{"id":1,"id":2}'),
      { ...shopifyDelivery("f", ""), body: Uint8Array.of(0x22, 0xff, 0x22) },
      pushed("payouts", "stripe", { amount: "12.00" }),
      shopifyDelivery("h", '{"id":1,"currency":"EUR","created_at":"2026-02-30T05:00:00Z","total_price":"1.50"}', {
        topic: "orders/paid",
      }),
      // An amount or an instant that staging could not cast would stop every build from now on.
      shopifyDelivery("g", '{"id":1,"currency":"EUR","created_at":"2026-02-09T05:00:00Z","total_price":"1,50"}', {
        topic: "orders/paid",
      }),
      pushed("webhooks", "../etc", {}),
    ];
    put(ws, 1, [...bad, Buffer.from("garbage\n"), order("good")]);
    expect(await roll(ws)).toEqual({ rows: 1, repeats: 0, rejected: 11 });
    const kept = [...quarantined(ws, readState(ws))];
    expect(kept.map(({ source, reason }) => `${source} ${reason}`).sort()).toEqual([
      "payouts wrong_shape",
      "shopify_webhooks foreign_account",
      "shopify_webhooks not_json",
      "shopify_webhooks not_json",
      "shopify_webhooks not_json",
      "shopify_webhooks unknown_topic",
      "shopify_webhooks wrong_shape",
      "shopify_webhooks wrong_shape",
      "shopify_webhooks wrong_shape",
      "webhooks damaged",
      "webhooks unknown_topic",
    ]);
    // The other shop is ours now.
    const again = kept.map(({ id, delivery }) => ({ id, delivery }));
    const replay = landContext(ws, { accounts: { shopify_webhooks: "other.myshopify.com" } });
    const open = again.filter(({ delivery }) => delivery !== null);
    expect(await landDeliveries(replay, open, { cursors: {}, isReplay: true })).toMatchObject({ rows: 1 });
    const after = [...quarantined(ws, readState(ws))].filter(({ isReplayed }) => isReplayed);
    expect(after.map(({ reason }) => reason)).toEqual(["foreign_account"]);
    expect((await verifyWorkspace(ws, { full: true })).problems).toEqual([]);
  });

  it("lands payouts one by one, fulfilments, generic topics and pixel events", async () => {
    const ws = await freshWorkspace();
    const paid = {
      amount: "10.00",
      currency: "EUR",
      ref_id: "po_1",
      provenance: { license: "CC0", quality_score: 0.4 },
    };
    put(ws, 1, [
      pushed("payouts", "stripe", [paid, { ...paid, ref_id: "po_2" }, paid]),
      pushed("payouts", "stripe", { items: [{ ...paid, status: "failed" }] }),
      pushed("fulfilments", null, { order_id: 7, status: "delivered" }),
      pushed("webhooks", "stock", { data: { id: 1 } }, { "webhook-id": "w1" }),
      pushed("webhooks", "stock", { data: { id: 1 } }, { "webhook-id": "w2" }),
      pushed("webhooks", "stock", { data: { id: 9 } }, { "webhook-id": "w2" }),
      { ...pushed("pixel", null, pixelEvent("p1")), by: "public" },
      { ...pushed("pixel", null, { ...pixelEvent("p1"), ts: "2026-02-09T06:00:01Z" }), by: "public" },
    ]);
    expect(await roll(ws)).toEqual({ rows: 7, repeats: 3, rejected: 0 });
    const payouts = await rawEvents(ws, "payouts");
    expect(payouts.map(({ topic, provenance }) => [topic, provenance.license, provenance.quality_score])).toEqual(
      Array(3).fill(["stripe", "CC0", 0.4]),
    );
    expect((await rawEvents(ws, "webhooks")).map(({ key }) => key)).toEqual(["|stock|d:w1", "|stock|d:w2"]);
    const [pixel] = await rawEvents(ws, "pixel");
    expect(pixel).toMatchObject({ topic: "page_viewed", account: "shop", event_id: "p1" });
    expect(pixel?.provenance).toMatchObject({ origin_type: "pixel", quality_score: 0.5 });
  });

  it("knows a payout by its own day, and by the day it came on where it tells none", () => {
    const dayOf = (date: unknown) => {
      const body = Buffer.from(JSON.stringify({ amount: "10.00", currency: "EUR", date }));
      const delivery = { ...pushed("payouts", "stripe", {}), body };
      const read = readDelivery(delivery, {
        adapter: payouts,
        account: null,
        personal: { pii: "hash", salt: "s" },
      });
      return "rows" in read ? read.rows.map(({ day }) => day) : read;
    };
    expect(dayOf("2025-11-03")).toEqual(["2025-11-03"]);
    expect(dayOf("2025-11-03T23:30:00-05:00")).toEqual(["2025-11-03"]);
    for (const none of [undefined, null, 20251103, "3 Nov", "2025-02-30", "0001-01-01", "9999-12-31"])
      expect(dayOf(none), String(none)).toEqual(["2026-02-09"]);
  });

  it("rolls what a dead receiver left open, and nothing that was never acknowledged", async () => {
    const ws = await freshWorkspace();
    spoolFolder(ws);
    ws.files.write(openPath(ws, 4), Buffer.concat([spoolLine(order("a")), spoolLine(order("bb")).subarray(0, 80)]));
    expect(await roll(ws)).toEqual({ rows: 1, repeats: 0, rejected: 0 });
    expect(readState(ws).cursors).toEqual({ "intake.spool": { upto: 4 } });
  });

  it("makes what a killed receiver had written durable before it counts as sealed", async () => {
    const ws = await freshWorkspace();
    spoolFolder(ws);
    const path = openPath(ws, 1);
    ws.files.write(path, spoolLine(order("a")));
    const { files, calls } = faultyFiles(diskFiles, { at: 0, mode: "before" });
    recoverSpool({ ...ws, files });
    const [synced, sealed] = ["sync", "rename"].map((name) => calls.findIndex((call) => call.includes(name)));
    expect(calls[synced ?? -1]).toContain(".open");
    expect(synced).toBeLessThan(sealed ?? -1);
  });

  it("loses nothing and doubles nothing when it dies at any call to the disk", async () => {
    const count = faultyFiles(diskFiles, { at: 0, mode: "before" });
    const scenario = async (files: typeof diskFiles, root: string) => {
      const ws = openWorkspace({ projectRoot: root, name: "shop", files });
      recover(ws);
      await roll(ws);
    };
    const world = async () => {
      const root = freshFolder();
      const ws = await freshWorkspace(root);
      put(ws, 1, [order("a"), order("bb"), shopifyDelivery("bad", "{")]);
      put(ws, 2, [order("a"), order("ccc")]);
      return { root, ws };
    };
    await scenario(count.files, (await world()).root);
    const calls = count.calls.length;
    expect(calls).toBeGreaterThan(20);
    const stride = inject("faultStride");
    for (const [shift, mode] of FAULT_MODES.filter((one) => one !== "power-cut").entries()) {
      for (let at = 1 + ((shift * 3) % stride); at <= calls; at += stride) {
        const { root, ws } = await world();
        const faulty = faultyFiles(diskFiles, { at, mode });
        await scenario(faulty.files, root).catch(() => undefined);
        await scenario(diskFiles, root);
        const events = await rawEvents(ws, "shopify_webhooks");
        expect([mode, at, events.map(({ delivery_id }) => delivery_id)]).toEqual([mode, at, ["a", "bb", "ccc"]]);
        expect([...quarantined(ws, readState(ws))]).toHaveLength(1);
        expect(sealedSegments(ws)).toEqual([]);
      }
    }
  }, 600_000);
});

const pixelEvent = (id: string) => ({
  workspace_id: "shop",
  visitor_id: "v1",
  event_id: id,
  event: "page_viewed",
  attribution: { utm_source: "google" },
  context: { url: "https://shop.example/?utm_source=google", referrer: null },
  ts: "2026-02-09T06:00:00Z",
});
