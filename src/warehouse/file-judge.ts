// Which rows of `file_rows` are good: every cell that is filled must be understood, keys must be there, sums are set aside.
// The result is the temp table `file_judged(_row, key, sum, problem, <payload names>, o<index>)` with every value in its plain form.

import { isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { BadCell, FileFindings, FilePlan, PlannedColumn, SumRowRule } from "./file-plan.js";
import { type CellStyle, dayOfInstantSql, digitsSql, filledSql, REASONS, textSql, valueSteps } from "./file-values.js";
import { cellName, newlinesSql } from "./read-files.js";
import type { Database, Row } from "./types.js";

/** Values are looked at in this many rows to tell the decimal sign; all rows are looked at to tell the order of dates. */
const STYLE_ROWS = 200_000;
const NUMERIC = new Set(["amount", "count", "number"]);

/** Judges the rows that `loadRows` read. Throws `FILE_DATE_ORDER` when 1/2/2024 could be either day. */
export async function judgeRows(db: Database, plan: FilePlan): Promise<FileFindings> {
  const judged = plan.wide === null ? plan : await unpivot(db, plan);
  const style = await styleOf(db, judged);
  await db.run(`create or replace temp table file_judged as ${judgedSql(judged, style)}`);
  await spreadToKeys(db, judged);
  return findings(db, judged, style);
}

/** The payload name under which a column or a computed value stands in `file_judged`. */
export function judgedNames(plan: FilePlan): readonly string[] {
  const names = new Set([
    ...plan.columns.map((column) => column.name),
    ...plan.key,
    ...(plan.wide === null ? [] : ["value"]),
    ...(plan.day === null ? [] : [plan.day.name]),
    ...plan.products.map((product) => product.name),
    ...Object.keys(plan.constants),
  ]);
  return [...names];
}

/** One row per line and metric column; empty cells give none. The metric's name stands in c<n>, its value in c<n+1>, its header in _header. */
async function unpivot(db: Database, plan: FilePlan): Promise<FilePlan> {
  const wide = plan.wide;
  if (wide === null) return plan;
  const at = plan.header.length;
  const suffix = wide.by
    .map((by) => ` || ' [${by.header.replaceAll("'", "''")}=' || coalesce(${textSql(cellName(by.index))}, '') || ']'`)
    .join("");
  const cells = wide.columns.map(
    ({ index, header, metric }) =>
      `{'header': ${quoteText(header)}, 'metric': ${quoteText(metric)}${suffix}, 'value': ${cellName(index)}}`,
  );
  await db.run(
    `create or replace temp table file_rows as select * exclude (cell), cell.header as _header, cell.metric as ${cellName(at)}, cell.value as ${cellName(at + 1)}
      from (select *, unnest([${cells.join(", ")}]) as cell from file_rows) where ${textSql("cell.value")} is not null`,
  );
  const metric: PlannedColumn = {
    name: "metric",
    header: "metric",
    index: at,
    kind: "text",
    required: true,
    pii: null,
  };
  const value: PlannedColumn = {
    name: "value",
    header: "value",
    index: at + 1,
    kind: "number",
    required: true,
    pii: null,
  };
  return { ...plan, columns: [...plan.columns, metric, value], others: [] };
}

async function styleOf(db: Database, plan: FilePlan): Promise<CellStyle> {
  return {
    decimal: plan.decimal ?? (await decimalOf(db, plan)),
    dateOrder: plan.dateFormat === null ? await dateOrderOf(db, plan) : null,
    dateFormat: plan.dateFormat,
    timeZone: plan.timeZone,
    amountDivisor: plan.amountDivisor,
  };
}

/** 1.234,5 and 12,5 speak for the comma; 1,234.5 and 12.5 for the dot; 1,234 for neither. */
async function decimalOf(db: Database, plan: FilePlan): Promise<"." | ","> {
  const cells = plan.columns.filter((column) => NUMERIC.has(column.kind)).map((column) => cellName(column.index));
  if (cells.length === 0) return plan.decimalDefault;
  const digits = `rtrim(${digitsSql("cell")}, '%')`;
  const votes = await db.one(
    `select count(*) filter (where regexp_matches(${digits}, '^[+-]?[\\d.]*,(\\d{1,2}|\\d{4,})$|\\.\\d{3},\\d|^[+-]?\\d{1,3}(\\.\\d{3}){2,}$')) as comma,
        count(*) filter (where regexp_matches(${digits}, '^[+-]?[\\d,]*\\.(\\d{1,2}|\\d{4,})$|,\\d{3}\\.\\d|^[+-]?\\d{1,3}(,\\d{3}){2,}$')) as dot
      from (select unnest([${cells.join(", ")}]) as cell from (select * from file_rows limit ${STYLE_ROWS}))`,
  );
  const [comma, dot] = [Number(votes["comma"]), Number(votes["dot"])];
  return comma === dot ? plan.decimalDefault : comma > dot ? "," : ".";
}

async function dateOrderOf(db: Database, plan: FilePlan): Promise<CellStyle["dateOrder"]> {
  const columns = plan.columns.filter((column) => column.kind === "day" || column.kind === "instant");
  if (columns.length === 0) return null;
  const cells = columns.map((column) => cellName(column.index)).join(", ");
  const pattern = "'^\\s*(\\d{1,2})[/-](\\d{1,2})[/-]\\d{2,4}\\b'";
  const found = await db.one(
    `select max(regexp_extract(cell, ${pattern}, 1)::int) as first, max(regexp_extract(cell, ${pattern}, 2)::int) as second, any_value(cell) as example
      from (select unnest([${cells}]) as cell from file_rows) where regexp_matches(cell, ${pattern})`,
  );
  if (found["first"] === null) return null;
  const [first, second] = [Number(found["first"]), Number(found["second"])];
  if (first > 12 !== second > 12) return first > 12 ? "dmy" : "mdy";
  throw new GrowthosError({
    code: "FILE_DATE_ORDER",
    what: `the dates of "${plan.name}" can be read in two ways`,
    why: `${columns.map((column) => column.header).join(", ")}: "${String(found["example"])}" and all others are ${first > 12 ? "of both kinds" : "possible as day/month and as month/day"}`,
    state: "nothing of this file was landed",
    hint: 'declare the import with dateFormat: "%d/%m/%Y" or "%m/%d/%Y"',
    exit: "badData",
  });
}

function judgedSql(plan: FilePlan, style: CellStyle): string {
  const steps = plan.columns.map((column) =>
    valueSteps(cellName(column.index), column.kind, style, plainName(column.name)),
  );
  const depth = Math.max(1, ...steps.map((own) => own.length));
  const others = plan.others.map((other) => `${textSql(cellName(other.index))} as o${other.index}`);
  const raw = [...new Set(plan.columns.map((column) => cellName(column.index)))];
  let from = `select ${["_row", ...(plan.wide === null ? [] : ["_header"]), ...raw, `${sumSql(plan.sums)} as sum`, ...others].join(", ")} from file_rows`;
  for (let level = 0; level < depth; level++) {
    const added = steps.flatMap((own) => own.slice(level, level + 1).map((step) => `${step.sql} as ${step.name}`));
    from = `select *, ${added.join(", ")} from (${from})`;
  }
  const named = judgedNames(plan).map((name) => `${computedSql(plan, name)} as ${quoteName(name)}`);
  const key = plan.key.map((name) => `coalesce(${quoteName(name)}, '')`).join(" || '|' || ");
  const kept = plan.others.map((other) => `, o${other.index}`).join("");
  const problem = `(case when sum is null then ${problemSql(plan)} end)::struct("column" varchar, value varchar, reason varchar)`;
  return `select _row, sum, ${key} as key, ${problem} as problem${kept}, ${judgedNames(plan).map(quoteName).join(", ")}
    from (select *, ${named.join(", ")} from (${from}))`;
}

/** Values before they are completed by constants and computations. */
const plainName = (name: string): string => quoteName(`v_${name}`);

function computedSql(plan: FilePlan, name: string): string {
  const has = (wanted: string) => plan.columns.some((column) => column.name === wanted);
  const candidates = has(name) ? [plainName(name)] : [];
  if (plan.day?.name === name) candidates.push(...dayCandidates(plan, has));
  const product = plan.products.find((candidate) => candidate.name === name);
  if (product?.of.every(has) === true) {
    const [left, right] = product.of.map((part) => `cast(${plainName(part)} as decimal(18, 6))`);
    candidates.push(`(${left} * ${right})::decimal(28, 6)::varchar`);
  }
  const constant = plan.constants[name];
  if (constant !== undefined) candidates.push(quoteText(constant));
  return candidates.length === 0 ? "null::varchar" : `coalesce(${candidates.join(", ")}, null)`;
}

function dayCandidates(plan: FilePlan, has: (name: string) => boolean): readonly string[] {
  const { day } = plan;
  if (day === null) return [];
  const candidates: string[] = [];
  if (day.field !== undefined && day.field !== day.name && has(day.field)) candidates.push(plainName(day.field));
  if (day.nth !== undefined && has(day.nth.field)) {
    candidates.push(`strftime(date '${day.nth.start}' + cast(${plainName(day.nth.field)} as integer), '%Y-%m-%d')`);
  }
  if (day.span?.every(has) === true) {
    const [from, to] = day.span.map(plainName);
    candidates.push(`case when ${from} = ${to} then ${from} end`);
  }
  if (day.fixed !== undefined) candidates.push(quoteText(day.fixed));
  return candidates;
}

function problemSql(plan: FilePlan): string {
  const problem = (column: string, value: string, reason: string) =>
    `{'column': ${column}, 'value': ${value}, 'reason': ${quoteText(reason)}}`;
  const cases = plan.columns.flatMap((column) => {
    const cell = cellName(column.index);
    const header = plan.wide !== null && column.name === "value" ? "_header" : quoteText(column.header);
    const filled = filledSql(cell, column.kind);
    const unread =
      column.kind === "text"
        ? []
        : [`when ${filled} and ${plainName(column.name)} is null then ${problem(header, cell, REASONS[column.kind])}`];
    const missing = column.required ? [`when not (${filled}) then ${problem(header, "null::varchar", "missing")}`] : [];
    return [...unread, ...missing];
  });
  const { day } = plan;
  if (day !== null) {
    const span = day.span?.filter((name) => plan.columns.some((column) => column.name === name)) ?? [];
    const value = span.length === 2 ? span.map(plainName).join(" || ' to ' || ") : "null::varchar";
    const reason = span.length === 2 ? "covers several days; export it with a breakdown by day" : "has no day";
    cases.push(
      `when ${quoteName(day.name)} is null then ${problem(quoteText(day.span?.[0] ?? day.name), value, reason)}`,
    );
  }
  return cases.length === 0 ? "null" : `case ${cases.join(" ")} end`;
}

function sumSql(rules: readonly SumRowRule[]): string {
  const cases = rules.flatMap(({ columns, startsWith, empty }) => {
    const texts = columns.map((index) => `lower(${textSql(cellName(index))})`);
    if (texts.length === 0) return [];
    if (empty) return [`when ${texts.map((text) => `${text} is null`).join(" and ")} then 'total row'`];
    const words = (startsWith ?? []).map((word) => word.replaceAll(/[.*+?()[\]{}|\\^$]/g, "\\$&")).join("|");
    return [`when ${texts.map((text) => `regexp_matches(${text}, '^(${words})\\b')`).join(" or ")} then 'total row'`];
  });
  return cases.length === 0 ? "null::varchar" : `case ${cases.join(" ")} end`;
}

/** One bad line makes its whole order bad; an order without its first row is bad. A repeated figure of one day is bad. */
async function spreadToKeys(db: Database, plan: FilePlan): Promise<void> {
  if (plan.wide !== null || plan.columns.some((column) => column.name === "metric")) {
    await db.run(
      `update file_judged set problem = {'column': coalesce("metric", 'metric'), 'value': "value", 'reason': 'a second figure for the same day; name the column that tells them apart in "by"'}
        where sum is null and problem is null and _row > (select min(_row) from file_judged as other where other.key = file_judged.key and sum is null and problem is null)`,
    );
  }
  if (plan.oncePerKey.length > 0) {
    const once = plan.oncePerKey.filter((name) => plan.columns.some((column) => column.name === name));
    for (const name of once) {
      const header = plan.columns.find((column) => column.name === name)?.header ?? name;
      await db.run(
        `update file_judged set problem = {'column': ${quoteText(header)}, 'value': null, 'reason': 'missing on every row of its group'}
          where sum is null and problem is null and key in (select key from file_judged where sum is null group by key having count(${quoteName(name)}) = 0 and count(problem) = 0)`,
      );
    }
  }
  if (plan.wholeKey) {
    await db.run(
      `update file_judged set problem = {'column': ${quoteText(plan.key.join(", "))}, 'value': key, 'reason': 'another row of the same group is bad'}
        where sum is null and problem is null and key in (select key from file_judged where problem is not null)`,
    );
  }
}

async function findings(db: Database, plan: FilePlan, style: CellStyle): Promise<FileFindings> {
  const good = "sum is null and problem is null";
  const day = dayColumnSql(plan);
  const sums = plan.columns.filter((column) => NUMERIC.has(column.kind)).map((column) => column.name);
  const totals = [...new Set([...sums, ...plan.products.map((product) => product.name)])].map(
    (name) =>
      `sum(cast(${quoteName(name)} as decimal(28, 9))) filter (where ${good})::varchar as ${quoteName(`t_${name}`)}`,
  );
  const counted = await db.one(
    `select count(*) as rows, count(*) filter (where ${good}) as good, count(sum) as sums,
      count(problem) + (select count(*) from file_rejects) as bad, (select count(*) from file_rejects) as rejects,
      strftime(min(${day}) filter (where ${good}), '%Y-%m-%d') as first_day, strftime(max(${day}) filter (where ${good}), '%Y-%m-%d') as last_day
      ${totals.map((total) => `, ${total}`).join("")} from file_judged`,
  );
  const badRows = Number(counted["bad"]);
  const named = plan.columns.some((column) => column.name === "metric");
  return {
    rows: Number(counted["rows"]) + Number(counted["rejects"]),
    goodRows: Number(counted["good"]),
    badRows,
    sumRows: Number(counted["sums"]),
    days: daysOf(counted),
    totals: named ? await metricTotals(db) : totalsOf(counted),
    decimal: style.decimal,
    badReasons: badRows === 0 ? [] : await reasonsOf(db),
    firstBad: badRows === 0 ? [] : await badCells(db, plan, 10),
  };
}

function totalsOf(counted: Row): FileFindings["totals"] {
  return Object.fromEntries(
    Object.entries(counted).flatMap(([name, value]) =>
      name.startsWith("t_") && value !== null ? [[name.slice(2), tidyDecimal(String(value))]] : [],
    ),
  );
}

/** Figures of different names do not add up: each has its own sum. */
async function metricTotals(db: Database): Promise<FileFindings["totals"]> {
  const rows = await db.all(
    `select metric, sum(cast("value" as decimal(28, 9)))::varchar as total from file_judged where sum is null and problem is null group by metric order by min(_row), metric limit 100`,
  );
  return Object.fromEntries(rows.map((row) => [String(row["metric"]), tidyDecimal(String(row["total"]))]));
}

async function reasonsOf(db: Database): Promise<FileFindings["badReasons"]> {
  const rows = await db.all(
    `select reason, count(*) as rows from (select problem.reason as reason from file_judged where problem is not null union all select reason from file_rejects)
      group by reason order by count(*) desc, reason`,
  );
  return rows.map((row) => ({ reason: String(row["reason"]), rows: Number(row["rows"]) }));
}

function daysOf(row: Row): FileFindings["days"] {
  const [from, to] = [String(row["first_day"]), String(row["last_day"])];
  return isISODate(from) && isISODate(to) ? { from, to } : null;
}

const tidyDecimal = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

function dayColumnSql(plan: FilePlan): string {
  const name = plan.day?.name;
  if (name === undefined) return "null::date";
  const column = plan.columns.find((candidate) => candidate.name === name);
  return column?.kind === "instant"
    ? dayOfInstantSql(quoteName(name), plan.dayTimeZone)
    : `try_cast(${quoteName(name)} as date)`;
}

/** Bad cells with the line of the original file on which their record begins, in order. `limit` 0: all. */
export async function badCells(db: Database, plan: FilePlan, limit: number): Promise<readonly BadCell[]> {
  const rows = await db.all(`${badCellsSql(plan)} order by line, "column"${limit === 0 ? "" : ` limit ${limit}`}`);
  return rows.map((row) => ({
    file: String(row["file"]),
    line: Number(row["line"]),
    column: String(row["column"]),
    value: row["value"] === null ? null : String(row["value"]),
    reason: String(row["reason"]),
  }));
}

/** SQL for the quarantine: file, line, column, value, reason. */
export function badCellsSql(plan: FilePlan): string {
  const columns = `${quoteText(plan.name)} as file, line::bigint as line, "column", left(value, 200) as value, reason`;
  const own = `select _row, problem.column as "column", problem.value as value, problem.reason as reason from file_judged where problem is not null`;
  if (plan.format !== "csv") {
    return `select ${columns} from (select _row as line, "column", value, reason from (${own}) union all select line, '' as "column", value, reason from file_rejects)`;
  }
  // DuckDB numbers rejected records, not lines: a quoted line end is none to it. Line ends inside the records above are added back.
  const running = "rows between unbounded preceding and 1 preceding";
  return `with
    wrapped as (select _row, ${newlinesSql(plan)} as ends from (select distinct on (_row) * from file_rows)),
    rows_above as (select _row, coalesce(sum(ends) over (order by _row ${running}), 0) as ends_above from wrapped),
    rejected as (select line, lines, line - ${plan.skip} - row_number() over (order by line) as good_above,
      coalesce(sum(lines - 1) over (order by line ${running}), 0) as ends_above from file_reject_spans),
    good_lines as (select _row, ${plan.skip} + _row + ends_above + coalesce((select sum(lines) from rejected where good_above < _row), 0) as line from rows_above),
    reject_lines as (select line as record, line + ends_above + coalesce((select sum(ends) from wrapped where _row <= good_above), 0) as line from rejected)
    select ${columns} from (
      select place.line + ${plan.lineOffset} as line, bad."column", bad.value, bad.reason from (${own}) as bad join good_lines as place using (_row)
      union all
      select place.line + ${plan.lineOffset}, '' as "column", rejects.value, rejects.reason
        from file_rejects as rejects join reject_lines as place on place.record = rejects.line)`;
}
