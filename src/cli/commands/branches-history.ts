import { isISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { foldPost, type PostLine } from "../../notify/branch-post.js";
import { type Command, stringOption } from "../command.js";
import { postJson } from "./branches-send.js";

const STATES: readonly PostLine["state"][] = ["queued", "sending", "sent", "deferred", "given_up"];

export const command: Command = {
  name: "branches history",
  summary: "list what became of daily branch reports: when, to whom, and what the mail server said",
  description:
    "One line per branch, rep and date, the newest dates first. `sending` is one whose attempt was interrupted: the next call sends it again under the same Message-ID.",
  options: [
    { flags: "--branch <code>", description: "only this branch" },
    { flags: "--date <day>", description: "only this date" },
    { flags: "--state <state>", description: "only reports in this state", choices: STATES },
    { flags: "--limit <number>", description: "so many lines", default: "100" },
  ],
  examples: ["growthos branches history --state deferred", "growthos branches history --date 2026-02-08 --json"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const { journalOf, postDays } = await import("../branch-send.js");
    const [day, code, state] = [stringOption(args, "date"), stringOption(args, "branch"), stringOption(args, "state")];
    if (day !== undefined && !isISODate(day)) throw usage(`"${day.slice(0, 20)}" is no day such as 2026-01-31`);
    const limit = stringOption(args, "limit") ?? "100";
    if (!/^[1-9]\d{0,4}$/.test(limit))
      throw usage(`--limit takes a whole number from 1 on, not "${limit.slice(0, 20)}"`);
    const days = postDays(ws).filter((one) => day === undefined || one === day);
    const lines = [...days]
      .reverse()
      .flatMap((one) => foldPost(journalOf(ws, one).events()))
      .filter((line) => code === undefined || line.code.toLowerCase() === code.trim().toLowerCase())
      .filter((line) => state === undefined || line.state === state);
    const jobs = days.flatMap((one) =>
      journalOf(ws, one)
        .events()
        .flatMap(({ at, event }) => (event.kind === "job" ? [{ ...event, date: one, at }] : [])),
    );
    const shown = lines.slice(0, Number(limit));
    const titles = ["date", "branch", "e-mail", "state", "attempts", "at", "what the server said"];
    const table = context.output.table(
      titles.map((title) => ({ title })),
      shown.map((line) => [
        line.day,
        line.code,
        line.email,
        `${line.state.replaceAll("_", " ")}${line.mayRepeat ? ", may be a repeat" : ""}`,
        String(line.attempts),
        line.at,
        line.reply ?? "",
      ]),
    );
    return {
      exit: "ok",
      json: { total: lines.length, reports: shown.map(postJson), jobs: jobs.map(({ kind: _kind, ...job }) => job) },
      text: shown.length === 0 ? "No report was sent: `growthos branches send --send` sends them." : table,
    };
  },
};

function usage(what: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, exit: "usage" });
}
