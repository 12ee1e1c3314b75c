import { describe, expect, it } from "vitest";
import { applyMapping, requireColumns } from "./mapping.js";
import { filesOptions } from "./options.js";
import { grainOf, looksPersonal, statedDays } from "./plan.js";
import { configSnippet, proposeMapping } from "./propose.js";
import { KNOWN_SHAPES, matchColumns, nearMisses, plainHeader, recognise } from "./recognise.js";
import type { HeadFacts, Recognition } from "./types.js";

const head = (header: readonly string[], more: Partial<HeadFacts> = {}): HeadFacts => ({
  format: "csv",
  encoding: "utf-8",
  bom: false,
  gzip: false,
  delimiter: ",",
  headerLine: 1,
  header,
  preamble: [],
  mixedLineEnds: false,
  sample: [],
  ...more,
});

const known = (text: string): Recognition => {
  const found = recognise(text.split("|"));
  if (found === undefined) throw new Error(`not recognised: ${text}`);
  return found;
};

const fields = (recognition: Recognition): readonly string[] => recognition.matches.map(({ field }) => field.name);

describe("recognition by header", () => {
  it.each([
    [
      "shopify_orders",
      "Name|Email|Financial Status|Currency|Subtotal|Total|Created at|Lineitem quantity|Lineitem name|Lineitem price",
    ],
    [
      "shopify_customers",
      "Customer ID|First Name|Last Name|Email|Accepts Email Marketing|Default Address Company|Default Address Country Code|Total Spent|Total Orders",
    ],
    [
      "shopify_products",
      "Handle|Title|Body (HTML)|Vendor|Product Category|Type|Variant SKU|Variant Price|Cost per item|Status",
    ],
    ["meta_ads", "Reporting starts|Reporting ends|Campaign name|Amount spent (USD)|Impressions"],
    ["meta_ads", "Berichtsstart|Berichtsende|Kampagnenname|Ausgegebener Betrag (EUR)|Impressionen|Link-Klicks"],
    ["meta_ads", "Jour|Nom de la campagne|Montant dépensé (EUR)|Impressions|Achats"],
    ["meta_ads", "Día|Nombre de la campaña|Importe gastado (MXN)|Impresiones|Clics en el enlace|Compras"],
    ["meta_ads", "Rapor Başlangıcı|Rapor Sonu|Kampanya Adı|Harcanan Tutar (TRY)|Gösterim|Bağlantı Tıklamaları"],
    ["google_ads", "Day|Campaign|Currency code|Cost|Clicks|Impr.|Conversions|Conv. value"],
    ["google_ads", "Tag|Kampagne|Währungscode|Kosten|Klicks|Impr.|Conversions|Conv.-Wert"],
    ["google_ads", "Jour|Campagne|Code de la devise|Coût|Clics|Impr.|Conversions|Valeur de conv."],
    ["google_ads", "Día|Campaña|Código de moneda|Coste|Clics|Impr.|Conversiones|Valor conv."],
    ["google_ads", "Gün|Kampanya|Para birimi kodu|Maliyet|Tıklamalar|Göstr.|Dönüşümler"],
    ["ga4", "Date|Session default channel group|Sessions|Engaged sessions|Total revenue"],
    [
      "ga4",
      "Datum|Sitzung – primäre Channelgruppe (Standard-Channelgruppe)|Sitzungen|Sitzungen mit Interaktionen|Gesamtumsatz",
    ],
  ])("%s: %s", (stream, header) => {
    const found = known(header);
    expect(found.shape.stream).toBe(stream);
    expect(found.because).toContain("columns are those of a");
    expect(found.others.length + found.matches.length).toBe(header.split("|").length);
  });

  it("takes the currency out of a header and tells the language", () => {
    expect(known("Kampagnenname|Tag|Ausgegebener Betrag (CHF)")).toMatchObject({ currency: "CHF", language: "other" });
    expect(known("Campaign name|Day|Amount spent (USD)")).toMatchObject({ currency: "USD", language: "en" });
  });

  it("compares headers without case, Turkish dots, odd blanks and apostrophes", () => {
    expect(plainHeader("  GÖSTERİM\u00a0 ")).toBe(plainHeader("gösterim"));
    expect(plainHeader("Nom de l’ensemble")).toBe("nom de l'ensemble");
  });

  it("says what is near when nothing fits", () => {
    const [miss] = nearMisses(["Name", "Email", "Financial Status", "Created at", "Lineitem name"]);
    expect(miss?.shape.stream).toBe("shopify_orders");
    expect(miss?.missing).toEqual(["total"]);
    expect(recognise(["a", "b"])).toBeUndefined();
    expect(nearMisses(["a", "b"])).toEqual([]);
  });

  it("stops at a missing column and names the nearest", () => {
    const found = known(
      "Name|Financial Status|Created at|Total|Lineitem name|Sub total|Lineitem price|Lineitem quantity|Currency",
    );
    expect(() => requireColumns(found, ["Sub total"], "o.csv")).toThrowError(
      expect.objectContaining({
        code: "FILE_COLUMN_MISSING",
        parts: expect.objectContaining({ hint: expect.stringContaining('"Sub total"') }),
      }),
    );
  });

  it("gives no two shapes the same field twice", () => {
    for (const shape of KNOWN_SHAPES) {
      const names = shape.fields.map((field) => field.name);
      expect(new Set(names).size).toBe(names.length);
      for (const name of [...shape.signature, ...shape.oncePerKey]) expect(names).toContain(name);
      const headers = shape.fields.map((field) => field.headers[0] ?? "");
      expect(matchColumns(headers, shape).map(({ field }) => field.name)).toEqual(names);
    }
  });
});

