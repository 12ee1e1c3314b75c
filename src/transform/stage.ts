import { join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import { quoteName } from "../base/ids.js";
import { requirePart, requireWholePart } from "../warehouse/log.js";
import {
  createRawRelation,
  keptPartRelation,
  onePartRelation,
  sinceLastFull,
  survivors,
} from "../warehouse/raw-views.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { ActivePart, Database, Workspace } from "../warehouse/types.js";
import { copyToParquet } from "../warehouse/write-part.js";
import { rawStreamOf } from "./graph.js";
import { stagedHash } from "./inputs.js";
import type { Project } from "./project.js";
import type { BuildSettings, Model } from "./types.js";

/**
 * The staged cache: `staged/<relation>/<input hash>-<content hash>.parquet`, one file per landed part. The content hash is in the
 * name, so that a damaged or half-written file is noticed and staged again. The whole folder may be deleted at any time.
 */
export interface Staging {
  readonly ws: Workspace;
  readonly project: Project;
  readonly settings: BuildSettings;
  readonly parts: readonly ActivePart[];
}

/** The parts of a staged model that supersession can still choose from, oldest first. */
export function partsOf(staging: Staging, model: Model): readonly ActivePart[] {
  const { source, stream } = rawStreamOf(model);
  return sinceLastFull(staging.parts.filter((part) => part.source === source && part.stream === stream));
}

/** The parts that have no staged file yet. Looks at names only. */
export function unstagedParts(staging: Staging, model: Model): readonly ActivePart[] {
  const names = new Set(staging.ws.files.list(folderOf(staging.ws, model)).map((name) => name.split("-")[0]));
  return partsOf(staging, model).filter((part) => !names.has(keyOf(staging, model, part)));
}

/** Paths of the staged files of a model, one per part and in their order; missing or damaged ones are made with `db`. */
export async function stageModel(db: Database, staging: Staging, model: Model): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const part of partsOf(staging, model)) requirePart(staging.ws, part);
  for (const part of partsOf(staging, model)) paths.push(await stagePart(db, staging, model, part));
  return paths;
}

async function stagePart(db: Database, staging: Staging, model: Model, part: ActivePart): Promise<string> {
  const { ws } = staging;
  const key = keyOf(staging, model, part);
  const found = stagedFile(ws, model, key);
  if (found !== undefined) return found;
  ws.files.makeFolder(folderOf(ws, model));
  if ((await ws.store?.fetchStaged(ws, `staged/${model.relation}/${key}-`)) === true) {
    const fetched = stagedFile(ws, model, key);
    if (fetched !== undefined) return fetched;
  }
  requireWholePart(ws, part);
  await onePartRelation(db, { ws, part });
  try {
    return await stageRows(db, ws, { model, part, key });
  } catch (cause) {
    if (!isUncastable(cause)) throw cause;
    // A value that no type takes stops builds until the vendor has corrected it, not after that.
    const parts = partsOf(staging, model);
    const stream = { ...rawStreamOf(model), ws, parts };
    if (!(await keptPartRelation(db, { ...stream, part, table: `kept_of_${part.ordinal}` }))) throw cause;
    // What is kept depends on the other parts: the file answers for these parts only.
    const keptKey = sha256(`${key} ${parts.map(({ path }) => path).join(" ")}`).slice(0, 32);
    return stagedFile(ws, model, keptKey) ?? (await stageRows(db, ws, { model, part, key: keptKey }));
  }
}

/** The staged file of this input when it is there and undamaged; a damaged one is removed. */
function stagedFile({ files, at }: Workspace, model: Model, key: string): string | undefined {
  const folder = at("staged", model.relation);
  for (const name of files.list(folder).filter((found) => found.startsWith(`${key}-`))) {
    const path = join(folder, name);
    if (name === `${key}-${files.digest(path).sha256.slice(0, 32)}.parquet`) return path;
    files.remove(path);
  }
  return undefined;
}

function isUncastable(cause: unknown): boolean {
  return cause instanceof GrowthosError && /^Conversion Error/i.test(cause.parts.why ?? "");
}

