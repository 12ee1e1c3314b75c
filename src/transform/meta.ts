import { quoteName, quoteText } from "../base/ids.js";
import { absolutePath } from "../warehouse/layout.js";
import { quarantineOf } from "../warehouse/quarantine.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { ActivePart, Cell, Database, Row, Workspace } from "../warehouse/types.js";
import { type RelationInput, variablesOf } from "./inputs.js";
import { pushedDays } from "./pushed-days.js";
import type { BuildSettings, CheckResult, Model } from "./types.js";

/** A table of the `meta` schema: columns with their types, and rows. */
interface MetaTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** Sets the session variables that models read. */
export async function setVariables(db: Database, settings: BuildSettings): Promise<void> {
  const statements = Object.entries(variablesOf(settings)).map(([name, value]) => {
    const literal = typeof value === "number" ? String(value) : quoteText(value);
    return `set variable ${quoteName(name)} = ${name === "as_of" ? `date ${literal}` : literal}`;
  });
  await db.run(statements.join(";\n"));
}

/** Fills the tables that models may read: cost assumptions, configured sources, what has landed. */
export async function writeMetaInputs(
  db: Database,
  given: { readonly ws: Workspace; readonly settings: BuildSettings; readonly parts: readonly ActivePart[] },
): Promise<void> {
  const { ws, settings, parts } = given;
  const { costs } = settings;
  await db.run("create schema if not exists meta");
  await writeTable(db, {
    name: "category_margins",
    columns: { category: "VARCHAR", margin: "DECIMAL(9,6)" },
    rows: Object.entries(costs.categoryMargins).map(([category, margin]) => ({
      category: category.trim().toLowerCase(),
      margin,
    })),
  });
  const rates = {
    default_margin: costs.defaultMargin,
    shipping_share: costs.shippingShare,
    ops_share: costs.opsShare,
    payment_fee_share: costs.paymentFeeShare,
    payment_fee_fixed: costs.paymentFeeFixed,
  };
  await writeTable(db, {
    name: "cost_rates",
    columns: { rate: "VARCHAR", value: "DECIMAL(18,6)" },
    rows: Object.entries(rates).map(([rate, value]) => ({ rate, value })),
  });
  await writeTable(db, {
    name: "configured",
    columns: { source: "VARCHAR" },
    rows: [...settings.sources].sort().map((source) => ({ source })),
  });
  await writeTable(db, {
    name: "sources",
    columns: {
      source: "VARCHAR",
      stream: "VARCHAR",
      rows: "BIGINT",
      first_day: "DATE",
      last_day: "DATE",
      last_loaded_at: "TIMESTAMPTZ",
    },
    rows: await sourceRows(db, ws, parts),
  });
  await writeTable(db, {
    name: "freshness",
    columns: { source: "VARCHAR", warn_after_days: "BIGINT", error_after_days: "BIGINT" },
    rows: Object.entries(settings.freshness ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([source, { warnAfterDays, errorAfterDays }]) => ({
        source,
        warn_after_days: warnAfterDays,
        error_after_days: errorAfterDays,
      })),
  });
  await writeCoverage(db, parts, await pushedDays(db, ws, parts));
}

/** Fills the tables that describe the finished build. */
export async function writeMeta(
  db: Database,
  given: {
    readonly ws: Workspace;
    readonly settings: BuildSettings;
    readonly parts: readonly ActivePart[];
    readonly build: Readonly<Record<"build_id" | "input_hash" | "tool_version", string>> & {
      readonly log_version: number;
    };
    readonly models: readonly Model[];
    readonly inputs: ReadonlyMap<string, RelationInput>;
    readonly rows: Readonly<Record<string, number>>;
    readonly checks: readonly CheckResult[];
  },
): Promise<void> {
  const { ws, settings, parts, build, checks } = given;
  await writeTable(db, {
    name: "build",
    columns: {
      build_id: "VARCHAR",
      input_hash: "VARCHAR",
      log_version: "BIGINT",
      as_of: "DATE",
      time_zone: "VARCHAR",
      currency: "VARCHAR",
      week_ends_on: "INTEGER",
      fiscal_year_end_month: "INTEGER",
      fiscal_periods: "VARCHAR",
      fiscal_last_week: "VARCHAR",
      fiscal_year_named_by: "VARCHAR",
      tool_version: "VARCHAR",
    },
    rows: [{ ...variablesOf(settings), ...build }],
  });
  await writeTable(db, {
    name: "settings",
    columns: { name: "VARCHAR", value: "VARCHAR" },
    rows: settingRows(settings),
  });
  await writeTable(db, {
    name: "quarantine",
    columns: { file: "VARCHAR", rows: "BIGINT", reason: "VARCHAR" },
    rows: quarantineRows(ws, parts),
  });
  await writeTable(db, {
    name: "checks",
    columns: CHECK_COLUMNS,
    rows: checks.map(checkRow),
  });
  await writeTable(db, {
    name: "relations",
    columns: {
      relation: "VARCHAR",
      layer: "VARCHAR",
      version: "INTEGER",
      rows: "BIGINT",
      input_hash: "VARCHAR",
      sql_hash: "VARCHAR",
      settings_hash: "VARCHAR",
      reads: "VARCHAR",
    },
    rows: given.models.map((model) => relationRow(model, given.inputs, given.rows)),
  });
}

/** Adds to `meta.checks` what checks found that were run after the build was written. */
export async function addChecks(db: Database, checks: readonly CheckResult[]): Promise<void> {
  await writeTable(db, { name: "more_checks", columns: CHECK_COLUMNS, rows: checks.map(checkRow) });
  await db.run("insert into meta.checks select * from meta.more_checks");
  await db.run("drop table meta.more_checks");
}

