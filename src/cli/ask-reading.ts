/** Who read a question and who worded its answer, as a terminal and programs are told. */
import { queryInWords } from "../ask/in-words.js";
import type { Read } from "../ask/llm/judge.js";
import { addTokens } from "../ask/llm/types.js";
import type { Wording } from "../ask/llm/wording.js";
import type { AskWorld } from "../ask/types.js";
import { snakeCased } from "../metrics/present.js";
import type { Output } from "./command.js";

/** A question that was read, and the other words of its answer where there are any. */
export interface WhoRead {
  readonly read: Read;
  readonly wording: Wording | null;
}

/** For programs; `model` is null where there is none. */
export function readingJson({ read, wording }: WhoRead): Readonly<Record<string, unknown>> {
  const { by, model } = read;
  if (model === null) return { reading: { by, model: null } };
  const { name, verdict, other, otherQuery, why } = model;
  const tokens = wording === null ? model.tokens : addTokens(model.tokens, wording.tokens);
  const worded = wording === null ? null : { text: wording.text, why: wording.why };
  const told = { name, verdict, other, otherQuery, why, wording: worded, tokens };
  return { reading: snakeCased({ by, model: told }) };
}

const VERDICTS = {
  same: "reads the same",
  other: "reads it otherwise",
  alone: "reads it, the rules do not",
  unused: "was not used",
  not_asked: "was not asked: the refusal stands whatever it reads",
} as const;

/** The block of `--explain`. */
export function readingText({ read, wording }: WhoRead, world: AskWorld, output: Output): readonly string[] {
  const { asked, by, model } = read;
  if (model === null) return [];
  const tokens = wording === null ? model.tokens : addTokens(model.tokens, wording.tokens);
  const detail = model.why ?? model.other;
  const worded = wording === null ? "the program" : (wording.why ?? `the model ${model.name}`);
  const rows = [
    ["read by", by === "rules" ? "the rules" : `the model ${model.name}`],
    ...(asked.kind === "query" ? [["as", queryInWords(asked.query, world)]] : []),
    [
      by === "rules" ? `the model ${model.name}` : "the rules",
      by === "rules" ? [VERDICTS[model.verdict], ...(detail === null ? [] : [detail])].join(": ") : (model.other ?? ""),
    ],
    ["worded by", wording === null || wording.text !== null ? worded : `the program: ${worded}`],
    ["tokens", `${tokens.input} in, ${tokens.output} out`],
  ];
  return ["", output.table([{ title: "reading" }, { title: "" }], rows)];
}
