import { GrowthosError } from "../../base/errors.js";
import { type Command, stringOption } from "../command.js";

const MOST_DAYS = 90;

export const command: Command = {
  name: "forecast",
  summary: "say what is likely next, with bands, and where the month lands against its target",
  description: [
    "Holt's line, or Holt-Winters with a weekday season where that forecast the past better, from up to 180 complete days. 80 and 95 % bands",
    "of the model, widened to how far off it was on the shop's own past. Holidays teach it nothing and are named; fewer than 14 days are refused.",
    "Without a metric: net revenue, orders, ad spend and sessions. With some, also every day of each.",
  ].join(" "),
  arguments: [{ usage: "[metric...]", description: "ids or aliases of metrics that add up over days" }],
  options: [{ flags: "--days <n>", description: `days ahead, 1 to ${MOST_DAYS}`, default: "30" }],
  examples: ["growthos forecast", "growthos forecast net_revenue --days 14", "growthos forecast orders spend --json"],
  async run(context, args) {
    const days = daysOf(stringOption(args, "days") ?? "30");
    const [{ readContext }, { readCatalog }, { FORECAST_METRICS, readForecasts }] = await Promise.all([
      import("../../metrics/context.js"),
      import("../../metrics/declared.js"),
      import("../../metrics/run-forecast.js"),
    ]);
    const [{ stampFor }, { workspaceCatalog }, { forecastText }, { snakeCased }] = await Promise.all([
      import("../stamp.js"),
      import("../catalog.js"),
      import("../forecast-text.js"),
      import("../../metrics/present.js"),
    ]);
    const { shop, calendar, targets } = await context.workspaceConfig();
    const { database } = await context.openBuild();
    try {
      const stamped = await stampFor(await readContext(database, shop.name, calendar.holidays), context);
      const catalog = await readCatalog(database, await workspaceCatalog(context));
      const metrics = args.positionals.length === 0 ? FORECAST_METRICS : args.positionals;
      const forecasts = await readForecasts(database, { metrics, days, context: stamped, catalog, targets });
      const around = { context: stamped, output: context.output, days, byDay: args.positionals.length > 0 };
      return {
        exit: "ok",
        json: snakeCased({ context: stamped, forecasts }) as Readonly<Record<string, unknown>>,
        text: forecastText(forecasts, around),
      };
    } finally {
      await database.close();
    }
  },
};

function daysOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= MOST_DAYS) return days;
  throw new GrowthosError({
    code: "BAD_OPTION",
    what: `"${text}" is not a number of days to look ahead`,
    why: `a forecast of more than ${MOST_DAYS} days says nothing that its band does not take back`,
    hint: `write a whole number from 1 to ${MOST_DAYS}`,
    exit: "usage",
  });
}
