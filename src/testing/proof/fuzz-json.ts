import { GrowthosError } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import { checkJson } from "../../warehouse/json-guard.js";
import type { FuzzTarget, Judgement } from "./fuzz-types.js";
import { differenceFrom, readPlainJson } from "./reference-json.js";

const SAMPLES = [
  '{"id":9007199254740993,"total":"59.90","rate":0.1,"lines":[{"sku":"a-1","qty":2,"tags":[]}],"note":null}',
  '[{"date":"2026-02-09","spend":12.340,"actions":[{"t":"purchase","v":"3"}]},{"date":"2026-02-08","spend":-0.0}]',
  '{"a":{"b":{"c":[1,2.5e3,-7E-2,true,false,null,"\\u00e9\\n\\"x\\""]}},"__proto__":{"x":1},"":""}',
  " [ ] ",
  '"only a text \u00fc\u2028 \ud83d\ude00"',
  "-12.5e-10",
];

/** The strict reader of JSON that all answers and bodies go through, and the guard before DuckDB, beside a reader that is slow and plain. */
export const jsonTarget: FuzzTarget = {
  name: "json",
  reads: "JSON by the strict reader, beside a slow one",
  samples: () => SAMPLES.map((text) => Buffer.from(text)),
  words: [
    '"id":',
    '{"a":1,"a":2}',
    "tru",
    "nulll",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "[1,]",
    '{"a":1,}',
    "\u00a0",
    "\\x",
    "0x1f",
    "/**/",
    "'a'",
  ],
  open: async () => ({ judge: judgeJson }),
};

function judgeJson(input: Uint8Array): Judgement {
  // A byte that is no text never gets as far as the reader.
  const text = Buffer.from(input).toString("utf8");
  const plain = readPlainJson(text);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "BAD_JSON") throw thrown;
    return "refused" in plain ? "refused" : { wrong: `refused, but it is JSON: ${thrown.message}` };
  }
  if ("refused" in plain) return { wrong: `taken, but the reference says: ${plain.refused}` };
  const difference = differenceFrom(plain.value, value);
  if (difference !== null) return { wrong: difference };
  try {
    checkJson(text, { name: "a body" });
  } catch (thrown) {
    return { wrong: `the guard refuses what the reader takes: ${String(thrown)}` };
  }
  return "taken";
}
