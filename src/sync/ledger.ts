import { isoInstant } from "../base/clock.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Part } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";
import type { LandRequest } from "./land-request.js";

/** The source of what growthos itself has to say, e.g. `raw.growthos__restatements`. */
export const OWN_SOURCE = "growthos";

/** An event of our own, ready to be landed: plain JSON values. */
export type OwnEvent = Readonly<Record<string, string | number | boolean | null>>;

/** Writes events as a part of `growthos.<stream>`; the caller commits it together with what the events are about. Null without events. */
export async function ownEvents(
  { ws, db, loadId, stamp, clock, random }: LandRequest,
  stream: string,
  events: readonly OwnEvent[],
): Promise<Part | null> {
  if (events.length === 0) return null;
  const now = isoInstant(clock.now());
  const lines = events.map((event) => {
    const payload = canonicalJson({ ...event, seen_at: now });
    // An event happens once: its content and the run that saw it are its identity.
    const _key = sha256(`${stamp.runId} ${payload}`);
    const stamps = { _slice: "", _run_id: stamp.runId, _fetched_at: now, _api_version: stamp.toolVersion };
    return JSON.stringify({ _key, ...stamps, _hash: sha256(payload), payload });
  });
  const path = ws.at("staging", loadId, `${stream}.ndjson`);
  ws.files.write(path, `${lines.join("\n")}\n`);
  return writePart(ws, db, {
    source: OWN_SOURCE,
    stream,
    loadId: newLoadId(ws, random),
    supersession: "key",
    days: null,
    origin: {},
    from: { kind: "ndjson", path },
    expectRows: events.length,
  });
}
