import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { hmac256 } from "../base/hash.js";
import { imports, partOf, payloads, project, quarantined } from "../testing/imports.js";
import { removeFolders } from "../testing/workspace.js";
import { readSalt } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { filesSource, planFiles } from "./files.js";

afterAll(removeFolders);

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

  it("tells the failure of a file beside the rows that were committed", async () => {
    const { ws, put, options } = await project();
    put("inbox/a.csv", `${ORDER_HEADER}\n${order("#1", "1,Mask,ten,")}\n`);
    put("inbox/b.csv", `${ORDER_HEADER}\n${order("#2", "1,Mask,10.00,")}\n`);
    put("inbox/readme.txt", "hello\nworld\n");
    const source = filesSource(options());
    const { rows, failure } = await source.land({ runId: "r", signal: new AbortController().signal });
    expect(rows).toBe(1);
    expect(failure).toMatchObject({ code: "FILE_NO_GOOD_ROWS", parts: { state: "1 other file is committed" } });
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
