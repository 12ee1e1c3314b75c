import { basename } from "node:path";
import { isoDate } from "../../base/dates.js";
import type { Files } from "../../base/files.js";
import { sha256 } from "../../base/hash.js";
import { quoteText, systemRandom } from "../../base/ids.js";
import { diskFiles } from "../../warehouse/disk.js";
import { refuseWal } from "../../warehouse/duckdb.js";
import { createWorkspace, openWorkspace, replaceDurably } from "../../warehouse/layout.js";
import { commit, readState, recover } from "../../warehouse/log.js";
import { currentBuild, publishBuild, startBuild } from "../../warehouse/publish.js";
import { createRawRelation, rawRelation } from "../../warehouse/raw-views.js";
import type { Database, PublishedBuild, Row, Workspace } from "../../warehouse/types.js";
import { verifyWorkspace } from "../../warehouse/verify.js";
import { newLoadId, writePart } from "../../warehouse/write-part.js";
import type { FaultScenario } from "./every-fault.js";

const STREAM = { source: "shopify", stream: "orders" } as const;
const NAME = "shop";

/** The steps that a mutant may replace. */
export interface Protocol {
  /** The rounds that are in, as the program believes. */
  readonly doneRounds: (ws: Workspace) => number;
  /** Lands and commits one round. */
  readonly commitRound: (ws: Workspace, db: Database, round: number) => Promise<void>;
  /** All rows that a reader finds. */
  readonly readRows: (ws: Workspace, db: Database) => Promise<readonly Row[]>;
  /** Default: the program's own. */
  readonly publishBuild?: (ws: Workspace, build: Omit<PublishedBuild, "sha256" | "bytes">) => unknown;
  readonly currentBuild?: (ws: Workspace) => { readonly path: string } | null;
}

/** The protocol as the program follows it. */
export const goodProtocol: Protocol = {
  doneRounds: (ws) => Number(readState(ws).cursors["shopify.orders"]?.["round"] ?? 0),
  commitRound: async (ws, db, round) => {
    const part = await landRound(ws, db, round);
    commit(ws, { ...draft(round), added: [part], cursors: { "shopify.orders": { round } } });
  },
  readRows: async (ws, db) => {
    await createRawRelation(db, { ws, ...STREAM, parts: readState(ws).parts });
    return db.all(`select _key, payload from ${rawRelation(STREAM.source, STREAM.stream)} order by all`);
  },
};

/** A log entry without its parts and cursors. */
export function draft(round: number) {
  const [toolVersion, configHash, at] = ["0.1.0", "c", "2026-02-09T06:00:00.000Z"];
  return { kind: "append", runId: `run-${round}`, removed: [], cursors: {}, toolVersion, configHash, at } as const;
}

/** Lands the two rows of a round. */
export async function landRound(ws: Workspace, db: Database, round: number) {
  const loadId = newLoadId(ws, systemRandom);
  ws.files.makeFolder(ws.at("staging", loadId));
  const path = ws.at("staging", loadId, "rows.ndjson");
  ws.files.write(path, [1, 2].map((row) => envelope(`${round}-${row}`)).join(""));
  const from = { kind: "ndjson", path } as const;
  return writePart(ws, db, { ...STREAM, loadId, supersession: "key", days: null, origin: {}, from, expectRows: 2 });
}

function envelope(key: string): string {
  const payload = JSON.stringify({ id: key, total: "59.90" });
  const row = {
    _key: key,
    _slice: "",
    _run_id: "r",
    _fetched_at: "2026-02-09T06:00:00Z",
    _api_version: "v",
    _hash: sha256(payload),
    payload,
  };
  return `${JSON.stringify(row)}\n`;
}

/** What the scenario does. */
export interface WarehouseScenarioOptions {
  /** An in-memory database that all cases share. */
  readonly db: Database;
  /** Commits before the faults start, and in all; each adds two rows. */
  readonly before?: number;
  readonly rounds: number;
  /** Build, publish and report afterwards. */
  readonly publish: boolean;
  readonly protocol?: Protocol;
}

