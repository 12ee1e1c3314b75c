import { describe, expect, it } from "vitest";
import { fullKey, keyOf, questionWorld, readQuestions } from "../testing/questions.js";
import { readerOf } from "./ask.js";
import type { Turn } from "./types.js";

const reader = readerOf(questionWorld());

describe.each(["few-shot", "published", "paraphrases", "held-out"])("the questions of %s", (name) => {
  const { questions, chains = [] } = readQuestions(name);

  it.each(questions.map(([question, key]) => [question, key] as const))("%s", (question, key) => {
    expect(keyOf(reader.ask(question))).toBe(fullKey(key));
  });

  it.each(chains.map((chain) => [chain.map(([question]) => question).join(" -> "), chain] as const))(
    "%s",
    (_, chain) => {
      let previous: Turn | null = null;
      for (const [question, key, rows = []] of chain) {
        const asked = reader.ask(question, previous);
        expect(keyOf(asked)).toBe(fullKey(key));
        previous = asked.kind === "query" ? { query: asked.query, rows } : previous;
      }
    },
  );
});

describe("words that every object of JavaScript has", () => {
  it.each(["constructor", "this constructor", "orders last constructor", "5 constructors", "50 __proto__", "toString"])(
    "are words like any other: %s",
    (question) => expect(reader.ask(question)).toMatchObject({ kind: "refused" }),
  );

  it("name regions like any other", () => {
    const world = questionWorld();
    const region = { field: "region", key: "constructor", label: "constructor" } as const;
    expect(readerOf({ ...world, entities: [...world.entities, region] }).ask("orders last week").kind).toBe("query");
  });
});

describe("months that no calendar has a next one of", () => {
  it.each(["9999-12", "0000-01", "net revenue in 9999-12"])("are refused, and end nothing: %s", (question) =>
    expect(reader.ask(question)).toMatchObject({ kind: "refused" }),
  );
});

/** What the parser has to keep, whatever is added to it: single questions may be disputed, the whole may not. */
const LEAST_RIGHT = 0.97;

describe("all corpora", () => {
  it("are read as their keys say, at least 97 of 100 of each", () => {
    for (const name of ["few-shot", "published", "paraphrases", "held-out"]) {
      const { questions } = readQuestions(name);
      const right = questions.filter(([question, key]) => keyOf(reader.ask(question)) === fullKey(key));
      expect(right.length / questions.length, name).toBeGreaterThanOrEqual(LEAST_RIGHT);
    }
  });
});
