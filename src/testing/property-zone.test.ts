/** Events of a GA4 property whose days end in another zone than the shop's: at which midnight a day begins. */
import { afterAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { filesOptions } from "../connectors/files/options.js";
import { runBuild } from "../transform/build.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { SETTINGS, SQL_FOLDER } from "./evaluate.js";
import { imports, partOf, project } from "./imports.js";
import { removeFolders } from "./workspace.js";

afterAll(removeFolders);

const header = "event_timestamp,event_name,event_id,client_id,ga_session_id";
// 23:30 in Berlin and 14:30 in Los Angeles; then 00:30 of the next day and 15:30.
const instants = ["2026-02-01T22:30:00Z", "2026-02-01T23:30:00Z"];
const csv = (prefix: string, times: readonly string[]) =>
  [header, ...times.map((at, index) => `${at},page_view,${prefix}${index},${prefix},${index}`)].join("\n");

describe("propertyTimeZone", () => {
  it("moves an event over midnight, in events, visits and the days that are covered", async () => {
    const { ws, put, sync, options } = await project();
    put("shop.csv", csv("s", instants));
    put("us.csv", csv("p", instants));
    put("local.csv", csv("l", ["2026-02-01 23:30:00"]));
    const property = { as: "events", propertyTimeZone: "America/Los_Angeles" };
    const { failures } = await sync(
      imports({ path: "shop.csv", as: "events" }, { path: "us.csv", ...property }, { path: "local.csv", ...property }),
    );
    expect(failures).toEqual([]);
    expect(partOf(ws, "events").days).toEqual({ from: "2026-02-01", to: "2026-02-01" });
    const { shop, clock } = options();
    const settings = { ...SETTINGS, ...shop, asOf: isoDate("2026-02-09"), sources: [] };
    const { build } = await runBuild({
      ws,
      settings,
      sqlFolder: SQL_FOLDER,
      clock,
      random: systemRandom,
      log: silentLog,
    });
    const db = await openDatabase({ path: build.path, readOnly: true });
    const days = async (table: string, column: string) => {
      const rows = await db.all(
        `select user_pseudo_id as who, strftime(${column}, '%d') as day from ${table} order by session_key, ${column}`,
      );
      return ["s", "p", "l"].map((who) =>
        rows
          .filter((row) => row["who"] === who)
          .map((row) => row["day"])
          .join(" "),
      );
    };
    const expected = ["01 02", "01 01", "01"];
    expect(await days("fact_events", "event_date")).toEqual(expected);
    expect(await days("fact_sessions", "session_date")).toEqual(expected);
    // A time without an offset is the property's: 23:30 in Los Angeles.
    const local = await db.all("select epoch_ms(event_at) as at from fact_events where user_pseudo_id = 'l'");
    expect(Number(local[0]?.["at"])).toBe(Date.parse("2026-02-02T07:30:00Z"));
    await db.close();
  });

  it.each([
    [{ as: "orders", propertyTimeZone: "America/Los_Angeles" }, /is about events of a GA4 property, not about orders/],
    [{ as: "events", propertyTimeZone: "Pacific" }, /IANA time zone/],
    [{ as: "events", timeZone: "+02:00" }, /IANA time zone/],
  ])("%j is refused", (given, what) => {
    const result = filesOptions.safeParse({ imports: [{ path: "e.csv", ...given }] });
    expect(result.error?.issues.map(({ message }) => message).join()).toMatch(what);
  });
});
