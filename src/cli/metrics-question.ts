import type { Calendar, DateRange } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { currencyExponent } from "../base/money.js";
import type { Catalog } from "../metrics/catalog/index.js";
import { aroundHoliday, type ComparedDays, sameFiscalPlace, sameWeekdays } from "../metrics/comparisons.js";
import { calendarOf } from "../metrics/fiscal.js";
import type {
  AnswerContext,
  Comparison,
  Filter,
  Having,
  NumberOperator,
  SemanticQuery,
  Unit,
} from "../metrics/types.js";
import { windowFor } from "../metrics/windows.js";
import { type CommandArgs, flagOption, listOption, stringOption } from "./command.js";

/**
 * The question that the options of `growthos metrics` ask. Amounts are in main units of the currency there and in minor units in the
 * question. Names are checked where all problems are told at once: in `runQuery`. Throws `BAD_OPTION`, `BAD_WINDOW`.
 */
export function questionOf(args: CommandArgs, stamped: AnswerContext, catalog: Catalog): SemanticQuery {
  const calendar = stamped.calendar ?? calendarOf(stamped.weekEndsOn ?? 7);
  const window = (text: string): DateRange => windowFor(text, stamped.lastCompleteDay, calendar);
  const [last, own] = [stringOption(args, "last"), stringOption(args, "window")];
  if (last !== undefined && own !== undefined) refuse("--last and --window both name the window", "give one of them");
  const compare = stringOption(args, "compare");
  const [breakdown, grain] = [stringOption(args, "by"), stringOption(args, "grain")];
  const filters = listOption(args, "filter").map((text) => filterOf(text, stamped.currency));
  const having = listOption(args, "having").map((text) => havingOf(text, catalog, stamped.currency));
  const [sort, limit] = [stringOption(args, "sort"), stringOption(args, "limit")];
  const days = window(last === undefined ? (own ?? "7d") : `last ${last.replace(/^last /, "")}`);
  const draft = {
    metrics: metricsOf(args.positionals, catalog),
    window: days,
    ...(compare === undefined ? {} : { compare: comparisonOf(compare, window, { days, calendar }) }),
    ...(breakdown === undefined ? {} : { breakdown }),
    ...(grain === undefined ? {} : { grain }),
    ...(filters.length === 0 ? {} : { filters }),
    ...(having.length === 0 ? {} : { having }),
    ...(sort === undefined
      ? {}
      : { orderBy: { metric: sort.replace(/^-/, ""), direction: sort.startsWith("-") ? "asc" : "desc" } }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(flagOption(args, "partial") ? { partial: "as_is" } : {}),
  };
  return draft as SemanticQuery;
}

/** `all` stands for the whole catalog. */
function metricsOf(names: readonly string[], catalog: Catalog): readonly string[] {
  return isWhole(names) ? catalog.metrics.map((metric) => metric.id) : names;
}

/** True when every metric is asked for. */
export function isWhole(names: readonly string[]): boolean {
  return names.length === 1 && names[0] === "all";
}

/** What a reader has to know of the days compared with: which week meets which after a long year, which holiday. Null: nothing. */
export function comparisonNote(
  args: CommandArgs,
  { window }: Pick<SemanticQuery, "window">,
  stamped: AnswerContext,
): string | null {
  const [text, calendar] = [stringOption(args, "compare"), stamped.calendar ?? calendarOf(stamped.weekEndsOn ?? 7)];
  if (text === "year" || text === "year_over_year") return sameWeekdays(window, calendar).note;
  return text === undefined ? null : (calendarDays(text, window, calendar)?.note ?? null);
}

/** `fiscal`, `holiday`, `holiday:easter`; null for every other comparison. */
function calendarDays(text: string, window: DateRange, calendar: Calendar): ComparedDays | null {
  if (text === "fiscal") return sameFiscalPlace(window, calendar);
  const holiday = /^holiday(?::(.+))?$/.exec(text);
  return holiday === null ? null : aroundHoliday(window, calendar, holiday[1]);
}

/** What `--compare` names: previous, year, same-date, fiscal, a holiday, or a range. Throws `BAD_OPTION`, `BAD_WINDOW`. */
export function comparisonOf(
  text: string,
  window: (text: string) => DateRange,
  { days, calendar }: { readonly days: DateRange; readonly calendar: Calendar },
): Comparison {
  const found = calendarDays(text, days, calendar);
  if (found !== null) return { kind: "range", range: found.range };
  if (text === "previous") return { kind: "previous" };
  if (text === "year" || text === "year_over_year") return { kind: "year_over_year" };
  if (text === "same-date" || text === "same_date") return { kind: "same_date" };
  if (text.includes("..")) return { kind: "range", range: window(text) };
  return refuse(
    `"${text}" is nothing to compare with`,
    "write previous, year, same-date, fiscal, holiday, holiday:easter, or YYYY-MM-DD..YYYY-MM-DD",
  );
}

const HOW = "write field=value, field!=value, field~text, or order_value>100";

/** `field=value`, `field!=value`, `field~text`; a list of values is separated by commas. Numbers also with `>`, `>=`, `<`, `<=`. */
function filterOf(text: string, currency: string): Filter {
  const parts = /^(\w+)(!=|>=|<=|=|~|>|<)(.*)$/s.exec(text);
  if (parts === null) return refuse(`"${text}" is not a filter`, HOW);
  const [, field = "", sign = "", value = ""] = parts;
  if (field === "order_value" || field === "order_number") {
    const unit = field === "order_value" ? "money" : "count";
    return { field, operator: sign as NumberOperator, value: numberOf(value, unit, currency) };
  }
  // Whether there is such a field, and whether it is compared so, is told with everything else that is wrong.
  const named = field as Exclude<Filter["field"], "order_value" | "order_number">;
  const values = value.split(",");
  if (sign === "~") return { field: named, operator: "contains", value };
  if (sign === "!=") return { field: named, operator: "!=", value: values };
  if (sign !== "=") return { field: named, operator: sign as "=", value };
  return values.length > 1 ? { field: named, operator: "in", value: values } : { field: named, operator: "=", value };
}

/** `roas>4`, `spend>=500`: money in main units, ratios as decimals. */
function havingOf(text: string, catalog: Catalog, currency: string): Having {
  const parts = /^(\w+)(!=|>=|<=|=|>|<)(.*)$/s.exec(text);
  if (parts === null) return refuse(`"${text}" is no condition on rows`, "write metric>number, for example roas>4");
  const [, metric = "", operator = "", value = ""] = parts;
  const unit = catalog.find(metric)?.unit ?? "number";
  return { metric, operator: operator as NumberOperator, value: numberOf(value, unit, currency) };
}

function numberOf(text: string, unit: Unit, currency: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) return refuse(`"${text}" is not a number`, "write a plain number such as 4 or 99.50");
  return unit === "money" ? Math.round(number * 10 ** currencyExponent(currency)) : number;
}

function refuse(what: string, hint: string): never {
  throw new GrowthosError({ code: "BAD_OPTION", what, hint, exit: "usage" });
}
