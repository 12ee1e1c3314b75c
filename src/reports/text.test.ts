import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { plainText } from "./plain-text.js";
import { HOSTILE, hostileModel } from "./sample-hostile.js";
import { daysText, label, listText, monthText, plainModel, rangeText, slug } from "./text.js";

describe("plainText", () => {
  it("writes out what reorders text and drops what cannot be seen", () => {
    expect(plainText("\u202Egnp.exe\u202C")).toBe("[U+202E]gnp.exe[U+202C]");
    expect(plainText("a\u200Bb\uFEFFc\u00ADd\u{E0041}")).toBe("abcd");
    expect(plainText("one\r\ntwo\u2028three\u0007\u001b[31m")).toBe("one two three [31m");
    expect(plainText("\uD800 lone")).toBe("\uFFFD lone");
  });

  it("keeps people's own letters", () => {
    for (const text of ["Ünïcödé", "مرحبا 123", "日本の店", "👩‍👩‍👧 & Co", "=cmd()"])
      expect(plainText(text)).toBe(text);
  });

  it("cuts by code points, with an ellipsis", () => {
    expect(plainText("x".repeat(10_240), 80)).toBe(`${"x".repeat(79)}…`);
    expect(plainText("😀".repeat(100), 3)).toBe("😀😀…");
    expect(Array.from(plainText(" \u202E".repeat(5000), 80)).length).toBeLessThanOrEqual(80);
  });

  it("changes nothing the second time", () => {
    for (const text of HOSTILE) {
      const once = plainText(text, 80);
      expect(plainText(once, 80)).toBe(once);
    }
    const model = plainModel(hostileModel());
    expect(plainModel(model)).toEqual(model);
  });

  it("gives a name to what has none", () => {
    expect(label(" \u200B ")).toBe("(no name)");
  });
});

describe("slug", () => {
  it("leaves nothing that a path, an id or a link could misread", () => {
    expect(slug("../../etc/passwd")).toBe("etc-passwd");
    expect(slug("javascript:alert(1)")).toBe("javascript-alert-1");
    expect(slug("…")).toBe("x");
    for (const text of HOSTILE) expect(slug(text)).toMatch(/^[a-z0-9][a-z0-9-]{0,59}$/);
  });
});

describe("dates and lists", () => {
  const range = (from: string, to: string) => rangeText({ from: isoDate(from), to: isoDate(to) });

  it("does not repeat what both ends share", () => {
    expect(range("2026-02-02", "2026-02-08")).toBe("2–8 Feb 2026");
    expect(range("2026-01-27", "2026-02-02")).toBe("27 Jan – 2 Feb 2026");
    expect(range("2025-12-29", "2026-01-04")).toBe("29 Dec 2025 – 4 Jan 2026");
    expect(range("2026-02-08", "2026-02-08")).toBe("8 Feb 2026");
    expect(monthText("2026-02-01")).toBe("Feb 2026");
  });

  it("joins neighbouring days and counts what is too much", () => {
    expect(daysText(["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-09"])).toBe(
      "2026-01-01 … 2026-01-03, 2026-01-09",
    );
    expect(daysText(["2026-01-01", "2026-01-03", "2026-01-05", "2026-01-07", "2026-01-09", "2026-01-11"])).toMatch(
      /2026-01-07 and 2 more gaps$/,
    );
    expect(listText(["a", "b", "c"])).toBe("a, b and c");
    expect(listText([])).toBe("");
  });
});
