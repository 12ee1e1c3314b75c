import { isoInstant } from "../../base/clock.js";
import { GrowthosError } from "../../base/errors.js";
import type { PublishTable, Target } from "../../publish/types.js";
import type { RunError, RunRecord } from "../../sync/types.js";
import type { Relation } from "../../warehouse/export.js";
import type { Database, PublishedBuild, Workspace } from "../../warehouse/types.js";
import { type Command, type CommandContext, flagOption, listOption } from "../command.js";
import { count, megabytes, plural } from "../format.js";
import { asProblem } from "../problem.js";
import { type Destination, destinationOf, isTargetId, PARTIES, relationsToSend, type Sent } from "../publish.js";

const TARGETS = Object.keys(PARTIES);
/** The table that tells which build the others are of; it is the last to change. */
const STAMP = "growthos_build";
const LEFT = ".publish-";
const DEAD_AFTER_MS = 86_400_000;

export const command: Command = {
  name: "publish",
  summary: "send the marts of the current build to another warehouse: BigQuery, PostgreSQL, Snowflake",
  description:
    "Where to is told by `publish` in the config. Each table is loaded beside its place and then put into it whole: nobody reads a half. In PostgreSQL and Snowflake all tables change at the same moment. The table growthos_build, which is last, tells which build the others are of. Sending the same build again changes nothing.\n" +
    "Columns that name people, even as hashes, are left out, and relations whose rows are people are not sent, unless --people (or publish.people in the config) asks for them. `growthos runs` keeps the history.",
  arguments: [{ usage: "<target>", description: TARGETS.join(", ") }],
  options: [
    { flags: "--relation <name>", description: "only this mart or seed; repeatable", repeat: true },
    { flags: "--people", description: "also what names people" },
  ],
  examples: [
    "growthos publish bigquery --dry-run",
    "growthos publish postgres",
    "growthos publish snowflake",
    "growthos publish bigquery --relation fact_spend --relation dim_campaign",
  ],
  async run(context, args) {
    const [target = ""] = args.positionals;
    if (!isTargetId(target)) throw unknownTarget(target);
    const { publish } = await context.workspaceConfig();
    const to = destinationOf(target, publish);
    const { database, build } = await context.openBuild();
    try {
      const { buildRelation, exportable } = await import("../../warehouse/export.js");
      const asked = listOption(args, "relation");
      const { sent, kept } = await relationsToSend(await exportable(database), {
        names: asked.length > 0 ? asked : (publish?.relations ?? null),
        people: flagOption(args, "people") || publish?.people === true,
      });
      const plan = { target, sent, kept, stamp: await buildRelation(database), build, to };
      return context.flags.dryRun ? await planned(context, database, plan) : await published(context, database, plan);
    } finally {
      await database.close();
    }
  },
};

function unknownTarget(target: string): GrowthosError {
  return new GrowthosError({
    code: "TARGET_UNKNOWN",
    what: `growthos does not publish to "${target.slice(0, 40)}"`,
    hint: `one of ${TARGETS.join(", ")}`,
    exit: "usage",
  });
}

interface Plan {
  readonly target: string;
  readonly sent: readonly Sent[];
  readonly kept: readonly string[];
  readonly stamp: Relation;
  readonly build: PublishedBuild;
  readonly to: Destination;
}

async function planned({ output }: CommandContext, database: Database, { target, sent, kept, build, to }: Plan) {
  const { countRows } = await import("../../warehouse/export.js");
  const rows: number[] = [];
  for (const { relation } of sent) rows.push(await countRows(database, relation));
  const tables = sent.map(({ relation, leftOut }, index) => ({
    relation: relation.name,
    table: to.table(relation.name),
    rows: rows[index] ?? 0,
    left_out: leftOut,
  }));
  return {
    exit: "ok" as const,
    json: { target, build: build.buildId, as_of: build.asOf, dry_run: true, tables, not_sent: kept },
    text: [
      output.table(
        [{ title: "table" }, { title: "rows", align: "right" }, { title: "left out" }],
        tables.map((one) => [one.table, count(one.rows), one.left_out.join(", ")]),
      ),
      "",
      `${plural(tables.length, "table")} of build ${build.buildId} as of ${build.asOf} would be sent, and ${to.table(STAMP)}.`,
      ...keptLine(kept),
    ].join("\n"),
  };
}

function keptLine(kept: readonly string[]): readonly string[] {
  return kept.length === 0
    ? []
    : [`Not sent, because their rows are people (--people sends them): ${kept.join(", ")}.`];
}

