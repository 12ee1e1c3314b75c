import { GrowthosError } from "../../base/errors.js";
import type { HttpRequest } from "../../http/types.js";
import { flagAt, isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from "../shape.js";
import type { Page } from "../types.js";
import { type Ask, type ConnectionPage, type Operation, operationOf } from "./graphql.js";

/**
 * Lists inside an object (lines of an order, lines of a refund, variants of a product) come with a first page of their own.
 * An object whose lists are not whole waits in `carry` while the rest is asked for; nothing is emitted in part.
 */
export interface Nest {
  /** What is still missing of these nodes, as the next operation that brings some of it; null when they are whole. */
  readonly missing: (waiting: readonly Waiting[]) => Operation | null;
  /** A node with the answer of that operation merged in; nodes that the answer does not concern come back as they are. */
  readonly merge: (node: JsonObject, body: unknown, operation: Operation) => JsonObject;
}

/** A node, and the operations about it alone that were already answered. */
export interface Waiting {
  readonly node: JsonObject;
  readonly answered: readonly string[];
}

interface Carry {
  readonly waiting: readonly Waiting[];
  readonly rest: HttpRequest | null;
}

/** What `read` was given. */
export interface Given {
  readonly body: unknown;
  readonly asked: HttpRequest;
}

/** Reads a page or the answer to a follow-up; `page` reads the former. */
export function readNested(ask: Ask, nest: Nest, page: () => ConnectionPage, given: Given): Page {
  const { waiting, rest } = given.asked.carry === undefined ? fresh(page()) : merged(nest, given);
  const open = waiting.filter((one) => nest.missing([one]) !== null);
  const whole = waiting.filter((one) => !open.includes(one));
  const follow = nest.missing(open);
  return {
    records: whole.map(({ node }) => ({ key: textAt(node, "id"), payload: withoutPageInfo(node) as JsonObject })),
    next: follow === null ? rest : ask(follow, { waiting: open, rest } satisfies Carry),
  };
}

function fresh({ nodes, rest }: ConnectionPage): Carry {
  return { waiting: nodes.map((node) => ({ node, answered: [] })), rest };
}

function merged(nest: Nest, { body, asked }: Given): Carry {
  const { waiting, rest } = asked.carry as Carry;
  const operation = operationOf(asked);
  const all = waiting.map(({ node, answered }) => ({
    node: nest.merge(node, body, operation),
    answered: operation.variables["id"] === node["id"] ? [...answered, operation.operationName] : answered,
  }));
  return { waiting: all, rest };
}

/** The first operation that one of the nodes needs. */
export function firstMissing(
  waiting: readonly Waiting[],
  missing: (one: Waiting) => Operation | null,
): Operation | null {
  for (const one of waiting) {
    const operation = missing(one);
    if (operation !== null) return operation;
  }
  return null;
}

/** The cursor after the last node that we have of a nested list; null when the list is whole. */
export function openCursor(node: JsonObject, path: string): string | null {
  return flagAt(node, `${path}.pageInfo.hasNextPage`) ? textAt(node, `${path}.pageInfo.endCursor`) : null;
}

/** The list at `path` of a node followed by the list at `from` of an answer. */
export function appended(node: JsonObject, path: string, body: unknown, from: string): JsonObject {
  const nodes = [...listAt(node, `${path}.nodes`), ...listAt(body, `${from}.nodes`)];
  return { pageInfo: objectAt(body, `${from}.pageInfo`), nodes };
}

/** Throws `API_LIMIT` when a nested list that cannot be followed any further is longer than what was asked for. */
export function requireWhole(node: JsonObject, path: string): void {
  if (valueAt(node, `${path}.pageInfo.hasNextPage`) === true) throw tooLong(textAt(node, "id"), path);
}

/** The error for a list that is longer than can be read. */
export function tooLong(id: string, path: string): GrowthosError {
  return new GrowthosError({
    code: "API_LIMIT",
    what: `${path} of ${id} is longer than can be read`,
    why: "a part of it would be lost",
    state: "nothing of this slice was written",
    hint: "report this with the number of entries that the Shopify admin shows for it",
    exit: "source",
  });
}

/** Page marks inside a record depend on the page size, not on the shop, so they are left out. */
function withoutPageInfo(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutPageInfo);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value)) return value;
  // Most objects are small amounts of money that hold nothing to leave out: they are kept, not copied.
  const names = Object.keys(value);
  const members = names.map((name) => withoutPageInfo(value[name]));
  if (names.every((name, index) => name !== "pageInfo" && members[index] === value[name])) return value;
  return Object.fromEntries(
    names.flatMap((name, index) => (name === "pageInfo" ? [] : [[name, members[index]] as const])),
  );
}
