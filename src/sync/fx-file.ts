// The `fx` source from a file: a document in one of the ECB's formats lands in the same raw relation as the ECB's API.

import { resolve } from "node:path";
import { type Clock, isoInstant } from "../base/clock.js";
import type { DateRange } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import { BASE, type PublishedRate, parseRates } from "../connectors/fx/parse.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { commitEntry, readState } from "../warehouse/log.js";
import type { Part, Workspace } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";
import type { ImportSource } from "./types.js";

/** Thirty years of the ECB's own document are 1 MB of CSV or 8 MB of XML. */
const MAX_BYTES = 64 * 1024 * 1024;
const STREAM = { source: "fx", stream: "rates" } as const;

/** What reading a file of rates needs. */
export interface FxFileOptions {
  readonly ws: Workspace;
  /** Folder to which `file` is relative. */
  readonly projectRoot: string;
  readonly file: string;
  /** Only these; undefined: all in the file. */
  readonly currencies?: readonly string[] | undefined;
  readonly timeoutMinutes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly toolVersion: string;
  readonly configHash: string;
}

/**
 * The source for `runSync`: the whole file is one part, which answers for every day from its first to its last; an unchanged file is
 * not landed again. Throws `FX_FILE_MISSING` (usage), `FX_FILE_TOO_LARGE`, `FX_FILE` (bad data, with the line).
 */
export function fxFileSource(options: FxFileOptions): ImportSource {
  return {
    id: STREAM.source,
    timeoutMinutes: options.timeoutMinutes,
    land: async ({ runId, signal }) => {
      const bytes = readBytes(options);
      const mark = sha256(canonicalJson([sha256(Buffer.from(bytes).toString("base64")), options.currencies ?? null]));
      if (isLanded(options.ws, mark)) return { rows: 0, warnings: [] };
      const rates = ratesOf(options, bytes);
      signal.throwIfAborted();
      const part = await landRates(options, { rates, mark, runId });
      await commitEntry(options.ws, {
        kind: "append",
        runId,
        added: [part],
        removed: [],
        cursors: {},
        toolVersion: options.toolVersion,
        configHash: options.configHash,
        at: isoInstant(options.clock.now()),
      });
      return { rows: part.rows, warnings: [] };
    },
  };
}

function readBytes({ ws, projectRoot, file }: FxFileOptions): Uint8Array {
  const path = resolve(projectRoot, file);
  const stat = ws.files.stat(path);
  if (stat?.kind !== "file")
    throw new GrowthosError({
      code: "FX_FILE_MISSING",
      what: `there is no file "${file}" with exchange rates`,
      state: "nothing was landed",
      hint: "correct `sources.fx.file` in growthos.config.ts (it is relative to that file)",
      exit: "usage",
    });
  if (stat.bytes > MAX_BYTES) throw badFile("FX_FILE_TOO_LARGE", file, `more than ${MAX_BYTES / 1024 / 1024} MiB`);
  return ws.files.read(path);
}

/** The newest part is from these very bytes. */
function isLanded(ws: Workspace, mark: string): boolean {
  const parts = readState(ws).parts.filter(
    ({ source, stream }) => source === STREAM.source && stream === STREAM.stream,
  );
  const newest = [...parts].sort((a, b) => a.ordinal - b.ordinal).at(-1);
  return newest?.origin["mark"] === mark;
}

function ratesOf({ file, currencies }: FxFileOptions, bytes: Uint8Array): readonly PublishedRate[] {
  const parsed = parseRates(decoded(file, bytes));
  if (!parsed.ok) throw badFile("FX_FILE", file, `line ${parsed.line}: ${parsed.problem}`);
  const wanted = parsed.rates.filter(({ currency }) => currencies?.includes(currency) ?? true);
  if (wanted.length === 0) throw badFile("FX_FILE", file, `no rate of ${currencies?.join(", ") ?? "any currency"}`);
  return wanted;
}

function decoded(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw badFile("FX_FILE", file, "it is not UTF-8 text (a ZIP must be unpacked first)", cause);
  }
}

function badFile(code: string, file: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code,
    what: `"${file}" cannot be used for exchange rates`,
    why,
    state: "nothing of this file was landed",
    hint: "take eurofxref-hist.csv or eurofxref-hist.xml of the ECB, or csvdata of its data portal, as they are",
    exit: "badData",
    cause,
  });
}

interface Landing {
  readonly rates: readonly PublishedRate[];
  readonly mark: string;
  readonly runId: string;
}

async function landRates(options: FxFileOptions, { rates, mark, runId }: Landing): Promise<Part> {
  const { ws, random, clock, file } = options;
  const loadId = newLoadId(ws, random);
  const folder = ws.at("staging", `${loadId}-fx`);
  ws.files.makeFolder(folder);
  const path = ws.at("staging", `${loadId}-fx`, "rows.ndjson");
  const stamp = { _run_id: runId, _fetched_at: isoInstant(clock.now()), _api_version: "file" };
  ws.files.write(path, rates.map((rate) => `${JSON.stringify(envelope(rate, stamp))}\n`).join(""));
  const db = await openDatabase({ memoryLimitMb: 512 });
  try {
    const request = { ...STREAM, loadId, supersession: "window", days: spanOf(rates), origin: { file, mark } } as const;
    return await writePart(ws, db, { ...request, from: { kind: "ndjson", path }, expectRows: rates.length });
  } finally {
    await db.close();
    ws.files.remove(folder);
  }
}

function envelope({ day, currency, rate }: PublishedRate, stamp: object): object {
  const payload = JSON.stringify({ date: day, base: BASE, currency, rate });
  return { _key: `${day}|${currency}`, _slice: day, ...stamp, _hash: sha256(payload), payload };
}

function spanOf(rates: readonly PublishedRate[]): DateRange {
  const days = rates.map(({ day }) => day).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined)
    throw new GrowthosError({ code: "FX_FILE", what: "a file without rates came through", exit: "bug" });
  return { from: first, to: last };
}
