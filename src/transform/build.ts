import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { Log } from "../base/log.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { withLock, withNewest } from "../warehouse/lock.js";
import { publishBuild, type StartedBuild, startBuild } from "../warehouse/publish.js";
import type { Database } from "../warehouse/types.js";
import { checksOf, refuseFailures, runChecks } from "./check.js";
import { createComputed } from "./computed.js";
import { type Elsewhere, openElsewhere } from "./elsewhere.js";
import type { EngineSession } from "./engine.js";
import { isStagedPerPart, rawStreamOf, withAncestors } from "./graph.js";
import { variablesOf } from "./inputs.js";
import { createMacros } from "./macros.js";
import { addChecks, setVariables, writeMeta, writeMetaInputs } from "./meta.js";
import { type PlanOptions, type Prepared, prepare, readOutcome, upToDateBuild } from "./plan.js";
import { loadSeeds } from "./seeds.js";
import { createStagedRelation, emptySelect, stageModel } from "./stage.js";
import type { BuildOutcome, BuildPlan, CheckResult, Model } from "./types.js";
import { runUserChecks } from "./user-checks.js";

/** What a build needs. */
export interface BuildOptions extends PlanOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly toolVersion?: string;
  /** How long to wait for another build, ms. Default 0. */
  readonly waitMs?: number;
  /** For DuckDB. Default 1024. */
  readonly memoryLimitMb?: number;
}

/** What a build would do now. Reads only; takes no lock. */
export async function planBuild(options: PlanOptions): Promise<BuildPlan> {
  return upToDateBuild(options) === null ? (await prepare(options)).plan : UNCHANGED;
}

const UNCHANGED: BuildPlan = { upToDate: true, steps: [] };

/**
 * Builds the warehouse into a new immutable file, runs the checks there and moves `CURRENT` to it; does nothing when nothing changed.
 * Throws `CHECK_FAILED` (exit badData): the previous build then stays. Also the errors of models, lock and publishing.
 */
export async function runBuild(options: BuildOptions): Promise<BuildOutcome> {
  const { ws, clock, waitMs = 0 } = options;
  await withNewest(ws, { waitMs, clock, owner: "build" });
  return withLock(ws, "build", { waitMs, clock, owner: "build" }, async () => {
    const published = upToDateBuild(options);
    if (published === null) return build(options, await prepare(options));
    return { build: published, upToDate: true, plan: UNCHANGED, ...(await readOutcome(published)) };
  });
}

async function build(options: BuildOptions, prepared: Prepared): Promise<BuildOutcome> {
  const { ws, random, log, settings } = options;
  const staged = await stageAll(options, prepared);
  const started = startBuild(ws, random);
  const session = await openSession(options, prepared, started.buildId);
  try {
    const result = await ws.files.external("build", started.path, async () => {
      try {
        const built = await writeBuild(options, prepared, { started, staged, session });
        return await withUserChecks(options, prepared, { started, built });
      } catch (cause) {
        for (const path of [started.path, `${started.path}.wal`]) ws.files.remove(path);
        throw cause;
      }
    });
    // Before the build here, which is one rename: a failure there leaves both as they were, and the next build does it again.
    await session?.publish(marts(prepared));
    const published = publishBuild(ws, {
      buildId: started.buildId,
      path: started.path,
      logVersion: prepared.state.version,
      inputHash: prepared.inputHash,
      asOf: settings.asOf,
      ...(options.engine === undefined ? {} : { engine: options.engine.id, enginePlace: options.engine.place }),
    });
    log.info("build.published", { build: published.buildId, input: published.inputHash.slice(0, 12) });
    return { build: published, upToDate: false, plan: prepared.plan, ...result };
  } finally {
    await session?.close();
  }
}

/** A place for this build on the engine; null when the models run here. */
async function openSession(
  { ws, engine, settings }: BuildOptions,
  { project }: Prepared,
  buildId: string,
): Promise<EngineSession | null> {
  if (engine === undefined) return null;
  const { macros, sqlFolder } = project;
  return engine.open({ buildId, files: ws.files, sqlFolder, macros, variables: variablesOf(settings) });
}

