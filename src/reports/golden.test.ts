import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FISCAL_445, SMALL_DECK } from "./deck/sample-deck.js";
import { wbr } from "./pages/wbr.js";
import { renderMarkdown } from "./render-markdown.js";
import { rollUpModel } from "./roll-up.js";
import { sampleFacts } from "./sample-facts.js";
import { sampleRollUp } from "./sample-roll-up.js";
import { NAVIGATION, sampleModels, sampleRenderer } from "./sample-site.js";
import { readFrozen } from "./schema.js";
import { plainModel } from "./text.js";

const FOLDER = fileURLToPath(new URL("../../fixtures/golden/reports/", import.meta.url));

/** Goldens are written when they are missing, but never where nobody looks at the difference. */
function matchGolden(name: string, text: string): void {
  if (!existsSync(`${FOLDER}${name}`)) {
    if (process.env["CI"] !== undefined)
      throw new Error(`fixtures/golden/reports/${name} is missing; run the tests without CI`);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${FOLDER}${name}`, text);
  }
  expect(text).toBe(readFileSync(`${FOLDER}${name}`, "utf8"));
}

/** Passports are alike, four blocks each: the first ten of them stand for all. */
const MOST_BLOCKS = 42;

/** What changes without a change of meaning: fonts, style, script, their hashes, and the drawings. */
function normalised(html: string): string {
  return html
    .replace(/sha256-[A-Za-z0-9+/=]+/g, "sha256-…")
    .replace(/<style>[\s\S]*?<\/style>/g, "<style>…</style>")
    .replace(/<script>[\s\S]*?<\/script>/g, "<script>…</script>")
    .replace(/<svg[^>]*>([\s\S]*?)<\/svg>/g, (_, drawing: string) => {
      const texts = [...drawing.matchAll(/<text[^>]*>([^<]*)/g)].map((match) => match[1]);
      return `<svg>${texts.join("|")}</svg>`;
    });
}

describe("goldens of decks of one's own", () => {
  it.each([
    ["deck-small", { deck: SMALL_DECK }],
    ["deck-fiscal", { calendar: FISCAL_445 }],
  ] as const)("%s", async (name, options) => {
    const model = wbr.build(sampleFacts({ mostPoints: 4, ...options }));
    matchGolden(`${name}.md`, renderMarkdown(model));
    matchGolden(`${name}.json`, `${JSON.stringify(model, null, 1)}\n`);
    matchGolden(`${name}.html`, normalised(await sampleRenderer().render(model, NAVIGATION)));
  });
});

describe("the golden of an agency", () => {
  it("workspaces", async () => {
    const model = plainModel(rollUpModel(sampleRollUp()));
    matchGolden("workspaces.md", renderMarkdown(model));
    matchGolden("workspaces.json", `${JSON.stringify(model, null, 1)}\n`);
    matchGolden("workspaces.html", normalised(await sampleRenderer().render(model, [])));
    expect(readFrozen(JSON.stringify({ ...model, navigation: [] }), "workspaces.json")).toEqual({
      ...model,
      navigation: [],
    });
  });
});

describe("goldens of a small shop", () => {
  const models = sampleModels(sampleFacts({ mostPoints: 4 })).map((model) =>
    model.id === "metrics" ? { ...model, blocks: model.blocks.slice(0, MOST_BLOCKS) } : model,
  );

  it.each(models.map((model) => [model.id, model] as const))("%s", async (id, model) => {
    matchGolden(`${id}.md`, renderMarkdown(model));
    matchGolden(`${id}.json`, `${JSON.stringify(model, null, 1)}\n`);
    matchGolden(`${id}.html`, normalised(await sampleRenderer().render(model, NAVIGATION)));
  });
});
