import { absolutePath } from "../warehouse/layout.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { ActivePart, Database, Row, Workspace } from "../warehouse/types.js";

/** The sources that push orders, and their topics that tell one. Shopify's count while the Admin API is not read: it is the truth (D-45). */
export const TELLING = [
  { source: "webhooks", topics: ["orders"], readAs: null },
  { source: "shopier", topics: ["order.created", "order.addressUpdated", "order.fulfilled"], readAs: null },
  {
    source: "shopify_webhooks",
    topics: [
      "orders/create",
      "orders/updated",
      "orders/paid",
      "orders/cancelled",
      "orders/fulfilled",
      "orders/partially_fulfilled",
    ],
    readAs: "shopify.orders",
  },
] as const;

/**
 * The days for which pushed orders answer, as rows of `meta.coverage` under the stream `orders` (D-46): those after the first day on which one
 * was received, to the last one; and of orders from a file, those from the first to the last order in it.
 */
export async function pushedDays(db: Database, ws: Workspace, parts: readonly ActivePart[]): Promise<readonly Row[]> {
  const landed = new Set(parts.map(({ source, stream }) => `${source}.${stream}`));
  const rows: Row[] = [];
  for (const { source, topics, readAs } of TELLING) {
    const own = parts.filter((part) => part.source === source && part.stream === "events" && part.rows > 0);
    if (own.length === 0 || (readAs !== null && landed.has(readAs))) continue;
    rows.push(
      ...(await db.all(
        `with told as (
          select
            payload ->> '$.provenance.origin_type' = 'file' as is_file,
            day_in_zone(cast(payload ->> '$.received_at' as timestamptz)) as received,
            day_in_zone(instant(coalesce(payload ->> '$.body.created_at', payload ->> '$.body.dateCreated'))) as ordered
          from ${readParquet(own.map((part) => absolutePath(ws, part.path)))}
          where list_contains($1::varchar[], payload ->> '$.topic')
        ), spans as (
          select min(received) + 1 as from_day, max(received) as to_day from told where is_file is not true
          union all
          select min(ordered), max(ordered) from told where is_file
        )
        select $2 as source, 'orders' as stream, strftime(from_day, '%Y-%m-%d') as from_day, strftime(to_day, '%Y-%m-%d') as to_day
        from spans
        where from_day <= to_day
        order by from_day, to_day`,
        [[...topics], source],
      )),
    );
  }
  return rows;
}
