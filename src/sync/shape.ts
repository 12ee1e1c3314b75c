import type { Cursor } from "../warehouse/types.js";

/**
 * The shape of a stream's records: dotted path (`*` for every element of a list) -> the kinds of value seen there, sorted and joined
 * with `|`, with a trailing `!` for a member that every record had. Kept in the log beside the cursors, so that it is part of the commit.
 */
export type Shape = Readonly<Record<string, string>>;

/** How a stream takes a change of its records' shape. */
export type Contract = "evolve" | "freeze" | "quarantine";

/** One difference between what was known and what came. */
export interface ShapeChange {
  readonly path: string;
  readonly change: "added" | "type_changed" | "lost" | "returned";
  readonly before: string | null;
  readonly after: string | null;
}

/** More paths than this are not fields but data used as names: they are not followed. */
const MAX_PATHS = 2_000;
const MAX_DEPTH = 8;

/** Collects the shape of records as they pass. */
export interface ShapeTally {
  readonly add: (record: Readonly<Record<string, unknown>>) => void;
  readonly records: () => number;
  readonly shape: () => Shape;
}

interface Seen {
  readonly kinds: Set<string>;
  times: number;
}

/** A tally without records. */
export function shapeTally(): ShapeTally {
  const seen = new Map<string, Seen>();
  let records = 0;
  return {
    add: (record) => {
      records += 1;
      visitMembers(seen, record, "", 0);
    },
    records: () => records,
    shape: () =>
      Object.fromEntries(
        [...seen].sort(byPath).map(([path, { kinds, times }]) => [path, text(kinds, times >= records)]),
      ),
  };
}

function visitMembers(seen: Map<string, Seen>, value: object, prefix: string, depth: number): void {
  for (const [name, member] of Object.entries(value))
    visit(seen, member, prefix === "" ? name : `${prefix}.${name}`, depth);
}

function visit(seen: Map<string, Seen>, value: unknown, path: string, depth: number): void {
  const known = seen.get(path);
  if (known === undefined && seen.size >= MAX_PATHS) return;
  const entry = known ?? { kinds: new Set<string>(), times: 0 };
  if (known === undefined) seen.set(path, entry);
  entry.times += 1;
  const kind = kindOf(value);
  if (kind !== null) entry.kinds.add(kind);
  if (depth >= MAX_DEPTH) return;
  if (Array.isArray(value)) for (const item of value) visit(seen, item, `${path}.*`, depth + 1);
  else if (kind === "object") visitMembers(seen, value as object, path, depth + 1);
}

/** The kind of a JSON value; null tells nothing about a field. */
function kindOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "text" : typeof value;
}

function text(kinds: ReadonlySet<string>, always: boolean): string {
  return `${[...kinds].sort().join("|")}${always ? "!" : ""}`;
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What is different. A member is lost when every record had it before and none has it now, because optional members come and go.
 * Without known shape nothing is different: a first load has nothing to be compared with, and neither has the first entry of a list.
 */
export function shapeChanges(known: Shape | null, found: Shape): readonly ShapeChange[] {
  if (known === null || Object.keys(found).length === 0) return [];
  const changes: ShapeChange[] = [];
  for (const [path, now] of Object.entries(found)) {
    const before = at(known, path);
    if (before === undefined) {
      if (!isFirstEntry(known, path)) changes.push({ path, change: "added", before: null, after: bare(now) });
    } else if (before === LOST) changes.push({ path, change: "returned", before: null, after: bare(now) });
    else if (strangers(before, now).length > 0) {
      changes.push({ path, change: "type_changed", before: bare(before), after: bare(now) });
    }
  }
  for (const [path, before] of Object.entries(known)) {
    if (at(found, path) === undefined && before.endsWith("!") && before !== LOST && isTop(path)) {
      changes.push({ path, change: "lost", before: bare(before), after: null });
    }
  }
  return changes;
}

/** What a shape says of a path. A member may be called as something that every object inherits, `constructor` for instance. */
function at(shape: Shape, path: string): string | undefined {
  return Object.hasOwn(shape, path) ? shape[path] : undefined;
}

/** True inside a list that had no entry so far: what its entries are like was not known, so that they are nothing new. */
function isFirstEntry(known: Shape, path: string): boolean {
  const names = path.split(".");
  return names.some((name, index) => name === "*" && bare(at(known, names.slice(0, index + 1).join(".")) ?? "") === "");
}

/** Marks a member that is no longer sent. */
const LOST = "lost!";

/** Members inside others are missing whenever the outer one is null. */
function isTop(path: string): boolean {
  return !path.includes(".");
}

function bare(kinds: string): string {
  return kinds.replace(/!$/, "");
}

/** Kinds of the second that the first does not have. A member that was always null had no kind to change. */
function strangers(before: string, now: string): readonly string[] {
  const known = bare(before).split("|").filter(Boolean);
  const kinds = bare(now).split("|").filter(Boolean);
  return known.length === 0 ? [] : kinds.filter((kind) => !known.includes(kind));
}

/** What is known after a load: kinds add up, and a member counts as always there only while every load had it. */
export function mergedShape(known: Shape | null, found: Shape): Shape {
  if (known === null) return found;
  const lost = shapeChanges(known, found).filter(({ change }) => change === "lost");
  const paths = [...new Set([...Object.keys(known), ...Object.keys(found)])].sort();
  const merged = paths.map((path) => [path, mergedKinds(at(known, path), at(found, path))] as const);
  return { ...Object.fromEntries(merged), ...Object.fromEntries(lost.map(({ path }) => [path, LOST])) };
}

function mergedKinds(known: string | undefined, found: string | undefined): string {
  if (known === LOST) return found ?? LOST;
  const kinds = new Set([...bare(known ?? "").split("|"), ...bare(found ?? "").split("|")].filter(Boolean));
  const always = known?.endsWith("!") === true && found?.endsWith("!") === true;
  return text(kinds, always);
}

/** The first member of a record whose kind is not the one that is known; null when the record is as always. */
export function strangeMember(known: Shape, record: Readonly<Record<string, unknown>>): ShapeChange | null {
  const tally = shapeTally();
  tally.add(record);
  return shapeChanges(known, tally.shape()).find(({ change }) => change === "type_changed") ?? null;
}

/** Where the shape of a stream stands among the cursors. */
export function shapeKey(source: string, stream: string): string {
  return `shape:${source}.${stream}`;
}

/** A stored shape; null before the first load. */
export function shapeOf(cursor: Cursor | undefined): Shape | null {
  if (cursor === undefined) return null;
  return Object.fromEntries(Object.entries(cursor).map(([path, kinds]) => [path, String(kinds)]));
}
