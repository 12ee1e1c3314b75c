/** The demo's visitors through connector, staging and marts, with the lists of users and locations that it would have. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { Secret } from "../base/secret.js";
import { ga4Events } from "../connectors/ga4_events/index.js";
import { walk } from "../connectors/paginate.js";
import { locationsCsv, MEMBERS, usersCsv } from "../demo/branches.js";
import { demoTransport } from "../demo/transport.js";
import type { Row } from "../warehouse/types.js";
import { type Bench, type Given, openBench } from "./evaluate.js";
import { imports, payloads, project } from "./imports.js";
import { removeFolders } from "./workspace.js";

const DAYS = { from: isoDate("2026-01-26"), to: isoDate("2026-02-08") };

async function landed(): Promise<Given> {
  const transport = demoTransport({ seed: 42, days: 30, asOf: isoDate("2026-02-09") });
  const options = ga4Events.options.parse({ project: "demo-project", dataset: "analytics_398214407" });
  const { streams } = ga4Events.open(options, ga4Events.secrets.parse({ token: new Secret("demo") }));
  const given: Record<string, readonly Row[]> = {};
  for (const stream of streams) {
    const rows: Row[] = [];
    const pages = walk(stream, { kind: "days", days: DAYS }, async (request) => {
      const response = await transport.send(request);
      return { outcome: "read", reason: "", body: JSON.parse(response.body), response };
    });
    for await (const page of pages)
      rows.push(...page.records.map(({ key, day = "", payload }) => ({ _key: key, _slice: day, payload }) as Row));
    given[`raw.ga4_events__${stream.name}`] = rows;
  }
  const own = await project();
  own.put("users.csv", usersCsv());
  own.put("locations.csv", locationsCsv());
  const files = imports({ path: "users.csv", as: "users" }, { path: "locations.csv", as: "locations" });
  expect(await own.sync({ ...files, pii: "keep" })).toMatchObject({ warnings: [], failures: [] });
  for (const [stream, key] of [
    ["users", "user_id"],
    ["locations", "location_id"],
  ] as const) {
    const rows = await payloads(own.ws, stream);
    given[`raw.sftp__${stream}`] = rows.map((payload) => ({ _key: payload[key] ?? "", payload }) as unknown as Row);
  }
  return given;
}

describe("the demo's visitors", () => {
  let bench: Bench;
  let given: Given;
  let sessions: readonly Row[];
  beforeAll(async () => {
    bench = await openBench();
    given = await landed();
    sessions = await bench.rowsOf("fact_sessions", given);
  }, 60_000);
  afterAll(async () => {
    await bench.close();
    removeFolders();
  });

  const count = (is: (row: Row) => boolean) => sessions.filter(is).length;
  const number = (row: Row, column: string) => Number(row[column]);

  it("abandon carts, take things out again, search in vain, bounce, and buy", () => {
    expect(
      Object.fromEntries(
        Object.entries({
          abandoned: count((row) => number(row, "cart_adds") > 0 && number(row, "purchases") === 0),
          atTheDesk: count((row) => number(row, "checkouts") > 0 && number(row, "purchases") === 0),
          removed: count((row) => number(row, "cart_removals") > 0),
          inVain: count((row) => number(row, "failed_searches") > 0),
          bounced: count((row) => row["is_bounced"] === true),
          bought: count((row) => number(row, "purchases") > 0),
        }).map(([what, rows]) => [what, rows > 0]),
      ),
    ).toEqual({ abandoned: true, atTheDesk: true, removed: true, inVain: true, bounced: true, bought: true });
    // Of strangers' visits hardly one in a hundred buys in a shop of thirty days; the sample holds whole people.
    const strangers = sessions.filter((row) => row["user_id"] === null);
    const bought = strangers.filter((row) => number(row, "purchases") > 0).length;
    expect(bought / strangers.length).toBeGreaterThan(0.005);
    expect(bought / strangers.length).toBeLessThan(0.05);
  });

  it("buy for the customers of the list, also where the page tells the customer only, and with two devices", () => {
    expect(new Set(sessions.map((row) => row["user_id"]).filter((id) => id !== null))).toEqual(
      new Set(MEMBERS.map(({ id }) => id)),
    );
    const [first] = MEMBERS;
    const devices = sessions.filter((row) => row["person_key"] === `u:${first?.signsInAs}`);
    expect(new Set(devices.map((row) => row["user_pseudo_id"])).size).toBe(2);
    expect(new Set(devices.map((row) => row["device_category"]))).toEqual(new Set(["desktop", "mobile"]));
  });

  it("stand by branches that are in the list of locations, and come again without a name", () => {
    const known = given["raw.sftp__locations"] ?? [];
    expect(new Set(sessions.map((row) => row["default_branch_id"]).filter((id) => id !== null))).toEqual(
      new Set(known.map((row) => row["_key"])),
    );
    const strangers = sessions.map((row) => String(row["person_key"])).filter((key) => key.startsWith("p:200000"));
    expect(strangers.length).toBeGreaterThan(new Set(strangers).size);
  });

  it("load the page of thanks again, which is one purchase, and are paid back", async () => {
    const [landedRows, counted, refunds] = await Promise.all([
      bench.db.one(
        "select count(*)::int as n, count(distinct transaction_id)::int as once from stg_ga4_events__purchase",
      ),
      bench.db.one("select count(*)::int as n from fact_events where event_kind = 'purchase'"),
      bench.db.one(
        "select count(*)::int as n, count(refund_cents)::int as told from fact_events where event_kind = 'refund'",
      ),
    ]);
    expect(Number(landedRows["n"])).toBeGreaterThan(Number(landedRows["once"]));
    expect(counted["n"]).toBe(landedRows["once"]);
    expect(Number(refunds["n"])).toBeGreaterThan(0);
    expect(refunds["told"]).toBe(refunds["n"]);
  });
});
