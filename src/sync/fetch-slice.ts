import { type Clock, isoInstant } from "../base/clock.js";
import type { ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { sha256 } from "../base/hash.js";
import type { ReadPage } from "../connectors/paginate.js";
import type { RawRecord, RecordFile, Slice, Stream } from "../connectors/types.js";
import { MAX_OBJECT_BYTES } from "../warehouse/write-part.js";
import { protect } from "./pii.js";
import { sampleOf } from "./sample.js";
import { type Contract, type Shape, type ShapeChange, type ShapeTally, shapeTally, strangeMember } from "./shape.js";
import type { PiiPolicy } from "./types.js";

/** Where the records of a slice go, and what is written beside them. */
export interface Landing {
  readonly files: Files;
  /** One envelope as JSON per line. */
  readonly ndjson: string;
  /** Makes room for records that cannot be stored, one JSON object per line: asked for only when there is one. */
  readonly quarantine: () => string;
  readonly runId: string;
  readonly apiVersion: string;
  readonly pii: PiiPolicy;
  readonly salt: string;
  readonly clock: Clock;
  /** The shape of the stream's records so far; null before the first load. */
  readonly known: Shape | null;
  readonly contract: Contract;
  /** The instant that a snapshot of the day under way stands for, ISO 8601 UTC: a part of its rows' keys. */
  readonly snapshot?: string;
  readonly onPage?: (rows: number) => void;
}

/** A received file whose lines become records when it lands. */
export interface FetchedFile {
  /** The folder with its pieces. */
  readonly path: string;
  readonly file: RecordFile;
  /** Whether every child is in the line of its root. */
  readonly isFolded: boolean;
  /** Instant of the download, ISO 8601 UTC. */
  readonly fetchedAt: string;
}

/** What was read: proof that it is whole, and what the commit needs. */
export interface Fetched {
  /** Records written, repeats included. */
  readonly rows: number;
  /** The same for the same records in any order: two reads with one digest brought the same. */
  readonly digest: string;
  /** The vendor's clock at the first answer (`Date` header), ms since 1970 UTC; null without the header. */
  readonly serverTime: number | null;
  readonly quarantined: number;
  /** The file with those records; null when there are none. */
  readonly quarantine: string | null;
  readonly warnings: readonly string[];
  /** Days of which the source has nothing to say yet, in order. */
  readonly unknown: readonly ISODate[];
  /** Files that hold further records; the rows above are newer where both have a key. */
  readonly received: readonly FetchedFile[];
  /** Whose records were read, for streams that say so: rows of others are not replaced. */
  readonly owners: readonly string[] | null;
  /** The shape of the records, the lines of files by a sample. */
  readonly shape: Shape;
}

/** More bad records than this, or more than one in a thousand, are not a few bad records. */
const MAX_QUARANTINED = 100;
const FEW = 10;

interface Tally {
  readonly hashes: Map<string, string>;
  readonly warnings: Set<string>;
  readonly unknown: Set<ISODate>;
  readonly received: FetchedFile[];
  readonly shape: ShapeTally;
  owners: readonly string[] | null;
  rows: number;
  quarantined: number;
  quarantine: string | null;
  total: number | undefined;
  serverTime: number | null;
}

/**
 * Writes every page of a walk as envelopes and proves that the slice is whole: no missing record, no day that was not asked for.
 * Throws `API_INCOMPLETE`, `API_SHAPE`, `TOO_MANY_BAD_ROWS` and whatever the walk throws; what was written then is garbage.
 */
export async function fetchSlice(
  stream: Stream,
  slice: Slice,
  pages: AsyncIterable<ReadPage>,
  landing: Landing,
): Promise<Fetched> {
  const tally: Tally = {
    hashes: new Map(),
    warnings: new Set(),
    unknown: new Set(),
    received: [],
    shape: shapeTally(),
    owners: null,
    rows: 0,
    quarantined: 0,
    quarantine: null,
    total: undefined,
    serverTime: null,
  };
  landing.files.write(landing.ndjson, "");
  for await (const page of pages) {
    writePage(stream, slice, page, { landing, tally });
    if (page.file !== undefined) takeFile(stream, slice, { page, file: page.file }, { landing, tally });
    landing.onPage?.(tally.rows);
  }
  requireWhole(stream, slice, tally);
  const { rows, quarantined, quarantine, serverTime, warnings, received, owners } = tally;
  const digest = digestOf(tally.hashes);
  const shape = tally.shape.shape();
  const unknown = [...tally.unknown].sort();
  const settled = { rows, quarantined, quarantine, serverTime, warnings: [...warnings] };
  return { ...settled, unknown, received, owners, digest, shape };
}

/** Proves that a file is whole, keeps it for landing, and asks again for the roots that it could not hold in full. */
function takeFile(
  stream: Stream,
  slice: Slice,
  { page, file }: { readonly page: ReadPage; readonly file: RecordFile },
  { landing, tally }: { readonly landing: Landing; readonly tally: Tally },
): void {
  const { received } = page;
  if (received === undefined) throw shape(stream, "a file was promised and none came");
  const { path } = received;
  if (received.file.lines !== file.expect.lines) {
    throw incomplete(stream, slice, `${file.expect.lines} objects were promised, ${received.file.lines} came`);
  }
  const [first = ""] = landing.files.list(path);
  const head = landing.files.readHead(`${path}/${first}`, SAMPLE_BYTES);
  for (const record of sampleOf(head, file)) tally.shape.add(record);
  const isFolded = received.file.strays === 0;
  tally.received.push({ path, file, isFolded, fetchedAt: isoInstant(landing.clock.now()) });
  const { again } = file;
  if (again === undefined) return;
  const keys = received.file.filled;
  for (let start = 0; start < keys.length; start += again.atATime) {
    page.ask([again.request(keys.slice(start, start + again.atATime))]);
  }
}

/** The start of a file from which the shape of its records is told. */
const SAMPLE_BYTES = 2 * 1024 * 1024;

function writePage(stream: Stream, slice: Slice, page: ReadPage, to: { landing: Landing; tally: Tally }): void {
  const { landing, tally } = to;
  const fetchedAt = isoInstant(landing.clock.now());
  const lines: string[] = [];
  for (const record of page.records) {
    requireAsked(stream, slice, record);
    const payload = JSON.stringify(protect(record.payload, stream.pii, landing.pii, landing.salt));
    const bad = unfit(record.key, payload) ?? strange(record, landing);
    if (bad !== null) quarantine(stream, { record, payload, bad }, to);
    else {
      tally.shape.add(record.payload);
      lines.push(envelope(record, payload, { fetchedAt, ...to }));
    }
  }
  if (lines.length > 0) landing.files.append(landing.ndjson, `${lines.join("\n")}\n`);
  if (page.owners !== undefined) tally.owners = [...(tally.owners ?? []), ...page.owners];
  tally.total = page.total ?? tally.total;
  for (const day of page.unknown ?? []) tally.unknown.add(day);
  for (const warning of page.warnings ?? []) tally.warnings.add(`${stream.name}: ${warning}`);
  const date = Date.parse(page.response.headers["date"] ?? "");
  if (tally.serverTime === null && !Number.isNaN(date)) tally.serverTime = date;
}

function envelope(
  record: RawRecord,
  payload: string,
  { fetchedAt, landing, tally }: { fetchedAt: string; landing: Landing; tally: Tally },
): string {
  const { snapshot } = landing;
  const slice = snapshot ?? record.day ?? "";
  const key = snapshot === undefined ? record.key : `${record.key}@${snapshot}`;
  const hash = sha256(payload);
  tally.rows += 1;
  tally.hashes.set(JSON.stringify([slice, key]), hash);
  return JSON.stringify({
    _key: key,
    _slice: slice,
    _run_id: landing.runId,
    _fetched_at: fetchedAt,
    _api_version: landing.apiVersion,
    _hash: hash,
    payload,
  });
}

/** Why a record cannot be stored: DuckDB's JSON ends at a NUL, and half a surrogate pair is not Unicode. */
function unfit(key: string, payload: string): string | null {
  if (Buffer.byteLength(payload) > MAX_OBJECT_BYTES) return `larger than ${MAX_OBJECT_BYTES} bytes`;
  // JSON.stringify writes both as escapes; after a second backslash it would be an ordinary text.
  const text = `${JSON.stringify(key)}${payload}`;
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) return "contains a NUL character";
  if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(text)) return "contains half a surrogate pair";
  return null;
}

