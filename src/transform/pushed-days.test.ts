import { afterAll, expect, it } from "vitest";
import { SETTINGS, SQL_FOLDER } from "../testing/evaluate.js";
import { commitParts, envelope, freshWorkspace, landLines, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readState } from "../warehouse/log.js";
import { createMacros } from "./macros.js";
import { setVariables } from "./meta.js";
import { readProject } from "./project.js";
import { pushedDays } from "./pushed-days.js";

afterAll(removeFolders);

it("are Shopify's own while the Admin API is not read, in the shop's time zone, of orders alone (D-46)", async () => {
  const ws = await freshWorkspace();
  const db = await openDatabase({});
  await setVariables(db, { ...SETTINGS, timeZone: "America/New_York" });
  await createMacros(db, (await readProject(db, diskFiles, SQL_FOLDER)).macros);
  const told = (id: string, topic: string, at: string) => envelope(id, { topic, received_at: at, body: {} });
  const lines = [
    told("a", "orders/create", "2026-02-02T15:00:00Z"),
    told("b", "orders/updated", "2026-02-05T04:59:00Z"), // the 4th in New York
    told("c", "carts/update", "2026-02-08T15:00:00Z"),
  ];
  const events = await landLines(ws, db, lines, { source: "shopify_webhooks", stream: "events" });
  commitParts(ws, [events]);
  const days = [{ source: "shopify_webhooks", stream: "orders", from_day: "2026-02-03", to_day: "2026-02-04" }];
  expect(await pushedDays(db, ws, readState(ws).parts)).toEqual(days);
  commitParts(ws, [await landLines(ws, db, [envelope("1", {})])]);
  expect(await pushedDays(db, ws, readState(ws).parts)).toEqual([]);
  await db.close();
});
