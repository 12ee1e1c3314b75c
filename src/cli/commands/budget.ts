import { GrowthosError } from "../../base/errors.js";
import { currencyExponent } from "../../base/money.js";
import type { GrowthInputs } from "../../metrics/growth-plan.js";
import { type Command, type CommandArgs, stringOption } from "../command.js";

const MOST_MONTHS = 36;
const MOST_MONEY = 1e12;

export const command: Command = {
  name: "budget",
  summary: "follow what an ad budget brings, within the range of its assumptions, and how much of it is safe",
  description: [
    "Customers bought at a CAC, who come back month by month, less costs and ads. What is not given is read from the last 30 complete days, repeat",
    "purchases from the cohorts of 180 days. Cautious and hopeful are the 80 % ends of CAC. It is arithmetic on assumptions, not a media mix model.",
  ].join(" "),
  options: [
    { flags: "--spend <amount>", description: "ad spend a month, in the shop's currency" },
    { flags: "--cac <amount>", description: "what winning a customer costs" },
    { flags: "--order-value <amount>", description: "net revenue of an order" },
    { flags: "--cost-share <share>", description: "what goods, fulfilment and fees take of it, 0 to 1 (0.4 = 40 %)" },
    { flags: "--repeat <share>", description: "earlier customers who order in a month, 0 to 1" },
    { flags: "--months <n>", description: `months to follow, 1 to ${MOST_MONTHS}`, default: "6" },
    {
      flags: "--rise <share>",
      description: "by how much every doubling of the spend raises CAC (an assumption)",
      default: "0.2",
    },
  ],
  examples: [
    "growthos budget",
    "growthos budget --spend 40000 --months 12",
    "growthos budget --spend 10000 --cac 50 --order-value 100 --cost-share 0.4 --repeat 0 --months 3",
  ],
  async run(context, args) {
    const [{ readContext }, { readGrowth }, { refuseOtherAges, stampFor }] = await Promise.all([
      import("../../metrics/context.js"),
      import("../../metrics/growth-plan.js"),
      import("../stamp.js"),
    ]);
    const [{ budgetText }, { snakeCased }] = await Promise.all([
      import("../budget-text.js"),
      import("../../metrics/present.js"),
    ]);
    const { shop, calendar } = await context.workspaceConfig();
    const months = numberOf(args, "months", { least: 1, most: MOST_MONTHS, whole: true }) ?? 6;
    const rise = numberOf(args, "rise", { least: 0, most: 1 }) ?? 0.2;
    const given = givenIn(args, 10 ** currencyExponent(shop.currency));
    const { database } = await context.openBuild();
    try {
      const built = await readContext(database, shop.name, calendar.holidays);
      refuseOtherAges(built, context);
      const stamped = await stampFor(built, context);
      const answer = await readGrowth(database, stamped, { given, months, rise });
      return {
        exit: "ok",
        json: snakeCased({ context: stamped, budget: answer }) as Readonly<Record<string, unknown>>,
        text: budgetText(answer, stamped, context.output),
      };
    } finally {
      await database.close();
    }
  },
};

/** Assumptions of the command line; amounts become minor units. */
function givenIn(args: CommandArgs, unit: number): GrowthInputs {
  const amount = (name: string, least: number) => {
    const value = numberOf(args, name, { least, most: MOST_MONEY });
    return value === undefined ? undefined : Math.round(value * unit);
  };
  const share = (name: string) => numberOf(args, name, { least: 0, most: 1 });
  const all = {
    budget: amount("spend", 0),
    cac: amount("cac", 0.01),
    orderValue: amount("orderValue", 0),
    costShare: share("costShare"),
    repeatShare: share("repeat"),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

function numberOf(args: CommandArgs, name: string, { least, most, whole = false }: Bounds): number | undefined {
  const text = stringOption(args, name);
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new GrowthosError({
    code: "BAD_OPTION",
    what: `${flag} "${text}" cannot be used`,
    why: `it is a ${whole ? "whole number" : "plain number"} from ${least} to ${most}`,
    hint: "write numbers such as 40000, 49.90 or 0.4",
    exit: "usage",
  });
}
