import { GrowthosError } from "../base/errors.js";
import { quoteName } from "../base/ids.js";
import type { Database, Row } from "../warehouse/types.js";
import type { CheckResult, Model, Need, Severity } from "./types.js";

/** A query that gives the rows which break a promise. */
export interface Check {
  readonly id: string;
  readonly severity: Severity;
  /** What must hold, one sentence. */
  readonly promise: string;
  readonly sql: string;
  /** All of these must have a row, else nothing can be said. */
  readonly needs: readonly Need[];
  readonly alias?: string;
}

const SAMPLE_ROWS = 3;

/** All checks of a project: the files of `sql/checks`, then those that headers promise (`grain`, `check: reference`). */
export function checksOf(models: readonly Model[], files: readonly Model[]): readonly Check[] {
  const relations = new Set(models.map((model) => model.relation));
  const named = files.map((model) => ({
    id: model.relation,
    severity: model.severity ?? "critical",
    promise: model.title.replace(/\.$/, ""),
    sql: model.sql,
    needs: model.needs ?? needsOfSubject(model.relation.split("__")[0] ?? "", relations),
    ...(model.alias === null ? {} : { alias: model.alias }),
  }));
  const published = models.filter((model) => model.layer === "staging" || model.layer === "marts");
  return [...named, ...published.flatMap((model) => [...grainChecks(model), ...referenceChecks(model)])];
}

/** A check is about what its name begins with. */
function needsOfSubject(subject: string, relations: ReadonlySet<string>): readonly Need[] {
  return relations.has(subject) ? [needsRows(subject)] : [];
}

function needsRows(relation: string): Need {
  return { sql: quoteName(relation), absent: `${relation} is empty` };
}

function grainChecks(model: Model): readonly Check[] {
  if (model.grain.length === 0) return [];
  const columns = model.grain.map(quoteName).join(", ");
  const isNull = model.grain.map((column) => `${quoteName(column)} is null`).join(" or ");
  return [
    {
      id: `${model.relation}__unique`,
      severity: "critical",
      promise: `${model.relation} has one row per ${model.grain.join(", ")}, never null`,
      sql: `select ${columns}, count(*) as rows from ${quoteName(model.relation)} group by all having count(*) > 1 or ${isNull}`,
      needs: [needsRows(model.relation)],
    },
  ];
}

function referenceChecks(model: Model): readonly Check[] {
  return model.references.map(({ columns, relation, targets, severity }) => {
    const values = columns.map((column) => `a.${quoteName(column)}`);
    const match = values.map((value, index) => `b.${quoteName(targets[index] ?? "")} = ${value}`).join(" and ");
    const present = values.map((value) => `${value} is not null`).join(" and ");
    return {
      id: `${model.relation}__${columns.join("_")}_in_${relation}`,
      severity,
      promise: `every ${columns.join(", ")} of ${model.relation} is in ${relation}`,
      sql: `select ${values.join(", ")}, count(*) as rows from ${quoteName(model.relation)} as a
        where ${present} and not exists (select 1 from ${quoteName(relation)} as b where ${match}) group by all`,
      needs: [needsRows(model.relation)],
    };
  });
}

/** Runs every check; all of them, whatever the first ones say. */
export async function runChecks(db: Database, checks: readonly Check[]): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const present = new Map<string, boolean>();
  for (const check of checks) results.push(await runCheck(db, check, present));
  return results;
}

async function runCheck(
  db: Database,
  { id, severity, promise, sql, needs, alias }: Check,
  present: Map<string, boolean>,
): Promise<CheckResult> {
  const named = { id, severity, ...(alias === undefined ? {} : { alias }) };
  const absent = await absentOf(db, needs, present);
  if (absent !== null)
    return { ...named, status: "unknown", passed: false, message: `cannot tell: ${absent}`, offendingRows: 0 };
  const found = await db.one(`select count(*) as rows from (${sql}) as offending`);
  const offendingRows = Number(found["rows"]);
  if (offendingRows === 0) return { ...named, status: "passed", passed: true, message: promise, offendingRows };
  const rows = await db.all(
    `select cast(to_json(offending) as varchar) as row from (${sql}) as offending order by row limit ${SAMPLE_ROWS}`,
  );
  return {
    ...named,
    status: "failed",
    passed: false,
    message: `broken: ${promise}; for example ${rows.map(sampleOf).join(" ")}`,
    offendingRows,
  };
}

/** What is missing, in words, or null; `present` remembers what was looked for before. */
async function absentOf(db: Database, needs: readonly Need[], present: Map<string, boolean>): Promise<string | null> {
  for (const { sql, absent } of needs) {
    const found = present.get(sql) ?? (await db.all(`select 1 as one from ${sql} limit 1`)).length > 0;
    present.set(sql, found);
    if (!found) return absent;
  }
  return null;
}

function sampleOf(row: Row): string {
  const text = String(row["row"]);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Throws `CHECK_FAILED` (exit badData) naming every critical check that failed, with sample rows. */
export function refuseFailures(results: readonly CheckResult[], state: string): void {
  const failed = results.filter((result) => result.status === "failed" && result.severity === "critical");
  if (failed.length === 0) return;
  throw new GrowthosError({
    code: "CHECK_FAILED",
    what: failed.length === 1 ? "1 critical check failed" : `${failed.length} critical checks failed`,
    why: failed.map(({ id, message, offendingRows }) => `${id} (${offendingRows} rows): ${message}`).join("\n"),
    state,
    hint: "correct the data at its source and sync again; `growthos explain` shows where a number comes from",
    exit: "badData",
  });
}
