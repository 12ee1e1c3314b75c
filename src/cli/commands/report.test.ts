import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canonicalJson } from "../../base/hash.js";
import { sampleFacts } from "../../reports/sample-facts.js";
import { NAVIGATION, sampleModels, TEMPLATES } from "../../reports/sample-site.js";
import { FORMATS, renderPage, siteRenderer } from "../../reports/site.js";
import { plainModel } from "../../reports/text.js";
import { runProgram } from "../../testing/program.js";
import { codeOf, freshFolder, removeFolders } from "../../testing/workspace.js";
import { diskFiles } from "../../warehouse/disk.js";
import type { CommandArgs } from "../command.js";
import { ALL_FORMATS, textFormats } from "../report-formats.js";
import { formatsOf, pageIds, pagesAsked } from "./report.js";

afterAll(removeFolders);

const args = (options: CommandArgs["options"]) => ({ positionals: [], options });

describe("growthos report", () => {
  it("takes pages once each, in the order given", () => {
    expect(pageIds(args({}))).toEqual([]);
    expect(pageIds(args({ wbr: true, page: ["executive", "wbr"] }))).toEqual(["wbr", "executive"]);
  });

  it("takes all pages by name or by naming none, but not all and one", async () => {
    const all = (await pagesAsked(args({}))).length;
    expect(await pagesAsked(args({ all: true }))).toHaveLength(all);
    expect(await codeOf(() => pagesAsked(args({ all: true, wbr: true })))).toBe("USAGE");
    const ids = async (options: CommandArgs["options"], configured: readonly string[]) =>
      (await pagesAsked(args(options), configured)).map(({ id }) => id);
    expect(await ids({}, ["daily", "wbr", "daily"])).toEqual(["daily", "wbr"]);
    expect(await ids({ page: ["pnl"] }, ["daily"])).toEqual(["pnl"]);
    expect(await ids({ all: true }, ["daily"])).toHaveLength(all);
    expect(await codeOf(() => pagesAsked(args({}), ["dayly"]))).toBe("PAGE_UNKNOWN");
  });

  it("takes formats with commas, in any order and case", () => {
    expect(formatsOf("json, HTML", ALL_FORMATS)).toEqual(["html", "json"]);
    expect(() => formatsOf("htm", ALL_FORMATS)).toThrow(/not a format/);
    expect(() => formatsOf("", ALL_FORMATS)).toThrow(/not a format/);
    // A PDF is printed from the page.
    expect(textFormats(formatsOf("pdf,md", ALL_FORMATS))).toEqual(["html", "md"]);
  });
});

describe("growthos report --from", () => {
  const contents = (folder: string) =>
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);

  it("renders a past report from its JSON alone, without project, data or build", async () => {
    const [given] = sampleModels(sampleFacts({ mostPoints: 4 }));
    if (given === undefined) throw new Error("no page");
    const report = { ...plainModel(given), navigation: NAVIGATION };
    const cwd = freshFolder();
    mkdirSync(join(cwd, "kept"));
    writeFileSync(join(cwd, "kept", "a name of mine.json"), canonicalJson(report));
    const { exit, stdout } = await runProgram(["report", "--from", "kept/a name of mine.json"], { cwd });
    expect(exit).toBe(0);
    const expected = await renderPage(report, FORMATS, siteRenderer(diskFiles, TEMPLATES));
    expect(stdout.split("\n")).toEqual(expected.map(({ name }) => join(cwd, "kept", name)));
    const found = new Map(contents(join(cwd, "kept")) as [string, string][]);
    for (const { name, text } of expected) expect(found.get(name)).toBe(text);
    expect(found.size).toBe(expected.length + 1);
  });

  it("says what is wrong with the file, and with options that it cannot follow", async () => {
    const cwd = freshFolder();
    writeFileSync(join(cwd, "x.json"), '{"schemaVersion":1}');
    const run = (...more: string[]) => runProgram(["report", "--from", ...more], { cwd });
    expect(await run("x.json")).toMatchObject({ exit: 4, stderr: expect.stringContaining("REPORT_INVALID") });
    expect(await run("y.json")).toMatchObject({ exit: 2, stderr: expect.stringContaining("REPORT_MISSING") });
    expect(await run("x.json", "--wbr")).toMatchObject({ exit: 2, stderr: expect.stringContaining("USAGE") });
  });
});
