import { GrowthosError } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import type { HttpRequest, HttpResponse, ReceivedFile } from "../http/types.js";
import { shapeError } from "./shape.js";
import type { Page, Slice, Stream } from "./types.js";

/** Pages of one walk; a walk that is longer is taken for an endless one. */
export const MAX_PAGES = 20_000;

/** What came back: see `Answer` of the client, which is one of these. */
export interface Reply {
  readonly outcome: "read" | "shrink" | "skip" | "lost";
  readonly reason: string;
  readonly body: unknown;
  readonly response: HttpResponse;
  /** Where the bytes went, for a request with `expect: "file"`. */
  readonly path?: string;
  /** Called once with the number of records that the page held. */
  readonly log?: (records: number) => void;
}

/** Asks one request. */
export type Send = (request: HttpRequest) => Promise<Reply>;

/** A page and what it was read from. */
export interface ReadPage extends Page {
  readonly response: HttpResponse;
  /** The folder with the file that was received, and what is known of it. */
  readonly received?: { readonly path: string; readonly file: ReceivedFile };
  /** Puts requests in front of what the page itself leads to. Call it before the next page is taken. */
  readonly ask: (requests: readonly HttpRequest[]) => void;
}

/**
 * Walks a slice from its first request to its end, one page at a time.
 * Throws `API_LOOP` when a request comes up for the second time or the pages do not end, `API_TOO_MUCH` when a request was too large
 * and cannot be made smaller, and whatever `send` and `read` throw.
 */
export async function* walk(stream: Stream, slice: Slice, send: Send, maxPages = MAX_PAGES): AsyncGenerator<ReadPage> {
  const seen = new Set<string>();
  const open: HttpRequest[] = [stream.first(slice)];
  for (let request = open.shift(); request !== undefined; request = open.shift()) {
    const identity = identityOf(request);
    if (seen.has(identity)) throw endless(stream, `the same page was asked for twice, after ${seen.size} pages`);
    if (seen.size >= maxPages) throw endless(stream, `more than ${maxPages} pages`);
    seen.add(identity);
    const reply = await send(request);
    if (reply.outcome === "shrink") {
      open.unshift(...smaller(stream, request, reply.reason));
      continue;
    }
    if (reply.outcome === "lost") {
      if (request.ifLost != null) open.unshift(request.ifLost);
      continue;
    }
    const page = readReply(stream, reply, request);
    if (page.next !== null) open.unshift(page.next);
    const { response, path } = reply;
    const ask = (requests: readonly HttpRequest[]) => void open.unshift(...requests);
    const received = path === undefined ? {} : { received: { path, file: reply.body as ReceivedFile } };
    yield { ...page, response, ask, ...received };
  }
}

function readReply(stream: Stream, reply: Reply, request: HttpRequest): Page {
  if (reply.outcome === "skip") {
    const page = stream.read(null, request);
    return { ...page, warnings: [...(page.warnings ?? []), reply.reason] };
  }
  // To `read`, null says that the account was skipped: from the wire it would be a gap that looks like an empty account.
  if (reply.body === null) throw shapeError("", "an answer", null);
  let records = 0;
  try {
    const page = stream.read(reply.body, request);
    records = page.records.length;
    return page;
  } finally {
    reply.log?.(records);
  }
}

function smaller(stream: Stream, request: HttpRequest, reason: string): readonly HttpRequest[] {
  const requests = stream.shrink?.(request) ?? [];
  if (requests.length > 0) return requests;
  throw new GrowthosError({
    code: "API_TOO_MUCH",
    what: `${stream.name} cannot be asked for in smaller pieces`,
    why: reason,
    state: "nothing of this slice was written",
    hint: "run the command again later; if it stays so, report it",
    exit: "source",
  });
}

/** Two requests are the same when the vendor would see the same bytes, and it is not the next look at a job under way. */
function identityOf(request: HttpRequest): string {
  const { method, url, headers = {}, body = "", attempt = 0 } = request;
  return sha256(JSON.stringify([method, url, headers, body, attempt]));
}

function endless(stream: Stream, why: string): GrowthosError {
  return new GrowthosError({
    code: "API_LOOP",
    what: `the pages of ${stream.name} do not end`,
    why,
    state: "nothing of this slice was written",
    hint: "run the command again; if it stays so, report it",
    exit: "source",
  });
}
