import { afterAll, describe, expect, it } from "vitest";
import { removeFolders } from "../workspace.js";
import { runPart, SOAK_PARTS } from "./soak.js";

afterAll(removeFolders);

/** Over after so many looks. */
function looks(most: number): () => boolean {
  let seen = 0;
  return () => {
    seen += 1;
    return seen > most;
  };
}

const part = (name: string) => {
  const found = SOAK_PARTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

// The longest that a busy machine may need; the mistakes show within a second or two.
describe("the soak", { timeout: 120_000 }, () => {
  it.each([
    ["kills", "lost"],
    ["power", "lost"],
    ["lock", "two owners"],
    ["readers", "mixed"],
  ])("reports what a rig with a mistake does: %s, %s", async (name, kind) => {
    const isOver = name === "kills" || name === "power" ? looks(60) : looks(400);
    const { violations } = await runPart(part(name), { seed: 3, isOver, say: () => {}, isBroken: true });
    expect(violations.map((one) => one.kind)).toContain(kind);
  });

  // Kills of the program as it is: `faults/processes.test.ts` and `faults/intake-kills.test.ts`.
  it("finds nothing wrong with the program itself, whose power is cut", async () => {
    const { violations, reached } = await runPart(part("power"), { seed: 3, isOver: looks(1), say: () => {} });
    expect(violations).toEqual([]);
    expect(reached).toBeGreaterThan(0);
  });

  it("R06 finds no report of two builds while one after the other is published", async () => {
    let read = 0;
    const isOver = () => read >= 20;
    const say = (reached: number) => {
      read = reached;
    };
    const { violations } = await runPart(part("readers"), { seed: 3, isOver, say });
    expect(violations).toEqual([]);
  });

  it("takes a rig that ends for a violation", async () => {
    const ends = { ...part("kills"), run: () => Promise.reject(new Error("no disk")) };
    const { violations } = await runPart(ends, { seed: 1, isOver: () => true, say: () => {} });
    expect(violations).toMatchObject([{ kind: "manual repair", what: expect.stringContaining("no disk") }]);
  });
});
