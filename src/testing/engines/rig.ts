/** What the proofs stand on: the server, the real adapter in front of it, and the comparison of two builds. */
import { expect } from "vitest";
import { systemClock } from "../../base/clock.js";
import { quoteName, quoteText } from "../../base/ids.js";
import { Secret } from "../../base/secret.js";
import { clickhouseEngine } from "../../engines/clickhouse/session.js";
import { type ClickHouse, clickhouse } from "../../http/clickhouse.js";
import { undiciTransport } from "../../http/undici.js";
import type { Engine } from "../../transform/engine.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { type ClickHouseServer, startClickHouse } from "./chdb.js";

/** A running server, reached as `growthos build` reaches one. */
export interface Rig {
  readonly server: ClickHouseServer;
  readonly door: ClickHouse;
  engine(database: string): Engine;
  close(): Promise<void>;
}

/** Starts it. */
export async function openRig(): Promise<Rig> {
  const server = await startClickHouse();
  const patient = { totalMs: 600_000, headersMs: 600_000, idleMs: 600_000 };
  const transport = undiciTransport({ ...patient, allowLoopback: true });
  const { origin: endpoint, user } = server;
  const door = clickhouse({ endpoint, user, password: new Secret(server.password), transport, clock: systemClock });
  return {
    server,
    door,
    engine: (database) => clickhouseEngine({ server: door, database, cluster: null }),
    close: async () => {
      await transport.close();
      await server.close();
    },
  };
}

/** Every mart of two builds, compared: names and types of the columns, and all rows. Prints how many are equal. */
export async function expectSameMarts(what: string, one: string, other: string): Promise<void> {
  const db = await openDatabase({});
  try {
    await db.run(`attach ${quoteText(one)} as one (read_only)`);
    await db.run(`attach ${quoteText(other)} as other (read_only)`);
    const marts = await db.all("select relation from one.meta.relations where layer = 'marts' order by relation");
    const unequal: string[] = [];
    for (const { relation } of marts) {
      const [a, b] = ["one", "other"].map((name) => `${name}.main.${quoteName(String(relation))}`);
      const columns = (table: string | undefined) => db.all(`select column_name, column_type from (describe ${table})`);
      const hasSameColumns = JSON.stringify(await columns(a)) === JSON.stringify(await columns(b));
      const only = (left: string | undefined, right: string | undefined) =>
        `(select count(*) from (from ${left} except all from ${right}))`;
      const { rows } = await db.one(`select ${only(a, b)} + ${only(b, a)} as rows`);
      if (!hasSameColumns || rows !== 0) unequal.push(`${relation}: ${rows} rows`);
    }
    console.info(`${what}: ${marts.length - unequal.length} of ${marts.length} marts row-equal`);
    expect(unequal).toEqual([]);
    expect(marts.length).toBeGreaterThan(60);
  } finally {
    await db.close();
  }
}
