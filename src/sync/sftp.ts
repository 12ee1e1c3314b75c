// The `sftp` source: lists (users, locations) and drop folders on somebody's server. A file is taken when it has stopped changing, comes
// to the staging folder, and is from there on an import like any other: one file, one part, one commit, remembered by its content.

import { isoInstant } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import { canonicalJson } from "../base/hash.js";
import type { SftpSourceOptions } from "../connectors/sftp/options.js";
import type { HostKey, SftpClient, SftpCredentials, SftpLimits, SftpSink } from "../http/sftp-types.js";
import { commitEntry, readState } from "../warehouse/log.js";
import type { Cursor, WarehouseState } from "../warehouse/types.js";
import { newLoadId } from "../warehouse/write-part.js";
import { cursorName, failed, type ImportContext, markOf, remembered, tryImport } from "./files.js";
import { type Candidate, type Look, look } from "./sftp-look.js";
import type { ImportSource } from "./types.js";

/** What was seen of files that need not be downloaded again to know their content. */
const SEEN = "sftp.seen";
/** Between two looks at a file that has no marker. */
const SECOND_LOOK_MS = 3_000;

/** What reading a server needs. */
export interface SftpSourceContext extends ImportContext {
  readonly options: SftpSourceOptions;
  readonly credentials: SftpCredentials;
  readonly timeoutMinutes: number;
  readonly limits?: Partial<SftpLimits>;
}

/** A file on the server and what a sync would do with it. */
export interface SftpTask {
  readonly name: string;
  /** What one row is; null: recognised by the header. */
  readonly as: string | null;
  readonly because: "new" | "changed" | "unchanged" | "same_content" | "passed_over";
  /** Why it is passed over. */
  readonly why?: string;
}

/** The source for `runSync`. A file that fails is told and the others are committed. */
export function sftpSource(context: SftpSourceContext): ImportSource {
  return {
    id: "sftp",
    timeoutMinutes: context.timeoutMinutes,
    land: ({ runId, signal }) => withClient(context, signal, (client) => land(context, client, { runId, signal })),
  };
}

/** What would be read now: one look at the server, and at the log. Throws `SFTP_HOST_KEY`, `NETWORK`, `API_AUTH`. */
export function planSftp(context: SftpSourceContext, signal?: AbortSignal): Promise<readonly SftpTask[]> {
  return withClient(context, signal, async (client) => {
    const { candidates, passedOver, failures } = await look(client, context.options);
    if (failures[0] !== undefined && candidates.length === 0) throw failures[0];
    const known = knowledge(context);
    return [
      ...candidates.map((file) => ({
        name: file.name,
        as: file.declared?.as ?? null,
        because: known.reasonOf(file, known.digestOf(file)),
      })),
      ...passedOver.map(({ name, why }) => ({ name, as: null, because: "passed_over" as const, why })),
      ...failures.map((failure) => ({
        name: failure.parts.what,
        as: null,
        because: "passed_over" as const,
        why: failure.parts.hint ?? "",
      })),
    ];
  });
}

/** What asking a server needs, without a workspace. */
export type SftpServer = Pick<SftpSourceContext, "clock" | "log" | "limits" | "credentials" | "options">;

/** How many files wait there, and which paths of the config are not there. Throws as `planSftp` does. */
export function probeSftp(
  server: SftpServer,
  signal: AbortSignal,
): Promise<{ readonly files: number; readonly failures: readonly GrowthosError[] }> {
  return withClient(server, signal, async (client) => {
    const { candidates, failures } = await look(client, server.options);
    return { files: candidates.length, failures };
  });
}