/** Runs the checks of the user's own on the finished file, and writes what they found into it. */
async function withUserChecks(
  { userChecks = [], settings, log, memoryLimitMb }: BuildOptions,
  prepared: Prepared,
  { started, built }: { readonly started: StartedBuild; readonly built: Pick<BuildOutcome, "checks" | "rows"> },
): Promise<Pick<BuildOutcome, "checks" | "rows">> {
  if (userChecks.length === 0) return built;
  const { macros } = prepared.project;
  const own = await runUserChecks({ path: started.path, files: userChecks, settings, macros });
  logChecks(log, own);
  refuseFailures(own, stateOf(prepared));
  const db = await openDatabase({ path: started.path, memoryLimitMb });
  try {
    await addChecks(db, own);
  } finally {
    await db.close();
  }
  return { ...built, checks: [...built.checks, ...own] };
}

function stateOf({ previous }: Prepared): string {
  return previous === null ? "nothing was published" : `the previous build ${previous.buildId} stays`;
}

/** How each staged relation is made in the build: its files, or, where there are none, a query without rows. */
type StagedRelations = ReadonlyMap<string, { readonly paths: readonly string[]; readonly emptySql: string }>;

async function stageAll(options: BuildOptions, prepared: Prepared): Promise<StagedRelations> {
  const relations = new Map<string, { paths: readonly string[]; emptySql: string }>();
  const db = await openDatabase({ memoryLimitMb: options.memoryLimitMb, tempFolder: options.ws.at("staged", "spill") });
  try {
    await setVariables(db, options.settings);
    await createMacros(db, prepared.project.macros);
    for (const model of neededModels(prepared).filter(isStagedPerPart)) {
      try {
        const paths = await stageModel(db, prepared.staging, model);
        const emptySql = paths.length > 0 ? "" : await emptySelect(db, prepared.staging, model);
        relations.set(model.relation, { paths, emptySql });
      } catch (cause) {
        throw relationError(model, cause);
      }
    }
    return relations;
  } finally {
    await db.close();
    options.ws.files.remove(options.ws.at("staged", "spill"));
  }
}

function neededModels({ project, plan }: Prepared): readonly Model[] {
  const reused = new Set(plan.steps.filter((step) => step.action === "reuse").map((step) => step.relation));
  const published = project.models.filter(isPublished).map((model) => model.relation);
  return withAncestors(project.models, published, reused);
}

/** Public relations are tables of the build; the rest lives as long as the connection. */
function isPublished(model: Model): boolean {
  return model.layer === "staging" || model.layer === "marts";
}

function marts({ project }: Prepared): readonly string[] {
  return project.models.filter(({ layer }) => layer === "marts").map(({ relation }) => relation);
}

function isReused({ plan }: Prepared, { relation }: Model): boolean {
  return plan.steps.some((step) => step.action === "reuse" && step.relation === relation);
}

interface Writing {
  readonly started: StartedBuild;
  readonly staged: StagedRelations;
  /** Where models run instead of here; null: here. */
  readonly session: EngineSession | null;
}

async function writeBuild(
  options: BuildOptions,
  prepared: Prepared,
  writing: Writing,
): Promise<Pick<BuildOutcome, "checks" | "rows">> {
  const { ws, settings, toolVersion = "0" } = options;
  const { project, state, previous } = prepared;
  const { started, session } = writing;
  const db = await openDatabase({
    path: started.path,
    memoryLimitMb: options.memoryLimitMb,
    tempFolder: `${started.path}.tmp`,
  });
  try {
    await setVariables(db, settings);
    await createMacros(db, project.macros);
    const isAttached = previous !== null && prepared.plan.steps.some(({ action }) => action === "reuse");
    if (isAttached) await db.run(`attach ${quoteText(previous.path)} as previous (read_only)`);
    // One transaction: a commit of its own per relation costs several fsyncs each.
    await db.run("begin");
    await loadSeeds(db, { files: ws.files, sqlFolder: project.sqlFolder });
    await writeMetaInputs(db, { ws, settings, parts: state.parts });
    const elsewhere = session === null ? null : openElsewhere({ ws, db, session, folder: filesOf(started) });
    for (const model of neededModels(prepared)) {
      const here = () => createRelation(db, prepared, writing, model);
      const isThere = model.layer === "intermediate" || (model.layer === "marts" && !isReused(prepared, model));
      await (elsewhere !== null && isThere ? elsewhere.create(model, here) : here());
    }
    await elsewhere?.complete(marts(prepared));
    if (elsewhere !== null) logEngine(options, elsewhere);
    const rows = await countRows(db, project.models.filter(isPublished));
    const checks = [
      ...(options.force === true ? [] : guardRows(prepared, rows)),
      ...(await runChecks(db, checksOf(project.models, project.checks))),
    ];
    logChecks(options.log, checks);
    refuseFailures(checks, stateOf(prepared));
    const build = {
      build_id: started.buildId,
      input_hash: prepared.inputHash,
      tool_version: toolVersion,
      log_version: state.version,
    };
    await writeMeta(db, {
      ws,
      settings,
      parts: state.parts,
      build,
      models: project.models,
      inputs: prepared.inputs,
      rows,
      checks,
    });
    await db.run("commit");
    if (isAttached) await db.run("detach previous");
    return { checks, rows };
  } finally {
    await db.close();
    ws.files.remove(filesOf(started));
  }
}