/** Under the contract `quarantine` a record with a member of another kind than always is set aside. */
function strange(record: RawRecord, { known, contract }: Landing): string | null {
  if (contract !== "quarantine" || known === null) return null;
  const change: ShapeChange | null = strangeMember(known, record.payload);
  return change === null ? null : `${change.path} is ${change.after}, it was ${change.before} until now`;
}

function quarantine(
  stream: Stream,
  { record, payload, bad }: { record: RawRecord; payload: string; bad: string },
  { landing, tally }: { landing: Landing; tally: Tally },
): void {
  tally.quarantined += 1;
  tally.quarantine ??= landing.quarantine();
  const line = { stream: stream.name, key: record.key, reason: bad, value: payload.slice(0, 10_000) };
  landing.files.append(tally.quarantine, `${JSON.stringify(line)}\n`);
}

function requireAsked(stream: Stream, slice: Slice, record: RawRecord): void {
  if (record.key === "") throw shape(stream, "a record has an empty key");
  if (stream.sync.kind !== "window" || slice.kind !== "days") return;
  const { from, to } = slice.days;
  if (record.day === undefined || record.day < from || record.day > to) {
    throw shape(stream, `a record of ${record.day ?? "no day"} came for ${from} … ${to}`);
  }
}

function requireWhole(stream: Stream, slice: Slice, tally: Tally): void {
  const read = tally.rows + tally.quarantined;
  const { total, quarantined } = tally;
  if (total !== undefined && total !== read) throw incomplete(stream, slice, `${total} were promised, ${read} came`);
  // With a promised total, a repeated record means that another one was pushed out of its page.
  if (total !== undefined && tally.hashes.size !== tally.rows) {
    throw incomplete(
      stream,
      slice,
      `${tally.rows - tally.hashes.size} came twice: the pages moved while they were read`,
    );
  }
  if (quarantined > MAX_QUARANTINED || (quarantined >= FEW && quarantined * 1000 > read)) {
    throw new GrowthosError({
      code: "TOO_MANY_BAD_ROWS",
      what: `${quarantined} of ${read} records of ${stream.name} cannot be stored`,
      why: "that is more than a few bad records",
      state: "nothing of this slice was committed",
      hint: "look at the files in the workspace's quarantine folder",
      exit: "source",
    });
  }
}

function digestOf(hashes: ReadonlyMap<string, string>): string {
  return sha256(
    [...hashes]
      .map(([key, hash]) => `${key} ${hash}`)
      .sort()
      .join("\n"),
  );
}

function incomplete(stream: Stream, slice: Slice, why: string): GrowthosError {
  const days = slice.kind === "days" ? ` of ${slice.days.from} … ${slice.days.to}` : "";
  return new GrowthosError({
    code: "API_INCOMPLETE",
    what: `the records of ${stream.name}${days} are not complete`,
    why,
    state: "nothing of this slice was committed",
    hint: "run the same command again",
    exit: "source",
  });
}

function shape(stream: Stream, why: string): GrowthosError {
  return new GrowthosError({
    code: "API_SHAPE",
    what: `${stream.name} answered something that was not asked for`,
    why,
    state: "nothing of this slice was committed",
    exit: "source",
  });
}
