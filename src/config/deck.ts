/** The `deck` key of a shop: the layout of its weekly review, who answers for what, and what happened. */
import { z } from "zod";
import { isISODate } from "../base/dates.js";
import { type Problem, unknownKey } from "./problems.js";
import type { DeckConfig } from "./types.js";

const day = z.string().refine(isISODate, { error: "expected a date YYYY-MM-DD" });
const name = z.string().trim().min(1).max(120);
const several = z.array(z.string()).min(1).max(15);

const block = z.union(
  [
    z.string(),
    z.strictObject({ six_twelve: z.string() }),
    z.strictObject({ xmr: z.string() }),
    z.strictObject({ weeks: several }),
    z.strictObject({ months: several }),
  ],
  {
    error:
      "expected the name of a block, { six_twelve: metric }, { xmr: metric }, { weeks: [metrics] } or { months: [metrics] }",
  },
);

/** The `deck` key; absent: the shipped layout, no owner, no event. */
export const deckSchema = z.strictObject({
  sections: z
    .array(
      z.union([z.string(), z.strictObject({ title: name, blocks: z.array(block).min(1).max(40) })], {
        error: "expected the name of a section, or { title, blocks }",
      }),
    )
    .min(1)
    .max(40)
    .optional(),
  owners: z.record(z.string(), name).default({}),
  events: z
    .array(z.strictObject({ day, text: z.string().trim().min(1).max(200), metrics: several.optional() }))
    .max(500)
    .default([]),
});

/** What a deck may name; handed in so that this room need not know reports. */
export interface DeckNames {
  readonly sections: readonly string[];
  readonly blocks: readonly string[];
}

/** Names in `deck` that mean nothing, each with the nearest that does. */
export function deckProblems(
  { sections = [], owners, events }: DeckConfig,
  known: DeckNames & { readonly metrics: readonly string[] },
): readonly Problem[] {
  const unknown = (path: readonly string[], written: string, names: readonly string[]): readonly Problem[] =>
    names.includes(written)
      ? []
      : [{ path: ["deck", ...path], message: `"${written.slice(0, 60)}": ${unknownKey(written, names)}` }];
  return [
    ...sections.flatMap((section, at) =>
      typeof section === "string"
        ? unknown(["sections", String(at)], section, known.sections)
        : section.blocks.flatMap((one, place) => {
            const path = ["sections", String(at), "blocks", String(place)];
            if (typeof one === "string") return unknown(path, one, known.blocks);
            return Object.values(one)
              .flat()
              .flatMap((metric) => unknown(path, metric, known.metrics));
          }),
    ),
    ...Object.keys(owners).flatMap((metric) => unknown(["owners", metric], metric, known.metrics)),
    ...events.flatMap(({ metrics = [] }, at) =>
      metrics.flatMap((metric) => unknown(["events", String(at), "metrics"], metric, known.metrics)),
    ),
  ];
}