async function createRelation(db: Database, prepared: Prepared, { staged }: Writing, model: Model): Promise<void> {
  const name = quoteName(model.relation);
  if (isReused(prepared, model)) return db.run(`create table ${name} as select * from previous.main.${name}`);
  const files = staged.get(model.relation);
  if (files !== undefined) return createStagedRelation(db, prepared.staging, model, files);
  const kind = isPublished(model) ? "table" : model.layer === "intermediate" ? "temp table" : "temp view";
  try {
    if (model.computed !== null) await createComputed(db, model);
    else await db.run(`create ${kind} ${name} as ${model.sql}`);
  } catch (cause) {
    throw relationError(model, cause);
  }
}

/** Where Parquet lies on its way to and from an engine. */
function filesOf({ path }: StartedBuild): string {
  return `${path}.files`;
}

function logEngine({ log, engine }: BuildOptions, { ran }: Elsewhere): void {
  const here = Object.entries(ran.here);
  log.info("build.engine", { host: engine?.place, records: ran.there.length });
  for (const [relation, reason] of here) log.debug("build.engine.here", { key: relation, reason });
}

async function countRows(db: Database, models: readonly Model[]): Promise<Readonly<Record<string, number>>> {
  if (models.length === 0) return {};
  const counts = models.map(
    ({ relation }) => `select ${quoteText(relation)} as relation, count(*) as rows from ${quoteName(relation)}`,
  );
  const rows = await db.all(counts.join(" union all "));
  return Object.fromEntries(rows.map((row) => [String(row["relation"]), Number(row["rows"])]));
}

/** A relation that had rows and now has none is an accident until somebody says otherwise. */
function guardRows(prepared: Prepared, rows: Readonly<Record<string, number>>): readonly CheckResult[] {
  return prepared.project.models.filter(isPublished).flatMap((model) => {
    const before = prepared.previousRelations.get(model.relation)?.rows ?? 0;
    if (model.mayBeEmpty || before === 0 || (rows[model.relation] ?? 0) > 0) return [];
    const message = `${model.relation} had ${before} rows and now has none; build with --force if that is right`;
    return [
      {
        id: `${model.relation}__not_emptied`,
        severity: "critical" as const,
        status: "failed" as const,
        passed: false,
        message,
        offendingRows: before,
      },
    ];
  });
}

function logChecks(log: Log, checks: readonly CheckResult[]): void {
  for (const { id, severity, status, message } of checks)
    if (status === "failed") log.warn("check.failed", { id, severity, message });
}

function relationError(model: Model, cause: unknown): unknown {
  if (!(cause instanceof GrowthosError) || cause.code !== "SQL_FAILED") return cause;
  const isValue = /^Conversion Error/i.test(cause.parts.why ?? "");
  const { source, stream } = isStagedPerPart(model) ? rawStreamOf(model) : { source: "", stream: "" };
  return new GrowthosError({
    code: "MODEL_FAILED",
    what: `sql/${model.path} cannot be built`,
    // The first line says it; DuckDB goes on with every candidate function.
    why: cause.parts.why?.split("\n")[0],
    state: "the previous build stays",
    hint:
      isValue && source !== ""
        ? `correct the value where it comes from, then read it again: growthos sync --source ${source} --stream ${stream} --refresh`
        : "paste the model into a duckdb shell over the build to see what it meets",
    exit: isValue ? "badData" : "usage",
    cause,
  });
}
