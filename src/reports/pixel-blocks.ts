/** Blocks of the data-health page about the shop's own pixel. */
import { type PixelHealth, pixelSentence } from "../transform/pixel-health.js";
import { textCell } from "./figures.js";
import { capital } from "./narrative.js";
import type { Block } from "./types.js";

/** The state with what the score is made of, and the issues with what to do; nothing of a build that does not say. */
export function pixelBlocks(health: PixelHealth | null): readonly Block[] {
  if (health === null) return [];
  const sentence = pixelSentence(health);
  const heading: Block = { kind: "heading", id: "pixel", text: "The shop's own pixel" };
  const prose: Block = { kind: "prose", paragraphs: [`${capital(sentence)}.`] };
  if (health.score === null) return [heading, prose];
  const table: Block = {
    kind: "table",
    title: "What the score is made of",
    columns: [
      { id: "part", title: "Part", align: "left" },
      { id: "points", title: "Points", align: "right" },
    ],
    rows: health.parts.map(({ what, points }) => [
      textCell(capital(what)),
      textCell(`${points}`.replace("-", "−"), points),
    ]),
    totals: [textCell("Score"), textCell(`${health.score}`, health.score)],
    note: "50 for being there; 25, 15 or 5 for 100, 10 or any events in the last 24 hours before the cut-off; 15 for a completed checkout; 10 or 5 for an event in the last hour or six; 10 less for every issue; at least 0, at most 100. From 70 on the pixel is active.",
  };
  const items = health.issues.map(({ id, what, advice }) => ({
    tone: "warn" as const,
    badge: "issue",
    title: capital(id.replaceAll("_", " ")),
    detail: `${what}.`,
    advice: `${capital(advice)}.`,
  }));
  return [heading, prose, table, ...(items.length === 0 ? [] : [{ kind: "findings" as const, items }])];
}
