import { dirname, isAbsolute, join } from "node:path";
import type { Answer, AnswerSources } from "../../ask/answer.js";
import type { Reader } from "../../ask/ask.js";
import type { Read } from "../../ask/llm/judge.js";
import type { LanguageModel } from "../../ask/llm/types.js";
import type { Wording } from "../../ask/llm/wording.js";
import type { AskWorld, Turn } from "../../ask/types.js";
import { GrowthosError } from "../../base/errors.js";
import { isModelName } from "../../config/ask.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  flagOption,
  type Outcome,
  stringOption,
} from "../command.js";
import { asProblem, problemText } from "../problem.js";

export const command: Command = {
  name: "ask",
  summary: "answer a question in plain words with a figure and its proof",
  description:
    "Reads the question with fixed rules, without a network: metrics by any of their names, days, comparisons, rows, filters, conditions. " +
    "What it does not understand it refuses, with the nearest question that has an answer; what it took for what stands under the answer. " +
    "With `ask: { model: … }` in the config a language model reads it, too: the rules judge, figures stay here, and what it read is marked. " +
    "Without a question, asks for one after the other; `that campaign`, `what about last month` lean on the one before.",
  arguments: [{ usage: "[question...]", description: "the question; without one, a conversation on a terminal" }],
  options: [
    { flags: "--explain", description: "also print what each word was read as, the query and the SQL" },
    { flags: "--save <file>", description: "also write the answer as a page of its own, .html" },
    { flags: "--model <name>", description: "let this model of Anthropic read it, too, whatever the config says" },
    { flags: "--no-model", description: "only the rules, whatever the config says" },
  ],
  examples: [
    'growthos ask "how did roas change this week vs last week?"',
    'growthos ask "top 5 campaigns by spend last month" --explain',
    'growthos ask "campaigns with cpc below 1 dollar" --save cpc.html',
    "growthos ask",
  ],
  async run(context, args) {
    const question = args.positionals.join(" ").trim();
    // A conversation is for people: programs ask one question, and get one answer.
    if (question === "" && (!context.flags.input || context.flags.json)) throw noQuestion();
    const { database: db } = await context.openBuild();
    try {
      const asking = await prepare(context, args, db);
      return question === ""
        ? await converse(context, args, asking)
        : (await answerOne(context, args, { asking, question })).outcome;
    } finally {
      await db.close();
    }
  },
};

interface Asking {
  readonly reader: Reader;
  readonly world: AskWorld;
  readonly sources: AnswerSources;
  readonly model: LanguageModel | null;
  /** Whether the model may also put answers into other words. */
  readonly isReworded: boolean;
}

function noQuestion(): GrowthosError {
  return new GrowthosError({
    code: "NO_QUESTION",
    what: "there is no question, and nobody at a terminal to ask for one",
    hint: 'write it behind the command: growthos ask "what was the revenue last week?"',
    exit: "usage",
  });
}

async function prepare(context: CommandContext, args: CommandArgs, db: AnswerSources["db"]): Promise<Asking> {
  const [{ readContext }, { readCatalog }, { workspaceCatalog }, { stampFor }, { askWorld }, { readerOf }] =
    await Promise.all([
      import("../../metrics/context.js"),
      import("../../metrics/declared.js"),
      import("../catalog.js"),
      import("../stamp.js"),
      import("../ask-world.js"),
      import("../../ask/ask.js"),
    ]);
  const own = await context.workspaceConfig();
  const stamped = await stampFor(await readContext(db, own.shop.name, own.calendar.holidays), context);
  const catalog = await readCatalog(db, await workspaceCatalog(context));
  const sources = { db, context: stamped, catalog };
  const world = await askWorld(db, sources);
  const name = modelName(args, own.model);
  const model = name === null ? null : (await import("../ask-model.js")).openModel(context, name);
  return { sources, world, reader: readerOf(world), model, isReworded: own.model?.isReworded ?? true };
}

/** The option goes before the config. Throws `BAD_OPTION`. */
function modelName({ options }: CommandArgs, configured: { readonly name: string } | undefined): string | null {
  const { model } = options;
  if (model === undefined) return configured?.name ?? null;
  if (typeof model !== "string") return null;
  if (isModelName(model)) return model;
  throw new GrowthosError({
    code: "BAD_OPTION",
    what: `"${model}" is no model`,
    hint: "write its id as the vendor lists it, such as claude-haiku-5-5",
    exit: "usage",
  });
}

interface Said {
  readonly asking: Asking;
  readonly question: string;
  readonly previous?: Turn | null;
}

