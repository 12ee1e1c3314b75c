import { GrowthosError } from "../../base/errors.js";
import type { HttpRequest } from "../../http/types.js";
import { type JsonObject, listAt, objectAt, shapeError, textAt, valueAt } from "../shape.js";
import type { Page, RecordFile } from "../types.js";
import { type Ask, countAt, operationOf, searchOf, type Window } from "./graphql.js";
import type { Given } from "./nested.js";
import { BULK_OPERATION_QUERY, BULK_OPERATIONS_QUERY, BULK_RUN_QUERY } from "./queries.js";

/** What is read as one file. */
export interface BulkSource {
  /** The bulk document over what a search finds. */
  readonly document: (search: string) => string;
  readonly file: Omit<RecordFile, "expect">;
}

/** Newest operations looked through for one of our own; five may run at a time. */
const NEWEST = 50;
/** Seconds between two tries to start an operation while others run, and how often. */
const BUSY_SECONDS = 30;
const BUSY_TRIES = 120;
/** How often the operations are listed again because the answer to a start was lost. */
const LOST_TRIES = 5;
/** Longest pause between two looks at an operation, seconds. */
const SLOWEST_LOOK = 30;

interface Carry {
  readonly window: Window;
  /** After a start whose answer was lost: how often that was, and the operations with our document that were there before it. */
  readonly lost?: { readonly times: number; readonly before: readonly string[] };
}

interface FileCarry extends Carry {
  readonly lines: number;
  readonly roots: number;
}

/** The first request of the bulk path: is an operation with our own document under way already, from a run that was cut off? */
export function startBulk(ask: Ask, window: Window): HttpRequest {
  // The window as a comment: without it the question would be the same for both halves of a slice, and be taken for a loop.
  const query = `${BULK_OPERATIONS_QUERY} # ${window.since} ${window.until}`;
  const operation = { operationName: "BulkOperations", query, variables: { first: NEWEST } };
  return ask(operation, { window } satisfies Carry);
}

/**
 * Reads the steps of the bulk path: list, start, look until it is done, file; null for any other request.
 * What failed is told by `classify`, and makes two halves of the window or ends the slice.
 */
export function readBulk(ask: Ask, source: BulkSource, given: Given): Page | null {
  if (given.asked.expect === "file") return filePage(source, given.asked.carry as FileCarry);
  const { operationName } = operationOf(given.asked);
  if (operationName === "BulkOperations") return next(adoptOrRun(ask, source, given));
  if (operationName === "BulkRun") return next(started(ask, given));
  return operationName === "BulkOperation" ? progressed(ask, source, given) : null;
}

function next(request: HttpRequest): Page {
  return { records: [], next: request };
}

/** Operations of other documents, people's or programs', are never touched. */
function adoptOrRun(ask: Ask, source: BulkSource, { body, asked }: Given): HttpRequest {
  const { window, lost } = asked.carry as Carry;
  const document = source.document(searchOf(window));
  const operations = listAt(body, "data.bulkOperations.nodes").map((_, index) =>
    objectAt(body, `data.bulkOperations.nodes.${index}`),
  );
  const own = operations.filter((one) => one["query"] === document);
  // What a lost start began may be done by now: it is the one that was not there before.
  const begun = own.find((one) => isUnderWay(one) || lost?.before.includes(textAt(one, "id")) === false);
  if (begun !== undefined) return look(ask, textAt(begun, "id"), { window }, 1);
  const run = ask({ operationName: "BulkRun", query: BULK_RUN_QUERY, variables: { query: document } }, { window });
  const attempt = asked.attempt ?? 0;
  const before = own.map((one) => textAt(one, "id"));
  return {
    ...run,
    attempt,
    ifLost: listAgain(ask, { window, lost: { times: (lost?.times ?? 0) + 1, before } }, attempt),
  };
}

/** Asked when nobody knows whether an operation was started: a second one would take the place of others. Null after too many times. */
function listAgain(ask: Ask, carry: Required<Carry>, attempt: number): HttpRequest | null {
  const { times } = carry.lost;
  if (times > LOST_TRIES) return null;
  return { ...startBulk(ask, carry.window), carry, after: 2 ** (times - 1), attempt: attempt + 1 };
}

function isUnderWay({ status }: JsonObject): boolean {
  return status === "CREATED" || status === "RUNNING";
}

function started(ask: Ask, { body, asked }: Given): HttpRequest {
  const path = "data.bulkOperationRunQuery";
  const carry = asked.carry as Carry;
  const errors = listAt(body, `${path}.userErrors`);
  if (errors.length === 0) return look(ask, textAt(body, `${path}.bulkOperation.id`), carry, 1);
  const codes = errors.map((error) => valueAt(error, "code"));
  const attempt = (asked.attempt ?? 0) + 1;
  if (!codes.every((code) => code === "LIMIT_REACHED" || code === "OPERATION_IN_PROGRESS")) {
    throw refused(String(valueAt(errors, "0.message")));
  }
  if (attempt > BUSY_TRIES) throw busy();
  return { ...startBulk(ask, carry.window), after: BUSY_SECONDS, attempt };
}

function look(ask: Ask, id: string, carry: Carry, attempt: number): HttpRequest {
  const request = ask({ operationName: "BulkOperation", query: BULK_OPERATION_QUERY, variables: { id } }, carry);
  return { ...request, after: Math.min(SLOWEST_LOOK, 2 * attempt), attempt };
}

function progressed(ask: Ask, { file }: BulkSource, { body, asked }: Given): Page {
  const path = "data.bulkOperation";
  const status = textAt(body, `${path}.status`);
  const { window } = asked.carry as Carry;
  if (["CREATED", "RUNNING", "CANCELING"].includes(status)) {
    return next(look(ask, textAt(body, `${path}.id`), { window }, (asked.attempt ?? 1) + 1));
  }
  if (status !== "COMPLETED") throw shapeError(`${path}.status`, "a known status", status);
  const lines = countAt(body, `${path}.objectCount`);
  const roots = countAt(body, `${path}.rootObjectCount`);
  // Nothing was found: there is no file then.
  if (valueAt(body, `${path}.url`) === null && lines === 0) return { records: [], next: null };
  const url = textAt(body, `${path}.url`);
  const carry: FileCarry = { window, lines, roots };
  const { keyMember, parentMember, children, again } = file;
  const members = { keyMember, parentMember, children, ...(again === undefined ? {} : { listMember: again.member }) };
  return next({ method: "GET", url, label: "BulkFile", expect: "file", lines: members, anonymous: true, carry });
}

function filePage({ file }: BulkSource, { lines, roots }: FileCarry): Page {
  return { records: [], next: null, file: { ...file, expect: { lines, roots } } };
}

function refused(why: string): GrowthosError {
  return new GrowthosError({
    code: "API_REFUSED",
    what: "Shopify did not start the bulk operation",
    why: why.slice(0, 300),
    state: "nothing of this slice was written",
    hint: "report this",
    exit: "source",
  });
}

function busy(): GrowthosError {
  return new GrowthosError({
    code: "API_THROTTLED",
    what: "Shopify runs no further bulk operation of this app",
    why: `others took all places for ${(BUSY_SECONDS * BUSY_TRIES) / 60} minutes`,
    state: "nothing of this slice was written; the other operations were left alone",
    hint: "run the command again when they are done",
    exit: "source",
  });
}
