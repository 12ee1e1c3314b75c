import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "./duckdb.js";
import type { CellKind } from "./file-plan.js";
import { type CellStyle, filledSql, valueSteps } from "./file-values.js";
import type { Database } from "./types.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({});
});
afterAll(() => db.close());

const STYLE: CellStyle = { decimal: ".", dateOrder: null, dateFormat: null, timeZone: null, amountDivisor: 1 };

/** The plain form of a cell, `null` for an empty one, "bad" for one that is not understood. */
async function plain(cell: string, kind: CellKind, style: Partial<CellStyle> = {}): Promise<unknown> {
  let from = "select $1::varchar as c0";
  for (const step of valueSteps("c0", kind, { ...STYLE, ...style }, "value")) {
    from = `select *, ${step.sql} as ${step.name} from (${from})`;
  }
  const row = await db.one(`select value, ${filledSql("c0", kind)} as filled from (${from})`, [cell]);
  return row["value"] === null && row["filled"] === true ? "bad" : row["value"];
}

describe("amounts", () => {
  it.each([
    ["19.99", "19.99"],
    ["1,250.50", "1250.50"],
    ["12,34,567.89", "1234567.89"],
    ["-5", "-5"],
    ["+5.", "5"],
    [".5", ".5"],
    ["$1,250.50", "1250.50"],
    ["-€ 12.00", "-12.00"],
    ["12.00 USD", "12.00"],
    ["1 250.50", "1250.50"],
    ["1'250.50", "1250.50"],
    ["1e3", "1000.000000000"],
    ["4.440892e-16", "0.000000000"],
    ["", null],
    [" -- ", null],
    ["n/a", null],
    ["ten", "bad"],
    ["1,2,3", "bad"],
    ["12,5", "bad"],
    ["1.2.3", "bad"],
    ["12345678901234567890", "bad"],
    ["NaN", "bad"],
    ["Infinity", "bad"],
    ["5%", "bad"],
  ])("%j with a dot is %j", async (cell, expected) => {
    expect(await plain(cell, "amount")).toBe(expected);
  });

  it.each([
    ["1.250,50", "1250.50"],
    ["12,5", "12.5"],
    ["1.234", "1234"],
    ["1.234.567", "1234567"],
    ["1250", "1250"],
    ["12.5", "bad"],
    ["1,250.50", "bad"],
  ])("%j with a comma is %j", async (cell, expected) => {
    expect(await plain(cell, "amount", { decimal: "," })).toBe(expected);
  });

  it("divides cents", async () => {
    expect(await plain("1999", "amount", { amountDivisor: 100 })).toBe("19.990000");
  });
});

describe("counts, numbers, flags and currencies", () => {
  it.each<[string, CellKind, unknown]>([
    ["1,234", "count", "1234"],
    ["2.0", "count", "2"],
    ["2.5", "count", "bad"],
    ["56.00%", "number", "0.560000000"],
    ["0.5", "number", "0.5"],
    ["Yes", "flag", "true"],
    ["0", "flag", "false"],
    ["maybe", "flag", "bad"],
    ["eur", "currency", "EUR"],
    ["€", "currency", "bad"],
    ["  a b\u00a0", "text", "a b"],
    ["   ", "text", null],
  ])("%j as %s is %j", async (cell, kind, expected) => {
    expect(await plain(cell, kind)).toBe(expected);
  });
});

describe("days", () => {
  it.each([
    ["2026-02-09", "2026-02-09"],
    ["2026-02-09T23:59:00Z", "2026-02-09"],
    ["20260209", "2026-02-09"],
    ["2026/2/9", "2026-02-09"],
    ["09.02.2026", "2026-02-09"],
    ["9.2.26", "2026-02-09"],
    ["Sun, 05-Jan-2020", "2020-01-05"],
    ["5 March 2024", "2024-03-05"],
    ["March 5, 2024", "2024-03-05"],
    ["1/31/20", "2020-01-31"],
    ["2026-02-30", "bad"],
    ["0000-01-01", "bad"],
    ["9999-12-31", "bad"],
    ["yesterday", "bad"],
    ["", null],
  ])("%j is %j", async (cell, expected) => {
    expect(await plain(cell, "day", { dateOrder: "mdy" })).toBe(expected);
  });

  it("reads 1/2/2026 in the order that the file has", async () => {
    expect(await plain("1/2/2026", "day", { dateOrder: "mdy" })).toBe("2026-01-02");
    expect(await plain("1/2/2026", "day", { dateOrder: "dmy" })).toBe("2026-02-01");
    expect(await plain("1/2/2026", "day", { dateFormat: "%d/%m/%Y" })).toBe("2026-02-01");
  });
});

describe("D08 instants", () => {
  it.each([
    ["2024-01-31 23:30:00 -0800", "2024-01-31T23:30:00.000-08:00"],
    ["2024-01-31T23:30:00Z", "2024-01-31T23:30:00.000+00:00"],
    ["2024-01-31T23:30:00.125+03", "2024-01-31T23:30:00.125+03:00"],
    ["2024-01-31 23:30:00 UTC", "2024-01-31T23:30:00.000+00:00"],
    ["2024-01-31 9:05", "2024-01-31T09:05:00.000"],
    ["31.01.2024 09:05", "2024-01-31T09:05:00.000"],
    ["2024-01-31", "2024-01-31T00:00:00.000"],
    ["2024-02-30 10:00:00 +0100", "bad"],
    ["2024-01-31 24:30:00", "bad"],
    ["2024-06-30 23:59:60", "bad"],
    ["soon", "bad"],
  ])("%j is %j", async (cell, expected) => {
    expect(await plain(cell, "instant")).toBe(expected);
  });

  it("puts wall clocks of a named zone into UTC, and leaves offsets alone", async () => {
    const style = { timeZone: "America/New_York" };
    expect(await plain("2026-07-01 08:00:00", "instant", style)).toBe("2026-07-01T12:00:00.000+00:00");
    expect(await plain("2026-07-01 08:00:00 +0200", "instant", style)).toBe("2026-07-01T08:00:00.000+02:00");
  });
});
