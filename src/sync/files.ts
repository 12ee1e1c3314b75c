// The `files` source: exports and tables from disk. One file is one part and one commit, in the natural order of names, so that a crash
// or a bad file leaves everything before it in. What was imported is remembered by content, never by time stamps.

import { type Clock, isoInstant } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import type { FilesOptions } from "../connectors/files/options.js";
import { grainOf, tooCoarse } from "../connectors/files/plan.js";
import type { FileShape, Recognition } from "../connectors/files/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { judgeRows } from "../warehouse/file-judge.js";
import { landingSql, writeQuarantine } from "../warehouse/file-land.js";
import type { FileFindings, FilePlan } from "../warehouse/file-plan.js";
import { setHmacKey } from "../warehouse/hmac.js";
import { readSalt } from "../warehouse/layout.js";
import { commitEntry, readState } from "../warehouse/log.js";
import { loadRows } from "../warehouse/read-files.js";
import type { Database, Part, WarehouseState, Workspace } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";
import { type FoundFile, findFiles } from "./files-find.js";
import { type OpenedFile, openFile, recogniseFile } from "./files-open.js";
import { filePlan, type ShopFacts } from "./files-plan.js";
import { listChangePart } from "./list-changes.js";
import type { ImportSource, PiiPolicy } from "./types.js";

/** Raised when the same file would land differently: everything is then imported again. */
const IMPORT_FORMAT = 1;
/** More bad rows than both of these, and the file is not what it seems: nothing of it is landed. */
const MAX_BAD_ROWS = 100;
const MAX_BAD_SHARE = 0.001;

/** What importing one file needs. */
export interface ImportContext {
  readonly ws: Workspace;
  readonly shop: ShopFacts;
  readonly pii: PiiPolicy;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly toolVersion: string;
  readonly configHash: string;
  /** For DuckDB, MB; a file needs 1024 at most. */
  readonly memoryLimitMb?: number;
}

/** What imports from disk need. */
export interface FilesSourceOptions extends ImportContext {
  /** Folder to which `folder` and `imports[].path` are relative. */
  readonly projectRoot: string;
  readonly options: FilesOptions;
  readonly timeoutMinutes: number;
}

/** A file that will be imported, and why; or one that will not. */
export interface FileTask {
  readonly file: FoundFile;
  readonly sha256: string;
  readonly because: "new" | "changed" | "unchanged" | "same_content";
}

/** What became of a file. */
export interface ImportedFile {
  readonly name: string;
  readonly stream: string;
  readonly findings: FileFindings;
}

/** The source for `runSync`. A file that fails is told and the others are committed; `failure` is then `FILES_FAILED` or that file's own error. */
export function filesSource(options: FilesSourceOptions): ImportSource {
  return {
    id: "files",
    timeoutMinutes: options.timeoutMinutes,
    land: async ({ runId, signal }) => {
      const { imported, warnings, failures } = await importFiles(options, { runId, signal });
      const rows = imported.reduce((sum, file) => sum + file.findings.goodRows, 0);
      return failures.length === 0
        ? { rows, warnings }
        : { rows, warnings, failure: failed(failures, imported.length) };
    },
  };
}

/** Imports what is new or changed. The caller holds the ingest lock. */
export async function importFiles(
  options: FilesSourceOptions,
  run: { readonly runId: string; readonly signal?: AbortSignal },
): Promise<{
  readonly imported: readonly ImportedFile[];
  readonly warnings: readonly string[];
  readonly failures: readonly GrowthosError[];
}> {
  const { tasks, passedOver } = planFiles(options);
  const warnings = passedOver.map(({ name, why }) => `${name}: ${why}`);
  const imported: ImportedFile[] = [];
  const failures: GrowthosError[] = [];
  for (const task of tasks.filter(({ because }) => because === "new" || because === "changed")) {
    run.signal?.throwIfAborted();
    const told = await tryImport(options, task, run.runId);
    if (told.file !== undefined) imported.push(told.file);
    if (told.warning !== undefined) warnings.push(told.warning);
    if (told.failure !== undefined) failures.push(told.failure);
  }
  return { imported, warnings, failures };
}

/** What came of one file: imported (perhaps with a warning), left alone with a warning, or refused. */
export interface Attempt {
  readonly file?: ImportedFile;
  readonly warning?: string;
  readonly failure?: GrowthosError;
}

/** Imports one file. Throws what is not about this file: a full disk, a bug, an interrupt. */
export async function tryImport(options: ImportContext, task: FileTask, runId: string): Promise<Attempt> {
  try {
    const file = await importFile(options, task, runId);
    options.log.info("file imported", { file: file.name, stream: file.stream, rows: file.findings.goodRows });
    if (file.findings.badRows === 0) return { file };
    const warning = `${file.name}: ${file.findings.badRows} bad rows in quarantine (${firstReason(file.findings)})`;
    return { file, warning };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.parts.exit !== "badData") throw thrown;
    options.log.warn("file not imported", { file: task.file.name, code: thrown.code, why: messageOf(thrown) });
    return thrown.code === "FILE_UNKNOWN"
      ? { warning: `${messageOf(thrown)}; ${thrown.parts.hint ?? ""}` }
      : { failure: thrown };
  }
}

