import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hmac256 } from "../base/hash.js";
import { imports, partOf, payloads, project, quarantined } from "../testing/imports.js";
import { removeFolders } from "../testing/workspace.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readSalt } from "../warehouse/layout.js";

afterAll(removeFolders);

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
