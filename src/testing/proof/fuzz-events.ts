import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { EVENT_KINDS, keyColumns, TOP_COLUMNS } from "../../connectors/ga4_events/columns.js";
import { readable } from "../../sync/ga4-export-copy.js";
import type { ExportTable } from "../../sync/ga4-export-find.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { exportEvents, loadExport } from "../../warehouse/ga4-export.js";
import { setHmacKey } from "../../warehouse/hmac.js";
import type { Database } from "../../warehouse/types.js";
import { freshFolder } from "../workspace.js";
import type { FuzzTarget, Judgement } from "./fuzz-types.js";
import { readPlainJson } from "./reference-json.js";

const param = (key: string, value: object) => ({ key, value });
const BASE = { event_date: "20260208", event_timestamp: "1770537600000000", user_pseudo_id: "1.2" };
const PURCHASE = {
  ...BASE,
  event_name: "purchase",
  event_params: [param("ga_session_id", { int_value: "77" }), param("value", { double_value: 59.9 })],
  ecommerce: { transaction_id: "A-1", purchase_revenue: 59.9 },
  items: [{ item_id: "m", item_name: 'Mug "big"', quantity: "2", price: 29.95 }],
};
const VIEW = {
  ...BASE,
  event_name: "page_view",
  event_params: [param("page_location", { string_value: "https://shop.example/?email=max@example.com" })],
  traffic_source: { source: "meta", medium: "cpc" },
};
const lines = (...rows: readonly object[]) => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;

/** Tables of GA4's export as JSON lines: looked at before DuckDB sees them, then loaded and shaped by it. */
export const eventsTarget: FuzzTarget = {
  name: "events",
  reads: "GA4's export as JSON lines",
  samples: () => [lines(PURCHASE, VIEW), lines(VIEW, VIEW, PURCHASE), lines(PURCHASE)].map((text) => Buffer.from(text)),
  words: [
    '"event_name":null',
    '"event_name":7',
    '"items":{"list":[{"element":{"item_id":"x"}}]}',
    '"event_params":"x"',
    '"event_timestamp":"x"',
    "}{",
    "}\n{",
    '"int_value":"9223372036854775808"',
    '"double_value":1e400',
  ],
  open: async () => {
    const folder = freshFolder();
    const db = await openDatabase({ threads: 1, memoryLimitMb: 512 });
    await setHmacKey(db, "5".repeat(64));
    return {
      judge: (input) => judgeExport(input, { db, folder }),
      close: async () => {
        await db.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

async function judgeExport(
  input: Uint8Array,
  place: { readonly db: Database; readonly folder: string },
): Promise<Judgement> {
  const { db, folder } = place;
  const path = join(folder, "events_20260208.ndjson");
  writeFileSync(path, input);
  const table = { name: "events_20260208", day: "2026-02-08", format: "json", paths: [path] } as unknown as ExportTable;
  try {
    const paths = await readable(diskFiles, table, folder);
    const wanted = { top: TOP_COLUMNS, names: EVENT_KINDS.flatMap(({ eventNames }) => eventNames) };
    await loadExport(db, { name: "events_20260208", format: "json", paths }, wanted);
    return await judgeRows(db, Buffer.from(input).toString("utf8"));
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    if (thrown.parts.exit !== "badData")
      return { wrong: `a table that is wrong ends with ${thrown.parts.exit}: ${thrown.message}` };
    return (thrown.parts.why ?? "") === "" ? { wrong: `${thrown.code} without a reason` } : "refused";
  }
}

/** As many rows of a kind as lines are events of it; each payload can be read, and names nobody. */
async function judgeRows(db: Database, text: string): Promise<Judgement> {
  const events = text.split("\n").flatMap((line) => {
    const read = readPlainJson(line);
    return "value" in read && read.value instanceof Map ? [read.value] : [];
  });
  for (const kind of EVENT_KINDS) {
    const stamp = {
      day: "2026-02-08",
      table: "daily",
      runId: "r",
      fetchedAt: "2026-02-09T06:00:00Z",
      pii: "hash",
    } as const;
    const rows = await db.all(exportEvents({ ...kind, keyColumns: keyColumns(kind) }, stamp));
    const wanted = events.filter((event) => kind.eventNames.includes(String(event.get("event_name")))).length;
    if (rows.length < wanted) return { wrong: `${rows.length} rows of ${wanted} ${kind.eventNames[0]}` };
    if (new Set(rows.map((row) => row["_key"])).size !== rows.length) return { wrong: "a key is there twice" };
    for (const { payload } of rows) {
      const read = readPlainJson(String(payload));
      if ("refused" in read) return { wrong: `what lands cannot be read: ${read.refused}` };
      if (String(payload).includes("max@example.com")) return { wrong: "an e-mail address in the open" };
    }
  }
  return "taken";
}
