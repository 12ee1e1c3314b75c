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
const NOTHING = "|-|--|—|–|n/a|na|null|none|∞|";
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

/** True when the cell holds something that its kind must understand; for a cell whose `valueSteps` are in scope. */
export function filledSql(cell: string, kind: CellKind): string {
  if (kind === "text" || kind === "currency") return `${textSql(cell)} is not null`;
  // Not an IN list: each would be planned as a join of its own.
  return `(${cell}_text is not null and strpos('${NOTHING}', '|' || lower(${cell}_text) || '|') = 0)`;
}

/** One step of a computation: `sql` may use the names of earlier steps. */
export interface ValueStep {
  readonly name: string;
  readonly sql: string;
}

/**
 * The steps that bring a cell into its plain form (null when it is empty or not understood); the last step has the name `result`.
 * Steps instead of one expression: nested, the text of a date would be parsed a hundred times and planned for seconds.
 */
export function valueSteps(cell: string, kind: CellKind, style: CellStyle, result: string): readonly ValueStep[] {
  const text = { name: `${cell}_text`, sql: textSql(cell) };
  switch (kind) {
    case "text":
      return [{ name: result, sql: textSql(cell) }];
    case "amount":
    case "number":
    case "count":
      return [text, ...numericSteps(cell, kind, style, result)];
    case "day":
      return [
        text,
        ...daySteps(text.name, style, `${cell}_day`),
        { name: result, sql: `strftime(${cell}_day, '%Y-%m-%d')` },
      ];
    case "instant":
      return [text, ...instantSteps(cell, style, result)];
    case "flag":
      return [
        text,
        {
          name: result,
          sql: `case when lower(${text.name}) in ('yes', 'true', '1', 'y', 't') then 'true' when lower(${text.name}) in ('no', 'false', '0', 'n', 'f') then 'false' end`,
        },
      ];
    case "currency":
      return [
        {
          name: result,
          sql: `case when regexp_full_match(upper(${textSql(cell)}), '[A-Z]{3}') then upper(${textSql(cell)}) end`,
        },
      ];
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

const DOT = "[+-]?(\\d+|\\d{1,3}(,\\d{2,3})*,\\d{3})(\\.\\d*)?|[+-]?\\.\\d+";
const COMMA = "[+-]?(\\d+|\\d{1,3}(\\.\\d{3})+)(,\\d*)?|[+-]?,\\d+";

/** Decimal text with a dot, at most 15 digits before it; `1e-5` too, as spreadsheets write it. A `number` may also be `12.5%`, a share. */
function numericSteps(
  cell: string,
  kind: "amount" | "number" | "count",
  style: CellStyle,
  result: string,
): readonly ValueStep[] {
  const dot = style.decimal === ".";
  const text = `${cell}_text`;
  // Most numbers are written plainly; only the others are looked at closely.
  const simple = `${cell}_simple`;
  const digits = `${cell}_digits`;
  const plain = `${cell}_plain`;
  const closely = kind === "number" ? `rtrim(${digitsSql(text)}, '%')` : digitsSql(text);
  const bare = dot ? `replace(${digits}, ',', '')` : `replace(replace(${digits}, '.', ''), ',', '.')`;
  const fits = `length(regexp_extract(${bare}, '\\d+')) <= 15`;
  const scaled = (type: string, factor: string) => `(cast(${plain} as ${type}) * ${factor})::${type}::varchar`;
  const shared: readonly ValueStep[] = [
    { name: simple, sql: `regexp_full_match(${text}, '-?\\d{1,15}${dot ? "(\\.\\d+)?" : ""}')` },
    { name: digits, sql: `case when not ${simple} then ${closely} end` },
    {
      name: plain,
      sql: `case when ${simple} then ${text} when regexp_full_match(${text}, '[+-]?\\d+(\\.\\d+)?[eE][+-]?\\d{1,2}') then try_cast(${text} as decimal(28, 9))::varchar when regexp_full_match(${digits}, '${dot ? DOT : COMMA}') and ${fits} then rtrim(ltrim(${bare}, '+'), '.') end`,
    },
  ];
  if (kind === "count") {
    return [...shared, { name: result, sql: `nullif(regexp_extract(${plain}, '^([+-]?\\d+)(\\.0*)?$', 1), '')` }];
  }
  const percent = `when ${text} like '%\\%' escape '\\' then ${scaled("decimal(28, 9)", "0.01")}`;
  if (kind === "number") return [...shared, { name: result, sql: `case ${percent} else ${plain} end` }];
  const factor = `cast(${1 / style.amountDivisor} as decimal(7, 6))`;
  return [...shared, { name: result, sql: style.amountDivisor === 1 ? plain : scaled("decimal(28, 6)", factor) }];
}

/** A DATE between 1970 and 2099; null when the text is not one. */
function daySteps(text: string, style: CellStyle, result: string): readonly ValueStep[] {
  const any = `${result}_any`;
  const day =
    style.dateFormat === null ? anyDaySql(text, style) : `try_strptime(${text}, ${quoteText(style.dateFormat)})::date`;
  return [
    { name: any, sql: day },
    { name: result, sql: `case when ${any} between date '1970-01-01' and date '2099-12-31' then ${any} end` },
  ];
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
function instantSteps(cell: string, style: CellStyle, result: string): readonly ValueStep[] {
  const text = `${cell}_text`;
  const local = `${cell}_local`;
  const iso = (moment: string) => `strftime(${moment}, '%Y-%m-%dT%H:%M:%S.%g')`;
  const inZone = style.timeZone === null ? null : `timezone('UTC', timezone(${quoteText(style.timeZone)}, ${local}))`;
  const unzoned = inZone === null ? iso(local) : `${iso(inZone)} || '+00:00'`;
  if (style.dateFormat !== null) {
    const read = `try_strptime(${text}, ${quoteText(style.dateFormat)})`;
    return [
      { name: local, sql: read },
      { name: result, sql: unzoned },
    ];
  }
  // The plain form first: the general pattern has to try every blank as the one before the time.
  const isPlain = `regexp_full_match(${text}, '\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2} ?${OFFSET}?')`;
  const plain = `{'day': left(${text}, 10), 'time': substr(${text}, 12, 8), 'zone': ltrim(substr(${text}, 20))}`;
  const parts = `${cell}_parts`;
  const [time, offset] = [`${parts}.time`, `${parts}.zone`];
  return [
    {
      name: parts,
      sql: `case when ${isPlain} then ${plain} when ${text} is not null then regexp_extract(${text}, '${TIME}', ['day', 'time', 'zone']) end`,
    },
    { name: `${cell}_date`, sql: `coalesce(nullif(${parts}.day, ''), ${text})` },
    ...daySteps(`${cell}_date`, style, `${cell}_day`),
    {
      name: local,
      sql: `case when ${time} = '' then ${cell}_day::timestamp else try_cast(strftime(${cell}_day, '%Y-%m-%d') || ' ' || ${time} as timestamp) end`,
    },
    {
      name: result,
      sql: `case when ${offset} = '' then ${unzoned} when ${offset} in ('Z', 'UTC', 'GMT') then ${iso(local)} || '+00:00'
        else ${iso(local)} || regexp_replace(rpad(replace(${offset}, ':', ''), 5, '0'), '(\\d{2})$', ':\\1') end`,
    },
  ];
}

/** The civil day (DATE) of an instant in plain form, in the shop's zone. */
export function dayOfInstantSql(instant: string, dayTimeZone: string): string {
  return `case when regexp_matches(${instant}, '[+-]\\d{2}:\\d{2}$') then timezone(${quoteText(dayTimeZone)}, cast(${instant} as timestamptz))::date else cast(left(${instant}, 10) as date) end`;
}
