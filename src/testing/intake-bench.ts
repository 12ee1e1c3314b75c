/** What tests of pushed data share: deliveries, the context of a roll, and what is in raw afterwards. */
import { fixedClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import type { LandContext } from "../intake/land-deliveries.js";
import { type Delivery, type Envelope, EVENTS, type IntakeSource } from "../intake/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { absolutePath } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { Workspace } from "../warehouse/types.js";

const SHOP = "shop.myshopify.com";

/** A webhook of Shopify as it stands in the spool; every `id` is another delivery. */
export function shopifyDelivery(id: string, body: string, more: Partial<Delivery> & { topic?: string } = {}): Delivery {
  const { topic = "orders/create", ...rest } = more;
  const headers = { "x-shopify-topic": topic, "x-shopify-shop-domain": SHOP, "x-shopify-webhook-id": id };
  const usual = { receivedAt: "2026-02-09T06:00:00.000Z", by: "signed" } as const;
  return { source: "shopify_webhooks", topic: null, headers, body: Buffer.from(body), ...usual, ...rest };
}

/** A delivery under another source. */
export function pushed(source: IntakeSource, topic: string | null, body: unknown, headers = {}): Delivery {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const usual = { receivedAt: "2026-02-09T06:00:00.000Z", by: "signed" } as const;
  return { source, topic, headers, body: Buffer.from(text), ...usual };
}

/** What landing needs, over a workspace. */
export function landContext(ws: Workspace, more: Partial<LandContext> = {}): LandContext {
  return {
    ws,
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    random: systemRandom,
    runId: "run",
    toolVersion: "test",
    configHash: "test",
    pii: "hash",
    accounts: { shopify_webhooks: SHOP },
    idPath: null,
    ...more,
  };
}

/** One row of raw, its payload parsed. */
export interface RawEvent extends Envelope {
  readonly key: string;
}

/** Everything in raw of an intake source, all parts, in the order of their keys. */
export async function rawEvents(ws: Workspace, source: IntakeSource): Promise<readonly RawEvent[]> {
  const parts = readState(ws).parts.filter((part) => part.source === source && part.stream === EVENTS);
  if (parts.length === 0) return [];
  const db = await openDatabase({});
  try {
    const files = readParquet(parts.map((part) => absolutePath(ws, part.path)));
    const rows = await db.all(`select _key, payload from ${files} order by _key`);
    return rows.map((row) => ({ key: String(row["_key"]), ...(JSON.parse(String(row["payload"])) as Envelope) }));
  } finally {
    await db.close();
  }
}
