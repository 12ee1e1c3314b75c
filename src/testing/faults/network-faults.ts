import { gzipSync } from "node:zlib";
import type { Answer, Fault } from "../doubles/server.js";

/** How a sync must end after a fault: with the rows of an undisturbed one, or with this error and nothing of the slice. */
export type End = "heals" | { readonly code: string; readonly exit: "source" | "auth" };

/** One row of the fault matrix, done to one request of a slice. */
export interface FaultRow {
  readonly id: string;
  readonly what: string;
  readonly fault: Fault;
  /** How often in a row: a count, or as often as the connector tries, or one time less. Default once. */
  readonly times?: number | "all but one" | "always";
  readonly end: End;
  /** Where a connector ends otherwise, and rightly so: by rig, or by rig and step. */
  readonly but?: Readonly<Record<string, End>>;
  /** Milliseconds of the clock that the sync waits at least, and at most. */
  readonly waits?: readonly [atLeast: number, atMost: number];
  /** Milliseconds in which the real network gives the request up. */
  readonly patience?: number;
}

const answer = (one: Answer): Fault => ({ kind: "answer", answer: one });
const status = (code: number, headers: Record<string, string> = {}): Fault =>
  answer({ status: code, headers, text: "an error of the gateway" });
const BROKEN = { code: "API_BROKEN", exit: "source" } as const;
const TOO_LARGE = { code: "ANSWER_TOO_LARGE", exit: "source" } as const;
const SHAPE = { code: "API_SHAPE", exit: "source" } as const;
const INCOMPLETE = { code: "API_INCOMPLETE", exit: "source" } as const;
const AUTH = { code: "API_AUTH", exit: "auth" } as const;
/** A file of lines that is something else: its number of lines is not the promised one. */
const NO_FILE = { "shopify bulk, file": INCOMPLETE } as const;
/** A rate is published on every working day: no rates are no answer. */
const NO_RATES = { fx: INCOMPLETE } as const;
const PAGE = { headers: { "content-type": "text/html" }, text: "<!doctype html><title>We will be back</title>" };
const packed = (body: Buffer): Fault => answer({ headers: { "content-encoding": "gzip" }, chunks: [body] });

/** Rows N01 to N20 that a single answer can show. */
export const NETWORK_FAULTS: readonly FaultRow[] = [
  {
    id: "N01",
    what: "429 with seconds",
    fault: status(429, { "retry-after": "70" }),
    end: "heals",
    waits: [70_000, 9e5],
  },
  {
    id: "N01",
    what: "429 with a date",
    fault: status(429, { "retry-after": "Mon, 09 Feb 2026 06:02:00 GMT" }),
    end: "heals",
    waits: [110_000, 9e5],
  },
  { id: "N01", what: "429 without a word", fault: status(429), times: 2, end: "heals", waits: [2_000, 9e5] },
  {
    id: "N01",
    what: "429 that wants 30 years",
    fault: status(429, { "retry-after": "1000000000" }),
    end: "heals",
    waits: [900_000, 1e6],
  },
  {
    id: "N01",
    what: "429 for ever",
    fault: status(429),
    times: "always",
    end: { code: "API_THROTTLED", exit: "source" },
  },
  { id: "N02", what: "500 until the last try", fault: status(500), times: "all but one", end: "heals" },
  { id: "N02", what: "502", fault: status(502), end: "heals" },
  {
    id: "N02",
    what: "503 with Retry-After",
    fault: status(503, { "retry-after": "40" }),
    end: "heals",
    waits: [40_000, 9e5],
  },
  { id: "N02", what: "504", fault: status(504), times: 2, end: "heals" },
  { id: "N03", what: "500 for ever", fault: status(500), times: "always", end: BROKEN },
  { id: "N06", what: "reset before a byte", fault: { kind: "reset", when: "before" }, end: "heals" },
  { id: "N06", what: "reset after the headers", fault: { kind: "reset", when: "headers" }, end: "heals" },
  { id: "N06", what: "reset in the body", fault: { kind: "reset", when: "body" }, times: "all but one", end: "heals" },
  { id: "N07", what: "a length that is not reached", fault: { kind: "short" }, end: "heals" },
  { id: "N08", what: "a body that is cut", fault: { kind: "cut" }, end: "heals" },
  {
    id: "N08",
    what: "bodies that are always cut",
    fault: { kind: "cut" },
    times: "always",
    end: BROKEN,
    // The operation was started all the same, and is found in the list.
    but: { "shopify bulk, run": "heals" },
  },
  { id: "N09", what: "gzip that is cut", fault: { kind: "gzip", damage: "cut" }, end: "heals" },
  { id: "N10", what: "gzip without its end", fault: { kind: "gzip", damage: "trailer" }, end: "heals" },
  { id: "N10", what: "gzip with a flipped byte", fault: { kind: "gzip", damage: "flip" }, end: "heals" },
  { id: "N10", what: "gzip that is none", fault: { kind: "gzip", damage: "not_gzip" }, end: "heals" },
  { id: "N11", what: "a bomb", fault: packed(gzipSync(Buffer.alloc(64 * 1024 * 1024, " "))), end: TOO_LARGE },
  { id: "N11", what: "gzip in gzip", fault: packed(gzipSync(gzipSync("{}"))), end: "heals" },
  { id: "N12", what: "a byte at a time", fault: { kind: "drip" }, end: "heals", patience: 1_500 },
  { id: "N13", what: "silence", fault: { kind: "silence" }, end: "heals", patience: 1_500 },
  { id: "N17", what: "a page of HTML", fault: answer(PAGE), end: "heals", but: NO_FILE },
  { id: "N17", what: "pages of HTML for ever", fault: answer(PAGE), times: "always", end: BROKEN, but: NO_FILE },
  { id: "N18", what: "204", fault: answer({ status: 204, text: "" }), end: "heals", but: { ...NO_FILE, ...NO_RATES } },
  { id: "N18", what: "an empty body", fault: answer({ text: "" }), end: "heals", but: { ...NO_FILE, ...NO_RATES } },
  {
    id: "N18",
    what: "null",
    fault: answer({ json: null }),
    end: SHAPE,
    but: { ...NO_FILE, "ga4, token": AUTH, "google_ads, token": AUTH, "ga4_events, token": AUTH, fx: "heals" },
  },
  { id: "N19", what: "headers without end", fault: raw(`X: ${"a".repeat(100_000)}`), end: "heals" },
  { id: "N19", what: "a line break in a header", fault: raw("X: a\r\r\nb"), end: "heals" },
  { id: "N19", what: "two lengths", fault: raw("Content-Length: 2\r\nContent-Length: 9"), end: "heals" },
];

function raw(header: string): Fault {
  return { kind: "raw", bytes: `HTTP/1.1 200 OK\r\n${header}\r\n\r\n{}` };
}