/** Runs the model on the raw relation as it is now. */
async function stageRows(
  db: Database,
  ws: Workspace,
  { model, part, key }: { readonly model: Model; readonly part: ActivePart; readonly key: string },
): Promise<string> {
  const folder = folderOf(ws, model);
  const temporary = join(folder, `tmp-${key}.parquet`);
  const rows = await copyToParquet(ws, db, { sql: model.sql }, temporary);
  await refuseLostRows(db, { model, part, rows, path: temporary });
  const target = join(folder, `${key}-${ws.files.digest(temporary).sha256.slice(0, 32)}.parquet`);
  ws.files.rename(temporary, target);
  await ws.store?.keepStaged(ws, target);
  return target;
}

// A row that staging drops would let the older row of its key come back. A pushed event lands once under its key, so one of a topic that
// the model does not name may be left out; one that it names may not.
async function refuseLostRows(
  db: Database,
  staged: { readonly model: Model; readonly part: ActivePart; readonly rows: number; readonly path: string },
): Promise<void> {
  const { model, part, path } = staged;
  const { topics } = model;
  const chosen = topics === null ? "" : ` where list_contains($1::varchar[], payload ->> '$.topic')`;
  const lost = await db.one(
    `select count(*) as keys from (select _key, _slice from ${model.reads[0]}${chosen} except select _key, _slice from ${readParquet([path])})`,
    topics === null ? [] : [[...topics]],
  );
  if (lost["keys"] === 0) return;
  throw new GrowthosError({
    code: "STAGING_LOST_ROWS",
    what: `sql/${model.path} loses ${lost["keys"]} of the keys of ${part.path}`,
    why: "a newer row that is dropped in staging would bring an older one back",
    hint: "keep every row in staging and filter in the union",
    exit: "usage",
  });
}

/**
 * Makes the relation of a staged model for this connection: the staged rows that supersession keeps, with `_load`.
 * A temporary view: the published build holds the public unions only.
 */
export async function createStagedRelation(
  db: Database,
  staging: Staging,
  model: Model,
  staged: { readonly paths: readonly string[]; readonly emptySql: string },
): Promise<void> {
  const { source, stream } = rawStreamOf(model);
  const name = quoteName(model.relation);
  if (staged.paths.length === 0) {
    await db.run(`create or replace temp view ${name} as ${staged.emptySql}`);
    return;
  }
  const parts = partsOf(staging, model);
  const table = `survivors_of_${source}__${stream}`;
  const kept = await survivors(db, { ws: staging.ws, source, stream, parts, table });
  const rows = `select * exclude (file_index), ([${parts.map((part) => part.ordinal).join(", ")}]::bigint[])[file_index::bigint + 1] as _load
    from (select *, file_index from ${readParquet(staged.paths)})`;
  const using = kept.kind === "key" ? "_key, _load" : "_slice, _load";
  const keep = kept.kind === "all" ? "" : `semi join ${quoteName(kept.table)} using (${using})`;
  await db.run(`create or replace temp view ${name} as select * from (${rows}) as staged ${keep}`);
}

// What a project's relations look like does not change within a process.
const emptySelects = new WeakMap<Project, Map<string, string>>();

/** A query without rows and with the model's columns, from an empty raw relation; found once per project. */
export async function emptySelect(
  db: Database,
  { ws, project }: Pick<Staging, "ws" | "project">,
  model: Model,
): Promise<string> {
  const known = emptySelects.get(project) ?? new Map<string, string>();
  emptySelects.set(project, known);
  const found = known.get(model.relation) ?? (await describedSelect(db, ws, model));
  known.set(model.relation, found);
  return found;
}

async function describedSelect(db: Database, ws: Workspace, model: Model): Promise<string> {
  await createRawRelation(db, { ws, ...rawStreamOf(model), parts: [] });
  const columns = await db.all(`select column_name, column_type from (describe ${model.sql})`);
  const list = columns.map((column) => `null::${column["column_type"]} as ${quoteName(String(column["column_name"]))}`);
  return `select ${[...list, "null::bigint as _load"].join(", ")} where false`;
}

function keyOf(staging: Staging, model: Model, part: ActivePart): string {
  return stagedHash(staging.project, model, staging.settings, part).slice(0, 32);
}

function folderOf(ws: Workspace, model: Model): string {
  return ws.at("staged", model.relation);
}
