/**
 * ClickHouse itself behind its HTTP interface, on loopback: the `chdb` package is the engine as a library. What is answered here is only what
 * stands around it: who may ask, where a statement and its data are in a request, settings of one statement, and errors with their codes.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { z } from "zod";
import { type Answer, type Arrived, type DoubleServer, startServer } from "../doubles/server.js";

/** Pinned: what is proven is proven for this version. */
const CHDB = "3.4.0";

/** The server, and who may ask. */
export interface ClickHouseServer extends DoubleServer {
  readonly user: string;
  readonly password: string;
}

interface Session {
  queryAsync(sql: string): Promise<{ bytes(): Uint8Array }>;
  close(): void;
}

const packageShape = z.object({
  Session: z.custom<new (folder: string) => Session>((value) => typeof value === "function"),
});

/** Installs chdb beside other temporary files when it is not there, and says so: it has half a gigabyte. */
async function installed(): Promise<z.output<typeof packageShape>> {
  const folder = `${inject("engines")}-chdb-${CHDB}`;
  if (!existsSync(join(folder, "node_modules", "chdb", "package.json"))) {
    console.info(`installing chdb ${CHDB} into ${folder}`);
    const npm = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `chdb@${CHDB}`];
    await promisify(execFile)("npm", npm, { timeout: 600_000, maxBuffer: 1 << 24 });
  }
  return packageShape.parse(createRequire(join(folder, "node_modules", "entry.js"))("chdb"));
}

/** Starts it with no data. */
export async function startClickHouse(): Promise<ClickHouseServer> {
  const { Session } = await installed();
  const folder = mkdtempSync(join(tmpdir(), "growthos-clickhouse-"));
  const session = new Session(join(folder, "data"));
  const signIn = { user: "growth", password: "CANARY-clickhouse" };
  let last: Promise<unknown> = Promise.resolve();
  const server = await startServer((request) => {
    const { "x-clickhouse-user": user, "x-clickhouse-key": key } = request.headers;
    if (user !== signIn.user || key !== signIn.password)
      return refused("Code: 516. DB::Exception: growth: Authentication failed: password is incorrect");
    const answer = last.then(() => answered(session, request, join(folder, "body")));
    last = answer;
    return answer;
  });
  return {
    ...server,
    ...signIn,
    close: async () => {
      await server.close();
      await last;
      session.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One statement after the other: the settings and the database of one are not those of the next. */
async function answered(session: Session, request: Arrived, bodyPath: string): Promise<Answer> {
  const { query, database, wait_end_of_query: _, ...settings } = Object.fromEntries(request.url.searchParams);
  const sql = query === undefined ? request.body : query.replace(/ format Parquet$/, ` from infile '${bodyPath}'$&`);
  if (query !== undefined) writeFileSync(bodyPath, request.bytes ?? "");
  try {
    await session.queryAsync(`use "${database ?? "default"}"`);
    for (const [name, value] of Object.entries(settings)) await session.queryAsync(`set ${name} = '${value}'`);
    const result = await session.queryAsync(sql);
    return { chunks: [result.bytes()] };
  } catch (thrown) {
    return refused(thrown instanceof Error ? thrown.message : String(thrown));
  } finally {
    for (const name of Object.keys(settings)) await session.queryAsync(`set ${name} = default`);
  }
}

function refused(message: string): Answer {
  const code = /Code: (\d+)/.exec(message)?.[1] ?? "1";
  return {
    status: code === "516" ? 403 : 500,
    headers: { "x-clickhouse-exception-code": code },
    text: message,
  };
}
