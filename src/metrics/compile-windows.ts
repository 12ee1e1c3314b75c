import type { DateRange } from "../base/dates.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { Catalog } from "./catalog/index.js";
import { aggregateSql, groupExpression, labelOf } from "./compile.js";
import { leavesOf, slopedLeaves } from "./leaves.js";
import { type Scan, scansOf } from "./scans.js";
import type { SemanticQuery } from "./types.js";

/** The name of a window in the column `point` of the result. */
export function windowKey({ from, to }: DateRange): string {
  return `${from}..${to}`;
}

/**
 * One statement for one question about many windows, which may overlap: planning a statement takes longer than running it over the days
 * of a report, and this one is planned once. Each row of a fact counts in every window that its day is in. The query's own window and
 * comparison do not matter; it has no grain.
 *
 * Result rows: as of `compile`, with the window as `point`; a window without a row of a fact is absent.
 */
export function compileWindows(query: SemanticQuery, windows: readonly DateRange[], catalog: Catalog): string {
  const leaves = leavesOf(query.metrics, catalog);
  const scans = scansOf(query, leaves, slopedLeaves(query.metrics, catalog));
  const hasRows = query.breakdown !== undefined;
  const parts = scans.map((scan) => `${nameOf(scan)} as (\n${scanSql(scan, hasRows)}\n)`);
  const cells = scans.map((scan) => `select * from ${nameOf(scan)}`).join("\n  union all by name\n  ");
  const { label, join } = labelOf(query);
  return `with windows as (
${windowsSql(windows)}
), ${[...parts, `cells as (\n  ${cells}\n)`].join(", ")}
select cells.*, ${label} as "label"
from cells${join}
order by cells."point", cells."level", cells."key"`;
}

function nameOf(scan: Scan): string {
  return quoteName(`scan_${scan.name}`);
}

/** Every day of every window. */
function windowsSql(windows: readonly DateRange[]): string {
  const values = windows.map(
    (window) => `(${quoteText(windowKey(window))}, date ${quoteText(window.from)}, date ${quoteText(window.to)})`,
  );
  return `  select "point", "window_from", cast(unnest(generate_series("window_from", "window_to", interval 1 day)) as date) as "window_day"
  from (values ${values.join(", ")}) as named("point", "window_from", "window_to")`;
}

function scanSql(scan: Scan, hasRows: boolean): string {
  const date = quoteName(scan.dateColumn);
  const columns = scan.columns.map(({ name, aggregate }) =>
    aggregateSql(aggregate, `(${date} - "window_from")`, name(false)),
  );
  const head = hasRows
    ? [`case grouping("row_key") when 0 then 'row' else 'total' end as "level"`, '"row_key" as "key"']
    : [`'total' as "level"`, 'cast(null as varchar) as "key"'];
  const row = hasRows ? `, ${groupExpression(scan.groupColumn)} as "row_key"` : "";
  const where = scan.conditions.length === 0 ? "" : `\n  where ${scan.conditions.join("\n    and ")}`;
  return `  select
    ${[...head, '"point"', ...columns].join(",\n    ")}
  from (
    select fact.*, windows."point", windows."window_from"${row}
    from ${quoteName(scan.relation)} as fact
    join windows on windows."window_day" = fact.${date}
  )${where}
  group by ${hasRows ? 'grouping sets (("point"), ("point", "row_key"))' : '"point"'}`;
}
