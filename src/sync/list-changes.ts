import { type Clock, isoInstant } from "../base/clock.js";
import { canonicalJson } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import type { FileShape } from "../connectors/files/types.js";
import { listChanges } from "../warehouse/list-changes.js";
import { readState } from "../warehouse/log.js";
import type { Database, Part, Workspace } from "../warehouse/types.js";
import { newLoadId } from "../warehouse/write-part.js";
import { writeOwnPart } from "./ledger.js";

/** Who lands it, and when. */
export interface ListLanding {
  readonly ws: Workspace;
  readonly clock: Clock;
  readonly random: Random;
  readonly toolVersion: string;
}

/** A list that was read whole, not yet committed. */
export interface LandedList {
  readonly db: Database;
  readonly shape: FileShape;
  readonly part: Part;
  readonly runId: string;
  /** A folder for the text that the part is made from; the caller removes it. */
  readonly folder: string;
}

/**
 * What a list (users, locations) says otherwise than the one that it replaces (D-63), as a part of `growthos.list_changes`: one event per
 * row, with the whole row before and after. Without it nobody could tell, because what is replaced may be collected. Null without changes.
 */
export async function listChangePart(options: ListLanding, landed: LandedList): Promise<Part | null> {
  const { ws, random, clock, toolVersion } = options;
  const { db, shape, part, runId, folder } = landed;
  const { source, stream } = part;
  const parts = readState(ws).parts.filter((one) => one.source === source && one.stream === stream);
  const fields = shape.fields
    .filter(({ name }) => !shape.key.includes(name))
    .map(({ name, pii }) => ({ name, personal: pii !== undefined }));
  const changes = await listChanges(db, { ws, source, stream, parts }, { part, fields });
  if (changes.length === 0) return null;
  const at = isoInstant(clock.now());
  return writeOwnPart(
    { ws, db, stream: "list_changes", loadId: newLoadId(ws, random), folder, runId, toolVersion, at },
    changes.map(({ key, change, before, after }) => {
      const payload = canonicalJson({ source, stream, key, change, rows: [before, after], seen_at: at });
      return { key: `${runId} ${payload}`, payload };
    }),
  );
}