/** What would be imported now: reads the folder, the hashes and the log; changes nothing. */
export function planFiles(options: FilesSourceOptions): {
  readonly tasks: readonly FileTask[];
  readonly passedOver: readonly { readonly name: string; readonly why: string }[];
} {
  const state = readState(options.ws);
  const found = findFiles(options.ws.files, options.projectRoot, options.options);
  const seen = new Set<string>();
  const tasks = found.files.map((file): FileTask => {
    const digest = options.ws.files.digest(file.path).sha256;
    const mark = markOf(options, file, digest);
    const before = remembered(state, cursorName(file));
    const because = before?.includes(mark)
      ? ("unchanged" as const)
      : seen.has(mark)
        ? ("same_content" as const)
        : before === undefined
          ? ("new" as const)
          : ("changed" as const);
    seen.add(mark);
    return { file, sha256: digest, because };
  });
  return { tasks, passedOver: found.passedOver };
}

/** What a file's content and everything that decides how it lands are remembered by. */
export function markOf(
  options: Pick<ImportContext, "shop" | "pii">,
  file: Pick<FoundFile, "declared">,
  digest: string,
): string {
  const how = canonicalJson([
    IMPORT_FORMAT,
    file.declared ?? null,
    options.shop.currency,
    options.shop.timeZone,
    options.pii,
  ]);
  return `${digest}:${sha256(how).slice(0, 16)}`;
}

/** One file may be imported several times under different mappings. */
export function cursorName(file: Pick<FoundFile, "name" | "declared">): string {
  return file.declared === null
    ? file.name
    : `${file.name} as ${file.declared.as}:${sha256(canonicalJson(file.declared)).slice(0, 8)}`;
}

/** The mark under which a file was imported last; forgotten when its part was removed from the log. */
export function remembered(state: WarehouseState, name: string): string | undefined {
  for (const [stream, cursor] of Object.entries(state.cursors)) {
    if (!/^(files|sftp)\./.test(stream)) continue;
    const value = cursor[name];
    if (typeof value !== "string") continue;
    const landed = state.parts.some((part) => part.origin["import"] === name);
    return landed || value.endsWith(":empty") ? value : "";
  }
  return undefined;
}

/** Reads, judges, lands and commits one file. Throws the file's error; nothing of it is then landed. */
async function importFile(options: ImportContext, task: FileTask, runId: string): Promise<ImportedFile> {
  const { ws } = options;
  const loadId = newLoadId(ws, options.random);
  const spill = ws.at("staging", `${loadId}-files`);
  ws.files.makeFolder(spill);
  const db = await openDatabase({ memoryLimitMb: Math.min(1024, options.memoryLimitMb ?? 1024), tempFolder: spill });
  try {
    const copyPath = ws.at("staging", `${loadId}-files`, "table.txt");
    const { plan, findings, recognition } = await examineFile({ ...options, files: ws.files, db, copyPath }, task.file);
    refuseBad(plan, findings);
    const part =
      findings.goodRows === 0
        ? null
        : await landPart(options, { db, plan, findings, task, loadId, runId, recognition });
    const { shape } = recognition;
    const told = shape.complete === true && part !== null;
    const changed = told ? await listChangePart(options, { db, shape, part, runId, folder: spill }) : null;
    await commitFile(options, { task, shape, part, changed, runId });
    return { name: task.file.name, stream: shape.stream, findings };
  } finally {
    await db.close();
    ws.files.remove(spill);
  }
}

/** What an examination needs; no workspace, so that a file can be inspected before there is one. */
export interface ExamineContext {
  readonly files: Workspace["files"];
  readonly db: Database;
  /** Where a converted copy may be written. */
  readonly copyPath: string;
  readonly shop: ShopFacts;
}

/** A file, looked at and judged as a whole. The tables `file_rows`, `file_judged` and `file_rejects` of `db` hold its rows. */
export interface Examined {
  readonly opened: OpenedFile;
  readonly recognition: Recognition;
  readonly plan: FilePlan;
  readonly findings: FileFindings;
}

/** Opens, recognises, reads and judges one file. With `anyGrain`, rows coarser than a day are judged too (their totals can be shown). */
export async function examineFile(context: ExamineContext, file: FoundFile, anyGrain = false): Promise<Examined> {
  const opened = await openFile(context, file);
  try {
    return await examineOpened(context, file, { opened, anyGrain });
  } catch (thrown) {
    const broken = thrown instanceof GrowthosError && thrown.code === "FILE_NOT_WHOLE";
    if (!broken || opened.converted || opened.head.format !== "csv") throw thrown;
    // Line ends of two kinds beyond the head: a copy with one kind can be read.
    return examineOpened(context, file, { opened: await openFile(context, file, true), anyGrain });
  }
}

