import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { hmac256 } from "../base/hash.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { filesOptions } from "../connectors/files/options.js";
import { freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readSalt } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { quarantineOf } from "../warehouse/quarantine.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { ActivePart, Row, Workspace } from "../warehouse/types.js";
import { type FilesSourceOptions, filesSource, importFiles, planFiles } from "./files.js";

afterAll(removeFolders);

interface Project {
  readonly ws: Workspace;
  put(name: string, content: string | Uint8Array): void;
  sync(more?: Partial<FilesSourceOptions>): ReturnType<typeof importFiles>;
  readonly options: (more?: Partial<FilesSourceOptions>) => FilesSourceOptions;
}

async function project(): Promise<Project> {
  const folder = freshFolder();
  const ws = await freshWorkspace(folder);
  const options = (more: Partial<FilesSourceOptions> = {}): FilesSourceOptions => ({
    ws,
    projectRoot: folder,
    options: filesOptions.parse({}),
    shop: { currency: "EUR", timeZone: "Europe/Berlin" },
    pii: "hash",
    timeoutMinutes: 5,
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    random: systemRandom,
    log: silentLog,
    toolVersion: "test",
    configHash: "test",
    ...more,
  });
  return {
    ws,
    options,
    put: (name, content) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    },
    sync: (more) => importFiles(options(more), { runId: "run" }),
  };
}

const imports = (...list: readonly object[]) => ({ options: filesOptions.parse({ imports: list }) });

function partOf(ws: Workspace, stream: string): ActivePart {
  const part = readState(ws).parts.findLast((candidate) => candidate.stream === stream);
  if (part === undefined) throw new Error(`no part of ${stream}`);
  return part;
}

async function query(path: string, select: string): Promise<readonly Row[]> {
  const db = await openDatabase({});
  const rows = await db.all(`${select} from ${readParquet([path])}`);
  await db.close();
  return rows;
}

async function payloads(ws: Workspace, stream: string): Promise<readonly Record<string, string>[]> {
  const part = partOf(ws, stream);
  const rows = await query(ws.at(...part.path.split("/")), "select payload");
  return rows.map((row) => JSON.parse(String(row["payload"])));
}

async function quarantined(ws: Workspace, stream: string): Promise<readonly Row[]> {
  const kept = quarantineOf(ws, partOf(ws, stream));
  return kept === null ? [] : query(kept.path, "select *");
}

const ORDER_HEADER =
  "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Notes";
const order = (name: string, line: string) =>
  `${name},Ana@Example.com ,paid,EUR,10.00,10.00,2026-01-31 23:30:00 -0800,${line}`;

