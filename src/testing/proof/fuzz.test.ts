import { readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleEntry } from "../faults/bundle.js";
import { freshFolder, removeFolders } from "../workspace.js";
import { BROKEN, FUZZ_PARTS, judgedAlone, runFuzz } from "./fuzz.js";
import { type Failure, runCases } from "./fuzz-cases.js";
import { mutantOf, shrunk } from "./mutate.js";

let entry = "";
beforeAll(async () => {
  entry = await bundleEntry("../proof/fuzz-entry");
});
afterAll(() => {
  rmSync(dirname(entry), { recursive: true, force: true });
  removeFolders();
});

/** So many cases of a seed that nobody has fixed anything for. */
const CASES: Readonly<Record<string, number>> = {
  bodies: 500,
  csv: 20,
  json: 3_000,
  config: 150,
  questions: 60,
  events: 5,
};

describe("the fuzz", { timeout: 120_000 }, () => {
  it.each(FUZZ_PARTS.map(({ name, load }) => [name, load] as const))(
    "finds nothing wrong with %s, takes some and refuses some",
    async (name, load) => {
      const failures: Failure[] = [];
      const tally = { cases: 0, taken: 0, refused: 0 };
      const most = CASES[name] ?? 0;
      await runCases({
        target: await load(),
        seed: 20_260_209,
        from: 0,
        tally,
        isOver: (next) => next >= most,
        begin: () => {},
        failed: (failure) => failures.push(failure),
      });
      expect(failures.map(({ input, ...rest }) => ({ ...rest, input: new TextDecoder().decode(input) }))).toEqual([]);
      expect(tally.cases).toBe(most);
      expect(tally.taken * tally.refused).toBeGreaterThan(0);
    },
  );

  it.each([
    ["wrong", "wrong"],
    ["dies", "crash"],
    ["hangs", "hang"],
  ])("reports a reader that %s, with the input, smaller, in a file", async (name, kind) => {
    const part = BROKEN.find((one) => one.name === name);
    if (part === undefined) throw new Error(name);
    const short = { enough: 1, tries: 1, mostMs: kind === "hang" ? 300 : 20_000 };
    const endsAt = Date.now() + 20_000;
    const task = { entry, seed: 7, endsAt, folder: freshFolder(), say: () => {}, ...short };
    const { failures } = await runFuzz(part, task);
    const [first] = failures;
    expect(first).toMatchObject({ kind, target: name, seed: 7 });
    const input = readFileSync(first?.file ?? "");
    expect(input.includes(0)).toBe(true);
    expect(input.length).toBeLessThanOrEqual(kind === "wrong" ? 4 : 1_000);
    const { isHung, isAnswered } = await judgedAlone(name, { ...task, file: first?.file ?? "" });
    expect({ isHung, isAnswered }).toEqual({ isHung: name === "hangs", isAnswered: name === "wrong" });
  });

  it("takes what is thrown and is no refusal for a crash, and goes on", async () => {
    const part = BROKEN.find((one) => one.name === "throws");
    const failures: Failure[] = [];
    const tally = { cases: 0, taken: 0, refused: 0 };
    if (part === undefined) throw new Error("throws");
    const run = { seed: 7, from: 0, tally, isOver: (next: number) => next >= 400, begin: () => {} };
    await runCases({ ...run, target: await part.load(), failed: (failure) => failures.push(failure) });
    expect(tally.cases).toBe(400);
    expect(failures.map(({ kind, input }) => [kind, input.length])).toContainEqual(["crash", 1]);
    expect(failures[0]?.why).toContain("NUL is not expected");
  });

  it("makes the same mutants of the same seed, and others of another", () => {
    const target = { name: "t", samples: [Buffer.from("a sample of some length"), Buffer.from("{}")], words: ["word"] };
    const of = (seed: number) =>
      Array.from({ length: 200 }, (_, at) => Buffer.from(mutantOf(target, seed, at)).toString("hex")).join();
    expect(of(1)).toBe(of(1));
    expect(of(1)).not.toBe(of(2));
  });

  it("leaves out of a failing input what it does not need", async () => {
    const small = await shrunk(Buffer.from("much text, then X, then more"), async (input) =>
      Buffer.from(input).includes("X"),
    );
    expect(Buffer.from(small).toString()).toBe("X");
  });
});
