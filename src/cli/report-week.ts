import { addDays, type Calendar, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { type Period, PLAIN_CALENDAR, periodAt, periodOf } from "../metrics/fiscal.js";
import { type CommandArgs, type CommandContext, stringOption } from "./command.js";

/**
 * The week that people name: one of the shop's fiscal year (`FY2026 W01`, also with a dash), or by its ISO number (`2026-W06`); in a
 * shop whose years are calendar years the two are one. Weeks end on the shop's weekday in both. Throws `BAD_WEEK`.
 */
export function weekNamed(text: string, calendar: Calendar): Period {
  const [, fiscal, year, number] = /^(FY)?(\d{4})[- ]W(\d{1,2})$/.exec(text.trim().toUpperCase()) ?? [];
  if (year === undefined || number === undefined) throw badWeek(text, "it is not written like one");
  const isPlain = calendar.fiscalYearEndMonth === 12;
  if (fiscal !== undefined && isPlain) throw badWeek(text, "the shop's years are calendar years");
  const rules = fiscal === undefined && !isPlain ? { ...PLAIN_CALENDAR, weekEndsOn: calendar.weekEndsOn } : calendar;
  const week = periodAt({ unit: "week", year: Number(year), number: Number(number) }, rules);
  if (week === null) throw badWeek(text, `there is no week ${Number(number)} in that year`);
  return week;
}

/**
 * The context of a report that ends with the week of `--week`: as of the day after it, so that every figure is what that Monday's
 * report says. The same context without `--week`. Throws `BAD_WEEK`, also for a week that is not over, and `USAGE` beside `--as-of`.
 */
export async function contextOfWeek(context: CommandContext, args: CommandArgs): Promise<CommandContext> {
  const text = stringOption(args, "week");
  if (text === undefined) return context;
  if (context.flags.asOf !== undefined)
    throw new GrowthosError({
      code: "USAGE",
      what: "--week and --as-of both say for which day the report is",
      hint: "give one of them",
      exit: "usage",
    });
  const { calendar } = await context.workspaceConfig();
  const week = weekNamed(text, calendar);
  const today = await context.asOf();
  if (week.to >= today) {
    const last = periodOf(addDays(today, -7), "week", calendar).label;
    throw badWeek(text, `it ends on ${week.to}, and ${addDays(today, -1)} is the last complete day`, last);
  }
  return asOf(context, addDays(week.to, 1));
}

function asOf(context: CommandContext, day: ISODate): CommandContext {
  return { ...context, flags: { ...context.flags, asOf: day }, asOf: async () => day };
}

function badWeek(text: string, why: string, example = "2026-W06"): GrowthosError {
  return new GrowthosError({
    code: "BAD_WEEK",
    what: `"${text.slice(0, 40)}" cannot be reported as a week`,
    why,
    hint: `write a week that is over, for example ${example}; a fiscal one as FY2026-W01`,
    exit: "usage",
  });
}
