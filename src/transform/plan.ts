import { openDatabase } from "../warehouse/duckdb.js";
import { readState } from "../warehouse/log.js";
import { currentBuild } from "../warehouse/publish.js";
import type { Database, PublishedBuild, WarehouseState, Workspace } from "../warehouse/types.js";
import type { Engine } from "./engine.js";
import { isStagedPerPart } from "./graph.js";
import { inputHash, type RelationInput, relationInputs } from "./inputs.js";
import { checkResultOf } from "./meta.js";
import type { SqlFile } from "./model.js";
import { type Project, parseProject, readSqlFiles } from "./project.js";
import { type Staging, unstagedParts } from "./stage.js";
import type { BuildOutcome, BuildPlan, BuildSettings, BuildStep, Model } from "./types.js";

/** What the published build remembers of a relation. */
export interface PreviousRelation extends RelationInput {
  readonly rows: number | null;
}

/** Everything that is known before a build begins. */
export interface Prepared {
  readonly project: Project;
  readonly state: WarehouseState;
  readonly staging: Staging;
  readonly inputs: ReadonlyMap<string, RelationInput>;
  readonly inputHash: string;
  readonly previous: PublishedBuild | null;
  readonly previousRelations: ReadonlyMap<string, PreviousRelation>;
  readonly plan: BuildPlan;
}

/** What decides whether and what to build. */
export interface PlanOptions {
  readonly ws: Workspace;
  readonly settings: BuildSettings;
  /** The folder of the SQL: `sql/` of the package. */
  readonly sqlFolder: string;
  /** Checks of the user's own. */
  readonly userChecks?: readonly SqlFile[];
  /** Where intermediate and mart models run; absent: on this machine. */
  readonly engine?: Engine;
  /** Build everything, also what did not change; accept relations that lost all their rows. */
  readonly force?: boolean;
}

/** Whether the published build was made from exactly what is there now. Reads files only, no database. */
export function upToDateBuild({
  ws,
  settings,
  sqlFolder,
  userChecks = [],
  engine,
  force = false,
}: PlanOptions): PublishedBuild | null {
  const previous = force ? null : currentBuild(ws);
  if (previous === null || !isOf(engine, previous)) return null;
  const given = { settings, parts: readState(ws).parts, seeds: { files: ws.files, sqlFolder } };
  return previous.inputHash === inputHash([...readSqlFiles(ws.files, sqlFolder), ...userChecks], given)
    ? previous
    : null;
}

/** Reads the SQL, the log and the published build, and decides what has to be done. */
export async function prepare(options: PlanOptions): Promise<Prepared> {
  const { ws, settings, sqlFolder, userChecks = [], force = false } = options;
  const sources = readSqlFiles(ws.files, sqlFolder);
  const project = await parseProject(sqlFolder, sources, withParser);
  const state = readState(ws);
  const given = { settings, parts: state.parts, seeds: { files: ws.files, sqlFolder } };
  const inputs = relationInputs(project, given);
  const previous = currentBuild(ws);
  const previousRelations = previous === null ? new Map<string, PreviousRelation>() : await readRelations(previous);
  const staging = { ws, project, settings, parts: state.parts };
  const rebuilds = rebuildsBecause({ force, engine: options.engine, previous });
  const steps = stepsOf({ project, staging, inputs, previousRelations, rebuilds });
  return {
    project,
    state,
    staging,
    inputs,
    inputHash: inputHash([...sources, ...userChecks], given),
    previous,
    previousRelations,
    plan: { upToDate: false, steps },
  };
}

async function withParser<T>(action: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ memoryLimitMb: 128, threads: 1 });
  try {
    return await action(db);
  } finally {
    await db.close();
  }
}

type Known = Pick<Prepared, "project" | "staging" | "inputs" | "previousRelations"> & {
  readonly rebuilds: string | null;
};

/** Why nothing of the published build is taken over; null when it may be. */
function rebuildsBecause({
  force,
  engine,
  previous,
}: Pick<PlanOptions, "engine"> & { readonly force: boolean } & Pick<Prepared, "previous">): string | null {
  if (force) return "forced";
  if (previous === null || isOf(engine, previous)) return null;
  return `the build before was made by ${previous.enginePlace ?? previous.engine ?? "duckdb"}`;
}

/** Whether a build was made by this engine and where it is now: what others read there is nowhere else. */
function isOf(engine: Engine | undefined, build: PublishedBuild): boolean {
  return build.engine === engine?.id && build.enginePlace === engine?.place;
}

function stepsOf(known: Known): readonly BuildStep[] {
  return known.project.models.flatMap((model): readonly BuildStep[] => {
    if (isStagedPerPart(model)) return stageStep(known, model);
    if (model.layer !== "staging" && model.layer !== "marts") return [];
    const reason = known.rebuilds ?? changeOf(known, model);
    const { relation } = model;
    if (reason === null) return [{ relation, action: "reuse", because: "nothing that it reads has changed" }];
    return [{ relation, action: "build", because: reason }];
  });
}

function stageStep({ staging }: Known, model: Model): readonly BuildStep[] {
  const missing = unstagedParts(staging, model).length;
  if (missing === 0) return [];
  const because = missing === 1 ? "1 landed part is not staged yet" : `${missing} landed parts are not staged yet`;
  return [{ relation: model.relation, action: "stage", because }];
}

/** Why a relation has to be built again; null when its inputs are those of the published build. */
function changeOf({ inputs, previousRelations }: Known, model: Model): string | null {
  const now = inputs.get(model.relation);
  const before = previousRelations.get(model.relation);
  if (before === undefined || now === undefined) return previousRelations.size === 0 ? "first build" : "new relation";
  if (before.hash === now.hash) return null;
  if (before.sqlHash !== now.sqlHash) return "its SQL changed";
  const changed = Object.keys(now.reads).filter((name) => now.reads[name] !== before.reads[name]);
  if (changed.length > 0) return `${changed.join(", ")} changed`;
  return before.settingsHash === now.settingsHash
    ? "it reads other relations than before"
    : "a setting that it reads changed";
}

async function readRelations(build: PublishedBuild): Promise<ReadonlyMap<string, PreviousRelation>> {
  const rows = await readBuild(build, (db) => db.all("select * from meta.relations"));
  return new Map(
    rows.map((row) => [
      String(row["relation"]),
      {
        hash: String(row["input_hash"]),
        sqlHash: String(row["sql_hash"]),
        settingsHash: String(row["settings_hash"]),
        reads: JSON.parse(String(row["reads"])) as Record<string, string>,
        rows: row["rows"] === null ? null : Number(row["rows"]),
      },
    ]),
  );
}

/** What a published build says about itself: its check results and the rows of its public relations. */
export async function readOutcome(build: PublishedBuild): Promise<Pick<BuildOutcome, "checks" | "rows">> {
  const { checks, relations } = await readBuild(build, async (db) => ({
    checks: await db.all("select * from meta.checks order by id"),
    relations: await db.all("select relation, rows from meta.relations where rows is not null order by relation"),
  }));
  return {
    checks: checks.map(checkResultOf),
    rows: Object.fromEntries(relations.map((row) => [String(row["relation"]), Number(row["rows"])])),
  };
}

async function readBuild<T>(build: PublishedBuild, read: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ path: build.path, readOnly: true });
  try {
    return await read(db);
  } finally {
    await db.close();
  }
}
