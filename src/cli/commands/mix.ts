import { GrowthosError } from "../../base/errors.js";
import { currencyExponent } from "../../base/money.js";
import { type Command, stringOption } from "../command.js";

const MOST_MONEY = 1e12;

export const command: Command = {
  name: "mix",
  summary: "tell from the shop's own weeks what each channel's ad spend brings, how sure that is, and how to split it",
  description: [
    "A media mix model of up to four years of complete weeks: net revenue by trend, season, holidays, and each channel's spend, carried over and",
    "saturated. Needs two years; what cannot be told is refused with its figures. Every figure has its 80 % range, every answer the error of 13",
    "weeks that were held out. A split is suggested within ±20 % of today's spend, never beyond a channel's largest week.",
  ].join(" "),
  options: [
    {
      flags: "--spend <amount>",
      description: "ad spend a week of all channels to be split, in the shop's currency (default: as today)",
    },
  ],
  examples: ["growthos mix", "growthos mix --spend 12000", "growthos mix --json"],
  async run(context, args) {
    const [{ readContext }, { readMediaMix }, { refuseOtherAges, stampFor }, { mixText }, { snakeCased }] =
      await Promise.all([
        import("../../metrics/context.js"),
        import("../../metrics/media-mix.js"),
        import("../stamp.js"),
        import("../mix-text.js"),
        import("../../metrics/present.js"),
      ]);
    const { shop, calendar } = await context.workspaceConfig();
    const spend = spendOf(stringOption(args, "spend"), 10 ** currencyExponent(shop.currency));
    const { database } = await context.openBuild();
    try {
      const built = await readContext(database, shop.name, calendar.holidays);
      refuseOtherAges(built, context);
      const stamped = await stampFor(built, context);
      const answer = await readMediaMix(database, stamped, spend);
      return {
        exit: "ok",
        json: snakeCased({ context: stamped, mix: answer }) as Readonly<Record<string, unknown>>,
        text: mixText(answer, stamped, context.output),
      };
    } finally {
      await database.close();
    }
  },
};

/** Minor units of an amount. */
function spendOf(text: string | undefined, unit: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= MOST_MONEY) return Math.round(value * unit);
  throw new GrowthosError({
    code: "BAD_OPTION",
    what: `--spend "${text}" cannot be used`,
    why: `it is a plain number above 0, up to ${MOST_MONEY}`,
    hint: "write numbers such as 12000 or 49.90",
    exit: "usage",
  });
}
