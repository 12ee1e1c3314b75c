import { describe, expect, it } from "vitest";
import { addDays } from "../base/dates.js";
import { openWorld, readWorlds, worldContext } from "../testing/worlds.js";
import { METRICS } from "./catalog/index.js";
import { readCoverage } from "./coverage.js";
import { validateQuery } from "./query.js";
import { runQueries } from "./run-queries.js";
import { runQuery } from "./run-query.js";
import type { AnswerContext, Breakdown, SemanticQuery } from "./types.js";

const AT_ONCE = 15;
const BREAKDOWNS: readonly (Breakdown | undefined)[] = [undefined, "channel", "product", "week"];

/** Every fourth metric from `start`, by windows that lie in each other, alone and against both comparisons. */
function questions({ lastCompleteDay: to }: AnswerContext, start: number): readonly SemanticQuery[] {
  const windows = [7, 30, 365].map((days) => ({ from: addDays(to, 1 - days), to }));
  const ids = METRICS.filter((_, index) => index % 4 === start).map(({ id }) => id);
  return BREAKDOWNS.flatMap((breakdown) =>
    windows.flatMap((window): SemanticQuery[] => {
      const broken = breakdown === undefined ? { window } : { window, breakdown };
      const metrics = ids.filter((id) => validateQuery({ metrics: [id], ...broken }).ok).slice(0, AT_ONCE);
      const query = { metrics, ...broken };
      return [query, { ...query, compare: { kind: "previous" } }, { ...query, compare: { kind: "year_over_year" } }];
    }),
  );
}

describe("many questions at once", () => {
  it.each([
    ["shop.json", 0],
    ["cohorts.json", 2],
  ])("of %s are answered as each by itself", async (name, start) => {
    const world = readWorlds().find(([file]) => file === name)?.[1];
    if (world === undefined) throw new Error(`fixtures/worlds/${name} is missing`);
    const db = await openWorld(world);
    const context = worldContext(world);
    const coverage = await readCoverage(db);
    const queries = questions(context, start);
    const together = await runQueries(db, queries, context, { coverage });
    // Three breakdowns in a statement each; by week every question has its own.
    expect(new Set(together.flatMap(({ sql }) => sql)).size).toBe(3 + 9);
    for (const [index, query] of queries.entries()) {
      const { sql: _, ...alone } = await runQuery(db, query, context, { coverage });
      const { sql: __, ...one } = together[index] ?? { sql: [] };
      expect(one, JSON.stringify(query)).toEqual(alone);
    }
    await db.close();
  });
});