describe("importing export files", () => {
  it("lands a Shopify export with BOM, CRLF, quoted line ends and lines without order cells", async () => {
    const { ws, put, sync } = await project();
    const rows = [
      order("#1", '1,"Serum, ""Glow""",10.00,"Leave at door\nring twice"'),
      "#1,Ana@Example.com,,,,,2026-01-31 23:30:00 -0800,2,SPF,5.00,",
      order("#2", "1,Mask,10.00,"),
    ];
    put("inbox/orders.csv", `\uFEFF${[ORDER_HEADER, ...rows].join("\r\n")}\r\n`);
    const { imported, warnings, failures } = await sync();
    expect({ warnings, failures }).toEqual({ warnings: [], failures: [] });
    expect(imported[0]?.findings).toMatchObject({ rows: 3, goodRows: 3, totals: { total: "20", subtotal: "20" } });
    const part = partOf(ws, "shopify_orders");
    // 23:30 in California is the next morning in Berlin.
    expect(part).toMatchObject({ rows: 3, supersession: "key", days: { from: "2026-02-01", to: "2026-02-01" } });
    expect(part.origin).toMatchObject({ file: "inbox/orders.csv", bad_rows: 0, rows_read: 3 });
    const [first, second] = await payloads(ws, "shopify_orders");
    expect(first).toMatchObject({
      name: "#1",
      email: hmac256(readSalt(ws), "ana@example.com"),
      created_at: "2026-01-31T23:30:00.000-08:00",
      lineitem_name: 'Serum, "Glow"',
      row: "1",
    });
    expect(first?.["notes"]).toBe(hmac256(readSalt(ws), "leave at door\nring twice"));
    expect(second).not.toHaveProperty("total");
  });

  it("keeps or drops personal data when the workspace says so", async () => {
    for (const [pii, email] of [
      ["keep", "ana@example.com"],
      ["drop", undefined],
    ] as const) {
      const { ws, put, sync } = await project();
      put("inbox/orders.csv", `${ORDER_HEADER}\n${order("#1", "1,Mask,10.00,")}\n`);
      await sync({ pii });
      expect((await payloads(ws, "shopify_orders"))[0]?.["email"]).toBe(email);
    }
  });

  it("does not import a file twice, and lets a changed file win", async () => {
    const { ws, put, sync, options } = await project();
    put("inbox/orders.csv", `${ORDER_HEADER}\n${order("#1", "1,Mask,10.00,")}\n`);
    expect((await sync()).imported).toHaveLength(1);
    put("inbox/copy.csv", readFileSync(join(ws.root, "../../inbox/orders.csv")));
    expect(planFiles(options()).tasks.map(({ because }) => because)).toEqual(["new", "unchanged"]);
    put("inbox/copy.csv", "");
    put("inbox/orders.csv", `${ORDER_HEADER}\n${order("#1", "3,Mask,10.00,")}\n`);
    const again = await sync();
    expect(again.imported).toHaveLength(1);
    expect(again.failures.map(({ code }) => code)).toEqual(["FILE_EMPTY"]);
    const parts = readState(ws).parts.filter(({ stream }) => stream === "shopify_orders");
    expect(parts).toHaveLength(2);
    expect((await payloads(ws, "shopify_orders"))[0]?.["lineitem_quantity"]).toBe("3");
    expect((await sync()).imported).toEqual([]);
  });

  it("imports again when the mapping or the policy changes", async () => {
    const { put, sync, options } = await project();
    put("x/spend.csv", "date,spend\n2026-01-01,5\n");
    const first = imports({ path: "x/*.csv", as: "spend" });
    expect((await sync(first)).imported).toHaveLength(1);
    expect(planFiles(options(first)).tasks[0]?.because).toBe("unchanged");
    expect(planFiles(options({ ...first, pii: "drop" })).tasks[0]?.because).toBe("changed");
  });

  it("quarantines bad rows with line, column, value and reason, and whole orders with them", async () => {
    const { ws, put, sync } = await project();
    const rows = [
      order("#1", '1,"two\nlines",10.00,'),
      order("#2", "1,Mask,ten,"),
      "#2,x,,,,,2026-01-31 23:30:00 -0800,2,SPF,5.00,",
      order("#3", "1,Mask"),
      order("#4", "1.5,Mask,10.00,"),
      order("#5", "1,Mask,10.00,"),
      ",b@example.com,paid,EUR,1.00,1.00,2026-02-30 10:00:00,1,Mask,1.00,",
    ];
    put("inbox/orders.csv", [ORDER_HEADER, ...rows, ""].join("\n"));
    const { imported, warnings } = await sync();
    expect(imported[0]?.findings).toMatchObject({ rows: 7, goodRows: 2, badRows: 5 });
    expect(warnings[0]).toContain("5 bad rows in quarantine (first: line 4, Lineitem price: not an amount)");
    expect(await quarantined(ws, "shopify_orders")).toEqual([
      { file: "inbox/orders.csv", line: 4, column: "Lineitem price", value: "ten", reason: "not an amount" },
      {
        file: "inbox/orders.csv",
        line: 5,
        column: "name",
        value: "#2",
        reason: "another row of the same group is bad",
      },
      { file: "inbox/orders.csv", line: 6, column: "", value: "9", reason: "fewer than 11 columns" },
      { file: "inbox/orders.csv", line: 7, column: "Lineitem quantity", value: "1.5", reason: "not a whole number" },
      { file: "inbox/orders.csv", line: 9, column: "Name", value: null, reason: "missing" },
    ]);
    expect((await payloads(ws, "shopify_orders")).map((row) => row["name"])).toEqual(["#1", "#5"]);
  });

  it("takes an order without its first row for bad", async () => {
    const { ws, put, sync } = await project();
    const rows = ["#1,x,,,,,2026-01-31 23:30:00 -0800,2,SPF,5.00,", order("#2", "1,Mask,10.00,")];
    put("inbox/orders.csv", [ORDER_HEADER, ...rows, ""].join("\n"));
    await sync();
    expect((await quarantined(ws, "shopify_orders"))[0]).toMatchObject({
      line: 2,
      reason: "missing on every row of its group",
    });
  });

  it("lands nothing of a file with too many bad rows, and everything else", async () => {
    const { ws, put, sync } = await project();
    const good = Array.from({ length: 500 }, (_, index) => order(`#${index}`, "1,Mask,10.00,"));
    const bad = Array.from({ length: 101 }, (_, index) => order(`#x${index}`, "1,Mask,ten,"));
    put("inbox/a.csv", [ORDER_HEADER, ...good, ...bad, ""].join("\n"));
    put("inbox/b.csv", [ORDER_HEADER, order("#b", "1,Mask,10.00,"), ""].join("\n"));
    const { imported, failures } = await sync();
    expect(failures.map(({ code }) => code)).toEqual(["FILE_TOO_MANY_BAD"]);
    expect(imported.map(({ name }) => name)).toEqual(["inbox/b.csv"]);
    expect(readState(ws).parts).toHaveLength(1);
  });

  it.each([
    [
      "a missing column",
      `${ORDER_HEADER.replace("Total", "Totale")}\n${order("#1", "1,Mask,10.00,")}\n`,
      "FILE_COLUMN_MISSING",
    ],
    [
      "an open quote",
      `${ORDER_HEADER}\n${order("#1", '1,"Mask,10.00,')}\n${order("#2", "1,Mask,10.00,")}\n`,
      "FILE_OPEN_QUOTE",
    ],
    ["Latin-1", Buffer.from(`${ORDER_HEADER}\n${order("#1", "1,M\u00e4sk,10.00,")}\n`, "latin1"), "FILE_NOT_UTF8"],
    [
      "a cut gzip stream",
      gzipSync(`${ORDER_HEADER}\n${order("#1", "1,Mask,10.00,")}\n`).subarray(0, 60),
      "FILE_DAMAGED",
    ],
    ["no good row", `${ORDER_HEADER}\n${order("#1", "1,Mask,ten,")}\n`, "FILE_NO_GOOD_ROWS"],
    ["a cut Parquet file", Buffer.from("PAR1xxxxxxxxxxxxx"), "FILE_DAMAGED"],
  ])("stops at %s and lands nothing", async (_, content, expected) => {
    const { ws, put, sync } = await project();
    put("inbox/orders.csv", content);
    const { failures } = await sync();
    expect(failures.map(({ code }) => code)).toEqual([expected]);
    expect(readState(ws).version).toBe(0);
    expect(ws.files.list(ws.at("staging"))).toEqual([]);
  });

  it("throws the failure of a run after committing the other files", async () => {
    const { ws, put, options } = await project();
    put("inbox/a.csv", `${ORDER_HEADER}\n${order("#1", "1,Mask,ten,")}\n`);
    put("inbox/b.csv", `${ORDER_HEADER}\n${order("#2", "1,Mask,10.00,")}\n`);
    put("inbox/readme.txt", "hello\nworld\n");
    const source = filesSource(options());
    await expect(source.land({ runId: "r", signal: new AbortController().signal })).rejects.toMatchObject({
      code: "FILE_NO_GOOD_ROWS",
      parts: { state: "1 other files are committed" },
    });
    expect(readState(ws).parts).toHaveLength(1);
  });

  it("passes over what is no table, and says so", async () => {
    const { put, sync, ws } = await project();
    put("inbox/.DS_Store", "x");
    put("inbox/tmp_a.csv", "x");
    put("inbox/sheet.xlsx", "x");
    put("inbox/unknown.csv", "foo,bar\n1,2\n");
    put("elsewhere.csv", `${ORDER_HEADER}\n${order("#1", "1,Mask,10.00,")}\n`);
    symlinkSync(join(ws.root, "../../elsewhere.csv"), join(ws.root, "../../inbox/link.csv"));
    const { imported, warnings, failures } = await sync();
    expect({ imported, failures }).toEqual({ imported: [], failures: [] });
    expect(warnings.map((text) => text.slice(0, 40))).toEqual([
      expect.stringContaining("inbox/link.csv"),
      expect.stringContaining("inbox/sheet.xlsx"),
      expect.stringContaining("inbox/unknown.csv"),
    ]);
  });

  it("takes file names literally", async () => {
    const { ws, put, sync } = await project();
    put("inbox/a[1]*.csv", `${ORDER_HEADER}\n${order("#1", "1,Mask,10.00,")}\n`);
    put("inbox/a1x.csv", `${ORDER_HEADER}\n${order("#2", "1,Mask,10.00,")}\n${order("#3", "1,Mask,10.00,")}\n`);
    const { imported } = await sync();
    expect(imported.map(({ name, findings }) => [name, findings.rows])).toEqual([
      ["inbox/a[1]*.csv", 1],
      ["inbox/a1x.csv", 2],
    ]);
    expect(readState(ws).parts).toHaveLength(2);
  });

  it("reads a file whose line ends change far below its head", async () => {
    const { put, sync } = await project();
    const many = Array.from({ length: 900 }, (_, index) =>
      order(`#${index}`, "1,Mask with a long name to fill the head of the file,10.00,"),
    );
    put(
      "inbox/orders.csv",
      `${[ORDER_HEADER, ...many].join("\r\n")}\r\n${order("#last", "1,Mask,10.00,")}\n${order("#very last", "1,Mask,10.00,")}\n`,
    );
    const { imported, failures } = await sync();
    expect(failures).toEqual([]);
    expect(imported[0]?.findings).toMatchObject({ rows: 902, goodRows: 902 });
  });
});

