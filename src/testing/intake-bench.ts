/** What tests of pushed data share: deliveries, the context of a roll, and what is in raw afterwards. */
import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { fixedClock, systemClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { adaptersOf } from "../intake/adapters/index.js";
import type { LandContext } from "../intake/land-deliveries.js";
import { receive } from "../intake/receiver.js";
import type { Endpoint, ReceiverOptions } from "../intake/receiver-types.js";
import { SHOPIER_SCHEME, SHOPIFY_SCHEME, signatureOf } from "../intake/signatures.js";
import { openSpool } from "../intake/spool.js";
import { type Delivery, type Envelope, EVENTS, type IntakeSource } from "../intake/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { absolutePath } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { Workspace } from "../warehouse/types.js";

const SHOP = "shop.myshopify.com";

/** A webhook of Shopify as it stands in the spool; every `id` is another delivery. */
export function shopifyDelivery(id: string, body: string, more: Partial<Delivery> & { topic?: string } = {}): Delivery {
  const { topic = "carts/update", ...rest } = more;
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

/** Secrets that the receiver of tests knows; Shopify is in a rotation. */
export const SECRETS = { present: new Secret("present secret"), before: new Secret("secret before") };

/** A receiver on loopback with every source, its spool, and what ends both. */
export async function startReceiver(
  ws: Workspace,
  more: Partial<ReceiverOptions> & {
    readonly spoolWs?: Workspace;
    readonly sealAfterMs?: number;
    /** Sites of the pixel. */
    readonly origins?: readonly string[];
  } = {},
) {
  const controller = new AbortController();
  const {
    spoolWs = ws,
    clock = systemClock,
    sealAfterMs = 3_600_000,
    origins = ["https://shop.example"],
    ...rest
  } = more;
  const spool = openSpool({ ws: spoolWs, clock, log: silentLog, signal: controller.signal, sealAfterMs });
  const adapters = adaptersOf({ idPath: null });
  const usual = { secrets: [SECRETS.present], origins: [], account: null };
  const endpoints = new Map<IntakeSource, Endpoint>([
    [
      "shopify_webhooks",
      {
        ...usual,
        adapter: adapters.shopify_webhooks,
        account: SHOP,
        scheme: SHOPIFY_SCHEME,
        secrets: [SECRETS.present, SECRETS.before],
      },
    ],
    ["shopier", { ...usual, adapter: adapters.shopier, scheme: SHOPIER_SCHEME }],
    ["webhooks", { ...usual, adapter: adapters.webhooks, scheme: { ...SHOPIER_SCHEME, header: "x-signature" } }],
    [
      "pixel",
      {
        ...usual,
        adapter: adapters.pixel,
        account: "shop",
        scheme: { ...SHOPIER_SCHEME, header: "x-signature" },
        origins,
      },
    ],
  ]);
  const receiving = await receive({
    endpoints,
    spool,
    host: "127.0.0.1",
    port: 0,
    hosts: ["hooks.example.com"],
    behindProxy: false,
    limits: {
      perSecond: 100_000,
      perAddress: 100_000,
      pixelPerSecond: 1_000,
      pixelPerAddress: 1_000,
      pixelPerDay: 100_000,
    },
    clock,
    log: silentLog,
    signal: controller.signal,
    ...rest,
  });
  return {
    ...receiving,
    spool,
    end: async () => {
      controller.abort();
      await receiving.ended;
    },
  };
}

/** One request, in full control of its head; the status that came, 0 when the connection was cut without an answer. */
export function send(
  origin: string,
  { path, headers = {}, body = "", method = "POST", from, agent = false }: Asked,
): Promise<{ readonly status: number; readonly body: string; readonly headers: IncomingHttpHeaders }> {
  return new Promise((resolve) => {
    const usual = { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
    const address = from === undefined ? {} : { localAddress: from };
    const asked = request(
      `${origin}${path}`,
      { method, headers: { ...usual, ...headers }, agent, ...address },
      (answer) => {
        let text = "";
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers }));
        answer.on("error", () => resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers }));
      },
    );
    asked.on("error", () => resolve({ status: 0, body: "", headers: {} }));
    asked.end(body);
  });
}

/** What is asked. */
export interface Asked {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly method?: string;
  /** Another address of loopback. */
  readonly from?: string;
  /** Keeps connections; default: a new one for each. */
  readonly agent?: Agent | false;
}

/** A webhook of Shopify, signed. */
export function shopifyRequest(
  id: string,
  body: string | Uint8Array,
  more: Readonly<Record<string, string>> = {},
): Asked {
  const signature = signatureOf(SHOPIFY_SCHEME, SECRETS.present, Buffer.from(body), 0);
  const { headers } = shopifyDelivery(id, "");
  return {
    path: "/hooks/shopify_webhooks",
    headers: { ...headers, "x-shopify-hmac-sha256": signature, ...more },
    body,
  };
}
