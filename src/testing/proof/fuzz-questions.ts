import { readerOf } from "../../ask/ask.js";
import type { Asked } from "../../ask/types.js";
import { GrowthosError } from "../../base/errors.js";
import { CATALOG } from "../../metrics/catalog/index.js";
import { compile } from "../../metrics/compile.js";
import { questionWorld, readQuestions } from "../questions.js";
import type { FuzzTarget, Judgement } from "./fuzz-types.js";

const FILES = ["few-shot", "held-out", "paraphrases", "published"];

/** Planted words that are no name of anything: where one of them stands outside of a text in SQL, the question wrote SQL. */
const PLANTED = [
  "zqxj",
  "'; drop table fact_orders; --",
  "union select",
  '") or 1=1',
  "/* zqxj */",
  "read_csv('zqxj')",
];

/** Questions in words. */
export const questionsTarget: FuzzTarget = {
  name: "questions",
  reads: "questions",
  samples: () => questionsOfFixtures().map((text) => Buffer.from(text)),
  words: [
    ...PLANTED,
    "last 99999 days",
    "top 0",
    "in 0000",
    "-1 weeks",
    "vs vs",
    "by by",
    "%",
    "$",
    "€",
    "?",
    "!".repeat(40),
    "net revenue ".repeat(20),
    "from 2026-02-30 to 2026-02-01",
  ],
  open: async () => {
    const world = questionWorld();
    const reader = readerOf(world);
    const weekEndsOn = world.context.calendar ?? world.context.weekEndsOn ?? 7;
    return { judge: (input) => judgeQuestion(Buffer.from(input).toString("utf8"), { reader, weekEndsOn }) };
  },
};

function questionsOfFixtures(): readonly string[] {
  return FILES.flatMap((name) => {
    const { questions, chains = [] } = readQuestions(name);
    return [...questions, ...chains.flat()].map(([question]) => question);
  });
}

interface Bench {
  readonly reader: ReturnType<typeof readerOf>;
  readonly weekEndsOn: Parameters<typeof compile>[1]["weekEndsOn"];
}

function judgeQuestion(question: string, { reader, weekEndsOn }: Bench): Judgement {
  let asked: Asked;
  try {
    asked = reader.ask(question);
  } catch (thrown) {
    if (thrown instanceof GrowthosError && thrown.code === "QUESTION_TOO_LONG") return "refused";
    throw thrown;
  }
  if (asked.kind === "refused")
    return asked.why.trim() === "" ? { wrong: `${asked.code} without a reason` } : "refused";
  if (asked.kind === "which")
    return asked.choices.length < 2 ? { wrong: "a question back without a choice" } : "refused";
  const { query } = asked;
  const unknown = query.metrics.find((id) => CATALOG.find(id) === undefined);
  if (unknown !== undefined) return { wrong: `no metric is called ${unknown}` };
  if (query.window.from > query.window.to) return { wrong: `from ${query.window.from} to ${query.window.to}` };
  return judgeSql(compile(query, { catalog: CATALOG, weekEndsOn }).sql) ?? "taken";
}

/** Words of the question may stand in SQL as texts in quotes, the values of filters, and nowhere else. */
function judgeSql(sql: string): Judgement | null {
  const rest = sql.replaceAll(/'(?:[^']|'')*'/g, "''").toLowerCase();
  const planted = ["zqxj", "drop table", "1=1", "read_csv"].find((word) => rest.includes(word));
  return planted === undefined ? null : { wrong: `"${planted}" of the question is in the SQL` };
}