describe("the day of a row", () => {
  const week = ["# Traffic acquisition", "# Start date: 20240301", "# End date: 20240331"];
  it.each([
    ["Date|Sessions", [], { kind: "field", field: "date" }],
    ["Nth day|Sessions", week, { kind: "nth", field: "nth_day", start: "2024-03-01" }],
    [
      "Session source|Sessions",
      ["# Startdatum: 20240305", "# Enddatum: 20240305"],
      { kind: "fixed", day: "2024-03-05" },
    ],
    ["Week|Sessions", week, { kind: "too_coarse", why: 'each row is one "Week", not one day' }],
    ["Session source|Sessions", week, { kind: "too_coarse", why: "every row covers 2024-03-01 to 2024-03-31" }],
    ["Session source|Sessions", [], { kind: "too_coarse", why: "rows bear no day" }],
    [
      "Reporting starts|Reporting ends|Campaign name|Amount spent (USD)",
      [],
      { kind: "span", fields: ["starts", "ends"] },
    ],
    ["Day|Reporting starts|Reporting ends|Campaign name|Amount spent (USD)", [], { kind: "field", field: "day" }],
  ])("%s with %j", (header, preamble, expected) => {
    expect(grainOf(known(header), head(header.split("|"), { preamble }))).toEqual(expected);
  });

  it.each([
    ["5 March 2024 - 14 March 2024", "2024-03-05", "2024-03-14"],
    ['"October 1, 2026 - October 31, 2026"', "2026-10-01", "2026-10-31"],
    ["2024-03-05 – 2024-03-14", "2024-03-05", "2024-03-14"],
  ])("reads %s", (line, from, to) => {
    expect(statedDays(["Campaign report", line])).toEqual({ from, to });
  });

  it("does not guess days that it cannot read", () => {
    expect(statedDays(["Kampagnenbericht", "1. Oktober 2026 - 31. Oktober 2026"])).toBeNull();
  });
});

describe("declared mappings", () => {
  const declared = (value: object) => {
    const [first] = filesOptions.parse({ imports: [value] }).imports;
    if (first === undefined) throw new Error("no import");
    return first;
  };

  it("takes named columns, and columns that bear a field's own name", () => {
    const options = declared({ path: "a.csv", as: "orders", columns: { order_id: "basket", ordered_at: "when" } });
    const found = applyMapping(head(["basket", "when", "email", "colour"]), options, "a.csv");
    expect(fields(found)).toEqual(["order_id", "ordered_at", "email"]);
    expect(found.others).toEqual([{ index: 3, header: "colour" }]);
  });

  it("stops at a column that is not there, with the nearest", () => {
    const options = declared({ path: "a.csv", as: "orders", columns: { order_id: "basket_id", ordered_at: "when" } });
    expect(() => applyMapping(head(["basketid", "when"]), options, "a.csv")).toThrowError(
      expect.objectContaining({
        parts: expect.objectContaining({ hint: expect.stringContaining('did you mean "basketid"') }),
      }),
    );
  });

  it("refuses fields that do not exist and keys that do not belong", () => {
    expect(filesOptions.safeParse({ imports: [{ path: "a", as: "orders", columns: { oder_id: "x" } }] }).success).toBe(
      false,
    );
    expect(filesOptions.safeParse({ folders: "x" }).success).toBe(false);
    expect(filesOptions.parse({})).toEqual({ folder: "inbox", imports: [] });
  });

  it("proposes a mapping for an unknown file", () => {
    const header = ["date_day", "campaign_id", "spend", "clicks"];
    const spend = proposeMapping(head(header));
    expect(spend).toMatchObject({ as: "spend", unknown: [], columns: { spend_date: "date_day", spend: "spend" } });
    expect(configSnippet("x.csv", spend)).toContain('as: "spend"');
    const sample = [["Sun, 05-Jan-2020", "12"]];
    expect(proposeMapping(head(["Date", "PageViews"], { sample }))).toEqual({
      as: "daily_metrics",
      columns: {},
      unknown: [],
    });
  });
});

describe("columns that look personal", () => {
  it.each(["Email", "customer_email", "Phone number", "First Name", "Street", "Billing Address1", "Zip"])(
    "%s",
    (name) => {
      expect(looksPersonal(name)).toBe(true);
    },
  );
  it.each(["Campaign name", "City", "Country", "Impressions", "Lineitem name", "Payment Method"])("not %s", (name) => {
    expect(looksPersonal(name)).toBe(false);
  });
});
