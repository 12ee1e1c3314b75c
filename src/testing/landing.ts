import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DateRange } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import { diskFiles } from "../warehouse/disk.js";
import { createWorkspace } from "../warehouse/layout.js";
import { commit } from "../warehouse/log.js";
import type { Supersession, Workspace } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";
import { askDatabase } from "./database.js";

/** Rows to land, as a connector would hand them over. */
export interface Rows {
  readonly source: string;
  readonly stream: string;
  readonly supersession?: Supersession;
  readonly days?: DateRange;
  readonly records: readonly { readonly key: string; readonly slice?: string; readonly payload: unknown }[];
}

/** A source of "random" names that is the same in every run. */
export function countingRandom(): { hex(bytes: number): string } {
  let next = 0;
  return {
    hex: (bytes) => {
      next += 1;
      return next.toString(16).padStart(bytes * 2, "0");
    },
  };
}

/** A new workspace in a temporary folder. */
export function temporaryWorkspace(): Promise<Workspace> {
  const projectRoot = mkdtempSync(join(tmpdir(), "growthos-"));
  return createWorkspace({ projectRoot, name: "shop", files: diskFiles, random: countingRandom() });
}

/** Lands and commits rows through the real writer, all in one commit. */
export async function landRows(ws: Workspace, ...loads: readonly Rows[]): Promise<void> {
  const random = countingRandom();
  const loadId = newLoadId(ws, random);
  const added = [];
  for (const { source, stream, supersession = "key", days = null, records } of loads) {
    const path = ws.at("staging", "rows.ndjson");
    writeFileSync(path, records.map((record) => `${JSON.stringify(envelope(record))}\n`).join(""));
    const from = { kind: "ndjson", path } as const;
    const part = { source, stream, loadId, supersession, days, origin: {}, from };
    added.push(await askDatabase((db) => writePart(ws, db, part)));
  }
  const stamps = { runId: "r1", toolVersion: "0", configHash: "c", at: "2026-02-09T06:00:00.000Z" };
  commit(ws, { kind: "append", added, removed: [], cursors: {}, ...stamps });
}

function envelope({ key, slice = "", payload }: Rows["records"][number]): object {
  const text = JSON.stringify(payload);
  const stamps = { _run_id: "r1", _fetched_at: "2026-02-09T06:00:00Z", _api_version: "v1" };
  return { _key: key, _slice: slice, ...stamps, _hash: sha256(text), payload: text };
}
