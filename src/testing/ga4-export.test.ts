import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { ga4Events } from "../connectors/ga4_events/index.js";
import { undiciTransport } from "../http/undici.js";
import { type Ga4ExportOptions, ga4ExportSource, planExport } from "../sync/ga4-export.js";
import { runSync } from "../sync/run.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readLog, readState } from "../warehouse/log.js";
import type { Row, Workspace } from "../warehouse/types.js";
import { bigqueryDouble } from "./doubles/bigquery.js";
import { type ExportWorld, LAST_EXPORT_DAY, makeExport } from "./doubles/bigquery-world.js";
import { rerouted } from "./doubles/server.js";
import { type Bench, openBench } from "./evaluate.js";
import { standingRows, syncOptions } from "./sync-bench.js";
import { freshFolder, freshWorkspace, removeFolders } from "./workspace.js";

const KINDS = [
  "purchase",
  "add_to_cart",
  "page_view",
  "view_item",
  "view_search_results",
  "no_search_results",
  "funnel",
];
let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.close();
  removeFolders();
});

/** The rows of every staging model of the source, and of the mart over them. */
async function staged(ws: Workspace): Promise<Readonly<Record<string, readonly Row[]>>> {
  const raw: Record<string, readonly Row[]> = {};
  for (const kind of KINDS) {
    const rows = await standingRows(ws, "ga4_events", kind);
    raw[`raw.ga4_events__${kind}`] = rows.map(
      (row) => ({ ...row, payload: JSON.parse(String(row["payload"])) }) as Row,
    );
  }
  const result: Record<string, readonly Row[]> = {};
  for (const target of [...KINDS.map((kind) => `stg_ga4_events__${kind}`), "fact_events"]) {
    result[target] = await bench.rowsOf(target, raw);
  }
  return result;
}

async function fromBigQuery(): Promise<Workspace> {
  const clock = fixedClock(Date.parse("2026-02-09T15:00:00Z"));
  const double = await bigqueryDouble({ clock });
  for (const name of [...double.world.keys()]) if (!world.has(name)) double.world.delete(name);
  const network = undiciTransport({ allowLoopback: true });
  const ws = await freshWorkspace();
  const source = {
    connector: ga4Events,
    options: double.options,
    secrets: double.secrets,
    transport: rerouted(network, double.routes),
    since: isoDate("2026-01-20"),
    timeoutMinutes: 5,
  };
  try {
    // Days without a table are a warning.
    expect(await runSync(syncOptions(ws, [source], { clock }))).toMatchObject({ state: "completed_with_warnings" });
  } finally {
    await double.close();
    await network.close();
  }
  return ws;
}

/** A workspace with a folder of exported tables beside it. */
async function shop() {
  const projectRoot = freshFolder();
  const ws = await freshWorkspace(projectRoot);
  const folder = join(projectRoot, "export");
  mkdirSync(folder);
  const options: Ga4ExportOptions = {
    ws,
    projectRoot,
    folder: "export",
    since: null,
    asOf: isoDate("2026-02-09"),
    pii: "hash",
    timeoutMinutes: 5,
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    random: systemRandom,
    toolVersion: "0",
    configHash: "c",
  };
  const sync = () => runSync({ ...syncOptions(ws, []), imports: [ga4ExportSource(options)] });
  const plan = () => planExport(options).days.map(({ table, because }) => `${table.name} ${because}`);
  return { ws, folder, options, sync, plan };
}

