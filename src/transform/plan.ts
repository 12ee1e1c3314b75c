import { openDatabase } from "../warehouse/duckdb.js";
import { readState } from "../warehouse/log.js";
import { currentBuild } from "../warehouse/publish.js";
import type { PublishedBuild, WarehouseState, Workspace } from "../warehouse/types.js";
import { isStagedPerPart } from "./graph.js";
import { inputHash, type RelationInput, relationInputs } from "./inputs.js";
import { type Project, readProject } from "./project.js";
import { type Staging, unstagedParts } from "./stage.js";
import type { BuildPlan, BuildSettings, BuildStep, CheckResult, Model } from "./types.js";

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

/** Reads the SQL, the log and the published build, and decides what has to be done. */
export async function prepare(options: {
  readonly ws: Workspace;
  readonly settings: BuildSettings;
  readonly sqlFolder: string;
  readonly force?: boolean;
}): Promise<Prepared> {
  const { ws, settings, sqlFolder, force = false } = options;
  const project = await parseProject(ws, sqlFolder);
  const state = readState(ws);
  const given = { settings, parts: state.parts, seeds: { files: ws.files, sqlFolder } };
  const inputs = relationInputs(project, given);
  const hash = inputHash(project, inputs, given);
  const previous = currentBuild(ws);
  const previousRelations = previous === null ? new Map<string, PreviousRelation>() : await readRelations(previous);
  const staging = { ws, project, settings, parts: state.parts };
  const upToDate = !force && previous?.inputHash === hash;
  const known = { project, staging, inputs, previousRelations, force };
  return {
    project,
    state,
    staging,
    inputs,
    inputHash: hash,
    previous,
    previousRelations,
    plan: { upToDate, steps: upToDate ? [] : stepsOf(known) },
  };
}

async function parseProject(ws: Workspace, sqlFolder: string): Promise<Project> {
  const db = await openDatabase({ memoryLimitMb: 128, threads: 1 });
  try {
    return await readProject(db, ws.files, sqlFolder);
  } finally {
    await db.close();
  }
}

type Known = Pick<Prepared, "project" | "staging" | "inputs" | "previousRelations"> & { readonly force: boolean };

function stepsOf(known: Known): readonly BuildStep[] {
  return known.project.models.flatMap((model): readonly BuildStep[] => {
    if (isStagedPerPart(model)) return stageStep(known, model);
    if (model.layer !== "staging" && model.layer !== "marts") return [];
    const reason = known.force ? "forced" : changeOf(known, model);
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
  return before.settingsHash === now.settingsHash ? "it reads other relations than before" : "a setting that it reads changed";
}

async function readRelations(build: PublishedBuild): Promise<ReadonlyMap<string, PreviousRelation>> {
  const db = await openDatabase({ path: build.path, readOnly: true });
  try {
    const rows = await db.all("select * from meta.relations");
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
  } finally {
    await db.close();
  }
}

/** The check results that a published build holds. */
export async function readPublishedChecks(build: PublishedBuild): Promise<readonly CheckResult[]> {
  const db = await openDatabase({ path: build.path, readOnly: true });
  try {
    const rows = await db.all("select * from meta.checks order by id");
    return rows.map((row) => ({
      id: String(row["id"]),
      severity: row["severity"] === "critical" ? "critical" : "warning",
      passed: row["passed"] === true,
      message: String(row["message"]),
      offendingRows: Number(row["offending_rows"]),
    }));
  } finally {
    await db.close();
  }
}
