import type { FuzzTarget } from "./fuzz-types.js";

/** A target by its name, and its share of the time when all run. The readers themselves are loaded when they are asked for. */
export interface FuzzPart {
  readonly name: string;
  readonly share: number;
  readonly load: () => Promise<FuzzTarget>;
}

/** The parts of `npm run fuzz` in the order in which they run. */
export const FUZZ_PARTS: readonly FuzzPart[] = [
  { name: "bodies", share: 0.25, load: async () => (await import("./fuzz-bodies.js")).bodiesTarget },
  { name: "csv", share: 0.15, load: async () => (await import("./fuzz-csv.js")).csvTarget },
  { name: "json", share: 0.25, load: async () => (await import("./fuzz-json.js")).jsonTarget },
  { name: "config", share: 0.1, load: async () => (await import("./fuzz-config.js")).configTarget },
  { name: "questions", share: 0.15, load: async () => (await import("./fuzz-questions.js")).questionsTarget },
  { name: "events", share: 0.1, load: async () => (await import("./fuzz-events.js")).eventsTarget },
];

/** Readers with one mistake each, for those who must find it. */
export const BROKEN: readonly FuzzPart[] = (["wrong", "throws", "dies", "hangs"] as const).map((name) => ({
  name,
  share: 1,
  load: async (): Promise<FuzzTarget> => ({
    name,
    reads: "a reader with a mistake",
    samples: () => [Buffer.from("an orderly line of text")],
    words: [],
    open: async () => ({ judge: (input) => (input.includes(0) ? mistake(name) : "taken") }),
  }),
}));

function mistake(name: "wrong" | "throws" | "dies" | "hangs"): { readonly wrong: string } {
  if (name === "throws") throw new TypeError("NUL is not expected");
  if (name === "dies") process.abort();
  if (name === "hangs") for (;;);
  return { wrong: "NUL came out as a blank" };
}
