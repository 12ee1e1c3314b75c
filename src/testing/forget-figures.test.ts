/** Figures before and after somebody is erased: every table of a build, built by the real SQL. */
import { afterAll, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { runBuild } from "../transform/build.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { beginErasing, finishErasing, planErasure } from "../warehouse/erase/erase.js";
import { nameOf } from "../warehouse/erase/person.js";
import { readSalt } from "../warehouse/layout.js";
import { isPersonalColumn } from "../warehouse/personal-columns.js";
import type { Workspace } from "../warehouse/types.js";
import { SQL_FOLDER } from "./evaluate.js";
import { landRows } from "./landing.js";
import { peopleWorld } from "./people-world.js";
import { freshWorkspace, removeFolders } from "./workspace.js";

afterAll(removeFolders);

const AT = Date.parse("2026-02-09T12:00:00Z");

/** Every table of a fresh build, with whatever tells people apart replaced by the place at which it is first seen. */
async function figures(
  ws: Workspace,
  person: (name: string) => boolean,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const costs = {
    categoryMargins: {},
    defaultMargin: 0.5,
    shippingShare: 0,
    opsShare: 0,
    paymentFeeShare: 0,
    paymentFeeFixed: 0,
  };
  const settings = {
    asOf: isoDate("2026-02-09"),
    timeZone: "UTC",
    currency: "EUR",
    weekEndsOn: 7,
    fiscalYearEndMonth: 12,
    costs,
    sources: ["shopify", "ga4_events"],
  };
  const clock = fixedClock(AT);
  const { build } = await runBuild({
    ws,
    settings,
    sqlFolder: SQL_FOLDER,
    clock,
    random: systemRandom,
    log: silentLog,
  });
  const db = await openDatabase({ path: build.path, readOnly: true });
  try {
    const tables = await db.all(
      "select table_name as name from duckdb_tables() where schema_name = 'main' order by name",
    );
    const found = new Map<string, readonly unknown[]>();
    for (const { name } of tables) {
      const columns = (
        await db.all("select column_name as name from duckdb_columns() where table_name = $1", [String(name)])
      ).map((row) => String(row["name"]));
      const figured = columns.filter((column) => !person(column)).map((column) => `"${column}"`);
      found.set(
        String(name),
        await db.all(`select ${figured.join(", ") || "1"} from main."${String(name)}" order by all`),
      );
    }
    return found;
  } finally {
    await db.close();
  }
}

it("are the same in every table, but for who it was", async () => {
  const ws = await freshWorkspace();
  const salt = readSalt(ws);
  const world = peopleWorld(9, { salt, pii: "hash" });
  await landRows(ws, ...world.loads);
  const before = await figures(ws, isPersonalColumn);
  const db = await openDatabase({ threads: 1 });
  const place = { ws, db, random: systemRandom };
  const { names } = await planErasure(place, [nameOf("email", world.people[1]?.email ?? "", { salt })]);
  const stamp = { toolVersion: "0", configHash: "c" };
  await finishErasing(place, beginErasing(place, { names, answers: [], now: AT, stamp }));
  await db.close();
  const after = await figures(ws, isPersonalColumn);
  expect(before.get("fact_orders")).toHaveLength(world.people.flatMap(({ orders }) => orders).length);
  expect(before.get("fact_sessions")?.length).toBeGreaterThan(0);
  expect([...after.keys()]).toEqual([...before.keys()]);
  const other = [...before].filter(([name, rows]) => JSON.stringify(rows) !== JSON.stringify(after.get(name)));
  expect(other.map(([name, rows]) => [name, rows.slice(0, 2), after.get(name)?.slice(0, 2)])).toEqual([]);
});
