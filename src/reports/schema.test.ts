import { describe, expect, it } from "vitest";
import { canonicalJson } from "../base/hash.js";
import { codeOf } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { sampleFacts } from "./sample-facts.js";
import { hostileModel } from "./sample-hostile.js";
import { NAVIGATION, sampleModels, TEMPLATES } from "./sample-site.js";
import { readFrozen } from "./schema.js";
import { BLOCK_KINDS, renderPage, siteRenderer } from "./site.js";
import { plainModel } from "./text.js";
import type { Block, ReportModel } from "./types.js";

const html = siteRenderer(diskFiles, TEMPLATES);
const models = [
  ...sampleModels(sampleFacts({ mostPoints: 4 })),
  { ...hostileModel(["<script>", "Ünïcödé", "=1+1"]), id: "hostile" },
].map(plainModel);
const frozenOf = (model: ReportModel) => `${canonicalJson({ ...model, navigation: NAVIGATION })}\n`;
const [first = hostileModel()] = models;

/** `first` with something else in one place, as text. */
const changed = (change: object) => canonicalJson({ ...first, navigation: NAVIGATION, ...change });

describe("a report on disk", () => {
  it.each(models.map((model) => [model.id, model] as const))("%s is rendered again byte for byte", async (_, model) => {
    const formats = ["html", "md", "json"] as const;
    const files = await renderPage({ ...model, navigation: NAVIGATION }, formats, html);
    const [, , json] = files;
    expect(json?.text).toBe(frozenOf(model));
    expect(await renderPage(readFrozen(String(json?.text), "x.json"), formats, html)).toEqual(files);
  });

  it("is seen here with every kind of block", () => {
    const kindsOf = (blocks: readonly Block[]): readonly string[] =>
      blocks.flatMap((block) => [
        block.kind,
        ...(block.kind === "presets" ? block.options.flatMap((option) => kindsOf(option.blocks)) : []),
      ]);
    expect([...new Set(models.flatMap((model) => kindsOf(model.blocks)))].sort()).toEqual([...BLOCK_KINDS].sort());
  });

  it("is refused with the place of what is wrong", () => {
    const read = (content: string) => readFrozen(content, "x.json");
    expect(() => read(changed({ title: 5 }))).toThrow(/title: /);
    expect(() => read(changed({ blocks: [{ kind: "prose", paragraphs: [], loud: true }] }))).toThrow(
      /blocks\.0: .*loud/,
    );
    expect(() => read(changed({ blocks: [{ kind: "poem" }] }))).toThrow(/blocks\.0/);
    expect(() => read(changed({ context: { ...first.context, asOf: "2026-02-30" } }))).toThrow(/context\.asOf: a day/);
    // An id becomes a file name.
    expect(() => read(changed({ id: "../wbr" }))).toThrow(/id: /);
    expect(() => read("{")).toThrow(/no report/);
  });

  it("of another schema is refused by its version", async () => {
    expect(await codeOf(() => readFrozen(changed({ schemaVersion: 2 }), "x.json"))).toBe("REPORT_VERSION");
    expect(await codeOf(() => readFrozen(changed({ schemaVersion: "1" }), "x.json"))).toBe("REPORT_INVALID");
  });
});
