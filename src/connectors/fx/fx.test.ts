import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { fxDouble } from "../../testing/doubles/fx.js";
import { fx } from "./index.js";
import { notWhole, parseRates } from "./parse.js";
import { ratesStream } from "./rates.js";

const XML = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"><Cube>
<Cube time='2026-02-06'><Cube currency='USD' rate='1.1794'/></Cube>
<Cube time="2026-02-05"><Cube currency="USD" rate="1.1798"/></Cube></Cube></gesmes:Envelope>`;

const problem = (text: string) => {
  const parsed = parseRates(text);
  return parsed.ok ? "none" : `${parsed.line}: ${parsed.problem}`;
};

describe("documents of the ECB", () => {
  it("are read in each format, with their text as it is", () => {
    const wide = parseRates("Date,USD,JPY,\n2026-02-06,1.1794,N/A,\n2026-02-05,1.1798,184.91,\n");
    expect(wide.ok && wide.rates.map(({ day, currency, rate }) => [day, currency, rate])).toEqual([
      ["2026-02-06", "USD", "1.1794"],
      ["2026-02-05", "USD", "1.1798"],
      ["2026-02-05", "JPY", "184.91"],
    ]);
    const xml = parseRates(XML);
    expect(xml.ok && xml.rates.map(({ day, rate, line }) => [day, rate, line])).toEqual([
      ["2026-02-06", "1.1794", 3],
      ["2026-02-05", "1.1798", 4],
    ]);
  });

  it.each([
    ["0", "is no rate"],
    ["-1.2", "is no rate"],
    ["1e3", "is no rate"],
    ["123456789", "is no rate"],
    ["0.000000001", "is no rate"],
  ])("refuse the rate %s with its line", (rate, why) => {
    expect(problem(`Date,USD,\n2026-02-05,1.2,\n2026-02-06,${rate},\n`)).toMatch(new RegExp(`^3: .*${why}`));
  });

  it("refuse jumps, contradictions, strange days, cut rows, other bases and other documents", () => {
    expect(problem("Date,USD,\n2026-02-06,2000000,\n2026-02-05,1.5,\n")).toContain("2: USD jumps from 1.5");
    expect(problem("Date,USD,\n2026-02-06,1.2,\n2026-02-06,1.3,\n")).toContain("3: USD of 2026-02-06 is 1.3");
    expect(problem("Date,USD,\n06.02.2026,1.2,\n")).toContain("2: ");
    expect(problem("Date,USD,JPY,\n2026-02-06,1.2\n")).toContain("2 columns where the header has 4");
    expect(problem("KEY,CURRENCY,CURRENCY_DENOM,TIME_PERIOD,OBS_VALUE\nk,EUR,USD,2026-02-06,1.2\n")).toContain("USD");
    expect(problem("<html>Maintenance</html>")).toContain("1: neither");
    expect(problem(`Date,USD,\n2026-02-06,1.2,"${"x".repeat(20_000_000)}"\n`)).toContain("unreadable");
    expect(notWhole(XML.slice(0, -9))).toBe("XML that was cut off");
  });
});

describe("the ECB's answers", () => {
  const slice = { kind: "days", days: { from: isoDate("2026-02-07"), to: isoDate("2026-02-08") } } as const;

  it("of a weekend are no rates, not missing ones", async () => {
    const double = await fxDouble(slice.days);
    const stream = ratesStream({});
    const asked = stream.first(slice);
    const { pathname, search } = new URL(asked.url);
    const body = await (await fetch(`${double.server.origin}${pathname}${search}`)).text();
    await double.close();
    expect(stream.read(body, asked)).toEqual({ records: [], next: null, warnings: [] });
    // An empty answer for these ten days more can only be a fault; for chosen currencies it is a warning.
    expect(() => stream.read(null, asked)).toThrow(expect.objectContaining({ code: "API_INCOMPLETE" }));
    expect(ratesStream({ currencies: ["HRK"] }).read(null, asked).warnings).toHaveLength(1);
  });

  it("that hold no rates are told apart", () => {
    const verdict = (status: number, body: string) => fx.classify?.({ status, headers: {}, body })?.next;
    expect(verdict(404, '{"detail":"No results found."}')).toBe("skip");
    expect(verdict(404, '{"error":"Not Found"}')).toBeUndefined();
    expect(verdict(200, "<html>Bad gateway</html>")).toBe("retry");
    expect(verdict(200, "Date,USD,\n2026-02-06,1.1")).toBe("retry");
    expect(verdict(200, "Date,USD,\n2026-02-06,1.1,\n")).toBeUndefined();
  });

  it("come from one place only, over https", () => {
    expect(fx.options.safeParse({ url: "http://x.example/r.csv" }).success).toBe(false);
    expect(fx.options.safeParse({ url: "https://x.example/r.csv", file: "r.csv" }).success).toBe(false);
    expect(fx.open(fx.options.parse({ file: "r.csv" }), {}).streams).toEqual([]);
    expect(fx.open(fx.options.parse({ url: "https://x.example/r.csv" }), {}).hosts).toEqual(["x.example"]);
  });
});
