import { describe, expect, it } from "vitest";
import { FORMATS } from "../../reports/site.js";
import { formatsOf, pageIds } from "./report.js";

const args = (options: Record<string, string | boolean | readonly string[]>) => ({ positionals: [], options });

describe("growthos report", () => {
  it("takes pages once each, in the order given", () => {
    expect(pageIds(args({}))).toEqual([]);
    expect(pageIds(args({ wbr: true, page: ["executive", "wbr"] }))).toEqual(["wbr", "executive"]);
  });

  it("takes formats with commas, in any order and case", () => {
    expect(formatsOf("json, HTML", FORMATS)).toEqual(["html", "json"]);
    expect(() => formatsOf("htm", FORMATS)).toThrow(/not a format/);
    expect(() => formatsOf("", FORMATS)).toThrow(/not a format/);
  });
});
