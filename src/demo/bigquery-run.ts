import { type Condition, type Expression, parseStatement, type Select } from "./bigquery-parse.js";

/** A row of a table as the export has it: records are objects, repeated ones lists, 64-bit integers numbers. */
export type TableRow = Readonly<Record<string, unknown>>;

/** A table and the columns at its top. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** What statements can be asked about. */
export interface Catalog {
  /** Tables of a dataset `project.dataset` by name; undefined when there is no such dataset. */
  tables(dataset: string): ReadonlyMap<string, Table> | undefined;
}

/** A result: all values are texts, as they go over the wire. */
export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Why a statement was refused, in the vendor's words. */
export interface Refusal {
  readonly reason: "invalidQuery" | "notFound";
  readonly message: string;
}

/** Named parameters; all are lists of texts. */
export type Parameters = Readonly<Record<string, readonly string[]>>;

class Refused extends Error {
  readonly reason: Refusal["reason"];
  constructor(reason: Refusal["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Runs a statement, or says why not. */
export function runStatement(query: string, parameters: Parameters, catalog: Catalog): Result | Refusal {
  const parsed = parseStatement(query);
  if ("problem" in parsed) return { reason: "invalidQuery", message: parsed.problem };
  try {
    const run = { parameters, catalog };
    const union = parsed.with === null ? null : { name: parsed.with.name, table: unionOf(run, parsed.with.selects) };
    return resultOf(run, parsed.select, union);
  } catch (thrown) {
    if (thrown instanceof Refused) return { reason: thrown.reason, message: thrown.message };
    throw thrown;
  }
}

/** A page of a result as BigQuery sends it: the columns' names once, values by position. */
export function wirePage(result: Result, rows: Result["rows"]): Readonly<Record<string, unknown>> {
  return {
    schema: { fields: result.columns.map((name) => ({ name, type: "STRING", mode: "NULLABLE" })) },
    totalRows: String(result.rows.length),
    ...(rows.length === 0 ? {} : { rows: rows.map((row) => ({ f: row.map((v) => ({ v })) })) }),
  };
}

interface Run {
  readonly parameters: Parameters;
  readonly catalog: Catalog;
}

interface Named {
  readonly name: string;
  readonly table: Table;
}

function unionOf(run: Run, selects: readonly Select[]): Table {
  const parts = selects.map((select) => resultOf(run, select, null));
  const columns = parts[0]?.columns ?? [];
  const odd = parts.find((part) => part.columns.length !== columns.length);
  if (odd !== undefined) {
    throw new Refused("invalidQuery", `Queries in UNION ALL have mismatched column count; ${odd.columns.length} found`);
  }
  const rows = parts.flatMap((part) =>
    part.rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null]))),
  );
  return { columns, rows };
}

function resultOf(run: Run, select: Select, union: Named | null): Result {
  const { from } = select;
  if (from === null) return project(run, select, { alias: "", table: { columns: [], rows: [{}] } });
  const table = union !== null && from.name === union.name ? union.table : tableOf(run, from);
  return project(run, select, { alias: from.alias, table });
}

function tableOf({ catalog }: Run, { name, quoted }: NonNullable<Select["from"]>): Table {
  const columnsOf = /^(.+)\.INFORMATION_SCHEMA\.COLUMNS$/.exec(name)?.[1];
  const at = name.lastIndexOf(".");
  const tables = catalog.tables(columnsOf ?? name.slice(0, at));
  if (!quoted || tables === undefined) throw new Refused("notFound", `Not found: Dataset ${columnsOf ?? name}`);
  if (columnsOf !== undefined) return columnList(tables);
  const table = tables.get(name.slice(at + 1));
  if (table === undefined) throw new Refused("notFound", `Not found: Table ${name}`);
  return table;
}

function columnList(tables: ReadonlyMap<string, Table>): Table {
  const rows = [...tables].flatMap(([table_name, { columns }]) =>
    columns.map((column_name, index) => ({ table_name, column_name, ordinal_position: index + 1 })),
  );
  return { columns: ["table_name", "column_name", "ordinal_position"], rows };
}

interface Source {
  readonly alias: string;
  readonly table: Table;
}

/** What a name stands for while a row is looked at. */
type Scope = Readonly<Record<string, unknown>>;

function project(run: Run, select: Select, { alias, table }: Source): Result {
  requireColumns(select, { alias, table });
  const kept = table.rows.filter((row) => holds(run, select.where, { [alias]: row }));
  const parts = select.columns.map((column) => {
    if ("star" in column) {
      const cells = table.columns.map((name) => kept.map((row) => textOf(row[name])));
      return { names: table.columns, cells };
    }
    return { names: [column.name], cells: [valuesOf(run, column.value, { alias, rows: kept })] };
  });
  const columns = parts.flatMap(({ names }) => names);
  const cells = parts.flatMap((part) => part.cells);
  return { columns, rows: kept.map((_, index) => cells.map((cell) => cell[index] ?? null)) };
}

