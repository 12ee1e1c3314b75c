import { join } from "node:path";
import { type Clock, systemClock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database } from "../warehouse/types.js";
import { createMacros, type Macro } from "./macros.js";
import { setVariables } from "./meta.js";
import { refuseOutside, type SqlFile, severityOf, withoutSemicolon } from "./model.js";
import { readStatement } from "./statement.js";
import type { BuildSettings, CheckResult, Severity } from "./types.js";

/** A check of the user's own may take so long, milliseconds. */
const TIME_LIMIT_MS = 30_000;
/** Offending rows beyond this are not looked at. */
const ROW_LIMIT = 1000;
/** Characters of a row that are kept. */
const ROW_LENGTH = 200;
const SAMPLE_ROWS = 3;
/** A check works in memory only: it never spills to disk. */
const MEMORY_LIMIT_MB = 512;

/** The `.sql` files of a folder, by name; paths begin with `own/`. */
export function readUserChecks(files: Files, folder: string): readonly SqlFile[] {
  return files
    .list(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ path: `own/${name}`, text: files.readText(join(folder, name)) }));
}

/** What the checks of the user's own are run on, and how. */
export interface UserCheckOptions {
  /** The file of a build that nobody has open for writing. */
  readonly path: string;
  readonly files: readonly SqlFile[];
  readonly settings: BuildSettings;
  readonly macros: readonly Macro[];
  /** For the time limit. Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Runs every check of the user's own, each on a connection of its own: read-only, without files, network or settings, within bounds of
 * time, memory and rows. One that cannot be run is `unknown` and `broken`, with the reason; the others are run all the same.
 */
export async function runUserChecks(options: UserCheckOptions): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const file of options.files) results.push(await runUserCheck(file, options));
  return results;
}

async function runUserCheck(file: SqlFile, options: UserCheckOptions): Promise<CheckResult> {
  const id = file.path.replace(/\.sql$/, "");
  const found: { severity: Severity } = { severity: "warning" };
  const db = await openDatabase({
    path: options.path,
    readOnly: true,
    lockDown: true,
    memoryLimitMb: MEMORY_LIMIT_MB,
  });
  try {
    found.severity = severityOf(file, headerValue(file, "severity") ?? "warning");
    await setVariables(db, options.settings);
    await createMacros(db, options.macros);
    return { id, severity: found.severity, ...(await offendingRows(db, file, options.clock ?? systemClock)) };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    return {
      id,
      severity: found.severity,
      status: "unknown",
      passed: false,
      broken: true,
      message: `cannot be run: ${reasonOf(thrown)}`,
      offendingRows: 0,
    };
  } finally {
    await db.close();
  }
}

type Found = Pick<CheckResult, "status" | "passed" | "message" | "offendingRows">;

async function offendingRows(db: Database, file: SqlFile, clock: Clock): Promise<Found> {
  refuseOutside(file, await readStatement(db, file.text, file.path));
  // A comment at the end of the query would swallow the bracket after it.
  const rows = await within(db, clock, () =>
    db.all(`select left(cast(to_json(offending) as varchar), ${ROW_LENGTH}) as row
      from (${withoutSemicolon(file.text)}\n) as offending order by row limit ${ROW_LIMIT + 1}`),
  );
  const promise = promiseOf(file);
  if (rows.length === 0) return { status: "passed", passed: true, message: promise, offendingRows: 0 };
  const count =
    rows.length > ROW_LIMIT ? `more than ${ROW_LIMIT} rows` : rows.length === 1 ? "1 row" : `${rows.length} rows`;
  const sample = rows.slice(0, SAMPLE_ROWS).map((row) => String(row["row"]));
  const message = `broken: ${promise}; ${count}, for example ${sample.join(" ")}`;
  return { status: "failed", passed: false, message, offendingRows: Math.min(rows.length, ROW_LIMIT) };
}

/** Stops the database when the time is over. Throws `CHECK_TOO_SLOW`. */
async function within<T>(db: Database, clock: Clock, action: () => Promise<T>): Promise<T> {
  const watch = new AbortController();
  const state = { over: false };
  const watching = async () => {
    await clock.sleep(TIME_LIMIT_MS, watch.signal);
    state.over = true;
    // An interruption between two statements is lost, so it is repeated until the query has ended.
    while (!watch.signal.aborted) {
      db.interrupt();
      await clock.sleep(50, watch.signal);
    }
  };
  const watched = watching().catch((thrown: unknown) => {
    if (!watch.signal.aborted) throw thrown;
  });
  try {
    return await action();
  } catch (thrown) {
    throw state.over ? tooSlow(thrown) : thrown;
  } finally {
    watch.abort();
    await watched;
  }
}

function tooSlow(cause: unknown): GrowthosError {
  const what = `it took longer than ${TIME_LIMIT_MS / 1000} seconds`;
  return new GrowthosError({ code: "CHECK_TOO_SLOW", what, exit: "usage", cause });
}

/** The first line of the leading comment that is no `key: value`; else the file's name. */
function promiseOf({ path, text }: SqlFile): string {
  const first = headerLines(text).find((line) => line !== "" && !/^[a-z ]+:/.test(line));
  return (first ?? path).replace(/\.$/, "");
}

function headerValue({ text }: SqlFile, key: string): string | undefined {
  const line = headerLines(text).find((candidate) => candidate.startsWith(`${key}:`));
  return line?.slice(key.length + 1).trim();
}

function headerLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const end = lines.findIndex((line) => !line.startsWith("--"));
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => line.replace(/^--\s*/, ""));
}

/** The reason in one line: DuckDB goes on with candidates and a drawing of the place. */
function reasonOf(thrown: GrowthosError): string {
  const { what, why } = thrown.parts;
  if (thrown.code === "CHECK_TOO_SLOW") return what;
  const [first = what, second = ""] = (why ?? messageOf(thrown)).split("\n");
  return second.startsWith("Did you mean") ? `${first} ${second}` : first;
}