describe("ad and traffic reports", () => {
  it("reads Google's UTF-16 with tabs, total rows, two dashes and grouped thousands", async () => {
    const { ws, put, sync } = await project();
    const lines = [
      "Campaign performance",
      "1 January 2026 - 2 January 2026",
      "Campaign\tDay\tCurrency code\tCost\tClicks\tImpr.\tConversions\tConv. value",
      'Brand "A"\t2026-01-01\tEUR\t"1,250.50"\t10\t"1,000"\t1.50\t --',
      "PMax | all\t2026-01-02\tEUR\t7.00\t--\t5\t0\t0",
      'Total: Campaigns\t\t\t"1,257.50"\t10\t"1,005"\t1.50\t--',
    ];
    put("inbox/g.csv", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${lines.join("\r\n")}\r\n`, "utf16le")]));
    const { imported, failures } = await sync();
    expect(failures).toEqual([]);
    expect(imported[0]?.findings).toMatchObject({
      rows: 3,
      goodRows: 2,
      sumRows: 1,
      totals: { spend: "1257.5", impressions: "1005" },
    });
    expect(partOf(ws, "google_ads")).toMatchObject({
      days: { from: "2026-01-01", to: "2026-01-02" },
      origin: { sum_rows: 1 },
    });
    expect((await payloads(ws, "google_ads"))[0]).toMatchObject({
      spend: "1250.50",
      spend_date: "2026-01-01",
      currency: "EUR",
    });
  });

  it("reads a German Meta export with commas, a summary row and the currency in the header", async () => {
    const { ws, put, sync } = await project();
    put(
      "inbox/m.csv",
      [
        "Berichtsstart;Berichtsende;Kampagnenname;Ausgegebener Betrag (CHF);Impressionen",
        "2026-01-01;2026-01-02;;1.262,75;2.500",
        "2026-01-01;2026-01-01;Frühling;1.250,50;1.500",
        "2026-01-02;2026-01-02;Frühling;12,25;1.000",
        "",
      ].join("\n"),
    );
    const { imported } = await sync();
    expect(imported[0]?.findings).toMatchObject({
      goodRows: 2,
      sumRows: 1,
      decimal: ",",
      totals: { spend: "1262.75", impressions: "2500" },
    });
    expect((await payloads(ws, "meta_ads"))[0]).toMatchObject({
      spend: "1250.50",
      currency: "CHF",
      spend_date: "2026-01-01",
    });
  });

  it("refuses rows that cover several days", async () => {
    const { ws, put, sync } = await project();
    const header = "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Impressions";
    put("inbox/m.csv", `${header}\n2026-01-01,2026-01-31,Spring,100.00,5\n`);
    const { failures } = await sync();
    expect(failures[0]?.code).toBe("FILE_NO_GOOD_ROWS");
    expect(failures[0]?.message).toContain("covers several days");
    put("inbox/m.csv", `${header}\n2026-01-01,2026-01-31,Spring,100.00,5\n2026-01-02,2026-01-02,Spring,1.00,5\n`);
    expect((await sync()).imported[0]?.findings).toMatchObject({ goodRows: 1, badRows: 1 });
    expect((await quarantined(ws, "meta_ads"))[0]).toMatchObject({ line: 2, value: "2026-01-01 to 2026-01-31" });
  });

  it("takes the daily section of a GA4 file and refuses weeks", async () => {
    const { ws, put, sync } = await project();
    const preamble = ["# ---", "# Traffic acquisition", "# Start date: 20260101", "# End date: 20260131", "# ---"];
    const weekly = [...preamble, "Session source,Week,Sessions", "google,1,10", ""];
    const daily = [
      ...preamble,
      "Session source / medium,Nth day,Sessions,Total revenue",
      ",,35,3.5",
      "google / organic,0000,10,1.25",
      "(direct) / (none),0031,25,2.25",
      "",
    ];
    put("inbox/w.csv", weekly.join("\n"));
    expect((await sync()).failures[0]).toMatchObject({ code: "FILE_GRAIN" });
    put("inbox/w.csv", [...weekly, ...daily].join("\n"));
    const { imported } = await sync();
    expect(imported[0]?.findings).toMatchObject({
      goodRows: 2,
      sumRows: 1,
      totals: { sessions: "35", revenue: "3.5" },
    });
    const rows = await payloads(ws, "ga4");
    expect(rows.map((row) => row["traffic_date"])).toEqual(["2026-01-01", "2026-02-01"]);
    expect(rows[0]).toMatchObject({ source_medium: "google / organic", currency: "EUR" });
  });
});

describe("declared tables", () => {
  it("turns a wide table of figures into dated metrics", async () => {
    const { ws, put, sync } = await project();
    put(
      "f/w.csv",
      '\uFEFFDate,Page Views,pct,note,Fatals/Million\n"Sun, 05-Jan-2020","1,250",56.00%,a,2\n"Mon, 06-Jan-2020",,55%,b,oops\n',
    );
    const { imported } = await sync(imports({ path: "f/w.csv", as: "daily_metrics" }));
    expect(imported[0]?.findings).toMatchObject({ goodRows: 4, badRows: 1 });
    const rows = await payloads(ws, "daily_metrics");
    expect(rows.map(({ metric_date, metric, value }) => [metric_date, metric, Number(value)])).toEqual([
      ["2020-01-05", "page_views", 1250],
      ["2020-01-05", "pct", 0.56],
      ["2020-01-05", "fatals_million", 2],
      ["2020-01-06", "pct", 0.55],
    ]);
    expect(await quarantined(ws, "daily_metrics")).toEqual([
      { file: "f/w.csv", line: 3, column: "Fatals/Million", value: "oops", reason: "not a number" },
    ]);
  });

  it("splits a figure by a column, and takes two figures of one day for bad", async () => {
    const { ws, put, sync } = await project();
    put("f/w.csv", "Date,latency,country\n2020-05-01,68,US\n2020-05-01,71,UK\n");
    await sync(imports({ path: "f/w.csv", as: "daily_metrics" }));
    expect((await quarantined(ws, "daily_metrics"))[0]).toMatchObject({ line: 3, column: "latency" });
    await sync(imports({ path: "f/w.csv", as: "daily_metrics", by: ["country"] }));
    expect((await payloads(ws, "daily_metrics")).map((row) => row["metric"])).toEqual([
      "latency [country=US]",
      "latency [country=UK]",
    ]);
  });

  it("reads JSON lines by dotted paths; a line that is no object is a bad row", async () => {
    const { ws, put, sync } = await project();
    put(
      "f/o.jsonl",
      '{"id":9007199254740993,"at":"2026-01-01T10:00:00Z","money":{"sum":"12.50"}}\nnot json\n\n{"id":2,"at":"2026-01-02 08:00","money":{"sum":5}}\n',
    );
    const columns = { order_id: "id", ordered_at: "at", total: "money.sum" };
    await sync(imports({ path: "f/*.jsonl", as: "orders", columns, timeZone: "America/New_York" }));
    const rows = await payloads(ws, "orders");
    expect(rows.map(({ order_id, ordered_at, total }) => [order_id, ordered_at, total])).toEqual([
      ["9007199254740993", "2026-01-01T10:00:00.000+00:00", "12.50"],
      ["2", "2026-01-02T13:00:00.000+00:00", "5"],
    ]);
    expect(await quarantined(ws, "orders")).toEqual([
      { file: "f/o.jsonl", line: 2, column: "", value: null, reason: "not a JSON object" },
    ]);
  });

  it("reads Parquet with its own types", async () => {
    const { ws, put, sync } = await project();
    put("f/x", "");
    const path = join(ws.root, "../../f/spend.parquet");
    const db = await openDatabase({});
    await db.run(
      `copy (select date '2026-01-01' as day, 0.1::double + 0.2::double as cost, 12::bigint as clicks) to '${path}' (format parquet)`,
    );
    await db.close();
    await sync(imports({ path: "f/spend.parquet", as: "spend", columns: { spend_date: "day" } }));
    expect((await payloads(ws, "spend"))[0]).toMatchObject({
      spend_date: "2026-01-01",
      spend: "0.300000000",
      clicks: "12",
      currency: "EUR",
    });
  });

  it("reads amounts in cents, dates by their format, and another encoding", async () => {
    const { ws, put, sync } = await project();
    put("f/s.csv", Buffer.from("Tag;Betrag;Plattform\n03.04.26;1250;Caf\u00e9\n", "latin1"));
    const columns = { spend_date: "Tag", spend: "Betrag", platform: "Plattform" };
    await sync(
      imports({
        path: "f/s.csv",
        as: "spend",
        columns,
        amounts: "minor",
        encoding: "windows-1252",
        currency: "CHF",
        dateFormat: "%d.%m.%y",
      }),
    );
    expect((await payloads(ws, "spend"))[0]).toMatchObject({
      spend_date: "2026-04-03",
      spend: "12.500000",
      platform: "Café",
      currency: "CHF",
    });
  });

  it("tells 1/2 from 2/1 by the other rows, and asks when nothing tells", async () => {
    const { ws, put, sync } = await project();
    put("f/s.csv", "date,spend\n1/2/2026,1\n1/31/2026,2\n");
    await sync(imports({ path: "f/s.csv", as: "spend" }));
    expect((await payloads(ws, "spend"))[0]).toMatchObject({ spend_date: "2026-01-02" });
    put("f/s.csv", "date,spend\n1/2/2026,1\n");
    expect((await sync(imports({ path: "f/s.csv", as: "spend" }))).failures[0]).toMatchObject({
      code: "FILE_DATE_ORDER",
    });
  });

  it("keeps unknown columns under their own names and hashes those that look personal", async () => {
    const { ws, put, sync } = await project();
    put("f/o.csv", "order_id,ordered_at,total,colour,Customer Name\n1,2026-01-01,5,red,Ana\n");
    await sync(imports({ path: "f/o.csv", as: "orders" }));
    expect((await payloads(ws, "orders"))[0]).toMatchObject({
      colour: "red",
      "Customer Name": hmac256(readSalt(ws), "ana"),
      ordered_at: "2026-01-01T00:00:00.000",
    });
  });

  it("names a declared path that is not there", async () => {
    const { sync } = await project();
    await expect(sync(imports({ path: "nowhere.csv", as: "orders" }))).rejects.toMatchObject({ code: "FILES_NONE" });
  });
});
