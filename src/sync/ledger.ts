import { join } from "node:path";
import { isoInstant } from "../base/clock.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Database, Part, Workspace } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";
import type { LandRequest } from "./land-request.js";

/** The source of what growthos itself has to say, e.g. `raw.growthos__restatements`. */
export const OWN_SOURCE = "growthos";

/** An event of our own, ready to be landed: plain JSON values. */
export type OwnEvent = Readonly<Record<string, string | number | boolean | null>>;

/** Where rows of our own are written, and what they are stamped with. */
export interface OwnPart {
  readonly ws: Workspace;
  readonly db: Database;
  readonly stream: string;
  readonly loadId: string;
  /** A folder for the text that the part is made from; the caller removes it. */
  readonly folder: string;
  readonly runId: string;
  readonly toolVersion: string;
  /** ISO instant. */
  readonly at: string;
}

/** Writes rows as a part of `growthos.<stream>`; of rows with the same key the newest load holds. The caller commits it. */
export async function writeOwnPart(
  { ws, db, stream, loadId, folder, runId, toolVersion, at }: OwnPart,
  rows: readonly { readonly key: string; readonly payload: string }[],
): Promise<Part> {
  const stamps = { _slice: "", _run_id: runId, _fetched_at: at, _api_version: toolVersion };
  const lines = rows.map(({ key, payload }) =>
    JSON.stringify({ _key: sha256(key), ...stamps, _hash: sha256(payload), payload }),
  );
  const path = join(folder, `${stream}.ndjson`);
  ws.files.write(path, `${lines.join("\n")}\n`);
  return writePart(ws, db, {
    source: OWN_SOURCE,
    stream,
    loadId,
    supersession: "key",
    days: null,
    origin: {},
    from: { kind: "ndjson", path },
    expectRows: rows.length,
  });
}

/** Writes events as a part of `growthos.<stream>`; the caller commits it together with what the events are about. Null without events. */
export async function ownEvents(
  { ws, db, loadId, stamp, clock, random }: LandRequest,
  stream: string,
  events: readonly OwnEvent[],
): Promise<Part | null> {
  if (events.length === 0) return null;
  const { runId, toolVersion } = stamp;
  const at = isoInstant(clock.now());
  const folder = ws.at("staging", loadId);
  return writeOwnPart(
    { ws, db, stream, loadId: newLoadId(ws, random), folder, runId, toolVersion, at },
    events.map((event) => {
      const payload = canonicalJson({ ...event, seen_at: at });
      // An event happens once: its content and the run that saw it are its identity.
      return { key: `${runId} ${payload}`, payload };
    }),
  );
}
