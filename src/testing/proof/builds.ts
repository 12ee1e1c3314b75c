import { isoDate } from "../../base/dates.js";
import { systemRandom } from "../../base/ids.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { headVersion } from "../../warehouse/log.js";
import { publishBuild, startBuild } from "../../warehouse/publish.js";
import type { Workspace } from "../../warehouse/types.js";

/** What a report of the soak reads; in one build each has as many rows, and each row the number of the build. */
export const RELATIONS = ["fact_orders", "fact_spend", "dim_day"] as const;

const ROWS = 400;

/** Publishes build number `build`, as the program publishes. */
export async function publishNumbered(ws: Workspace, build: number): Promise<void> {
  const started = startBuild(ws, systemRandom);
  const db = await openDatabase({ path: started.path, threads: 1, memoryLimitMb: 64 });
  for (const name of RELATIONS)
    await db.run(`create table ${name} as select ${build} as build, range as line from range(${ROWS + (build % 7)})`);
  await db.close();
  publishBuild(ws, { ...started, logVersion: headVersion(ws), inputHash: `b${build}`, asOf: isoDate("2026-02-09") });
}
