import { describe, expect, it } from "vitest";
import { fullKey, keyOf, questionWorld, readQuestions } from "../testing/questions.js";
import { readerOf } from "./ask.js";
import type { Turn } from "./types.js";

/** `it.each` types tuples of different lengths badly. */
const pairs = (name: string) => readQuestions(name).questions.map(([question, key]) => [question, key] as const);
const reader = readerOf(questionWorld());

describe("published questions", () => {
  it.each(pairs("few-shot"))("%s", (question, key) => {
    expect(keyOf(reader.ask(question))).toBe(fullKey(key));
  });

  it.each(pairs("published"))("%s", (question, key) => {
    expect(keyOf(reader.ask(question))).toBe(fullKey(key));
  });

  it.each(readQuestions("published").chains ?? [])("a chain from %s", (...chain) => {
    let previous: Turn | null = null;
    for (const [question, key, rows = []] of chain) {
      const asked = reader.ask(question, previous);
      expect(keyOf(asked)).toBe(fullKey(key));
      previous = asked.kind === "query" ? { query: asked.query, rows } : null;
    }
  });
});
