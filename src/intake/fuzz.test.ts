import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { afterAll, describe, expect, inject, it } from "vitest";
import { landContext, rawEvents, send, shopifyRequest, startReceiver } from "../testing/intake-bench.js";
import { randoms } from "../testing/randoms.js";
import { ROOT } from "../testing/source.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { absolutePath } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { Workspace } from "../warehouse/types.js";
import { quarantined } from "./quarantined.js";
import { rollSpool } from "./roll.js";

// Bodies that were damaged in every way that occurred to us, against a real server: no crash, no loss, the right status.

afterAll(removeFolders);

const MANY = inject("faultStride") === 1 ? 100_000 : 400;
const CONCURRENT = 32;

const folder = join(ROOT, "../shared/schemas/shopify-webhooks");
if (!existsSync(folder)) console.log("without the vendor's webhook samples: bodies of our own are damaged");
const OWN = [
  { topic: "orders/create", body: { id: 1, currency: "EUR", created_at: "2026-02-09T05:00:00Z", total_price: "1.50" } },
  { topic: "products/update", body: { id: 2, title: "Mug", variants: [{ id: 3, price: "1.00" }] } },
  { topic: "refunds/create", body: { id: 4, order_id: 1, transactions: [{ amount: "1.00" }] } },
].map(({ topic, body }) => ({ topic, text: JSON.stringify(body) }));
const SAMPLES = existsSync(folder)
  ? readdirSync(folder).map((name) => {
      const { headers, body } = JSON.parse(readFileSync(join(folder, name), "utf8"));
      return { topic: String(headers["x-shopify-topic"]), text: JSON.stringify(body) };
    })
  : OWN;

/** Rows of raw that DuckDB's own reader of JSON refuses. */
async function unreadable(ws: Workspace): Promise<unknown> {
  const db = await openDatabase({});
  try {
    const files = readParquet(readState(ws).parts.map((part) => absolutePath(ws, part.path)));
    return (await db.one(`select count(*) filter (where not json_valid(payload)) as bad from ${files}`))["bad"];
  } finally {
    await db.close();
  }
}

type Pick = (below: number) => number;

/** Ways to damage a body; each gives bytes. */
const DAMAGES: readonly ((text: string, pick: Pick) => string | Uint8Array)[] = [
  (text) => text,
  (text, pick) => text.slice(0, 1 + pick(text.length - 1)),
  (text, pick) => text.replace(/:\s*-?\d+/, `:${"9".repeat(1 + pick(400))}`),
  (text, pick) => text.replace(/:\s*-?\d+/, `:1e${pick(2) === 0 ? "-" : ""}${pick(10_000)}`),
  (text) => text.replace("{", '{"id":1,"id":2,'),
  (text, pick) =>
    Buffer.concat([Buffer.from(text.slice(0, 10)), Buffer.from([0xff, 0xc0, pick(256)]), Buffer.from(text.slice(10))]),
  (_text, pick) => "[".repeat(1 + pick(5_000)),
  (text, pick) => `${'{"a":'.repeat(pick(200))}${text}${"}".repeat(pick(200))}`,
  (text) => text.replace(/"([a-z_]+)":/, '"__proto__":'),
  (text) => text.replace(/:"[^"]*"/, ':"\\u0000\\ud800"'),
  (text) => `\ufeff${text}`,
  (text, pick) => {
    const bytes = Buffer.from(text);
    for (let times = 0; times < 3; times++) bytes[pick(bytes.length)] = pick(256);
    return bytes;
  },
  (text, pick) => text.replaceAll(/"[^"]{0,40}"(?=[,}])/g, (value) => (pick(4) === 0 ? "null" : value)),
  (text, pick) => text.replaceAll(/"\d+\.\d+"/g, (value) => (pick(2) === 0 ? '"NaN"' : value)),
  (_text, pick) => ["null", "true", "0", '""', "[]", "{}", "NaN", "{}{}", " "][pick(9)] ?? "",
];

describe("damaged bodies", () => {
  it(`${MANY} of them: 200 for what is signed, 401 for what is not, and each is in raw or in quarantine`, async () => {
    const ws = await freshWorkspace();
    const receiver = await startReceiver(ws, { sealAfterMs: 1_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT });
    const random = randoms(42);
    const pick: Pick = (below) => Math.floor(random() * below);
    const wrong: string[] = [];
    const accepted = new Set<string>();
    const one = async (at: number) => {
      const { topic, text } = SAMPLES[pick(SAMPLES.length)] ?? { topic: "", text: "" };
      const damage = DAMAGES[pick(DAMAGES.length)] ?? String;
      const body = damage(text, pick);
      const isForged = pick(10) === 0;
      const isReplay = pick(10) === 0 && at > CONCURRENT;
      const id = isReplay ? `f${at - CONCURRENT}` : `f${at}`;
      const signature: Record<string, string> = isForged ? { "x-shopify-hmac-sha256": "A".repeat(43).concat("=") } : {};
      const asked = shopifyRequest(id, body, { "x-shopify-topic": topic, "x-shopify-event-id": "", ...signature });
      const { status } = await send(receiver.origin, { ...asked, agent });
      const right = Buffer.byteLength(body) === 0 ? 400 : isForged ? 401 : 200;
      if (status !== right) wrong.push(`${id}: ${status} instead of ${right}`);
      if (status === 200) accepted.add(`${topic}|${id}`);
    };
    for (let at = 0; at < MANY; at += CONCURRENT)
      await Promise.all(Array.from({ length: Math.min(CONCURRENT, MANY - at) }, (_, index) => one(at + index)));
    agent.destroy();
    await receiver.end();
    expect(wrong).toEqual([]);
    const { rows, repeats, rejected } = await rollSpool(landContext(ws), new AbortController().signal);
    const total = [...receiver.counts].find(([status]) => status === 200)?.[1];
    expect(rows + repeats + rejected).toBe(total);
    expect(rows).toBeGreaterThan(0);
    const events = await rawEvents(ws, "shopify_webhooks");
    const waiting = [...quarantined(ws, readState(ws))];
    expect([events.length, waiting.length]).toEqual([rows, rejected]);
    expect(await unreadable(ws)).toBe(0);
    // A repeat is one because its id or its body is in raw; nothing else is missing.
    const known = new Set([
      ...events.map(({ topic, delivery_id }) => `${topic}|${delivery_id}`),
      ...waiting.map(
        ({ delivery }) => `${delivery?.headers["x-shopify-topic"]}|${delivery?.headers["x-shopify-webhook-id"]}`,
      ),
    ]);
    expect([...accepted].filter((id) => !known.has(id)).length).toBeLessThanOrEqual(repeats);
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
    console.log(`${MANY} bodies: ${rows} events, ${repeats} repeats, ${rejected} in quarantine`);
  }, 1_800_000);
});
