// SQL text that turns a cell into one plain form, or null when it is not what it should be.
// Amounts become decimal text with a dot, days ISO, instants ISO with their offset (none when the file has none), flags true/false.

import { quoteText } from "../base/ids.js";
import type { CellKind } from "./file-plan.js";

/** What a file decided about its own way of writing. */
export interface CellStyle {
  readonly decimal: "." | ",";
  /** Order of `1/2/2024`; null: no such date was seen. */
  readonly dateOrder: "mdy" | "dmy" | null;
  readonly dateFormat: string | null;
  readonly timeZone: string | null;
  readonly amountDivisor: number;
}

/** Blanks that trim() does not know: tab, line ends, no-break and narrow no-break space. */
const BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8239)";
/** Ways of writing "nothing" in a column of numbers or dates. */
const NOTHING = "('', '-', '--', '—', '–', 'n/a', 'na', 'null', 'none', '∞')";
const OFFSET = "(Z|UTC|GMT|[+-]\\d{2}:?\\d{2}|[+-]\\d{2})";
const TIME = `^(.+?)[T ]+(\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?) *${OFFSET}?$`;
const NAMED_DATES = [
  "%a, %d-%b-%Y",
  "%d-%b-%Y",
  "%d-%b-%y",
  "%d %b %Y",
  "%d %B %Y",
  "%b %d, %Y",
  "%B %d, %Y",
  "%a, %d %b %Y",
  "%A, %B %d, %Y",
];

/** The cell without surrounding blanks; empty is null. */
export function textSql(cell: string): string {
  return `nullif(trim(${cell}, ${BLANKS}), '')`;
}

/** True when the cell holds something that its kind must understand. */
export function filledSql(cell: string, kind: CellKind): string {
  const text = textSql(cell);
  return kind === "text" ? `${text} is not null` : `coalesce(lower(${text}), '') not in ${NOTHING}`;
}

/** The cell in its plain form; null when it is empty or not understood. */
export function valueSql(cell: string, kind: CellKind, style: CellStyle): string {
  const text = textSql(cell);
  switch (kind) {
    case "text":
      return text;
    case "amount":
      return amountSql(cell, style);
    case "number":
      return numberSql(cell, style);
    case "count":
      return `regexp_extract(${decimalSql(cell, style)}, '^([+-]?\\d+)(\\.0*)?$', 1)`.replace(
        /^(.*)$/,
        "nullif($1, '')",
      );
    case "day":
      return `strftime(${daySql(text, style)}, '%Y-%m-%d')`;
    case "instant":
      return instantSql(text, style);
    case "flag":
      return `case when lower(${text}) in ('yes', 'true', '1', 'y', 't') then 'true' when lower(${text}) in ('no', 'false', '0', 'n', 'f') then 'false' end`;
    case "currency":
      return `case when regexp_full_match(upper(${text}), '[A-Z]{3}') then upper(${text}) end`;
  }
}

/** Why a filled cell has no value, in the words of the quarantine. */
export const REASONS: Readonly<Record<CellKind, string>> = {
  text: "empty",
  amount: "not an amount",
  count: "not a whole number",
  number: "not a number",
  day: "not a date",
  instant: "not a date and time",
  flag: "neither yes nor no",
  currency: "not a currency code",
};

/** Digits, sign and separators alone: blanks, apostrophes and currency signs taken off. */
export function digitsSql(cell: string): string {
  const bare = `regexp_replace(${cell}, '[\\s''’' || chr(160) || chr(8239) || ']', '', 'g')`;
  return `regexp_replace(regexp_replace(${bare}, '^([+-]?)(?:[A-Z]{3}|[$€£¥₺₹])', '\\1'), '(?:[A-Z]{3}|[$€£¥₺₹])$', '')`;
}

/** Decimal text with a dot, at most 15 digits before it; null when the cell is not a number in the file's style. */
function decimalSql(cell: string, style: CellStyle): string {
  const digits = digitsSql(cell);
  const [pattern, plain] =
    style.decimal === "."
      ? ["[+-]?(\\d+|\\d{1,3}(,\\d{2,3})*,\\d{3})(\\.\\d*)?|[+-]?\\.\\d+", `replace(${digits}, ',', '')`]
      : ["[+-]?(\\d+|\\d{1,3}(\\.\\d{3})+)(,\\d*)?|[+-]?,\\d+", `replace(replace(${digits}, '.', ''), ',', '.')`];
  const tidy = `rtrim(ltrim(${plain}, '+'), '.')`;
  return `case when regexp_full_match(${digits}, '${pattern}') and length(regexp_extract(${plain}, '\\d+')) <= 15 then ${tidy} end`;
}

