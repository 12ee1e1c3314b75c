/** The first page of a folder: which reports there are, and what they say in one sentence. */
import { stamps } from "../stamps.js";
import { dayText } from "../text.js";
import type { Block, Facts, ReportModel } from "../types.js";

/** The model of `index`. A page that was not built now is listed without its sentence. */
export function indexModel(
  facts: Facts,
  pages: readonly { readonly page: string; readonly title: string }[],
  models: readonly ReportModel[],
): ReportModel {
  return {
    schemaVersion: 1,
    id: "index",
    title: "Reports",
    subtitle: `As of ${dayText(facts.context.asOf)}`,
    context: facts.context,
    blocks: [
      {
        kind: "links",
        items: pages.map(({ page, title }) => {
          const model = models.find((candidate) => candidate.id === page);
          return { page, title, detail: model === undefined ? "" : headlineOf(model.blocks) || model.subtitle };
        }),
      },
    ],
    stamps: stamps(facts),
  };
}

/** The leading sentence of a page; of its selected preset when it has presets. */
function headlineOf(blocks: readonly Block[]): string {
  for (const block of blocks) {
    if (block.kind === "prose" && block.lead) return block.paragraphs[0] ?? "";
    if (block.kind !== "presets") continue;
    const selected = block.options.find((option) => option.id === block.selected);
    if (selected !== undefined) return headlineOf(selected.blocks);
  }
  return "";
}
