import { dirname, isAbsolute, join } from "node:path";
import type { Answer, AnswerSources } from "../../ask/answer.js";
import type { Reader } from "../../ask/ask.js";
import type { Turn } from "../../ask/types.js";
import { GrowthosError } from "../../base/errors.js";
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
    "Reads the question with fixed rules, no model and no network: metrics by any of their names, days, comparisons, rows, filters, conditions. " +
    "What it does not understand it refuses, with the nearest question that has an answer; what it took for what stands under the answer. " +
    "Without a question, asks for one after the other; `that campaign`, `what about last month` lean on the one before.",
  arguments: [{ usage: "[question...]", description: "the question; without one, a conversation on a terminal" }],
  options: [
    { flags: "--explain", description: "also print what each word was read as, the query and the SQL" },
    { flags: "--save <file>", description: "also write the answer as a page of its own, .html" },
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
      const asking = await prepare(context, db);
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
  readonly sources: AnswerSources;
}

function noQuestion(): GrowthosError {
  return new GrowthosError({
    code: "NO_QUESTION",
    what: "there is no question, and nobody at a terminal to ask for one",
    hint: 'write it behind the command: growthos ask "what was the revenue last week?"',
    exit: "usage",
  });
}

async function prepare(context: CommandContext, db: AnswerSources["db"]): Promise<Asking> {
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
  return { sources, reader: readerOf(await askWorld(db, sources)) };
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
  const [{ answerTo }, { answerJson, answerText, noAnswerJson, noAnswerText }] = await Promise.all([
    import("../../ask/answer.js"),
    import("../ask-text.js"),
  ]);
  const asked = asking.reader.ask(question, previous);
  const path = stringOption(args, "save");
  if (asked.kind !== "query") {
    if (path !== undefined) context.output.note(`nothing was written to ${path}: there is no answer`);
    const outcome: Outcome = {
      exit: "usage",
      json: noAnswerJson(question, asked),
      text: noAnswerText(asked, context.output),
    };
    return { outcome, turn: previous };
  }
  const answer = await answerTo(asked, asking.sources);
  if (path !== undefined) await save(context, path, { question, answer, asking });
  const spans = flagOption(args, "explain") ? asking.reader.spans(question) : null;
  return {
    outcome: {
      exit: "ok",
      json: answerJson(question, answer),
      text: answerText(answer, context.output, spans),
    },
    turn: { query: asked.query, rows: answer.result.rows.map(({ label }) => label) },
  };
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
