import { describe, expect, it } from "vitest";
import { type Expectation, type Expected, openWorld, readWorlds, worldContext } from "../testing/worlds.js";
import type { Database } from "../warehouse/types.js";
import { METRICS } from "./catalog/index.js";
import { runQuery } from "./run-query.js";
import type { BreakdownRow, Compared, MetricValue, QueryResult } from "./types.js";

/** A value in the notation of the worlds. */
function notation(value: MetricValue | undefined, like: Expected): Expected {
  if (value === undefined) return "absent";
  if (value.status === "ok" && value.partial !== undefined) return `partial: ${value.value}: ${value.partial}`;
  if (value.status === "ok") return value.provisional === true ? `provisional: ${value.value}` : value.value;
  if (value.status === "undefined") return `undefined: ${value.detail}`;
  const full = `unknown: ${value.because}: ${value.detail}`;
  return typeof like === "string" && full.startsWith(like) ? like : full;
}

function pick(
  actual: Readonly<Record<string, Compared>> | undefined,
  expected: Readonly<Record<string, Expected>>,
  member: keyof Compared = "value",
) {
  return Object.fromEntries(Object.entries(expected).map(([id, like]) => [id, notation(actual?.[id]?.[member], like)]));
}

function metricsOf(expectation: Expectation): readonly string[] {
  const rows = [...Object.values(expectation.rows ?? {}), ...Object.values(expectation.series ?? {})];
  return [...new Set([expectation.totals, ...rows].flatMap((values) => Object.keys(values)))];
}

function checkRows(actual: readonly BreakdownRow[], expected: Expectation["rows"]) {
  for (const [key, values] of Object.entries(expected ?? {})) {
    expect(pick(actual.find((row) => row.key === key)?.values, values), key).toEqual(values);
  }
}

/** Asks in one go when 15 metrics suffice, else in several questions. */
async function answer(
  db: Database,
  world: Parameters<typeof worldContext>[0],
  expectation: Expectation,
): Promise<QueryResult> {
  return runQuery(db, { ...expectation.query, metrics: metricsOf(expectation) }, worldContext(world));
}

describe("tiny worlds, worked out by hand", () => {
  const worlds = readWorlds();

  for (const [name, world] of worlds) {
    it(`${name}: every expected number`, async () => {
      const db = await openWorld(world);
      try {
        for (const expectation of world.expect) {
          const result = await answer(db, world, expectation);
          expect(pick(result.totals, expectation.totals)).toEqual(expectation.totals);
          if (expectation.previous)
            expect(pick(result.totals, expectation.previous, "previous")).toEqual(expectation.previous);
          if (expectation.change) expect(pick(result.totals, expectation.change, "change")).toEqual(expectation.change);
          checkRows(result.rows, expectation.rows);
          checkRows(result.series, expectation.series);
        }
      } finally {
        await db.close();
      }
    });

    it(`${name}: stays tiny`, () => {
      expect(Object.values(world.tables).flat().length).toBeLessThanOrEqual(20);
    });
  }

  it("hold an expected number for every metric of the catalog", () => {
    const numbers = worlds.flatMap(([, world]) => world.expect.map((expectation) => expectation.totals));
    const known = new Set(
      numbers.flatMap((totals) =>
        Object.entries(totals)
          .filter(([, value]) => isNumber(value))
          .map(([id]) => id),
      ),
    );
    expect(METRICS.map((metric) => metric.id).filter((id) => !known.has(id))).toEqual([]);
  });
});

function isNumber(value: Expected): boolean {
  return typeof value === "number" || value.startsWith("provisional: ");
}
