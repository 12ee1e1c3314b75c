import { systemClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import type { CommandArgs, CommandContext } from "../cli/command.js";
import { command } from "../cli/commands/publish.js";
import { createOutput } from "../cli/output.js";
import type { PublishConfig } from "../config/types.js";
import type { Transport } from "../http/types.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { freshFolder } from "./workspace.js";

/** A build of a few rows: `fact_sales` with somebody in it, `dim_buyer` whose rows are people, the seed `rules`. */
export async function publishedSales(): Promise<Database> {
  const db = await openDatabase({ threads: 1 });
  await db.run("create schema meta");
  await db.run("create schema seeds");
  await db.run(`create table meta.relations as
    select unnest(['fact_sales', 'dim_buyer']) as relation, 'marts' as layer`);
  await db.run("create table meta.build as select '000001-ab' as build_id, date '2026-02-09' as as_of");
  await db.run("create table seeds.rules as select 1 as priority");
  await db.run(`create table fact_sales as select * from (values
    ('b', date '2026-02-02', 5990, 'USD', 'c-hash-2', 'Berlin'), ('a', date '2026-02-01', -5, 'USD', 'c-hash-1', 'Lyon'))
    t(sale_id, sale_date, net_cents, currency, customer_id, geo_city)`);
  await db.run("create table dim_buyer as select 'c-hash-1' as customer_id, 2 as order_count");
  return db;
}

/** Where `runPublish` finds what it needs. */
export interface PublishRig {
  readonly db: Database;
  readonly ws: Workspace;
  readonly config: PublishConfig | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly transport?: Transport;
  readonly projectRoot?: string;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** `growthos publish <target>` over a database that stays open. */
export function runPublish(rig: PublishRig, target: string, options: CommandArgs["options"] = {}) {
  const context = {
    flags: { dryRun: rig.dryRun === true },
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    env: async () => rig.env,
    config: async () => ({ projectRoot: rig.projectRoot ?? freshFolder() }),
    workspaceConfig: async () => ({ publish: rig.config }),
    workspace: async () => rig.ws,
    openBuild: async () => ({
      database: { ...rig.db, close: async () => {} },
      build: { buildId: "000001-ab", asOf: "2026-02-09" },
    }),
    effects: {
      clock: { ...systemClock, sleep: async () => {} },
      random: systemRandom,
      log: silentLog,
      files: diskFiles,
      secrets: [],
      signal: rig.signal ?? new AbortController().signal,
      transport: async () => rig.transport,
    },
  };
  return command.run(context as unknown as CommandContext, { positionals: [target], options });
}
