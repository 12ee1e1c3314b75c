import type { DateRange } from "../base/dates.js";
import { quoteText } from "../base/ids.js";

/** A declared daily figure, all of it or the part with some words (`latency`, of `latency_country` `US`). */
export interface DailySeries {
  readonly name: string;
  readonly where?: Readonly<Record<string, string>>;
}

/** How the days of a period become one number. */
export const AGGREGATES = {
  sum: `cast(sum(cast("value" as decimal(38, 12))) as double)`,
  mean: `cast(sum(cast("value" as decimal(38, 12))) as double) / count("value")`,
  min: `min("value")`,
  max: `max("value")`,
  first: `arg_min("value", row("metric_date", "metric_name", "source"))`,
  last: `arg_max("value", row("metric_date", "metric_name", "source"))`,
} as const;

/**
 * Every series in every period, in one statement. Rows: `series` and `period` (their places in the lists), one column per aggregate,
 * `days` with a value, and, unless that is all of them, `present`: those days, separated by blanks.
 */
export function compileSixTwelve(series: readonly DailySeries[], periods: readonly DateRange[]): string {
  const spans = periods.map(({ from, to }, index) => `(${index}, date ${quoteText(from)}, date ${quoteText(to)})`);
  const parts = series.map(
    (one, index) =>
      `    select ${index} as "series", "metric_date", "metric_name", "source", "value"\n` +
      `    from "fact_daily_metrics"\n    where "value" is not null and ${named(one)}`,
  );
  const columns = Object.entries(AGGREGATES).map(([name, call]) => `${call} as "${name}"`);
  return `with spans as (
  select * from (values ${spans.join(", ")}) as spans("period", "from_day", "to_day")
), figures as (
${parts.join("\n    union all\n")}
)
select "series", "period", ${columns.join(", ")},
  count(distinct "metric_date") as "days",
  case when count(distinct "metric_date") <= any_value("to_day") - any_value("from_day")
    then string_agg(distinct cast("metric_date" as varchar), ' ') end as "present"
from figures
inner join spans on "metric_date" between "from_day" and "to_day"
group by "series", "period"
order by "series", "period"`;
}

/** A figure that a file splits is called `name [column=value, …]`, by the importer. */
function named({ name, where = {} }: DailySeries): string {
  const own = `("metric_name" = ${quoteText(name)} or starts_with("metric_name", ${quoteText(`${name} [`)}))`;
  const words = Object.entries(where).map(
    ([column, value]) => `list_contains(${WORDS}, ${quoteText(`${column}=${value}`)})`,
  );
  return [own, ...words].join(" and ");
}

const WORDS = `string_split(regexp_extract("metric_name", ' \\[(.*)\\]$', 1), ', ')`;
