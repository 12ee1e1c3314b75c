/** What the proofs stand on: the engines, the real adapter in front of each, and the comparison of two builds. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { systemClock } from "../../base/clock.js";
import { quoteName, quoteText, systemRandom } from "../../base/ids.js";
import { Secret } from "../../base/secret.js";
import { clickhouseEngine } from "../../engines/clickhouse/session.js";
import { objectDepot } from "../../engines/depots.js";
import { motherDuck } from "../../engines/motherduck.js";
import { openWire } from "../../engines/wire.js";
import { clickhouse } from "../../http/clickhouse.js";
import { s3Objects } from "../../http/s3/client.js";
import { undiciTransport } from "../../http/undici.js";
import type { Engine } from "../../transform/engine.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { startDuckDbWire } from "../doubles/duckdb-wire.js";
import { startS3 } from "../doubles/s3.js";
import { root } from "../root.js";
import { startClickHouse } from "./chdb.js";

/** A running engine, reached as `growthos build` reaches one. */
export interface Rig {
  /** What the config of a workspace says of it, and of what it needs; its database there is `shop`. */
  readonly config: string;
  /** Credentials of the config. */
  readonly env: Readonly<Record<string, string>>;
  /** Commands that are due once, before the first build there. */
  readonly first: readonly (readonly string[])[];
  engine(database: string): Engine;
  /** The first column of what others get when they ask in a database. */
  ask(sql: string, database: string): Promise<readonly string[]>;
  /** Asks for the names of all databases. */
  readonly databases: string;
  close(): Promise<void>;
}

const patient = { totalMs: 600_000, headersMs: 600_000, idleMs: 600_000 };

/** The engines that a build of this machine is compared with. */
export const RIGS = { clickhouse: openRig, motherduck: openWireRig } as const;

/** ClickHouse itself. */
export async function openRig(): Promise<Rig> {
  const server = await startClickHouse();
  const transport = undiciTransport({ ...patient, allowLoopback: true });
  const { origin: endpoint, user } = server;
  const door = clickhouse({ endpoint, user, password: new Secret(server.password), transport, clock: systemClock });
  return {
    config: `engine: { use: "clickhouse", clickhouse: { url: "${endpoint}", user: "${user}", database: "shop" } },`,
    env: { CLICKHOUSE_PASSWORD: server.password },
    first: [],
    engine: (database) => clickhouseEngine({ server: door, database, cluster: null }),
    ask: async (sql, database) => (await door.run({ sql: `${sql} format TSV`, database })).trim().split("\n"),
    databases: "select name from system.databases order by name",
    close: async () => {
      await transport.close();
      await server.close();
    },
  };
}

/** DuckDB behind PostgreSQL's wire protocol, as MotherDuck is reached: rows go through an object store, and nothing by this disk. */
async function openWireRig(): Promise<Rig> {
  const s3 = await startS3();
  const { bucket, region, credentials, objects } = s3;
  const token = new Secret("CANARY-motherduck-token");
  const wire = await startDuckDbWire({
    password: token.reveal(),
    store: { place: `s3://${bucket}`, kept: objects, now: systemClock.now() },
  });
  const transport = undiciTransport({ ...patient, allowLoopback: true });
  const store = (prefix: string) => {
    const parts = { transport, clock: systemClock, random: systemRandom };
    return s3Objects({ ...parts, bucket, prefix, region, credentials, endpoint: s3.server.origin, isPathStyle: true });
  };
  const at = { host: "127.0.0.1", port: wire.port };
  return {
    config: `
      engine: { use: "motherduck", motherduck: { database: "shop", endpoint: "${at.host}:${at.port}" } },
      store: { url: "s3://${bucket}", region: "${region}", endpoint: "${s3.server.origin}" },`,
    env: {
      MOTHERDUCK_TOKEN: token.reveal(),
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey.reveal(),
    },
    first: [["store", "init"]],
    engine: (database) => {
      const depot = objectDepot(store(database), { files: diskFiles, place: `s3://${bucket}/${database}` });
      return motherDuck({ ...at, database, token, depot });
    },
    ask: async (sql, database) => {
      const speaker = await openWire({ ...at, user: "postgres", password: token, database });
      try {
        return await speaker.column(sql);
      } finally {
        await speaker.close();
      }
    },
    databases: "select database_name from duckdb_databases() where not internal order by 1",
    close: async () => {
      await transport.close();
      await wire.close();
      await s3.close();
    },
  };
}

const MARTS = readdirSync(join(root, "sql", "marts")).map((name) => name.replace(/\.sql$/, ""));

/** Every mart of two builds, compared: names and types of the columns, and all rows. Prints how many are equal. */
export async function expectSameMarts(what: string, one: string, other: string): Promise<void> {
  const db = await openDatabase({});
  try {
    await db.run(`attach ${quoteText(one)} as one (read_only)`);
    await db.run(`attach ${quoteText(other)} as other (read_only)`);
    const unequal: string[] = [];
    let all = 0;
    for (const relation of MARTS) {
      const [a, b] = ["one", "other"].map((name) => `${name}.main.${quoteName(relation)}`);
      const columns = (table: string | undefined) => db.all(`select column_name, column_type from (describe ${table})`);
      const hasSameColumns = JSON.stringify(await columns(a)) === JSON.stringify(await columns(b));
      const only = (left: string | undefined, right: string | undefined) =>
        `(select count(*) from (from ${left} except all from ${right}))`;
      const counts = await db.one(
        `select ${only(a, b)} + ${only(b, a)} as different, (select count(*) from ${a}) as rows`,
      );
      const { different, rows } = counts;
      if (!hasSameColumns || different !== 0) unequal.push(`${relation}: ${different} rows`);
      all += Number(rows);
    }
    console.info(`${what}: ${MARTS.length - unequal.length} of ${MARTS.length} marts row-equal, ${all} rows`);
    expect(unequal).toEqual([]);
    for (const name of ["one", "other"]) {
      const listed = `select relation from ${name}.meta.relations where layer = 'marts' order by relation`;
      expect((await db.all(listed)).map(({ relation }) => relation)).toEqual([...MARTS].sort());
    }
    expect(all).toBeGreaterThan(1000);
  } finally {
    await db.close();
  }
}