async function published(context: CommandContext, database: Database, plan: Plan) {
  const { build, kept, to } = plan;
  const { clock, random, files } = context.effects;
  const ws = await context.workspace({ mustExist: true });
  // Before anything is written: without credentials there is nothing to prepare for.
  const target = await to.open(context, ws);
  const [{ newRunId }, { isoDate }] = await Promise.all([import("../../sync/runs.js"), import("../../base/dates.js")]);
  const runId = newRunId(clock, random);
  // Not in `staging`, which a sync that begins meanwhile wipes. What a killed publish left goes with a later one: younger, it may be under way.
  for (const name of files.list(ws.at("warehouse"))) {
    const age = clock.now() - (files.stat(ws.at("warehouse", name))?.modifiedMs ?? clock.now());
    if (name.startsWith(LEFT) && age >= DEAD_AFTER_MS) files.remove(ws.at("warehouse", name));
  }
  const folder = ws.at("warehouse", `${LEFT}${runId}`);
  files.makeFolder(folder);
  try {
    const tables = await prepared(context, database, { plan, folder, format: target.format });
    const record = await sentTo({ context, ws, target, tables }, { runId, asOf: isoDate(build.asOf) });
    return {
      exit: "ok" as const,
      json: {
        target: target.id,
        build: build.buildId,
        as_of: build.asOf,
        dry_run: false,
        run: record,
        tables: tables.map(({ name, rows, bytes }) => ({ table: to.table(name), rows, bytes })),
        not_sent: kept,
      },
      text: [
        `${plural(tables.length, "table")} with ${plural(record.rows, "row")} of build ${build.buildId} as of ${build.asOf} are in ${target.title}, ${to.within}.`,
        ...keptLine(kept),
      ].join("\n"),
    };
  } finally {
    files.remove(folder);
  }
}

/** The files, and last the one that tells what they are of. */
async function prepared(
  { effects: { files }, output }: CommandContext,
  database: Database,
  { plan, folder, format }: { readonly plan: Plan; readonly folder: string; readonly format: Target["format"] },
): Promise<readonly PublishTable[]> {
  const { copyRelation, countRows } = await import("../../warehouse/export.js");
  const tables: PublishTable[] = [];
  const kind = format === "copy" ? "CSV" : "Parquet";
  const step = output.step(`writing ${kind}`);
  const all = [
    ...plan.sent.map(({ relation }) => ({ relation, name: relation.name })),
    { relation: plan.stamp, name: STAMP },
  ];
  for (const { relation, name } of all) {
    step.update(`writing ${kind}: ${name}`);
    const path = `${folder}/${name}`;
    await files.external("publish", path, () => copyRelation(database, relation, { path, format }));
    tables.push({
      name,
      path,
      columns: relation.columns,
      rows: await countRows(database, relation),
      bytes: files.stat(path)?.bytes ?? 0,
    });
  }
  step.done(`${plural(tables.length, "table")}, ${megabytes(tables.reduce((sum, { bytes }) => sum + bytes, 0))}`);
  return tables;
}

interface Sending {
  readonly context: CommandContext;
  readonly ws: Workspace;
  readonly target: Target;
  readonly tables: readonly PublishTable[];
}

/** Sends, and keeps a record of it whatever happens. */
async function sentTo(
  { context, ws, target, tables }: Sending,
  { runId, asOf }: Pick<RunRecord, "runId" | "asOf">,
): Promise<RunRecord> {
  const { closeDeadRuns, writeRun } = await import("../../sync/runs.js");
  const { clock } = context.effects;
  const begun = clock.elapsed();
  const startedAt = isoInstant(clock.now());
  let [done, rows] = [0, 0];
  const record = (state: RunRecord["state"], thrown?: unknown): RunRecord => {
    const durationMs = Math.round(clock.elapsed() - begun);
    const error = thrown === undefined ? null : toldOf(asProblem(thrown));
    return {
      ...{ runId, kind: "publish", state, startedAt, asOf, rows },
      endedAt: state === "running" ? null : isoInstant(clock.now()),
      durationMs: state === "running" ? null : durationMs,
      sources: [
        {
          source: target.id,
          state,
          rows,
          tasksDone: done,
          tasksPlanned: tables.length,
          durationMs,
          warnings: [],
          error,
        },
      ],
    };
  };
  closeDeadRuns(ws, "publish");
  writeRun(ws, record("running"));
  const step = context.output.step(`sending ${plural(tables.length, "table")} to ${target.title}`);
  try {
    await target.publish(tables, (table) => {
      done += 1;
      rows += table.rows;
      step.update(`${target.title}: ${table.name} is in its place (${done} of ${tables.length})`);
    });
    step.done(`${target.title}: ${plural(done, "table")}`);
    const last = record("completed");
    writeRun(ws, last);
    return last;
  } catch (thrown) {
    step.failed(`${target.title}: ${done} of ${tables.length} tables`);
    writeRun(ws, record("failed", thrown));
    throw thrown;
  }
}

function toldOf({ parts: { code, what, why, hint } }: GrowthosError): RunError {
  return { code, what, ...(why === undefined ? {} : { why }), ...(hint === undefined ? {} : { hint }) };
}
