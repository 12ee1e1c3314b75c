/** The first page of a folder: which reports there are, what they say in one sentence, and a search over everything in them. */
import type { MetricDef } from "../../metrics/types.js";
import { stamps } from "../stamps.js";
import { dayText } from "../text.js";
import type { Block, BlockOf, Facts, ReportModel } from "../types.js";

type Found = BlockOf<"search">["items"][number];

/** The page that tells all about metrics, when it is there. */
const PASSPORTS = "metrics";

/** The model of `index`. A page that was not built now is listed without its sentence. */
export function indexModel(
  facts: Facts,
  pages: readonly { readonly page: string; readonly title: string }[],
  models: readonly ReportModel[],
): ReportModel {
  const listed = pages.map(({ page, title }) => {
    const model = models.find((candidate) => candidate.id === page);
    return { page, title, detail: model === undefined ? "" : headlineOf(model.blocks) || model.subtitle };
  });
  const hasPassports = pages.some(({ page }) => page === PASSPORTS);
  return {
    schemaVersion: 1,
    id: "index",
    title: "Reports",
    subtitle: `As of ${dayText(facts.context.asOf)}`,
    context: facts.context,
    blocks: [
      {
        kind: "search",
        items: [
          ...listed.map((item): Found => ({ ...item, what: "page" })),
          ...models.flatMap(sectionsOf),
          ...facts.metrics.map((metric) => metricItem(metric, hasPassports)),
        ],
      },
      { kind: "links", items: listed },
    ],
    stamps: stamps(facts),
  };
}

/** The leading sentence of a page; of its selected preset, and of the first comparison, when it has them. */
function headlineOf(blocks: readonly Block[]): string {
  for (const block of blocks) {
    if (block.kind === "prose" && block.lead) return block.paragraphs[0] ?? "";
    if (block.kind !== "presets" && block.kind !== "versus") continue;
    const found = headlineOf(partsOf(block));
    if (found !== "") return found;
  }
  return "";
}

/** Of a choice, the part that is shown at first: the others say the same of other days. */
function partsOf(block: BlockOf<"presets"> | BlockOf<"versus">): readonly Block[] {
  if (block.kind === "versus") return block.blocks;
  return block.options.find((option) => option.id === block.selected)?.blocks ?? [];
}

/** Headings have an address of their own; tables and drawings are found on their page. */
function sectionsOf(model: ReportModel): readonly Found[] {
  const visit = (blocks: readonly Block[]): readonly Found[] =>
    blocks.flatMap((block): readonly Found[] => {
      if (block.kind === "presets" || block.kind === "versus") return visit(partsOf(block));
      const on = { what: "section", page: model.id, detail: model.title } as const;
      if (block.kind === "heading") return [{ ...on, title: block.text, anchor: block.id }];
      return block.kind === "table" || block.kind === "chart" ? [{ ...on, title: block.title }] : [];
    });
  return visit(model.blocks);
}

function metricItem({ title, formula, aliases, id }: MetricDef, hasPassports: boolean): Found {
  const names = [id, ...aliases].join(", ");
  return { what: "metric", title, detail: `${formula} (${names})`, ...(hasPassports ? { page: PASSPORTS } : {}) };
}