function amountSql(cell: string, style: CellStyle): string {
  const decimal = decimalSql(cell, style);
  if (style.amountDivisor === 1) return decimal;
  return `(cast(${decimal} as decimal(28, 6)) * cast(${1 / style.amountDivisor} as decimal(7, 6)))::decimal(28, 6)::varchar`;
}

/** As an amount, and also `12.5%` (a share) and `1e-5`. */
function numberSql(cell: string, style: CellStyle): string {
  const share = decimalSql(`rtrim(${digitsSql(cell)}, '%')`, style);
  return `case when ${textSql(cell)} like '%\\%' escape '\\' then (cast(${share} as decimal(28, 9)) * 0.01)::decimal(28, 9)::varchar
    when regexp_full_match(${textSql(cell)}, '[+-]?\\d+(\\.\\d+)?[eE][+-]?\\d{1,2}') then try_cast(try_cast(${textSql(cell)} as double) as decimal(28, 9))::varchar
    else ${decimalSql(cell, style)} end`;
}

/** A DATE between 1970 and 2099; null when the text is not one. */
function daySql(text: string, style: CellStyle): string {
  const day =
    style.dateFormat === null ? anyDaySql(text, style) : `try_strptime(${text}, ${quoteText(style.dateFormat)})::date`;
  return `case when ${day} between date '1970-01-01' and date '2099-12-31' then ${day} end`;
}

function anyDaySql(text: string, style: CellStyle): string {
  const when = (pattern: string, format: string) =>
    `when regexp_full_match(${text}, '${pattern}') then try_strptime(${text}, '${format}')::date`;
  const slashes = (separator: string, year: "Y" | "y") => {
    const order = style.dateOrder === "dmy" ? "%d{s}%m{s}%{y}" : "%m{s}%d{s}%{y}";
    const digits = year === "Y" ? "4" : "2";
    return when(
      `\\d{1,2}${separator}\\d{1,2}${separator}\\d{${digits}}`,
      order.replaceAll("{s}", separator).replace("{y}", year),
    );
  };
  return `case when regexp_full_match(${text}, '\\d{4}-\\d{2}-\\d{2}([T ].*)?') then try_cast(left(${text}, 10) as date)
    ${when("\\d{8}", "%Y%m%d")} ${when("\\d{4}/\\d{1,2}/\\d{1,2}", "%Y/%m/%d")}
    ${when("\\d{1,2}\\.\\d{1,2}\\.\\d{4}", "%d.%m.%Y")} ${when("\\d{1,2}\\.\\d{1,2}\\.\\d{2}", "%d.%m.%y")}
    ${slashes("/", "Y")} ${slashes("/", "y")} ${slashes("-", "Y")}
    else try_strptime(${text}, [${NAMED_DATES.map(quoteText).join(", ")}])::date end`;
}

/** ISO text with the file's own offset, in UTC when the import names a zone, else without an offset: the shop's wall clock. */
function instantSql(text: string, style: CellStyle): string {
  const part = (group: number) => `regexp_extract(${text}, '${TIME}', ${group})`;
  const hasTime = `regexp_matches(${text}, '${TIME}')`;
  const local =
    style.dateFormat === null
      ? `case when ${hasTime} then try_cast(strftime(${daySql(part(1), style)}, '%Y-%m-%d') || ' ' || ${part(2)} as timestamp) else ${daySql(text, style)}::timestamp end`
      : `try_strptime(${text}, ${quoteText(style.dateFormat)})`;
  const offset = `case when ${part(3)} in ('Z', 'UTC', 'GMT') then '+00:00' else regexp_replace(rpad(replace(${part(3)}, ':', ''), 5, '0'), '(\\d{2})$', ':\\1') end`;
  const iso = (moment: string) => `strftime(${moment}, '%Y-%m-%dT%H:%M:%S.%g')`;
  const zoned =
    style.timeZone === null
      ? iso(local)
      : `${iso(`timezone('UTC', timezone(${quoteText(style.timeZone)}, ${local}))`)} || '+00:00'`;
  if (style.dateFormat !== null) return zoned;
  return `case when ${hasTime} and ${part(3)} <> '' then ${iso(local)} || ${offset} else ${zoned} end`;
}

/** The civil day (DATE) of an instant in plain form, in the shop's zone. */
export function dayOfInstantSql(instant: string, shopTimeZone: string): string {
  return `case when regexp_matches(${instant}, '[+-]\\d{2}:\\d{2}$') then timezone(${quoteText(shopTimeZone)}, cast(${instant} as timestamptz))::date else cast(left(${instant}, 10) as date) end`;
}