/** Sync, build, publish and report of a small workspace, resumable at any point. */
export function warehouseScenario(options: WarehouseScenarioOptions): FaultScenario {
  const { db, rounds, protocol = goodProtocol } = options;
  const open = (root: string, files: Files) => openWorkspace({ projectRoot: root, name: NAME, files });
  const commitUpTo = async (ws: Workspace, last: number, acknowledge: (what: string) => void) => {
    for (let round = protocol.doneRounds(ws) + 1; round <= last; round++) {
      await protocol.commitRound(ws, db, round);
      acknowledge(`round ${round}`);
    }
  };
  return {
    prepare: async (root) => {
      await createWorkspace({ projectRoot: root, name: NAME, files: diskFiles, random: systemRandom });
      const ws = open(root, diskFiles);
      await commitUpTo(ws, options.before ?? 0, () => {});
      if (options.publish) await publish(ws, db, protocol, await protocol.readRows(ws, db));
    },
    run: async (files, root, acknowledge) => {
      const ws = open(root, files);
      recover(ws);
      await commitUpTo(ws, rounds, acknowledge);
      if (!options.publish) return;
      const rows = await protocol.readRows(ws, db);
      acknowledge(`build ${await publish(ws, db, protocol, rows)}`);
      report(ws, rows);
      acknowledge("report");
    },
    visible: async (root) => {
      const ws = open(root, diskFiles);
      const keys = new Set((await protocol.readRows(ws, db)).map((row) => row["_key"]));
      const whole = Array.from({ length: rounds }, (_, index) => index + 1).filter((round) => keys.has(`${round}-2`));
      if (keys.size !== whole.length * 2) throw new Error("a part of a round is visible");
      if (whole.length !== protocol.doneRounds(ws)) throw new Error("rows and cursor disagree");
      const { problems } = await verifyWorkspace(ws, { full: true, db });
      if (problems[0] !== undefined) throw problems[0];
      const built = await builtKeys(ws, db, protocol);
      if (options.publish && built === null) throw new Error("the previous build is gone");
      const seen = [...whole.map((round) => `round ${round}`), `build ${currentBuild(ws)?.buildId}`];
      return reportText(ws) === null ? seen : [...seen, "report"];
    },
    inspect: async (root) => {
      const ws = open(root, diskFiles);
      const { cursors } = readState(ws);
      return {
        rows: await protocol.readRows(ws, db),
        cursors,
        built: await builtKeys(ws, db, protocol),
        report: reportText(ws),
      };
    },
  };
}

async function publish(ws: Workspace, db: Database, protocol: Protocol, rows: readonly Row[]): Promise<string> {
  const started = startBuild(ws, systemRandom);
  await ws.files.external("build", started.path, () => writeBuild(db, started.path, rows));
  const build = { ...started, logVersion: readState(ws).version, inputHash: "h", asOf: isoDate("2026-02-09") };
  (protocol.publishBuild ?? publishBuild)(ws, build);
  return build.buildId;
}

// Attached to the shared database: a DuckDB instance of its own for every build would take most of the time of a sweep.
async function writeBuild(db: Database, path: string, rows: readonly Row[]): Promise<void> {
  const keys = rows.map((row) => `('${row["_key"]}')`).join(", ");
  await db.run(`attach ${quoteText(path)} as build`);
  await db.run(`create table build.orders as select * from (values ${keys}) as row(key)`);
  await db.run("detach build");
}

async function builtKeys(ws: Workspace, db: Database, protocol: Protocol): Promise<string | null> {
  const current = (protocol.currentBuild ?? currentBuild)(ws);
  if (current === null) return null;
  refuseWal(current.path, "a published build never has one");
  await db.run(`attach ${quoteText(current.path)} as build (read_only)`);
  const { keys } = await db.one("select string_agg(key, ' ' order by key) as keys from build.orders");
  await db.run("detach build");
  return String(keys);
}

function report(ws: Workspace, rows: readonly Row[]): void {
  ws.files.makeFolder(ws.at("out", "2026-02-09"));
  ws.files.sync(ws.at("out"));
  replaceDurably(
    ws.files,
    ws.at("out", "2026-02-09", "index.html"),
    `<ul>${rows.map((row) => `<li>${row["_key"]}`).join("")}</ul>`,
  );
}

function reportText(ws: Workspace): string | null {
  const path = ws.at("out", "2026-02-09", "index.html");
  if (ws.files.stat(path) === undefined) return null;
  const text = ws.files.readText(path);
  if (!text.endsWith("</ul>")) throw new Error(`${basename(path)} is torn`);
  return text;
}
