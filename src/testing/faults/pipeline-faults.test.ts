import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { isoDate } from "../../base/dates.js";
import type { Files } from "../../base/files.js";
import { systemRandom } from "../../base/ids.js";
import { silentLog } from "../../base/log.js";
import { Secret } from "../../base/secret.js";
import { connectorById } from "../../connectors/index.js";
import type { JsonObject } from "../../connectors/shape.js";
import { runSync } from "../../sync/run.js";
import type { SyncSource } from "../../sync/types.js";
import { runBuild } from "../../transform/build.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { createWorkspace, openWorkspace } from "../../warehouse/layout.js";
import { readState } from "../../warehouse/log.js";
import { currentBuild } from "../../warehouse/publish.js";
import { createRawRelation } from "../../warehouse/raw-views.js";
import type { Row, Workspace } from "../../warehouse/types.js";
import { verifyWorkspace } from "../../warehouse/verify.js";
import { SETTINGS, SQL_FOLDER } from "../evaluate.js";
import { readFixture, vendorDouble, wireRows } from "../vendors.js";
import { everyFault, type FaultScenario } from "./every-fault.js";

// The program's own sync and build, not a model of them. A case costs two syncs or two builds, so the usual run
// takes every so manieth call, each mode from another start; `npm run test:faults` takes every call in every mode.
const stride = inject("faultStride");
const AT = Date.parse("2026-02-09T06:00:00Z");
const NAME = "shop";
const folders: string[] = [];

function freshRoot(): string {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "growthos-pipeline-"));
  folders.push(root);
  return root;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const open = (root: string, files: Files = diskFiles) => openWorkspace({ projectRoot: root, name: NAME, files });

function source(id: string, stream: string): SyncSource {
  const connector = connectorById(id);
  if (connector === undefined) throw new Error(id);
  const { options } = readFixture(id, stream);
  const transport = vendorDouble(id, wireRows(id, readFixture(id, stream), []) as readonly JsonObject[], { page: 2 });
  const secrets = { token: new Secret("a token of no use") };
  // The double knows the rows of one stream.
  const own = { streams: [stream], since: isoDate("2026-02-01"), timeoutMinutes: 30 };
  return { connector, options, secrets, transport, ...own };
}

async function sync(ws: Workspace): Promise<void> {
  const report = await runSync({
    ws,
    sources: [source("meta_ads", "insights"), source("ga4", "traffic_days")],
    asOf: isoDate("2026-02-09"),
    pii: "hash",
    clock: fixedClock(AT),
    random: systemRandom,
    log: silentLog,
    toolVersion: "0",
    configHash: "c",
  });
  // A source that failed is an outcome, not an exception; to the harness it is the same loud failure.
  if (report.exit !== "ok") throw new Error(JSON.stringify(report.sources.map(({ error }) => error)));
}

async function landed(ws: Workspace): Promise<readonly Row[]> {
  const db = await openDatabase({});
  try {
    const { problems } = await verifyWorkspace(ws, { full: true, db });
    if (problems[0] !== undefined) throw problems[0];
    const rows: Row[] = [];
    for (const [source, stream] of [["meta_ads", "insights"] as const, ["ga4", "traffic_days"] as const]) {
      const parts = readState(ws).parts.filter((part) => part.source === source);
      await createRawRelation(db, { ws, source, stream, parts });
      rows.push(...(await db.all(`select _key, _slice, _hash from raw."${source}__${stream}" order by all`)));
    }
    return rows;
  } finally {
    await db.close();
  }
}

const syncScenario: FaultScenario = {
  prepare: async (root) => {
    await createWorkspace({ projectRoot: root, name: NAME, files: diskFiles, random: systemRandom });
  },
  run: async (files, root, acknowledge) => {
    await sync(open(root, files));
    acknowledge("synced");
  },
  visible: async (root) => {
    const ws = open(root);
    const rows = await landed(ws);
    const { cursors, parts } = readState(ws);
    if (parts.length === 0 && Object.keys(cursors).length > 0) throw new Error("a cursor moved without its data");
    return rows.length > 0 && Object.keys(cursors).length + parts.length > 0 ? ["synced"] : [];
  },
  inspect: async (root) => ({ rows: await landed(open(root)), cursors: readState(open(root)).cursors }),
};

/** One staged relation, one union, one mart and one check of the real SQL: a build of these takes a tenth of the time. */
function smallSql(): string {
  const folder = join(freshRoot(), "sql");
  for (const path of ["staging/meta_ads", "marts", "checks"]) mkdirSync(join(folder, path), { recursive: true });
  for (const path of ["macros.sql", "seeds", "staging/meta_ads/stg_meta_ads__insights.sql", "marts/dim_channel.sql"])
    cpSync(join(SQL_FOLDER, path), join(folder, path), { recursive: true });
  diskFiles.write(
    join(folder, "staging", "stg_spend.sql"),
    "-- Spend of one platform. One row per campaign and day.\nselect spend_date, campaign_id, spend_cents, from stg_meta_ads__insights\n",
  );
  return folder;
}

const sqlFolder = smallSql();
const build = (ws: Workspace) =>
  runBuild({ ws, settings: SETTINGS, sqlFolder, clock: fixedClock(AT), random: systemRandom, log: silentLog });

async function built(root: string): Promise<readonly Row[]> {
  const current = currentBuild(open(root));
  if (current === null) throw new Error("the previous build is gone");
  const db = await openDatabase({ path: current.path, readOnly: true });
  try {
    return await db.all("select * from stg_spend order by all");
  } finally {
    await db.close();
  }
}

const buildScenario: FaultScenario = {
  prepare: async (root) => {
    await createWorkspace({ projectRoot: root, name: NAME, files: diskFiles, random: systemRandom });
    await build(open(root));
    await sync(open(root));
  },
  run: async (files, root, acknowledge) => {
    await build(open(root, files));
    acknowledge("built");
  },
  visible: async (root) => ((await built(root)).length > 0 ? ["built"] : []),
  inspect: async (root) => ({ rows: await built(root), input: currentBuild(open(root))?.inputHash }),
};

describe("whatever call fails in whatever way", () => {
  it("a sync ends as if nothing had happened", { timeout: 3_600_000 }, async () => {
    const sweep = await everyFault({ scenario: syncScenario, root: freshRoot(), stride });
    console.info(`sync: ${sweep.cases} faults over ${sweep.calls.length} mutating calls`);
    expect(sweep.failures).toEqual([]);
    expect(sweep.calls.length).toBeGreaterThan(50);
  });

  it("B-18 a build ends as if nothing had happened, and the previous one stays readable", {
    timeout: 3_600_000,
  }, async () => {
    const sweep = await everyFault({ scenario: buildScenario, root: freshRoot(), stride });
    console.info(`build: ${sweep.cases} faults over ${sweep.calls.length} mutating calls`);
    expect(sweep.failures).toEqual([]);
    expect(sweep.calls.length).toBeGreaterThan(10);
  });
});
