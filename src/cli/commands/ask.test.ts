import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerTo } from "../../ask/answer.js";
import { readerOf } from "../../ask/ask.js";
import { addDays, isoDate } from "../../base/dates.js";
import { CATALOG } from "../../metrics/catalog/index.js";
import { isTime } from "../../metrics/leaves.js";
import type { AnswerContext } from "../../metrics/types.js";
import { keyOf, questionWorld, readQuestions } from "../../testing/questions.js";
import { openWorld, readWorlds, worldContext } from "../../testing/worlds.js";
import type { Database } from "../../warehouse/types.js";
import { askWorld } from "../ask-world.js";
import type { CommandArgs, CommandContext, GlobalFlags } from "../command.js";
import { createOutput } from "../output.js";
import type { Prompt } from "../prompt.js";
import { command } from "./ask.js";
import { command as metrics } from "./metrics.js";

const FLAGS = { json: false, input: false, asOf: undefined } as Partial<GlobalFlags> as GlobalFlags;
const world = readWorlds().find(([name]) => name === "shop.json")?.[1];
if (world === undefined) throw new Error("the world shop.json is missing");

let db: Database;
beforeAll(async () => {
  db = await openWorld(world);
});
afterAll(() => db.close());

/** The build is the tiny shop; it is opened once for all questions. */
function contextOf(more: { readonly prompt?: Prompt; readonly talk?: string[] } = {}): CommandContext {
  const { talk = [] } = more;
  return {
    flags: { ...FLAGS, input: more.prompt !== undefined },
    output: createOutput({ talk: (text) => talk.push(text), quiet: false, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" }, calendar: { holidays: {} }, metrics: [] }),
    asOf: async () => isoDate("2026-02-09"),
    openBuild: async () => ({ database: { ...bound(db), close: async () => {} } }),
    effects: { prompt: async () => more.prompt },
  } as unknown as CommandContext;
}

function bound(of: Database): Pick<Database, "all" | "one"> {
  return { all: (sql) => of.all(sql), one: (sql) => of.one(sql) };
}

/** The same statement is run once: what is compared is what is made of its rows. */
function remembering(of: Database): Database {
  const known = new Map<string, ReturnType<Database["all"]>>();
  const all: Database["all"] = (sql) => {
    const found = known.get(sql) ?? of.all(sql);
    known.set(sql, found);
    return found;
  };
  return { ...bound(of), all } as Database;
}

/** Somebody who types these lines. */
function typing(said: string[], lines: readonly string[]): Prompt {
  return {
    say: (line) => void said.push(line),
    ask: async () => "",
    hidden: async () => "",
    conversation: async function* () {
      yield* lines;
    },
  };
}

const ask = (question: string, options: CommandArgs["options"] = {}) =>
  command.run(contextOf(), { positionals: question === "" ? [] : [question], options });

describe("growthos ask", () => {
  it("answers with a sentence, a table, what it took for what, and the cut-off", async () => {
    const { exit, text } = await ask("net revenu by channel last week vs the week before");
    expect(exit).toBe("ok");
    expect(text?.split("\n")).toEqual([
      "Net revenue by channel, last week (2026-02-02 to 2026-02-08), the highest Net revenue first: Meta $125.00, Google $35.00; in total $160.00.",
      "channel  Net revenue  before   change",
      "Meta         $125.00   $0.00      n/a",
      "Google        $35.00  $80.00   −56.3%",
      "Total        $160.00  $80.00  +100.0%",
      '"revenu" is read as "revenue"',
      "Net revenue, change n/a: the value before is 0",
      "2 of 2 rows, complete, cut-off 2026-02-08, build build-1",
    ]);
  });

  it("says once that other days are not known, beside the figure that is", async () => {
    const { text } = await ask("net revenue last week vs last year");
    expect(text?.split("\n")[0]).toBe(
      "Net revenue $160.00 (not comparable: last year n/a), last week (2026-02-02 to 2026-02-08).",
    );
  });

  it("tells a share with what it was divided from, and divides nothing that does not add up", async () => {
    // Net revenue of the week: Meta 125.00 and Google 35.00 of 160.00; the week before Google had all of 80.00.
    const rows = await ask("share of net revenue by channel last week vs the week before");
    expect(rows.text?.split("\n").slice(0, 5)).toEqual([
      "Net revenue by channel, last week (2026-02-02 to 2026-02-08), the highest Net revenue first: Meta $125.00 (78.1% of $160.00), Google $35.00 (21.9%); in total $160.00.",
      "channel  Net revenue  before   change       of   share  share before    change",
      "Meta         $125.00   $0.00      n/a  $160.00   78.1%          0.0%  +78.1 pp",
      "Google        $35.00  $80.00   −56.3%  $160.00   21.9%        100.0%  −78.1 pp",
      "Total        $160.00  $80.00  +100.0%  $160.00  100.0%        100.0%   +0.0 pp",
    ]);
    const { text, json } = await ask("what percentage of net revenue came from meta last week");
    expect(text?.split("\n")[0]).toBe(
      "Net revenue where channel is meta $125.00 of $160.00, 78.1%, last week (2026-02-02 to 2026-02-08).",
    );
    expect(json).toMatchObject({
      shares: [
        {
          key: "total",
          shares: [
            {
              metric: "net_revenue",
              part: { value: { value: 12_500 } },
              whole: { value: { value: 16_000 } },
              share: { value: { value: 0.78125 } },
            },
          ],
        },
      ],
      proof: { whole: { metrics: ["net_revenue"] }, sql: [expect.any(String), expect.any(String)] },
    });
    const refused = await ask("share of roas by channel");
    expect(refused.json).toMatchObject({ code: "NOT_SUPPORTED", nearest: "roas by channel" });
    expect((await ask("roas by channel")).exit).toBe("ok");
  });

  it("says what the total of a ratio covers, and what is left out of the rows", async () => {
    const { text } = await ask("roas by campaign last week");
    expect(text).toMatch(/; of everything [\d.]+x\.$/m);
    expect(text).toContain('the total of ROAS (shop) is of everything, "No campaign" included');
    const top = await ask("top 1 channels by net revenue last week");
    expect(top.text).toMatch(/^Total of all rows +\$160\.00/m);
  });

  it("tells programs the same figures as growthos metrics", async () => {
    const { json } = await ask("net revenue by channel last week");
    const same = await metrics.run(contextOf(), {
      positionals: ["net_revenue"],
      options: { last: "week", by: "channel", format: "json" },
    });
    expect(json?.["totals"]).toEqual(same.json?.["totals"]);
    expect(json?.["rows"]).toEqual(same.json?.["rows"]);
    expect(json).toMatchObject({ status: "answered", chart: { form: "bar" }, proof: { rows: { shown: 2, found: 2 } } });
  });

  it("refuses with the reason and the nearest question, which has an answer", async () => {
    const { exit, text, json } = await ask("how much would we make if the cpc was 0.20?");
    expect(exit).toBe("usage");
    expect(text).toBe(
      "no answer (HYPOTHETICAL): what might have been is not in the data\nnearest: net revenue last week",
    );
    expect(json).toMatchObject({ status: "refused", code: "HYPOTHETICAL", nearest: "net revenue last week" });
    expect((await ask(String(json?.["nearest"]))).exit).toBe("ok");
  });

  it("explains what every word was read as", async () => {
    const { text } = await ask("wich channel had the most orders last week", { explain: true });
    expect(text).toMatch(/^which {6}marker {3}which$/m);
    expect(text).toMatch(/^channel {4}level {4}channel$/m);
    expect(text).toMatch(/^last week {2}window {3}last week, 2026-02-02 to 2026-02-08$/m);
    expect(text).toContain('"metrics": [');
    expect(text).toContain('from "fact_orders"');
  });

  it("keeps a conversation in which that channel is the one before", async () => {
    const said: string[] = [];
    const prompt = typing(said, [
      "which channel had the most orders last week?",
      "net revenue of that channel",
      "x".repeat(501),
      "help",
      "exit",
      "orders",
    ]);
    await command.run(contextOf({ prompt }), { positionals: [], options: {} });
    expect(said).toHaveLength(4);
    expect(said[0]).toContain("Meta is the channel with the highest Orders");
    expect(said[1]).toContain("Net revenue $125.00 where channel is Meta, 2026-02-02 to 2026-02-08.");
    expect(said[1]).toContain("taken from the question before: channel Meta");
    expect(said[2]).toContain("QUESTION_TOO_LONG");
    expect(said[3]).toContain("top 5 campaigns by spend last month");
  });

  it("wants a question where nobody can be asked, and a page to save to", async () => {
    await expect(ask("")).rejects.toMatchObject({ code: "NO_QUESTION" });
    const forProgram = contextOf({ prompt: typing([], ["orders"]) });
    const json = { ...forProgram, flags: { ...forProgram.flags, json: true } };
    await expect(command.run(json, { positionals: [], options: {} })).rejects.toMatchObject({ code: "NO_QUESTION" });
    await expect(ask("a".repeat(501))).rejects.toMatchObject({ code: "QUESTION_TOO_LONG" });
  });
});

describe("every question of the corpora", () => {
  // Days of the corpora that this shop has: the same calendar, three days later.
  const later: AnswerContext = { ...worldContext({ as_of: isoDate("2026-02-09") }), shop: "Tiny" };

  it("is answered with the very figures of its query, or refused", async () => {
    const base = questionWorld();
    const reader = readerOf({ ...base, context: later });
    const { runQuery } = await import("../../metrics/run-query.js");
    const questions = ["few-shot", "published", "paraphrases", "held-out"].flatMap(
      (name) => readQuestions(name).questions,
    );
    const seen = new Set<string>();
    const cached = remembering(db);
    for (const [question] of questions) {
      const asked = reader.ask(question);
      if (asked.kind !== "query" || seen.has(keyOf(asked))) continue;
      seen.add(keyOf(asked));
      const answer = await answerTo(asked, { db: cached, context: later, catalog: CATALOG });
      const { totals, rows, series } = await runQuery(cached, asked.query, later, { catalog: CATALOG });
      expect({ totals: answer.result.totals, rows: answer.result.rows, series: answer.result.series }).toEqual({
        totals,
        rows,
        series,
      });
      const { breakdown } = asked.query;
      const lines = breakdown === undefined || isTime(breakdown) ? 0 : rows.length;
      expect(answer.table.rows.length).toBeGreaterThan(lines);
    }
    expect(seen.size).toBeGreaterThan(200);
  });

  it("reads names from the warehouse, each once, without the rows that have none", async () => {
    const { entities, firstDay } = await askWorld(db, { context: later, catalog: CATALOG });
    const channels = entities.filter(({ field }) => field === "channel").map(({ label }) => label);
    expect(channels).toEqual([...new Set(channels)]);
    expect(channels).toEqual(expect.arrayContaining(["Meta", "Google"]));
    expect(entities.some(({ key }) => key === "(none)")).toBe(false);
    expect(firstDay === undefined || firstDay <= addDays(isoDate("2026-02-09"), -1)).toBe(true);
  });
});