/** One question with its answer; `turn`: what the next may lean on. */
async function answerOne(
  context: CommandContext,
  args: CommandArgs,
  { asking, question, previous = null }: Said,
): Promise<{ readonly outcome: Outcome; readonly turn: Turn | null }> {
  const path = stringOption(args, "save");
  const [
    { answerTo },
    { answerJson, answerText, noAnswerJson, noAnswerText },
    { readTwice, secondInWords },
    { readingJson, readingText },
  ] = await Promise.all([
    import("../../ask/answer.js"),
    import("../ask-text.js"),
    import("../../ask/llm/judge.js"),
    import("../ask-reading.js"),
  ]);
  const read = await readTwice(question, previous, asking);
  const { asked } = read;
  const line = secondInWords(read, asking.world);
  const isExplained = flagOption(args, "explain");
  const readBy = (wording: Wording | null) =>
    isExplained ? readingText({ read, wording }, asking.world, context.output) : [];
  if (asked.kind !== "query") {
    if (path !== undefined) context.output.note(`nothing was written to ${path}: there is no answer`);
    const outcome: Outcome = {
      exit: "usage",
      json: { ...noAnswerJson(question, asked), ...readingJson({ read, wording: null }) },
      text: [noAnswerText(asked, context.output), ...(line === null ? [] : [line]), ...readBy(null)].join("\n"),
    };
    return { outcome, turn: previous };
  }
  const found = await answerTo(asked, asking.sources);
  const answer = line === null ? found : { ...found, notes: [line, ...found.notes] };
  const wording = await worded(answer, read, asking);
  if (path !== undefined) await save(context, path, { question, answer, asking });
  const spans = isExplained ? asking.reader.spans(question) : null;
  const shown = { ...answer, sentence: wording?.text ?? answer.sentence };
  return {
    outcome: {
      exit: "ok",
      json: { ...answerJson(question, answer), ...readingJson({ read, wording }) },
      text: [answerText(shown, context.output, spans), ...readBy(wording)].join("\n"),
    },
    turn: { query: asked.query, rows: answer.result.rows.map(({ label }) => label) },
  };
}

/** The answer in other words, where there is a model that answers; null: it was not asked. */
async function worded({ pieces }: Answer, read: Read, { model, isReworded }: Asking): Promise<Wording | null> {
  if (model === null || !isReworded || read.model?.verdict === "unused") return null;
  const { wordingOf } = await import("../../ask/llm/wording.js");
  return wordingOf(pieces, model);
}

const HELP = `for example:
  revenue last week vs the week before
  top 5 campaigns by spend last month
  what percentage of orders came from returning customers
  and by channel?
\`growthos metrics\` lists the figures; an empty line ends`;

/** Question after question, until nothing or `exit` is typed. */
async function converse(context: CommandContext, args: CommandArgs, asking: Asking): Promise<Outcome> {
  const prompt = await context.effects.prompt();
  let turn: Turn | null = null;
  for await (const question of prompt.conversation("ask (empty line ends)")) {
    if (["", "exit", "quit", "q", "bye"].includes(question.toLowerCase())) break;
    if (["help", "?"].includes(question.toLowerCase())) {
      prompt.say(HELP);
      continue;
    }
    try {
      const answered = await answerOne(context, args, { asking, question, previous: turn });
      turn = answered.turn;
      prompt.say(answered.outcome.text ?? "");
    } catch (thrown) {
      // A question that was too long ends no conversation; a damaged build does.
      if (!(thrown instanceof GrowthosError) || thrown.parts.exit !== "usage") throw thrown;
      prompt.say(problemText(asProblem(thrown), context.output.paint));
    }
  }
  return { exit: "ok", json: {} };
}

async function save(
  context: CommandContext,
  given: string,
  { question, answer, asking }: { readonly question: string; readonly answer: Answer; readonly asking: Asking },
): Promise<void> {
  const path = isAbsolute(given) ? given : join(context.effects.cwd, given);
  const { files } = context.effects;
  if (!path.endsWith(".html") || files.stat(dirname(path))?.kind !== "folder")
    throw new GrowthosError({
      code: "BAD_OPTION",
      what: `"${given}" cannot be written`,
      why: path.endsWith(".html") ? `there is no folder ${dirname(path)}` : "an answer is saved as .html",
      state: "nothing was written",
      hint: "name a file that ends in .html, in a folder that is there",
      exit: "usage",
    });
  const [{ siteRenderer }, { answerReport }] = await Promise.all([
    import("../../reports/site.js"),
    import("../ask-report.js"),
  ]);
  const html = siteRenderer(files, join(context.packageFolder, "templates"));
  files.write(path, await html.render(answerReport(question, answer, asking.sources.context), []));
  context.output.note(`wrote ${path}`);
}