const CHECK_COLUMNS = {
  id: "VARCHAR",
  severity: "VARCHAR",
  status: "VARCHAR",
  passed: "BOOLEAN",
  message: "VARCHAR",
  offending_rows: "BIGINT",
  broken: "BOOLEAN",
  alias: "VARCHAR",
} as const;

function checkRow({ offendingRows, broken, alias, ...check }: CheckResult): Row {
  return { ...check, broken: broken ?? false, alias: alias ?? null, offending_rows: offendingRows };
}

/** A row of `meta.checks` as it was before it was stored. */
export function checkResultOf(row: Row): CheckResult {
  return {
    id: String(row["id"]),
    severity: row["severity"] as CheckResult["severity"],
    status: row["status"] as CheckResult["status"],
    passed: row["passed"] === true,
    message: String(row["message"]),
    offendingRows: Number(row["offending_rows"]),
    ...(row["broken"] === true ? { broken: true } : {}),
    ...(typeof row["alias"] === "string" ? { alias: row["alias"] } : {}),
  };
}

function relationRow(
  model: Model,
  inputs: ReadonlyMap<string, RelationInput>,
  rows: Readonly<Record<string, number>>,
): Row {
  const input = inputs.get(model.relation);
  return {
    relation: model.relation,
    layer: model.layer,
    version: model.version,
    rows: rows[model.relation] ?? null,
    input_hash: input?.hash ?? null,
    sql_hash: input?.sqlHash ?? null,
    settings_hash: input?.settingsHash ?? null,
    reads: JSON.stringify(input?.reads ?? {}),
  };
}

function settingRows(settings: BuildSettings): readonly Row[] {
  const costs = Object.entries(settings.costs).map(([name, value]) => [`costs.${name}`, value] as const);
  return [...Object.entries(variablesOf(settings)), ...costs].map(([name, value]) => ({
    name,
    value: typeof value === "object" ? JSON.stringify(value) : String(value),
  }));
}

async function sourceRows(db: Database, ws: Workspace, parts: readonly ActivePart[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const own of byStream(parts)) {
    const dated = own.flatMap((part) => (part.days === null ? [] : [part.days]));
    const undated = own.filter((part) => part.days === null);
    // _slice is the row's own day where a file has one; a narrow column, so the payloads are not read.
    const span =
      undated.length === 0
        ? { low: null, high: null }
        : await db.one(
            `select min(nullif(_slice, '')) as low, max(nullif(_slice, '')) as high from ${readParquet(undated.map((part) => absolutePath(ws, part.path)))}`,
          );
    const lows = [...dated.map((days) => String(days.from)), ...textsOf(span["low"])].sort();
    const highs = [...dated.map((days) => String(days.to)), ...textsOf(span["high"])].sort();
    rows.push({
      source: own[0]?.source ?? null,
      stream: own[0]?.stream ?? null,
      rows: own.reduce((sum, part) => sum + part.rows, 0),
      first_day: lows[0] ?? null,
      last_day: highs.at(-1) ?? null,
      last_loaded_at:
        own
          .map((part) => part.at)
          .sort()
          .at(-1) ?? null,
    });
  }
  return rows;
}

function textsOf(cell: Cell | undefined): readonly string[] {
  return typeof cell === "string" ? [cell] : [];
}

function byStream(parts: readonly ActivePart[]): readonly (readonly ActivePart[])[] {
  const streams = new Map<string, ActivePart[]>();
  for (const part of parts) {
    const name = `${part.source}.${part.stream}`;
    streams.set(name, [...(streams.get(name) ?? []), part]);
  }
  return [...streams.keys()].sort().map((name) => streams.get(name) ?? []);
}

async function writeCoverage(db: Database, parts: readonly ActivePart[], pushed: readonly Row[]): Promise<void> {
  const named = parts.flatMap(({ source, stream, days }) =>
    days === null ? [] : [{ source, stream, from_day: days.from, to_day: days.to }],
  );
  const ranges = [...named, ...pushed];
  const columns = { source: "VARCHAR", stream: "VARCHAR", from_day: "DATE", to_day: "DATE" };
  await writeTable(db, { name: "covered_ranges", columns, rows: ranges });
  await db.run(`create or replace table meta.coverage as
    select distinct source, stream, day::date as day
    from meta.covered_ranges, generate_series(from_day, to_day, interval 1 day) as days(day)
    order by source, stream, day`);
  await db.run("drop table meta.covered_ranges");
}

function quarantineRows(ws: Workspace, parts: readonly ActivePart[]): readonly Row[] {
  return parts.flatMap((part) => {
    const found = quarantineOf(ws, part);
    if (found === null) return [];
    const { file, quarantine, quarantine_reason: reason } = part.origin;
    const where = String(quarantine);
    return [
      {
        file: String(file ?? where),
        rows: found.rows,
        reason: String(reason ?? `could not be read; kept in ${where}`),
      },
    ];
  });
}

/** Small tables only: the rows travel as one JSON parameter. */
async function writeTable(db: Database, table: MetaTable): Promise<void> {
  const columns = Object.entries(table.columns);
  const typed = columns.map(([name, type]) => `cast(row ->> '$.${name}' as ${type}) as ${quoteName(name)}`).join(", ");
  const list = "unnest(from_json($1::varchar, '[\"JSON\"]')) as row";
  await db.run(`create or replace table meta.${quoteName(table.name)} as select ${typed} from (select ${list})`, [
    JSON.stringify(table.rows),
  ]);
}