async function examineOpened(
  context: ExamineContext,
  file: FoundFile,
  { opened, anyGrain }: { readonly opened: OpenedFile; readonly anyGrain: boolean },
): Promise<Examined> {
  const recognition = recogniseFile(opened.head, file);
  const grain = grainOf(recognition, opened.head);
  if (grain.kind === "too_coarse" && !anyGrain) throw tooCoarse(recognition, file.name, grain.why);
  const plan = filePlan(file, opened, recognition, { shop: context.shop, grain });
  await loadRows(context.db, plan);
  return { opened, recognition, plan, findings: await judgeRows(context.db, plan) };
}

/** Throws `FILE_TOO_MANY_BAD` or `FILE_NO_GOOD_ROWS` for a file that is not what it seems. */
export function refuseBad(plan: FilePlan, findings: FileFindings): void {
  const { rows, badRows, goodRows } = findings;
  const first = findings.firstBad[0];
  const none = goodRows === 0 && badRows > 0;
  if (!none && !(badRows > MAX_BAD_ROWS && badRows > rows * MAX_BAD_SHARE)) return;
  throw new GrowthosError({
    code: none ? "FILE_NO_GOOD_ROWS" : "FILE_TOO_MANY_BAD",
    what: none ? `no row of "${plan.name}" can be used` : `${badRows} of ${rows} rows of "${plan.name}" are bad`,
    why:
      first === undefined
        ? undefined
        : `line ${first.line}, ${first.column}: ${first.reason}${first.value === null ? "" : ` (${JSON.stringify(first.value)})`}`,
    state: "nothing of this file was landed",
    hint: `run \`growthos files inspect ${JSON.stringify(plan.name)}\` to see the first bad rows`,
    exit: "badData",
  });
}

interface Landing {
  readonly db: Database;
  readonly plan: FilePlan;
  readonly findings: FileFindings;
  readonly task: FileTask;
  readonly loadId: string;
  readonly runId: string;
  readonly recognition: Recognition;
}

async function landPart(options: ImportContext, landing: Landing): Promise<Part> {
  const { ws, pii } = options;
  const { db, plan, findings, loadId, task } = landing;
  const { stream, source = "files", complete } = landing.recognition.shape;
  if (pii === "hash") await setHmacKey(db, readSalt(ws));
  const stamp = { runId: landing.runId, fetchedAt: isoInstant(options.clock.now()), pii };
  const quarantine = findings.badRows === 0 ? {} : await writeQuarantine(ws, db, { plan, loadId, source, stream });
  return writePart(ws, db, {
    source,
    stream,
    loadId,
    supersession: complete === true ? "full" : "key",
    days: findings.days,
    origin: {
      file: task.file.name,
      import: cursorName(task.file),
      file_sha256: task.sha256,
      rows_read: findings.rows,
      bad_rows: findings.badRows,
      sum_rows: findings.sumRows,
      ...(findings.badRows === 0 ? {} : { ...quarantine, quarantine_reason: reasonsText(findings) }),
    },
    from: { kind: "select", sql: landingSql(plan, stamp), estimateBytes: ws.files.stat(plan.path)?.bytes ?? 0 },
    expectRows: findings.goodRows,
  });
}

async function commitFile(
  options: ImportContext,
  done: {
    readonly task: FileTask;
    readonly shape: FileShape;
    readonly part: Part | null;
    /** What a list says otherwise than the one before it. */
    readonly changed: Part | null;
    readonly runId: string;
  },
): Promise<void> {
  const { ws } = options;
  const name = `${done.shape.source ?? "files"}.${done.shape.stream}`;
  const mark = markOf(options, done.task.file, done.task.sha256);
  await commitEntry(ws, {
    kind: done.part === null ? "state" : "append",
    runId: done.runId,
    added: [done.part, done.changed].filter((part) => part !== null),
    removed: [],
    cursors: {
      [name]: {
        ...readState(ws).cursors[name],
        [cursorName(done.task.file)]: done.part === null ? `${mark}:empty` : mark,
      },
    },
    toolVersion: options.toolVersion,
    configHash: options.configHash,
    at: isoInstant(options.clock.now()),
  });
}

/** `not an amount (2), missing (1)`: what `meta.quarantine` and the reports say. */
function reasonsText(findings: FileFindings): string {
  return findings.badReasons.map(({ reason, rows }) => `${reason} (${rows})`).join(", ");
}

function firstReason(findings: FileFindings): string {
  const first = findings.firstBad[0];
  return first === undefined ? "" : `first: line ${first.line}, ${first.column || "whole row"}: ${first.reason}`;
}

/** The failure of a source from those of its files. */
export function failed(failures: readonly GrowthosError[], imported: number, source = "files"): GrowthosError {
  const [first] = failures;
  const others = imported === 1 ? "1 other file is" : `${imported} other files are`;
  const state = imported === 0 ? "nothing was landed" : `${others} committed`;
  if (failures.length === 1 && first !== undefined) return new GrowthosError({ ...first.parts, state });
  return new GrowthosError({
    code: "FILES_FAILED",
    what: `${failures.length} files could not be imported`,
    why: failures.map((failure) => messageOf(failure)).join("; "),
    state,
    hint: `correct or remove these files, then run \`growthos sync --source ${source}\``,
    exit: failures.find(({ parts }) => parts.exit !== "badData")?.parts.exit ?? "badData",
  });
}
