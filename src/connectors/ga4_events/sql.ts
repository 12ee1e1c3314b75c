/** The two statements that BigQuery is asked, in GoogleSQL. Values are parameters; names of tables come from checked options and days. */
import { type Column, type EventKind, keyColumns, topColumn } from "./columns.js";
import type { DayTable } from "./tables.js";

/** A dataset, `project.dataset`, both checked by the connector's options. */
export type DatasetName = `${string}.${string}`;

/** Which of the tables `@tables` exist, and which of the columns `@columns` each of them has: one row (table_name, column_name) per pair. */
export function columnsQuery(dataset: DatasetName): string {
  return [
    "select c.table_name as table_name, c.column_name as column_name",
    `from \`${dataset}\`.INFORMATION_SCHEMA.COLUMNS as c`,
    "where c.table_name in unnest(@tables) and c.column_name in unnest(@columns)",
  ].join("\n");
}

/**
 * The events `@event_names` of the tables, one row each: `table_day`, `table_kind`, the columns of the kind and `ordinal`, all texts.
 * Equal events are told apart by `ordinal`: the same day read again gives the same set. Nothing else in an export is unique.
 */
export function eventsQuery(dataset: DatasetName, kind: EventKind, tables: readonly DayTable[]): string {
  const partition = ["table_day", ...keyColumns(kind)].map((name) => `e.${name}`).join(", ");
  const order = kind.columns.some(({ from }) => from === "json") ? " order by e.items" : "";
  return [
    "with events as (",
    tables.map((table) => tableQuery(dataset, kind, table)).join("\nunion all\n"),
    ")",
    `select e.*, cast(row_number() over (partition by ${partition}${order}) as string) as ordinal from events as e`,
  ].join("\n");
}

function tableQuery(dataset: DatasetName, { columns }: EventKind, table: DayTable): string {
  const cells = [
    `'${table.day}' as table_day`,
    `'${table.kind}' as table_kind`,
    ...columns.map((column) => {
      // A column that is named but not there would fail the whole statement.
      const value = table.columns.includes(topColumn(column)) ? cellSql(column) : "cast(null as string)";
      return `${value} as ${column.name}`;
    }),
  ];
  return `select ${cells.join(",\n  ")}\nfrom \`${dataset}.${table.name}\` as t where t.event_name in unnest(@event_names)`;
}

function cellSql(column: Column): string {
  if ("key" in column) return keyedSql(topColumn(column), column.key);
  if (column.from === "text") return `t.${column.path}`;
  if (column.from === "integer") return `cast(t.${column.path} as string)`;
  if (column.from === "money") return `cast(safe_cast(t.${column.path} as numeric) as string)`;
  return `to_json_string(t.${column.path})`;
}

/** Exactly one of the four values is set; which one depends on what the page sent. */
function keyedSql(list: string, key: string): string {
  const number = "safe_cast(coalesce(p.value.double_value, p.value.float_value) as numeric)";
  const chosen = `coalesce(p.value.string_value, cast(p.value.int_value as string), cast(${number} as string))`;
  return `(select ${chosen} from unnest(t.${list}) as p where p.key = '${key}' limit 1)`;
}
