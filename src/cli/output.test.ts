import { describe, expect, it } from "vitest";
import { clean, cleanAnswer, createOutput, formatTable, wantsColor } from "./output.js";

const ESC = String.fromCharCode(27);
const RLO = String.fromCharCode(0x202e);

describe("what reaches a terminal", () => {
  it("loses escape sequences, bells and direction marks, keeps line breaks and letters of every script", () => {
    expect(clean(`a${ESC}]0;owned${String.fromCharCode(7)}b${RLO}c\nd\té 東京`)).toBe("a]0;ownedbc\nd\té 東京");
  });

  it("keeps only the colours that growthos made, and none without colour", () => {
    const text = `${ESC}[31mred${ESC}[39m ${ESC}[2Jcleared`;
    expect(cleanAnswer(text, true)).toBe(`${ESC}[31mred${ESC}[39m [2Jcleared`);
    expect(cleanAnswer(text, false)).toBe("red [2Jcleared");
  });
});

describe("tables", () => {
  it("align columns without trailing spaces and put a cell on one line", () => {
    const table = formatTable(
      [{ title: "name" }, { title: "rows", align: "right" }, { title: "note" }],
      [
        ["shopify\norders", "5,400", ""],
        ["ga4", "12", `x${ESC}[31m`],
      ],
    );
    expect(table).toBe(
      ["name             rows  note", "shopify orders  5,400", "ga4                12  x[31m"].join("\n"),
    );
  });
});

describe("colour", () => {
  it.each([
    [true, {}, true, true],
    [true, {}, false, false],
    [true, { TERM: "dumb" }, true, false],
    [true, { NO_COLOR: "1" }, true, false],
    [true, { NO_COLOR: "" }, true, true],
    [true, { FORCE_COLOR: "1" }, false, true],
    [true, { FORCE_COLOR: "0" }, false, false],
    [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, true, false],
    [false, { FORCE_COLOR: "1" }, true, false],
  ])("flag %s, environment %o, terminal %s: %s", (flag, env, isTerminal, expected) => {
    expect(wantsColor(flag, env, isTerminal)).toBe(expected);
  });
});

describe("talk", () => {
  const collect = (quiet: boolean) => {
    const lines: string[] = [];
    const output = createOutput({
      talk: (line) => lines.push(line),
      quiet,
      color: { answer: false, talk: false },
    });
    output.note("hello");
    output.warn(`careful${ESC}[2J`);
    const step = output.step("sync");
    step.update("half");
    step.done("12 rows");
    output.step("build").failed();
    return lines;
  };

  it("is plain lines without a terminal", () => {
    expect(collect(false)).toEqual([
      "hello",
      "warning: careful[2J",
      "sync …",
      "sync: 12 rows",
      "build …",
      "build: failed",
    ]);
  });

  it("is warnings only when quiet", () => {
    expect(collect(true)).toEqual(["warning: careful[2J"]);
  });

  it("moves a spinner on a terminal", () => {
    const seen: string[] = [];
    const output = createOutput({
      talk: () => {},
      quiet: false,
      color: { answer: false, talk: false },
      spinner: (text) => {
        seen.push(text);
        return {
          update: (next) => seen.push(next),
          succeed: (last) => seen.push(`ok ${last}`),
          fail: (last) => seen.push(`no ${last}`),
        };
      },
    });
    const step = output.step("sync");
    step.update("1/2");
    step.failed("cut");
    expect(seen).toEqual(["sync", "sync  1/2", "no sync  cut"]);
  });
});
