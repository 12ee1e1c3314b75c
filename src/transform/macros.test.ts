import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CURRENCY_EXPONENTS, currencyExponent } from "../base/money.js";
import { SETTINGS, SQL_FOLDER } from "../testing/evaluate.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Cell, Database } from "../warehouse/types.js";
import { createMacros, macrosUsed, readMacros } from "./macros.js";
import { setVariables } from "./meta.js";

describe("macros.sql", () => {
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase({});
    await setVariables(db, { ...SETTINGS, timeZone: "Europe/Istanbul" });
    await createMacros(db, await readMacros(db, diskFiles.readText(`${SQL_FOLDER}/macros.sql`)));
  });
  afterAll(() => db.close());
  const value = async (expression: string): Promise<Cell | undefined> =>
    (await db.one(`select ${expression} as v`))["v"];

  it.each([
    ["minor_units('59.90', 'USD')", 5990],
    ["minor_units('-1.005', 'USD')", -101],
    ["minor_units('1234.5', 'JPY')", 1235],
    ["minor_units('1.2345', 'KWD')", 1235],
    ["minor_units('0.1', 'USD') + minor_units('0.2', 'USD')", 30],
    ["minor_units('9007199254740.93', 'USD')", 900719925474093],
    // The last amount that is read as 64 bits, the first that is not, and the same by another scale.
    ["minor_units('99999999.999', 'KWD') - minor_units('100000000', 'KWD')", -1],
    ["minor_units('100000000.005', 'USD')", 10000000001],
    ["minor_units('1', null)", null],
    ["minor_units(null, 'USD')", null],
    ["micros_to_minor('1061083620', 'USD')", 106108],
    ["micros_to_minor('5000', 'USD')", 1],
    ["micros_to_minor('4999', 'USD')", 0],
    ["micros_to_minor('1500000', 'JPY')", 2],
    ["micros_to_minor('1234500', 'KWD')", 1235],
    ["instant('2026-11-20T10:00:00+0300')", "2026-11-20T07:00:00.000Z"],
    ["instant('1997-01-01 09:00:00 -0800')", "1997-01-01T17:00:00.000Z"],
    ["instant('2026-11-20T10:00:00Z')", "2026-11-20T10:00:00.000Z"],
    ["day_in_zone(timestamptz '2026-01-31 21:30:00Z')", "2026-02-01"],
    ["day_in_zone(timestamptz '2026-01-31 20:59:59Z')", "2026-01-31"],
    ["cast(instant('2026-02-01T10:00:00Z') as varchar)", "2026-02-01 10:00:00+00"],
    ["cast(instant('2026-02-01 23:30:00 -0800') as varchar)", "2026-02-02 07:30:00+00"],
    ["cast(instant('2026-02-01T10:00:00+14:00') as varchar)", "2026-01-31 20:00:00+00"],
    ["instant(null)", null],
    ["safe_ratio(1, 0)", null],
    ["share_of(1850, 0.35)", 648],
    ["prorate(4400, 2000, 8000)", 1100],
    ["prorate(4400, 2000, 0)", 0],
    ["months_apart(date '2025-11-01', date '2026-02-01')", 3],
    ["days_between(date '2026-01-31', date '2026-02-02')", 2],
    ["days_after(date '2026-02-27', 2)", "2026-03-01"],
    ["month_of(date '2026-02-27')", "2026-02-01"],
    ["url_host('https://user@WWW.Google.co.uk:8080/x?y=1#z')", "www.google.co.uk"],
    ["url_host('android-app://com.google.android.gm/')", "com.google.android.gm"],
    ["url_host('/products/shirt?gclid=1')", null],
    ["registrable_host('m.facebook.com')", "facebook.com"],
    ["registrable_host('www.google.co.uk')", "google.co.uk"],
    ["registrable_host('x.com')", "x.com"],
    ["registrable_host('netflix.com')", "netflix.com"],
    ["host_family('news.google.com.tr')", "google.*"],
    ["host_family('google.evil.com')", "evil.*"],
    ["host_family('google.shop')", null],
    ["url_parameter('https://s.test/?a=1&UTM_Source=Klav+iyo%20x&b=', 'utm_source')", "Klav iyo x"],
    ["url_parameter('https://s.test/?b=', 'b')", null],
    ["url_parameter('https://s.test/#?gclid=1', 'gclid')", null],
    ["url_parameter('https://s.test/?xgclid=1', 'gclid')", null],
    ["url_parameter('https://s.test/?q=%zz%e4', 'q')", "%zz%e4"],
    ["campaign_key_of('meta_ads', null, null, 'Main')", "meta_ads||Main"],
    ["gid_tail('gid://shopify/Order/1001?x=1')", "1001"],
  ])("%s is %s", async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  it("knows the minor units that base/money.ts knows, and no others", async () => {
    for (const code of [...Object.keys(CURRENCY_EXPONENTS), "USD", "EUR", "TRY"])
      expect(await value(`minor_units('1', '${code}')`), code).toBe(10 ** currencyExponent(code));
    const lists = diskFiles.readText(`${SQL_FOLDER}/macros.sql`).match(/strpos\('[A-Z ]+'/g) ?? [];
    const listed = lists.flatMap((list) => list.slice("strpos('".length, -1).split(" "));
    expect(listed.sort()).toEqual(Object.keys(CURRENCY_EXPONENTS).sort());
  });

  it("refuses an amount that is no number", async () => {
    await expect(value("minor_units('12,50', 'USD')")).rejects.toMatchObject({ code: "SQL_FAILED" });
  });

  it("refuses what is not a macro, and finds macros behind macros", async () => {
    await expect(readMacros(db, "create table x as select 1;")).rejects.toMatchObject({ code: "MACRO_SQL" });
    const macros = await readMacros(
      db,
      "-- one\ncreate or replace temp macro a(x) as x + 1;\ncreate or replace temp macro b(x) as a(x);\ncreate or replace temp macro c(x) as getvariable('as_of');",
    );
    expect(macrosUsed(macros, ["b"]).map((macro) => macro.name)).toEqual(["a", "b"]);
    expect(macros[2]?.variables).toEqual(["as_of"]);
  });
});
