import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { type Command, stringOption } from "../command.js";

export const command: Command = {
  name: "channels test",
  summary: "show which channel a URL or a source and medium is counted under, and by which rule",
  description:
    "Asks the same SQL model and the same rules (sql/seeds/channel_rules.csv, first match wins) that place an order in a channel.",
  arguments: [{ usage: "[url]", description: "the landing page, with its query" }],
  options: [
    { flags: "--referrer <url>", description: "the page that the visit came from" },
    { flags: "--source <name>", description: "utm_source" },
    { flags: "--medium <name>", description: "utm_medium" },
  ],
  examples: [
    "growthos channels test 'https://shop.example/?utm_source=google&utm_medium=cpc'",
    "growthos channels test --referrer https://www.google.co.uk/",
  ],
  async run(context, args) {
    const visit = {
      landingSite: args.positionals[0] ?? null,
      referringSite: stringOption(args, "referrer") ?? null,
      utmSource: stringOption(args, "source") ?? null,
      utmMedium: stringOption(args, "medium") ?? null,
    };
    if (Object.values(visit).every((value) => value === null)) {
      throw new GrowthosError({
        code: "USAGE",
        what: "there is nothing to look up",
        hint: "give a URL, or --source and --medium, or --referrer",
        exit: "usage",
      });
    }
    const { channelOf } = await import("../../transform/channels.js");
    const sqlFolder = join(context.packageFolder, "sql");
    const { channelId, rule, evidence } = await channelOf(visit, { files: context.effects.files, sqlFolder });
    const words = [rule.kind, rule.value, rule.qualifier].filter((word) => word !== null).join(" ");
    return {
      exit: "ok",
      json: { channel: channelId, rule, evidence },
      text: [
        `${context.output.paint("strong", channelId)}  by rule ${rule.priority}: ${words}`,
        "",
        context.output.table(
          [{ title: "told by" }, { title: "value" }],
          evidence.map(({ kind, value }) => [kind, value]),
        ),
      ].join("\n"),
    };
  },
};
