/** What Shopify passes on from people who use their rights: requests that somebody has to answer. */
import { sha256 } from "../base/hash.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { answersOf } from "../warehouse/erase/answers.js";
import { absolutePath } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { Cell, Workspace } from "../warehouse/types.js";

/** One request that has landed; instants are ISO 8601 UTC. */
export interface PrivacyRequest {
  /** 12 hex digits, for `--request`. */
  readonly id: string;
  /** The key of its row, by which what answers it names it. */
  readonly key: string;
  /** The receipt of the erasing, or the note of the export, that answered it; null: nobody has, as far as is known here. */
  readonly answeredBy: string | null;
  readonly topic: "customers/data_request" | "customers/redact" | "shop/redact";
  readonly receivedAt: string;
  /** 30 days later, the time that Shopify gives: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance */
  readonly dueAt: string;
  readonly shop: string | null;
  /** Shopify's ids; null and none for a whole shop. */
  readonly customer: string | null;
  readonly orders: readonly string[];
}

const DUE_MS = 30 * 86_400_000;
const TOPICS = ["customers/data_request", "customers/redact", "shop/redact"];

/** All requests that have landed, oldest first. */
export async function readPrivacyRequests(ws: Workspace): Promise<readonly PrivacyRequest[]> {
  const parts = readState(ws).parts.filter(
    ({ source, stream, rows }) => source === "shopify_webhooks" && stream === "events" && rows > 0,
  );
  if (parts.length === 0) return [];
  const answers = answersOf(ws);
  const db = await openDatabase({ memoryLimitMb: 256 });
  try {
    const rows = await db.all(
      `select
        _key,
        payload ->> '$.topic' as topic,
        payload ->> '$.received_at' as received_at,
        payload ->> '$.account' as shop,
        payload ->> '$.body.customer.id' as customer,
        coalesce(payload -> '$.body.orders_to_redact', payload -> '$.body.orders_requested', '[]') as orders
      from ${readParquet(parts.map((part) => absolutePath(ws, part.path)))}
      where list_contains($1::varchar[], payload ->> '$.topic')
      order by received_at, _key`,
      [TOPICS],
    );
    return rows.map((row) => ({
      id: sha256(String(row["_key"])).slice(0, 12),
      key: String(row["_key"]),
      answeredBy: answers.get(String(row["_key"])) ?? null,
      topic: String(row["topic"]) as PrivacyRequest["topic"],
      receivedAt: String(row["received_at"]),
      dueAt: new Date(Date.parse(String(row["received_at"])) + DUE_MS).toISOString(),
      shop: textOf(row["shop"]),
      customer: textOf(row["customer"]),
      orders: idsOf(String(row["orders"])),
    }));
  } finally {
    await db.close();
  }
}

/** Signed senders send what they like: what is no list of ids is none. */
function idsOf(json: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.map(String) : [];
}

function textOf(value: Cell | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