async function withClient<T>(
  context: SftpServer,
  signal: AbortSignal | undefined,
  work: (client: SftpClient) => Promise<T>,
): Promise<T> {
  // Loaded when a server is asked, not when the program starts.
  const { seenHostKey, sftpClient } = await import("../http/sftp.js");
  const { clock, log, limits, credentials, options } = context;
  const { host, port, user, hostKey, allowPrivate } = options;
  const hostKeys = hostKey === undefined ? [] : typeof hostKey === "string" ? [hostKey] : hostKey;
  const target = { host, port, user, hostKeys, allowPrivate };
  const asked = {
    target,
    clock,
    log,
    ...(limits === undefined ? {} : { limits }),
    ...(signal === undefined ? {} : { signal }),
  };
  if (hostKeys.length === 0) throw notPinned(host, await seenHostKey(asked));
  const client = sftpClient({ ...asked, credentials });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

function notPinned(host: string, { type, fingerprint }: HostKey): GrowthosError {
  return new GrowthosError({
    code: "SFTP_HOST_KEY",
    what: `the SFTP server ${host} has no pinned host key, so it could be any server`,
    why: `it shows ${type} ${fingerprint}`,
    state: "no credential was sent and nothing was read",
    hint: `ask the server's operator whether this is its fingerprint; if it is, add to sources.sftp in growthos.config.ts: hostKey: "${fingerprint}"`,
    exit: "usage",
  });
}

type Run = Parameters<ImportSource["land"]>[0];

async function land(context: SftpSourceContext, client: SftpClient, run: Run): ReturnType<ImportSource["land"]> {
  const first = await look(client, context.options);
  const tally: Tally = {
    rows: 0,
    imported: 0,
    failures: [...first.failures],
    warnings: first.passedOver.map(({ name, why }) => `${name}: ${why}`),
    seen: {},
  };
  try {
    for (const file of await settled(context, client, { look: first, tally, run })) {
      run.signal.throwIfAborted();
      await take(context, client, { file, tally, run });
    }
  } catch (thrown) {
    // What came before it is committed: a connection that is lost is told with that, not instead of it.
    if (!(thrown instanceof GrowthosError) || tally.imported === 0) throw thrown;
    tally.failures.push(thrown);
  }
  await keepSeen(context, tally.seen, run.runId);
  const { rows, warnings, failures, imported } = tally;
  return failures.length === 0 ? { rows, warnings } : { rows, warnings, failure: failed(failures, imported, "sftp") };
}

interface Tally {
  rows: number;
  imported: number;
  readonly failures: GrowthosError[];
  readonly warnings: string[];
  /** Path -> `bytes:modified:sha256`. */
  readonly seen: Record<string, string>;
}

interface Looking {
  readonly look: Look;
  readonly tally: Tally;
  readonly run: Run;
}

/** The files that are whole: marked ones, known ones, and those that a second look finds as the first did. */
async function settled(
  context: SftpSourceContext,
  client: SftpClient,
  { look: first, tally, run }: Looking,
): Promise<readonly Candidate[]> {
  const known = knowledge(context);
  const isSure = (file: Candidate) => file.isMarked || known.digestOf(file) !== undefined;
  if (first.candidates.every(isSure)) return first.candidates;
  await context.clock.sleep(SECOND_LOOK_MS, run.signal);
  const second = new Map((await look(client, context.options)).candidates.map((file) => [file.path, stampOf(file)]));
  return first.candidates.filter((file) => {
    if (isSure(file) || second.get(file.path) === stampOf(file)) return true;
    tally.warnings.push(`${file.name}: is still being written; the next sync takes it`);
    return false;
  });
}

interface Taking {
  readonly file: Candidate;
  readonly tally: Tally;
  readonly run: Run;
}

/** Downloads and imports one file when it is new or changed, and moves it away when that is wanted. */
async function take(context: SftpSourceContext, client: SftpClient, { file, tally, run }: Taking): Promise<void> {
  const { ws } = context;
  const known = knowledge(context);
  const digest = known.digestOf(file);
  let isIn = digest !== undefined && isKnown(known.reasonOf(file, digest));
  if (isIn) tally.seen[file.path] = `${stampOf(file)}:${digest}`;
  else {
    const folder = ws.at("staging", `${newLoadId(ws, context.random)}-sftp`);
    ws.files.makeFolder(folder);
    try {
      isIn = await bring(context, client, { file, tally, run, path: `${folder}/received` });
    } finally {
      ws.files.remove(folder);
    }
  }
  if (isIn && file.moveTo !== null) await moveAway(client, file, file.moveTo, tally);
}

/** True when the content of the file is in the warehouse afterwards. */
async function bring(
  context: SftpSourceContext,
  client: SftpClient,
  { file, tally, run, path }: Taking & { readonly path: string },
): Promise<boolean> {
  const { ws } = context;
  const received = await download(client, file, { sink: sinkTo(context, path), tally });
  if (received === null) return false;
  const digest = ws.files.digest(path).sha256;
  const because = knowledge(context).reasonOf(file, digest);
  if (!isKnown(because)) {
    const task = { file: { name: file.name, path, declared: file.declared }, sha256: digest, because };
    const told = await tryImport(context, task, run.runId);
    if (told.warning !== undefined) tally.warnings.push(inspectable(told.warning));
    if (told.failure !== undefined) tally.failures.push(withHint(told.failure));
    if (told.file === undefined) return false;
    tally.imported += 1;
    tally.rows += told.file.findings.goodRows;
  }
  tally.seen[file.path] = `${received.bytes}:${received.modifiedSeconds}:${digest}`;
  return true;
}

/** `files inspect` looks at files on disk. */
function inspectable(text: string): string {
  return text.replace(
    /run `growthos files inspect "sftp:(?:[^"\\]|\\.)*"`/,
    "download the file and run `growthos files inspect` on it",
  );
}

function withHint(failure: GrowthosError): GrowthosError {
  const { hint } = failure.parts;
  return hint === undefined ? failure : new GrowthosError({ ...failure.parts, hint: inspectable(hint) });
}

interface Received {
  readonly bytes: number;
  readonly modifiedSeconds: number;
}

/** Null when this file is not to be had now: the others are read all the same. A second file that breaks the connection ends the run. */
async function download(
  client: SftpClient,
  file: Candidate,
  { sink, tally }: { readonly sink: SftpSink & { end(): void }; readonly tally: Tally },
): Promise<Received | null> {
  try {
    const received = await client.download(file.path, sink);
    sink.end();
    return received;
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    const { code } = thrown;
    if (code === "SFTP_CHANGED" || code === "API_REFUSED") {
      const why = code === "SFTP_CHANGED" ? "changed while it was read; the next sync takes it" : "is no longer there";
      tally.warnings.push(`${file.name}: ${why}`);
      return null;
    }
    const isAboutFile =
      code === "NETWORK" || code === "NETWORK_REFUSED" || messageOf(thrown).includes(JSON.stringify(file.path));
    if (!isAboutFile || tally.failures.some((before) => before.code === "NETWORK")) throw thrown;
    tally.failures.push(thrown);
    return null;
  }
}

/** Bytes that are gathered before they are written. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/** Writes what arrives to a file in the staging folder; a transfer that begins anew begins an empty file. */
function sinkTo({ ws }: SftpSourceContext, path: string): SftpSink & { end(): void } {
  let held: Uint8Array[] = [];
  let bytes = 0;
  const flush = () => {
    if (held.length > 0) ws.files.append(path, Buffer.concat(held));
    held = [];
    bytes = 0;
  };
  return {
    restart: () => {
      held = [];
      bytes = 0;
      ws.files.write(path, "");
    },
    write: (chunk) => {
      held.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes >= BUFFER_BYTES) flush();
    },
    end: flush,
  };
}

