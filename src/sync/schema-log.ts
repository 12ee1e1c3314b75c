import { GrowthosError } from "../base/errors.js";
import type { Cursor, Part, WarehouseState } from "../warehouse/types.js";
import type { LandRequest } from "./land-request.js";
import { ownEvents } from "./ledger.js";
import { mergedShape, type ShapeChange, shapeChanges, shapeKey, shapeOf } from "./shape.js";

/** What the shape of a slice's records means for the commit. */
export interface Settled {
  readonly changes: readonly ShapeChange[];
  /** The shape as it is known from now on, when it moved. */
  readonly cursors: Readonly<Record<string, Cursor>>;
  readonly warnings: readonly string[];
}

/** Changes that are spelled out in a warning; the log has all of them. */
const NAMED = 3;

/**
 * Compares the shape of what came with what is known and applies the stream's contract. Throws `SCHEMA_CHANGED` under `freeze` for any
 * change; under `quarantine` records of another kind were set aside before, so only their absence is seen here.
 */
export function settled({ task, fetched, contract }: LandRequest, state: WarehouseState): Settled {
  const key = shapeKey(task.source, task.stream);
  const known = shapeOf(state.cursors[key]);
  const changes = shapeChanges(known, fetched.shape);
  if (contract === "freeze" && changes.length > 0) throw frozen(task, changes);
  const merged = mergedShape(known, fetched.shape);
  const moved = Object.keys(fetched.shape).length > 0 && JSON.stringify(known) !== JSON.stringify(merged);
  return {
    changes,
    cursors: moved ? { [key]: merged } : {},
    warnings: changes.length === 0 ? [] : [`${task.stream}: the vendor's records changed: ${told(changes)}`],
  };
}

/** The changes as a part of the schema-change log; null without changes. */
export function schemaPart(request: LandRequest, changes: readonly ShapeChange[]): Promise<Part | null> {
  const { source, stream } = request.task;
  const events = changes.map((change) => ({ source, stream, ...change, action: "kept" }));
  return ownEvents(request, "schema_changes", events);
}

function told(changes: readonly ShapeChange[]): string {
  const more = changes.length - NAMED;
  return `${changes.slice(0, NAMED).map(sentence).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

function sentence({ path, change, before, after }: ShapeChange): string {
  if (change === "added") return `${path} is new (${after || "no value yet"})`;
  if (change === "lost") return `${path} is gone`;
  if (change === "returned") return `${path} is back`;
  return `${path} is ${after}, it was ${before}`;
}

function frozen({ source, stream }: LandRequest["task"], changes: readonly ShapeChange[]): GrowthosError {
  return new GrowthosError({
    code: "SCHEMA_CHANGED",
    what: `the records of ${source}.${stream} are not what they were`,
    why: told(changes),
    state: "nothing of this slice was committed: its contract is freeze",
    hint: `look at the change, then set the contract of ${source} to evolve in growthos.config.ts and sync again`,
    exit: "source",
  });
}
