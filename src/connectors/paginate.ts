import { GrowthosError } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import type { HttpRequest, HttpResponse } from "../http/types.js";
import type { Page, Slice, Stream } from "./types.js";

/** Pages of one walk; a walk that is longer is taken for an endless one. */
export const MAX_PAGES = 20_000;

/** Asks one request and gives the parsed body. */
export type Send = (request: HttpRequest) => Promise<{ readonly body: unknown; readonly response: HttpResponse }>;

/** A page and the response it was read from. */
export interface ReadPage extends Page {
  readonly response: HttpResponse;
}

/**
 * Walks a slice from its first request to its end, one page at a time.
 * Throws `API_LOOP` when a request comes up for the second time or the pages do not end, and whatever `send` and `read` throw.
 */
export async function* walk(stream: Stream, slice: Slice, send: Send, maxPages = MAX_PAGES): AsyncGenerator<ReadPage> {
  const seen = new Set<string>();
  let request: HttpRequest | null = stream.first(slice);
  while (request !== null) {
    const identity = identityOf(request);
    if (seen.has(identity)) throw endless(stream, `the same page was asked for twice, after ${seen.size} pages`);
    if (seen.size >= maxPages) throw endless(stream, `more than ${maxPages} pages`);
    seen.add(identity);
    const { body, response } = await send(request);
    const page: Page = stream.read(body, request);
    yield { ...page, response };
    request = page.next;
  }
}

/** Two requests are the same when the vendor would see the same bytes. */
function identityOf(request: HttpRequest): string {
  return sha256(JSON.stringify([request.method, request.url, request.headers ?? {}, request.body ?? ""]));
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