/** Days without the newest columns, an ordinary one, one that only streamed in, and the last three, which are on their way. */
const DAYS = ["20260120", "20260121", "20260129", "20260131", "20260206", "20260207", "20260208"];
const world: ExportWorld = makeExport(LAST_EXPORT_DAY);
for (const name of [...world.keys()]) if (!DAYS.some((day) => name.endsWith(day))) world.delete(name);
/** A table as `bq extract` prints it: only the columns that it has, empty values left out. */
const linesOf = (table: string) => {
  const { rows = [], columns = [] } = world.get(table) ?? {};
  const own = (row: object) => Object.entries(row).filter(([name, value]) => columns.includes(name) && value !== null);
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(own(row)))}\n`).join("");
};

const VALUE = "struct(string_value varchar, int_value bigint, float_value double, double_value double)";

/** The same table as Parquet, with the lists plain or wrapped as BigQuery writes them. */
async function parquetOf(table: string, path: string, isWrapped: boolean): Promise<void> {
  const db = await openDatabase({ threads: 1 });
  const source = `${path}.json`;
  writeFileSync(source, linesOf(table));
  const list = (element: string) => `${element}[]`;
  const param = `struct(key varchar, value ${VALUE})`;
  const item =
    "struct(item_id varchar, item_name varchar, item_category varchar, item_variant varchar, price double, quantity bigint)";
  const types: Readonly<Record<string, string>> = {
    event_date: "varchar",
    event_timestamp: "bigint",
    event_name: "varchar",
    event_params: list(param),
    event_bundle_sequence_id: "bigint",
    batch_page_id: "bigint",
    batch_ordering_id: "bigint",
    batch_event_index: "bigint",
    user_id: "varchar",
    user_pseudo_id: "varchar",
    user_properties: list(param),
    device: "struct(category varchar, operating_system varchar)",
    geo: "struct(country varchar, city varchar)",
    ecommerce:
      "struct(transaction_id varchar, purchase_revenue double, purchase_revenue_in_usd double, refund_value double)",
    items: list(item),
  };
  const own = Object.keys(types).filter((name) => world.get(table)?.columns.includes(name));
  const columns = own.map((name) => `'${name}': '${types[name]}'`).join(", ");
  const cells = own.map((name) => {
    if (!isWrapped || !types[name]?.endsWith("[]")) return name;
    return `struct_pack(list := list_transform(${name}, lambda e: struct_pack(element := e))) as ${name}`;
  });
  await db.run(
    `copy (select ${cells.join(", ")} from read_json('${source}', format='newline_delimited', columns={${columns}})) to '${path}' (format parquet)`,
  );
  await db.close();
  rmSync(source);
}

const best = () => [...world.keys()].filter((name) => /^events_((fresh|intraday)_)?\d{8}$/.test(name));

describe("an export in a folder", () => {
  it("gives the same rows as BigQuery, from JSON, from Parquet and from Parquet with wrapped lists", async () => {
    const expected = await staged(await fromBigQuery());
    expect(expected["stg_ga4_events__page_view"]?.length).toBeGreaterThan(40);
    const json = await shop();
    for (const [index, name] of best().entries()) {
      if (index % 3 === 0) writeFileSync(join(json.folder, `${name}.json.gz`), gzipSync(linesOf(name)));
      else if (index % 3 === 1) writeFileSync(join(json.folder, `${name}000000000000.jsonl`), linesOf(name));
      else {
        const lines = linesOf(name).split("\n");
        mkdirSync(join(json.folder, name));
        writeFileSync(join(json.folder, name, "a.json"), `${lines.slice(0, 4).join("\n")}\n`);
        writeFileSync(join(json.folder, name, "b.json"), lines.slice(4).join("\n"));
      }
    }
    expect(await json.sync()).toMatchObject({ state: "completed_with_warnings" });
    const rows = await staged(json.ws);
    for (const [target, wanted] of Object.entries(expected)) expect(rows[target], target).toEqual(wanted);
    for (const isWrapped of [false, true]) {
      const parquet = await shop();
      for (const name of best()) await parquetOf(name, join(parquet.folder, `${name}.parquet`), isWrapped);
      expect(await parquet.sync()).toMatchObject({ state: "completed_with_warnings" });
      const same = await staged(parquet.ws);
      for (const [target, wanted] of Object.entries(expected))
        expect(same[target], `${target} ${isWrapped}`).toEqual(wanted);
    }
  }, 180_000);
});

describe("what was read of an export", () => {
  const DAY = "events_20260129";
  const put = (folder: string, name: string, lines = linesOf(DAY)) => writeFileSync(join(folder, name), lines);
  const keys = async (ws: Workspace, kind = "page_view") =>
    (await standingRows(ws, "ga4_events", kind)).map((row) => row["_key"]);

  it("is not read again, whatever its files are called; a day whose content changed is", async () => {
    const { ws, folder, sync, plan } = await shop();
    put(folder, `${DAY}.json`);
    put(folder, "events_20260130.json");
    expect(plan()).toEqual([`${DAY} new`, "events_20260130 new"]);
    expect(await sync()).toMatchObject({ state: "completed", sources: [{ rows: 32 }] });
    expect(readLog(ws).map(({ added }) => added.length)).toEqual([7, 7]);
    const before = await keys(ws);
    renameSync(join(folder, `${DAY}.json`), join(folder, `${DAY}-000000000000.ndjson`));
    expect(plan()).toEqual([`${DAY} unchanged`, "events_20260130 unchanged"]);
    expect(await sync()).toMatchObject({ sources: [{ rows: 0 }] });
    expect(readLog(ws)).toHaveLength(2);
    put(folder, `${DAY}-000000000000.ndjson`, linesOf(DAY).replaceAll('"page_view"', '"scroll"'));
    expect(plan()).toEqual([`${DAY} changed`, "events_20260130 unchanged"]);
    await sync();
    expect((await keys(ws)).length).toBe(before.length / 2);
  });

  it("is the best table of a day: the daily one takes the place of the one that streamed in", async () => {
    const { ws, folder, sync, plan } = await shop();
    put(folder, "events_intraday_20260129.json", linesOf(DAY).split("\n")[0]);
    await sync();
    expect(await keys(ws)).toHaveLength(1);
    put(folder, "events_fresh_20260129.json");
    expect(plan()).toEqual(["events_fresh_20260129 changed"]);
    put(folder, "events_20260129.json");
    expect(plan()).toEqual(["events_20260129 changed"]);
    await sync();
    expect(new Set(await keys(ws)).size).toBe(6);
  });

  it("leaves days without a table unknown, days to come alone, and says both", async () => {
    const { ws, folder, options, sync } = await shop();
    for (const day of ["20260120", "20260121", "20260124", "20260209"]) put(folder, `events_${day}.json`);
    put(folder, "events_20260230.json");
    put(folder, "events_20260120_copy.json");
    put(folder, "pseudonymous_users_20260120.json");
    expect(planExport({ ...options, since: isoDate("2026-01-21") }).days).toHaveLength(2);
    const { sources } = await sync();
    expect(sources[0]?.warnings).toEqual([
      "events_20260209: its day is not over yet",
      "no table for 2026-01-22 … 2026-01-23: these days stay unknown",
    ]);
    const covered = readState(ws).parts.filter(({ stream }) => stream === "purchase");
    expect(covered.map(({ days }) => days?.from)).toEqual(["2026-01-20", "2026-01-21", "2026-01-24"]);
  });

  it.each([
    [`${DAY}.json.gz`, "packed and unpacked"],
    [`${DAY}-000000000000.json`, "in more than one layout"],
    [`${DAY}/000000000000.json`, "in more than one layout"],
    [`${DAY}.parquet`, "as Parquet and as JSON"],
  ])("is counted once: %s beside the table's own file is told, and neither is read", async (name, why) => {
    const { ws, folder, options, sync } = await shop();
    put(folder, `${DAY}.json`);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name.endsWith(".gz") ? gzipSync(linesOf(DAY)) : linesOf(DAY));
    put(folder, "events_20260130.json");
    expect(planExport(options).warnings[0]).toContain(`${DAY}: there ${why}`);
    await sync();
    expect(new Set(readState(ws).parts.map(({ days }) => days?.from))).toEqual(new Set(["2026-01-30"]));
  });

  it("is a day with no event of a kind, which is known then", async () => {
    const { ws, folder, sync } = await shop();
    put(folder, `${DAY}.json`, linesOf(DAY).replaceAll('"purchase"', '"scroll"'));
    await sync();
    expect(readState(ws).parts.map(({ stream, rows }) => [stream, rows])).toContainEqual(["purchase", 0]);
  });

  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  it.each([
    ["a line that is cut", `${linesOf(DAY).slice(0, -40)}`, "JSON_CUT", ".json"],
    ["text that is no JSON", "event_date,event_name\n20260129,page_view\n", "GA4_EXPORT_BROKEN", ".json"],
    ["JSON of something else", '{"order":1}\n', "GA4_EXPORT_COLUMNS", ".json"],
    ["a row without a name", `${linesOf(DAY)}{"event_timestamp":1}\n`, "GA4_EXPORT_COLUMNS", ".json"],
    ["a row without a time", `${linesOf(DAY)}{"event_name":"page_view"}\n`, "GA4_EXPORT_COLUMNS", ".json"],
    ["D05 deep nesting", `{"event_name":"page_view","event_timestamp":1,"x":${deep}}\n`, "JSON_TOO_DEEP", ".json"],
    ["D06 a field of 20 MB", `{"event_name":"${"x".repeat(20_000_000)}"}\n`, "JSON_TOO_LARGE", ".json"],
    ["D04 bytes that are no text", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d, 0x0a]), "JSON_NOT_UTF8", ".json"],
    ["no gzip", linesOf(DAY), "GA4_EXPORT_BROKEN", ".json.gz"],
    ["a gzip that is cut", gzipSync(linesOf(DAY)).subarray(0, 300), "GA4_EXPORT_BROKEN", ".json.gz"],
    ["N11 a gzip bomb", gzipSync(Buffer.alloc(300_000_000, 0x0a)), "GA4_EXPORT_BROKEN", ".json.gz"],
    ["no Parquet", linesOf(DAY), "GA4_EXPORT_BROKEN", ".parquet"],
  ])(
    "bug 11: refuses %s, which is no success without rows, and keeps the other days",
    async (_what, content, code, extension) => {
      const { ws, folder, sync } = await shop();
      writeFileSync(join(folder, `${DAY}${extension}`), content);
      put(folder, "events_20260130.json");
      const report = await sync();
      expect(report.sources[0]?.error?.code).toBe(code);
      expect(report.exit).toBe("badData");
      expect(new Set(readState(ws).parts.map(({ days }) => days?.from))).toEqual(new Set(["2026-01-30"]));
      expect(readdirSync(ws.at("staging")).filter((name) => name.endsWith("-ga4"))).toEqual([]);
    },
  );

  it.each([
    [".json", ""],
    [".json.gz", gzipSync("")],
    [".parquet", ""],
  ])("says that a file is empty: %s", async (extension, content) => {
    const { ws, folder, sync } = await shop();
    writeFileSync(join(folder, `${DAY}${extension}`), content);
    expect((await sync()).sources[0]?.error).toMatchObject({
      code: "GA4_EXPORT_BROKEN",
      what: `${DAY}${extension} cannot be read`,
      why: "the file is empty",
    });
    expect(readState(ws).parts).toEqual([]);
  });

  it.each([
    ["cut in its rows", (whole: Buffer) => whole.subarray(0, whole.length >> 1)],
    ["cut in its last byte", (whole: Buffer) => whole.subarray(0, -1)],
    ["without its first half", (whole: Buffer) => whole.subarray(whole.length >> 1)],
    ["with rows of zeros", (whole: Buffer) => Buffer.from(whole).fill(0, 4, 400)],
  ])("refuses a Parquet file %s by name, and reads it whole afterwards", async (_what, damage) => {
    const { ws, folder, sync } = await shop();
    const path = join(folder, `${DAY}.parquet`);
    await parquetOf(DAY, path, false);
    const whole = readFileSync(path);
    writeFileSync(path, damage(whole));
    const report = await sync();
    expect([report.sources[0]?.error?.code, report.exit]).toEqual(["GA4_EXPORT_BROKEN", "badData"]);
    expect(report.sources[0]?.error?.what).toContain(DAY);
    expect(readState(ws).parts).toEqual([]);
    writeFileSync(path, whole);
    expect((await sync()).exit).toBe("ok");
    expect(readState(ws).parts.length).toBeGreaterThan(0);
  });

  it("says what is missing when there is no table, and reads nothing through a link or twice over", async () => {
    const { folder, sync, plan, options } = await shop();
    expect((await sync()).sources[0]?.error).toMatchObject({ code: "GA4_EXPORT_NONE" });
    put(folder, "elsewhere.txt");
    symlinkSync(join(folder, "elsewhere.txt"), join(folder, `${DAY}.json`));
    expect(() => plan()).toThrow("there is no exported table");
    put(folder, "events_20260206.json");
    await parquetOf("events_20260206", join(folder, "events_20260206.parquet"), false);
    put(folder, "events_20260120.json");
    expect(planExport(options).warnings).toContain("events_20260206: there as Parquet and as JSON; remove one of them");
    expect(plan()).toEqual(["events_20260120 new"]);
  });
});
