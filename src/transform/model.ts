import { GrowthosError } from "../base/errors.js";
import type { Database } from "../warehouse/types.js";
import { isComputation } from "./computed.js";
import { readStatement, type Statement, sortedUnique } from "./statement.js";
import type { Layer, Model, Need, Reference, Severity } from "./types.js";

/** A file of `sql/` as it was read. */
export interface SqlFile {
  /** Relative to `sql/`, forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Table functions that need nothing from outside the database. */
const TABLE_FUNCTIONS = new Set(["unnest", "generate_series", "range"]);

/** Reads one SQL file: header, one SELECT, what it depends on. Throws `MODEL_SQL` or `MODEL_HEADER` (exit usage) naming the file. */
export async function readModel(db: Database, file: SqlFile): Promise<Model> {
  const place = placeOf(file.path);
  const header = headerOf(file);
  const statement = await readStatement(db, file.text, file.path);
  refuseOutside(file, statement);
  const severity = header.get("severity")?.[0];
  const needs = header.get("needs")?.map(needOf) ?? null;
  const read = [...statement.relations];
  for (const { sql } of needs ?? [])
    read.push(...(await readStatement(db, `select 1 as one from ${sql}`, file.path)).relations);
  return {
    ...place,
    path: file.path,
    sql: withoutSemicolon(file.text),
    title: file.text.split("\n")[0]?.replace(/^--\s*/, "") ?? "",
    grain: listOf(header.get("grain")?.[0] ?? ""),
    version: header.has("version") ? Number(header.get("version")?.[0]) : null,
    references: (header.get("check") ?? []).map((text) => referenceOf(file, text)),
    severity: severity === undefined ? null : severityOf(file, severity),
    needs,
    alias: header.get("alias")?.[0] ?? null,
    mayBeEmpty: header.has("may be empty"),
    computed: computedOf(file, place.layer, header.get("computed")?.[0]),
    topics: topicsOf(file, statement.relations, header.get("topics")?.[0]),
    reads: sortedUnique(read),
    ctes: statement.ctes,
    functions: statement.functions,
    variables: statement.variables,
  };
}

function placeOf(path: string): { relation: string; layer: Layer; source: string | null } {
  const segments = path.split("/");
  const relation = segments.at(-1)?.replace(/\.sql$/, "") ?? "";
  const [folder, source] = segments;
  if (folder === "staging" && segments.length === 3 && source !== undefined) {
    if (!relation.startsWith(`stg_${source}__`)) throw headerError(path, `the name must begin with stg_${source}__`);
    return { relation, layer: "source_staging", source };
  }
  const rule = segments.length === 2 ? FOLDERS[folder ?? ""] : undefined;
  if (rule === undefined)
    throw headerError(path, "a model lies in staging, staging/<source>, intermediate, marts or checks");
  if (!rule.name.test(relation)) throw headerError(path, `the name must match ${rule.name.source}`);
  return { relation, layer: rule.layer, source: null };
}

const FOLDERS: Readonly<Record<string, { readonly layer: Layer; readonly name: RegExp }>> = {
  staging: { layer: "staging", name: /^stg_[a-z0-9]+(_[a-z0-9]+)*$/ },
  intermediate: { layer: "intermediate", name: /^int_[a-z0-9_]+__[a-z0-9_]+$/ },
  marts: { layer: "marts", name: /^(dim|fact)_[a-z0-9_]+$|^cohorts?(_[a-z0-9_]+)?$/ },
  checks: { layer: "checks", name: /^[a-z0-9_]+__[a-z0-9_]+$/ },
};

const KEYS = new Set(["grain", "version", "check", "severity", "needs", "alias", "may be empty", "computed", "topics"]);

// A published relation is a statement over what is published; what is computed stays behind it.
function computedOf(file: SqlFile, layer: Layer, name: string | undefined): string | null {
  if (name === undefined) return null;
  if (layer !== "intermediate") throw headerError(file.path, "only intermediate models are computed");
  if (!isComputation(name)) throw headerError(file.path, `there is no computation "${name}"`);
  return name;
}

// Elsewhere a row that is left out would bring an older one back.
function topicsOf(file: SqlFile, relations: readonly string[], text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  if (!relations.some((name) => /^raw\.\w+__events$/.test(name)))
    throw headerError(file.path, "only models of pushed events (raw.<source>__events) choose topics");
  return listOf(text);
}

/** `-- key: value` lines of the leading comment, by key. */
function headerOf(file: SqlFile): ReadonlyMap<string, readonly string[]> {
  const lines = file.text.split("\n");
  const length = lines.findIndex((line) => !line.startsWith("--"));
  if (length <= 0 || /^--\s*[a-z ]+:/.test(lines[0] ?? ""))
    throw headerError(file.path, "the first line must say what a row is");
  const entries = new Map<string, string[]>();
  for (const line of lines.slice(0, length)) {
    const match = /^--\s*([a-z][a-z ]*?)(?::\s*(.*))?$/.exec(line);
    const key = match?.[1];
    if (key === undefined || !KEYS.has(key)) continue;
    entries.set(key, [...(entries.get(key) ?? []), match?.[2]?.trim() ?? ""]);
  }
  return entries;
}

/** `a, b -> relation`, `a -> relation.b`, either followed by `(warning)`. */
function referenceOf(file: SqlFile, text: string): Reference {
  const match = /^reference\s+([\w, ]+?)\s*->\s*(\w+)(?:\.([\w, ]+?))?\s*(?:\((critical|warning)\))?$/.exec(text);
  if (match === null) throw headerError(file.path, `cannot read "check: ${text}"`);
  const columns = listOf(match[1] ?? "");
  return {
    columns,
    relation: match[2] ?? "",
    targets: match[3] === undefined ? columns : listOf(match[3]),
    severity: (match[4] as Severity | undefined) ?? "critical",
  };
}

/** Reads a severity. Throws `MODEL_HEADER` for anything else. */
export function severityOf(file: SqlFile, text: string): Severity {
  if (text === "critical" || text === "error" || text === "warning") return text;
  throw headerError(file.path, `severity is critical, error or warning, not "${text}"`);
}

/** `relation`, or `relation where … (what is not there, in words)`. */
function needOf(text: string): Need {
  const match = /^(.*?)\s*\(([^()']+)\)$/.exec(text);
  const sql = match?.[1] ?? text;
  return { sql, absent: match?.[2] ?? `${sql} is empty` };
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/**
 * Throws `MODEL_SQL` for a statement that reads a file or a catalogue: it is not an input that the plan knows, so nothing would be
 * rebuilt when it changes.
 */
export function refuseOutside(file: SqlFile, statement: Statement): void {
  const call = statement.tableFunctions.find((name) => !TABLE_FUNCTIONS.has(name.toLowerCase()));
  const strange = statement.relations.find((name) => !/^([a-z]+\.)?[a-z0-9_]+$/.test(name));
  const culprit = call ?? strange;
  if (culprit === undefined) return;
  throw new GrowthosError({
    code: "MODEL_SQL",
    what: `sql/${file.path} reads ${culprit}`,
    why: "a model reads relations only: no files, no catalogue functions",
    hint: "land the file with `growthos sync`, or put a small table into sql/seeds",
    exit: "usage",
  });
}

/** The statement without its last semicolon. */
export function withoutSemicolon(text: string): string {
  return text.replace(/;\s*$/, "\n");
}

function headerError(path: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "MODEL_HEADER",
    what: `sql/${path} does not follow the rules of sql/README.md`,
    why,
    exit: "usage",
  });
}
