import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { root } from "../testing/root.js";
import type { ChannelPath } from "./channel-path.js";
import { fractributionShares, MOST_PLAYERS, shapleyShares, shapleyValues } from "./shapley.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const path = (channels: string, conversions: number, journeys: number): ChannelPath => ({
  channels: channels.split(">"),
  conversions,
  journeys,
});

function valuesOf(players: readonly string[], worths: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const answer = shapleyValues(players, (coalition) => worths[coalition.join("")] ?? 0);
  return answer.status === "ok" ? answer.values : new Map();
}

describe("shapleyValues", () => {
  it("equals a game of three computed by hand", () => {
    // v: A 1, B 2, C 0, AB 5, AC 3, BC 2, ABC 9. Contributions of A in the six orders: ABC 1, ACB 1, BAC 5-2=3, CAB 3-0=3,
    // BCA 9-2=7, CBA 9-2=7: 22/6. B: 4, 6 (ACB: 9-3), 2, 6 (CAB: 9-3), 2, 2: 22/6. C: 4, 2, 4, 0, 0, 0: 10/6. Sum 54/6 = 9.
    const values = valuesOf(["A", "B", "C"], { A: 1, B: 2, AB: 5, AC: 3, BC: 2, ABC: 9 });
    expect(values.get("A")).toBeCloseTo(22 / 6, 12);
    expect(values.get("B")).toBeCloseTo(22 / 6, 12);
    expect(values.get("C")).toBeCloseTo(10 / 6, 12);
  });

  it("divides the glove game: one left glove, two right ones", () => {
    // A pair is worth 1: A (left) is pivotal unless it comes first: 4/6; B and C 1/6 each.
    const values = valuesOf(["A", "B", "C"], { AB: 1, AC: 1, ABC: 1 });
    expect([...values.values()].map((value) => value.toFixed(9))).toEqual([
      "0.666666667",
      "0.166666667",
      "0.166666667",
    ]);
  });

  it("says when there are too many players, and is exact at the limit", () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `c${String(index).padStart(2, "0")}`);
    expect(shapleyValues(names(MOST_PLAYERS + 1), () => 1)).toEqual({
      status: "too_many_players",
      players: 17,
      most: 16,
    });
    const most = shapleyValues(names(MOST_PLAYERS), (coalition) => coalition.length ** 2);
    // Symmetric players share 16² evenly.
    if (most.status === "ok") for (const value of most.values.values()) expect(value).toBeCloseTo(16, 9);
    expect(most.status).toBe("ok");
  });
});

// 64 worths for five players and one who adds nothing.
const anyGame = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 32, maxLength: 32 });
const PLAYERS = ["a", "b", "c", "d", "e"];
const maskOf = (coalition: readonly string[]) =>
  coalition.reduce((mask, player) => mask + (PLAYERS.includes(player) ? 2 ** PLAYERS.indexOf(player) : 0), 0);

describe("for any game", () => {
  it("values add up to the worth of all (efficiency), and an idle player gets nothing", () => {
    fc.assert(
      fc.property(anyGame, (worths) => {
        const answer = shapleyValues([...PLAYERS, "idle"], (coalition) => (worths[maskOf(coalition)] ?? 0) / 7);
        if (answer.status !== "ok") throw new Error("six players are few");
        const sum = [...answer.values.values()].reduce((all, value) => all + value, 0);
        expect(sum).toBeCloseTo(((worths[31] ?? 0) - (worths[0] ?? 0)) / 7, 9);
        expect(answer.values.get("idle")).toBeCloseTo(0, 9);
      }),
    );
  });

  it("players who do the same get the same (symmetry), in whatever order they are named", () => {
    fc.assert(
      fc.property(anyGame, (worths) => {
        // What counts is how many of a and b are there.
        const worth = (coalition: readonly string[]) => {
          const alike = coalition.filter((player) => player === "a" || player === "b").length;
          const rest = coalition.filter((player) => player !== "a" && player !== "b");
          return worths[maskOf([...rest, ...["a", "b"].slice(0, alike)])] ?? 0;
        };
        const one = shapleyValues(PLAYERS, worth);
        const other = shapleyValues([...PLAYERS].reverse(), worth);
        expect(other).toEqual(one);
        if (one.status === "ok") expect(one.values.get("a")).toBeCloseTo(one.values.get("b") ?? Number.NaN, 9);
      }),
    );
  });
});

