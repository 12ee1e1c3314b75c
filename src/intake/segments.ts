/**
 * The spool's files. `spool/<number>.open` is being written; `spool/<number>-<bytes>.ndjson` is sealed: nobody writes to it any more, and
 * exactly its first `bytes` were acknowledged. A number is never used twice: the log says up to which one events have landed.
 */
import type { WarehouseState, Workspace } from "../warehouse/types.js";
import { deliveryOf, linesOf } from "./spool-line.js";

/** A sealed file of the spool. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** What counts of it. */
  readonly bytes: number;
}

const FOLDER = "spool";
const SEALED = /^(\d{12})-(\d+)\.ndjson$/;
const OPEN = /^(\d{12})\.open$/;
/** The place among the log's cursors that holds `upto`: the newest segment that has landed. */
export const SPOOL_CURSOR = "intake.spool";

const padded = (number: number): string => String(number).padStart(12, "0");

/** The path of the segment that is being written. */
export function openPath(ws: Workspace, number: number): string {
  return ws.at(FOLDER, `${padded(number)}.open`);
}

/** The folder of the spool; made when it is not there. */
export function spoolFolder(ws: Workspace): string {
  const folder = ws.at(FOLDER);
  if (ws.files.stat(folder) === undefined) {
    ws.files.makeFolder(folder);
    ws.files.sync(ws.root);
  }
  return folder;
}

/** Ends a segment: `bytes` of it were acknowledged. An empty one is removed. */
export function sealSegment(ws: Workspace, number: number, bytes: number): void {
  const path = openPath(ws, number);
  if (ws.files.stat(path) === undefined) return;
  if (bytes === 0) ws.files.remove(path);
  else ws.files.rename(path, ws.at(FOLDER, `${padded(number)}-${bytes}.ndjson`));
  ws.files.sync(ws.at(FOLDER));
}

/** Sealed segments in their order. */
export function sealedSegments(ws: Workspace): readonly Segment[] {
  return ws.files.list(ws.at(FOLDER)).flatMap((name) => {
    const [, number, bytes] = SEALED.exec(name) ?? [];
    return number === undefined ? [] : [{ number: Number(number), path: ws.at(FOLDER, name), bytes: Number(bytes) }];
  });
}

/** Numbers of segments that are (or, when nobody holds the spool, were) being written. */
export function openSegments(ws: Workspace): readonly number[] {
  return ws.files.list(ws.at(FOLDER)).flatMap((name) => OPEN.exec(name)?.slice(1, 2).map(Number) ?? []);
}

/** The newest segment of which all events have landed; 0 before the first. */
export function landedUpto({ cursors }: WarehouseState): number {
  const upto = cursors[SPOOL_CURSOR]?.["upto"];
  return typeof upto === "number" ? upto : 0;
}

/** A number beyond every one that was used. */
export function nextNumber(ws: Workspace, state: WarehouseState): number {
  return Math.max(landedUpto(state), ...sealedSegments(ws).map(({ number }) => number), ...openSegments(ws)) + 1;
}

/**
 * Seals what a dead receiver left open. Its last lines may be torn or garbage: they were never acknowledged, so it ends with the last line
 * that is whole. The caller holds the spool lock.
 */
export function recoverSpool(ws: Workspace): void {
  for (const number of openSegments(ws)) {
    let [end, good] = [0, 0];
    for (const { bytes, isWhole } of linesOf(ws.files.chunks(openPath(ws, number)))) {
      end += bytes.length + 1;
      if (isWhole && deliveryOf(bytes) !== null) good = end;
    }
    // What is kept must be on the disk before it lands: a killed receiver may have written without having synced.
    ws.files.sync(openPath(ws, number));
    sealSegment(ws, number, good);
  }
}
