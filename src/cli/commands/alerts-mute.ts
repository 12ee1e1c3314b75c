import { type ISODate, isISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { type Command, flagOption, stringOption } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "alerts mute",
  summary: "say nothing about an alert, or a whole rule, until a day",
  description:
    "A muted alert is judged and kept as always; it is not sent and does not count for --fail-on. Why and until when stays in the history.",
  arguments: [{ usage: "<key>", description: "the key of an alert, or a rule's id for all of its groups" }],
  options: [
    { flags: "--reason <text>", description: "why; kept in the history" },
    { flags: "--until <day>", description: "the last muted day, YYYY-MM-DD (default: until --off)" },
    { flags: "--off", description: "take the mute back" },
    WAIT_OPTION,
  ],
  examples: [
    'growthos alerts mute channel_cac_increase:meta --until 2026-03-01 --reason "test of a new audience"',
    "growthos alerts mute aov_change --off",
  ],
  async run(context, args) {
    const key = args.positionals[0] ?? "";
    const isOff = flagOption(args, "off");
    const until = lastDay(stringOption(args, "until"));
    const reason = stringOption(args, "reason") ?? "";
    if (!isOff && reason === "") throw usage("--reason is missing", 'say why, e.g. --reason "price test"');
    const [{ addToHistory, requireKey }, { rulesOf, DEFAULT_SETTINGS, RULE_IDS }] = await Promise.all([
      import("../alert-journal.js"),
      import("../../alerts/settings.js"),
    ]);
    const { alerts } = await context.workspaceConfig();
    const own = rulesOf({ ...DEFAULT_SETTINGS, rules: alerts?.rules ?? [] }).map(({ id }) => id);
    const history = await addToHistory(context, { waitMs: waitMs(args), dryRun: context.flags.dryRun }, (before) => {
      requireKey(key, [...before.alerts.keys(), ...before.mutes.keys(), ...own, ...RULE_IDS.aboutData, "signal"]);
      return [isOff ? { kind: "unmuted", key } : { kind: "muted", key, until, reason }];
    });
    const mutes = [...history.mutes.values()].map((mute) => ({
      key: mute.key,
      until: mute.until,
      reason: mute.reason,
    }));
    const text = isOff ? `${key} is told again` : `${key} is muted${until === null ? "" : ` until ${until}`}`;
    return { exit: "ok", json: { key, muted: !isOff, mutes }, text };
  },
};

function lastDay(text: string | undefined): ISODate | null {
  if (text === undefined) return null;
  if (isISODate(text)) return text;
  throw usage(`--until takes a day, not "${text}"`, "e.g. --until 2026-03-01");
}

function usage(what: string, hint: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, hint, exit: "usage" });
}