describe("shares of journeys", () => {
  it("divide a journey by what its channels bring alone and together", () => {
    // v(A) = 1/10, v(B) = 3/10, v(AB) = 6/10. A: (1/10 + 6/10 - 3/10) / 2 = 2/10; B: (3/10 + 6/10 - 1/10) / 2 = 4/10. A third, two thirds.
    const shares = shapleyShares([path("A", 1, 10), path("B", 3, 10), path("A>B", 2, 4), path("B>A", 4, 6)]);
    expect(shares(["A", "B"])?.get("A")).toBeCloseTo(1 / 3, 12);
    expect(shares(["B", "A", "B"])?.get("B")).toBeCloseTo(2 / 3, 12);
  });

  it("give nothing to a channel without which journeys convert better", () => {
    // v(A) = 1, v(B) = 0, v(AB) = 1/2: A (1 + 1/2) / 2 = 3/4, B (0 + 1/2 - 1) / 2 = -1/4.
    const paths = [path("A", 2, 2), path("B", 0, 5), path("A>B", 1, 2)];
    expect([...(shapleyShares(paths)(["A", "B"]) ?? [])]).toEqual([
      ["A", 1],
      ["B", 0],
    ]);
    expect(shapleyShares(paths)(["B"])).toBeNull();
  });

  it("are none for more channels than can be asked exactly", () => {
    const many = Array.from({ length: MOST_PLAYERS + 1 }, (_, index) => `c${index}`);
    expect(shapleyShares([{ channels: many, conversions: 1, journeys: 1 }])(many)).toBeNull();
  });

  const anyPaths = fc.array(
    fc
      .tuple(fc.array(fc.constantFrom(...PLAYERS), { minLength: 1, maxLength: 5 }), fc.nat(20), fc.nat(20))
      .map(([channels, conversions, others]) => ({ channels, conversions, journeys: conversions + others })),
    { minLength: 1, maxLength: 12 },
  );

  it.each([
    ["shapley", shapleyShares],
    ["fractribution", fractributionShares],
  ] as const)("%s: add up to 1 and do not depend on the order of the journeys", (_, sharesFor) => {
    fc.assert(
      fc.property(anyPaths, (paths) => {
        const one = sharesFor(paths);
        const other = sharesFor([...paths].reverse());
        for (const { channels } of paths) {
          const shares = one(channels);
          expect(other(channels)).toEqual(shares);
          if (shares === null) continue;
          expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
          expect([...shares.values()].every((share) => share >= 0)).toBe(true);
        }
      }),
    );
  });
});

const data = join(root, "../shared/data/snowplow_fractribution/expected");
const isThere = existsSync(data);
if (!isThere) console.info(`skipped: the tables of snowplow-fractribution, because there is no ${data}`);

type Line = Readonly<Record<string, string>>;

function csv(name: string): readonly Line[] {
  const [head = "", ...lines] = readFileSync(join(data, `snowplow_fractribution_${name}_expected.csv`), "utf8")
    .trim()
    .split(/\r?\n/);
  const names = head.toLowerCase().split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, index) => [names[index] ?? "", cell])));
}

/** Conversions and revenue by channel: each path's own, divided by its shares. */
function attributed(sharesFor: (channels: readonly string[]) => ReadonlyMap<string, number>) {
  const totals = new Map<string, { conversions: number; revenue: number }>();
  for (const line of csv("path_summary")) {
    for (const [channel, share] of sharesFor(String(line["transformed_path"]).split(" > "))) {
      const known = totals.get(channel) ?? { conversions: 0, revenue: 0 };
      totals.set(channel, {
        conversions: known.conversions + share * Number(line["conversions"]),
        revenue: known.revenue + share * Number(line["revenue"]),
      });
    }
  }
  return totals;
}

describe("snowplow-fractribution's expected tables", () => {
  const lastTouch = (channels: readonly string[]) => new Map([[channels.at(-1) ?? "", 1]]);
  const removal = () => {
    const paths = csv("path_summary").map((line) => ({
      channels: String(line["transformed_path"]).split(" > "),
      conversions: Number(line["conversions"]),
      journeys: Number(line["conversions"]) + Number(line["non_conversions"]),
    }));
    const shares = fractributionShares(paths);
    return (channels: readonly string[]) => shares(channels) ?? lastTouch(channels);
  };

  it.runIf(isThere)("divide the one path of two channels: 0.459 and 0.541", () => {
    // Paths convert at 1/2, Organic_Search alone at 1/27, Direct alone at 3/28: (1/2 - 3/28) and (1/2 - 1/27) of their sum.
    const shares = removal()(["Organic_Search", "Direct"]);
    expect(shares.get("Direct")).toBeCloseTo((1 / 2 - 1 / 27) / (1 - 1 / 27 - 3 / 28), 12);
    expect(shares.get("Direct")?.toFixed(3)).toBe("0.541");
  });

  it.runIf(isThere)("are equal for shapley and last_touch: conversions, revenue and ROAS", () => {
    const models = new Map([
      ["shapley", attributed(removal())],
      ["last_touch", attributed(lastTouch)],
    ]);
    const rows = csv("report_table");
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      const found = models.get(String(row["attribution_type"]))?.get(String(row["channel"])) ?? {
        conversions: 0,
        revenue: 0,
      };
      expect(Math.abs(found.conversions - Number(row["conversions"]))).toBeLessThan(1e-9);
      expect(Math.abs(found.revenue - Number(row["revenue"]))).toBeLessThan(1e-9);
      expect(Math.abs(found.revenue / Number(row["spend"]) - Number(row["roas"]))).toBeLessThan(1e-9);
    }
  });
});
