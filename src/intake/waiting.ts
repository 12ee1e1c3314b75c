/** What was accepted and has not landed: read beside a receiver, without touching it. */
import { systemCode } from "../base/errors.js";
import { readState } from "../warehouse/log.js";
import type { Workspace } from "../warehouse/types.js";
import { landedUpto, openPath, openSegments, sealedSegments } from "./segments.js";
import { deliveryOf, linesOf } from "./spool-line.js";
import { EVENTS, type IntakeSource } from "./types.js";

/** One waiting delivery as JSON text, its body in base64, as quarantine keeps those that it rejects. */
export interface Waiting {
  readonly source: IntakeSource;
  readonly stream: typeof EVENTS;
  readonly text: string;
}

/** Everything in the spool that no commit holds, oldest first. The caller holds the ingest lock, so nothing lands meanwhile. */
export function* waitingInSpool(ws: Workspace): Generator<Waiting> {
  const upto = landedUpto(readState(ws));
  const numbers = new Set([...openSegments(ws), ...sealedSegments(ws).map(({ number }) => number)]);
  for (const number of [...numbers].filter((one) => one > upto).sort((a, b) => a - b)) {
    for (const line of linesOfSegment(ws, number)) {
      const found = deliveryOf(line);
      if (found === null) continue;
      const { id, delivery } = found;
      const text = JSON.stringify({
        id,
        delivery: { ...delivery, body: Buffer.from(delivery.body).toString("base64") },
      });
      yield { source: delivery.source, stream: EVENTS, text };
    }
  }
}

/** A receiver may seal a segment, which renames it, while it is read. */
function linesOfSegment(ws: Workspace, number: number): readonly Uint8Array[] {
  const read = (path: string, most?: number) => [...linesOf(ws.files.chunks(path), most)].map(({ bytes }) => bytes);
  const sealed = () => sealedSegments(ws).find((segment) => segment.number === number);
  const first = sealed();
  if (first !== undefined) return read(first.path, first.bytes);
  try {
    return read(openPath(ws, number));
  } catch (thrown) {
    const second = sealed();
    if (systemCode(thrown) !== "FILE_ENOENT" || second === undefined) throw thrown;
    return read(second.path, second.bytes);
  }
}