/** After the commit, and again after a crash between the two: the content is known, and the file is still there. */
async function moveAway(client: SftpClient, file: Candidate, folder: string, tally: Tally): Promise<void> {
  const target = `${folder.replace(/\/+$/, "")}/${file.path.slice(file.path.lastIndexOf("/") + 1)}`;
  try {
    // A name that was delivered before is there already: the time of this one goes behind it.
    const isTaken = (await client.stat(target)) !== null;
    await client.move(file.path, isTaken ? `${target}.${file.modifiedSeconds}` : target);
    delete tally.seen[file.path];
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    tally.warnings.push(`${file.name}: is imported, but was not moved to ${folder} (${messageOf(thrown)})`);
  }
}

interface Knowledge {
  /** The content's hash when the file is as it was when it was last read; undefined: it must be downloaded to know. */
  digestOf(file: Candidate): string | undefined;
  reasonOf(file: Candidate, digest: string | undefined): Exclude<SftpTask["because"], "passed_over">;
}

/** What the log says about files of the server. */
function knowledge(context: SftpSourceContext): Knowledge {
  const state = readState(context.ws);
  const seen = state.cursors[SEEN] ?? {};
  const contents = importedContents(state);
  return {
    digestOf: (file) => {
      const before = String(seen[file.path] ?? "");
      const stamp = `${stampOf(file)}:`;
      return before.startsWith(stamp) ? before.slice(stamp.length) : undefined;
    },
    reasonOf: (file, digest) => {
      const before = remembered(state, cursorName(file));
      const mark = digest === undefined ? null : markOf(context, file, digest);
      if (mark !== null && before?.includes(mark) === true) return "unchanged";
      if (before !== undefined) return "changed";
      // Seen and yet never imported under this name: it was another file's content then.
      const isSeen = digest !== undefined && String(seen[file.path] ?? "") === `${stampOf(file)}:${digest}`;
      return isSeen || contents.has(contentOf(cursorName(file), file.name, digest)) ? "same_content" : "new";
    },
  };
}

const isKnown = (because: SftpTask["because"]): boolean => because === "unchanged" || because === "same_content";

/** Every content that ever came from the server: under a new name it is not imported again, and so brings nothing old back. */
function importedContents(state: WarehouseState): ReadonlySet<string> {
  const parts = state.parts.filter(({ origin }) => String(origin["file"]).startsWith("sftp:"));
  return new Set(
    parts.map(({ origin }) => contentOf(String(origin["import"]), String(origin["file"]), origin["file_sha256"])),
  );
}

/** A content and the way in which it is read, without the name of the file. */
function contentOf(cursor: string, name: string, digest: unknown): string {
  return `${cursor.slice(name.length)}:${String(digest)}`;
}

function stampOf({ bytes, modifiedSeconds }: Pick<Candidate, "bytes" | "modifiedSeconds">): string {
  return `${bytes}:${modifiedSeconds}`;
}

/** Only what saves a download is kept here: losing it costs a download, and imports nothing twice. */
async function keepSeen(
  { ws, clock, toolVersion, configHash }: SftpSourceContext,
  seen: Cursor,
  runId: string,
): Promise<void> {
  const before = readState(ws).cursors[SEEN] ?? {};
  if (canonicalJson(before) === canonicalJson(seen)) return;
  const at = isoInstant(clock.now());
  await commitEntry(ws, {
    kind: "state",
    runId,
    added: [],
    removed: [],
    cursors: { [SEEN]: seen },
    toolVersion,
    configHash,
    at,
  });
}