function valuesOf(
  run: Run,
  value: Expression,
  { alias, rows }: { readonly alias: string; readonly rows: readonly TableRow[] },
): readonly (string | null)[] {
  if (value.kind === "call" && value.name === "cast" && value.args[0]?.kind === "row_number") {
    return rowNumbers(value.args[0], { alias, rows });
  }
  return rows.map((row) => textOf(evaluate(run, value, { [alias]: row })));
}

function rowNumbers(
  { partition, order }: Extract<Expression, { kind: "row_number" }>,
  { alias, rows }: { readonly alias: string; readonly rows: readonly TableRow[] },
): readonly string[] {
  const at = (expression: Expression | null, row: TableRow) =>
    expression?.kind === "path" && expression.alias === alias ? row[expression.path[0] ?? ""] : null;
  const order_ = rows.map((row, index) => ({ index, by: String(at(order, row) ?? "") }));
  order_.sort((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : a.index - b.index));
  const seen = new Map<string, number>();
  const numbers: string[] = [];
  for (const { index } of order_) {
    const row = rows[index] ?? {};
    const key = JSON.stringify(partition.map((one) => at(one, row)));
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    numbers[index] = String(number);
  }
  return numbers;
}

function holds(run: Run, where: Condition, scope: Scope): boolean {
  return where.every((one) => {
    const left = evaluate(run, one.left, scope);
    if ("equals" in one) return left !== null && left === evaluate(run, one.equals, scope);
    const values = run.parameters[one.parameter];
    if (values === undefined) throw new Refused("invalidQuery", `Query parameter '${one.parameter}' not found`);
    return typeof left === "string" && values.includes(left);
  });
}

function evaluate(run: Run, expression: Expression, scope: Scope): unknown {
  if (expression.kind === "text") return expression.value;
  if (expression.kind === "null") return null;
  if (expression.kind === "path") return stepInto(scope[expression.alias], expression.path);
  if (expression.kind === "call") return called(run, expression, scope);
  if (expression.kind === "row_number") throw new Refused("invalidQuery", "Window function not allowed here");
  const list = evaluate(run, expression.list, scope);
  const { alias, where, value } = expression;
  const found = (Array.isArray(list) ? list : []).find((item) => holds(run, where, { ...scope, [alias]: item }));
  return found === undefined ? null : evaluate(run, value, { ...scope, [alias]: found });
}

function called(run: Run, call: Extract<Expression, { kind: "call" }>, scope: Scope): unknown {
  const { name, args, type } = call;
  if (name === "coalesce") {
    for (const arg of args) {
      const value = evaluate(run, arg, scope);
      if (value !== null) return value;
    }
    return null;
  }
  const value = args[0] === undefined ? null : evaluate(run, args[0], scope);
  if (name === "to_json_string") return JSON.stringify(value);
  if (name !== "cast" && name !== "safe_cast") throw new Refused("invalidQuery", `Function not found: ${name}`);
  if (value === null) return null;
  if (type === "string") return String(value);
  if (type === "numeric") return numeric(Number(value));
  throw new Refused("invalidQuery", `Type not found: ${type}`);
}

/** NUMERIC: at most nine decimals, no zeros at the end; null for what is none. */
function numeric(value: number): string | null {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e29) return null;
  return Math.abs(value) < 1e12 ? value.toFixed(9).replace(/\.?0+$/, "") : String(BigInt(Math.round(value)));
}

function stepInto(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null) return null;
    return (value as TableRow)[name] ?? null;
  }, root);
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Names that the table does not have are an error, whatever the rows hold. */
function requireColumns(select: Select, { alias, table }: Source): void {
  const visit = (expression: Expression): void => {
    if (expression.kind === "call") for (const arg of expression.args) visit(arg);
    if (expression.kind === "row_number") for (const one of expression.partition) visit(one);
    if (expression.kind === "first") visit(expression.list);
    if (expression.kind !== "path") return;
    const [top = ""] = expression.path;
    if (expression.alias !== alias) throw new Refused("invalidQuery", `Unrecognized name: ${expression.alias}`);
    if (!table.columns.includes(top)) throw new Refused("invalidQuery", `Name ${top} not found inside ${alias}`);
  };
  for (const column of select.columns) if ("value" in column) visit(column.value);
  for (const { left } of select.where) visit(left);
}
