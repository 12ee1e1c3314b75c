import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hmac256 } from "../../base/hash.js";
import { systemRandom } from "../../base/ids.js";
import { commitParts, envelope, freshWorkspace, landLines, removeFolders } from "../../testing/workspace.js";
import { openDatabase } from "../duckdb.js";
import { absolutePath, readSalt } from "../layout.js";
import { readState } from "../log.js";
import { readParquet } from "../read-parquet.js";
import type { Database, Workspace } from "../types.js";
import { verifyWorkspace } from "../verify.js";
import { beginErasing, finishErasing, planErasure } from "./erase.js";
import { nameOf } from "./person.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const order = (id: string, customer: string, email: string | null) =>
  envelope(`gid://shopify/Order/${id}`, {
    id: `gid://shopify/Order/${id}`,
    createdAt: "2026-01-01T00:00:00Z",
    email,
    customer: { id: `gid://shopify/Customer/${customer}` },
    totalPriceSet: { shopMoney: { amount: "10.10" } },
  });

async function rows(ws: Workspace) {
  const { parts } = readState(ws);
  return (
    await db.all(`select _key, payload from ${readParquet(parts.map(({ path }) => absolutePath(ws, path)))}`)
  ).map((row) => ({ key: String(row["_key"]), payload: JSON.parse(String(row["payload"])) as unknown }));
}

describe("erase", () => {
  it("works", async () => {
    const ws = await freshWorkspace();
    const salt = readSalt(ws);
    const hash = hmac256(salt, "max@example.com");
    commitParts(ws, [
      await landLines(ws, db, [order("1", "7000000001", hash), order("2", "7000000002", "x".repeat(64))]),
    ]);
    commitParts(ws, [await landLines(ws, db, [order("1", "7000000001", null)])]);
    const place = { ws, db, random: systemRandom };
    const given = [nameOf("email", "Max@example.com", { salt })];
    const plan = await planErasure(place, given);
    console.log(plan);
    const begun = beginErasing(place, {
      names: plan.names,
      answers: [],
      now: Date.parse("2026-02-01T00:00:00Z"),
      stamp: { toolVersion: "1", configHash: "c" },
    });
    console.log(await finishErasing(place, begun));
    console.log(JSON.stringify(await rows(ws), null, 1), readState(ws).parts);
    expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
    commitParts(ws, [
      await landLines(ws, db, [order("1", "7000000001", hash), order("3", "7000000002", "x".repeat(64))]),
    ]);
    console.log(JSON.stringify(await rows(ws), null, 1));
  });
});
