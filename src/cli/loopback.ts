/** The address on this machine to which the browser comes back with a consent (RFC 8252): one answer, for five minutes, for nobody else. */
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GrowthosError } from "../base/errors.js";

/** What came back from the vendor's page. */
export interface Consent {
  readonly code: string;
}

/** A listener that waits for the browser. */
export interface Loopback {
  /** `http://127.0.0.1:<port>/callback/<random>`: what the vendor is told to come back to. */
  readonly redirectUri: string;
  /** Settles with the first callback: the code, or `OAUTH_DENIED`, `OAUTH_STATE`, `OAUTH_BROKEN`. The listener is closed then. */
  readonly answer: Promise<Consent>;
  close(): void;
}

/** Requests that are not the callback (a favicon, a scan) before the listener gives up. */
const MAX_STRANGERS = 50;

const PAGE = (title: string, text: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body style="font:16px sans-serif;margin:4em"><h1>${title}</h1><p>${text}</p>`;
// Nothing of the request is repeated in a page.
const DONE = PAGE("Connected", "growthos has what it needs. You can close this window and go back to the terminal.");
const REFUSED = PAGE("Not connected", "growthos did not accept this answer. Go back to the terminal: it says why.");
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
};

/** Starts to listen on a port that the system chooses. `state` must come back as it was sent; `path` is 32 random hex digits or more. */
export async function listenForConsent({
  state,
  path,
}: {
  readonly state: string;
  readonly path: string;
}): Promise<Loopback> {
  const { answer, settle } = once();
  let isUsed = false;
  let strangers = 0;
  const server = createServer((request, response) => {
    const here = `127.0.0.1:${(server.address() as AddressInfo | null)?.port}`;
    if (request.headers.host !== here || request.method !== "GET" || pathOf(request) !== `/callback/${path}`) {
      strangers += 1;
      reply(response, 404, REFUSED);
      if (strangers > MAX_STRANGERS) settle(broken("too many requests that were not the callback"));
      return;
    }
    if (isUsed) return reply(response, 410, REFUSED);
    isUsed = true;
    const judged = judgeCallback(new URL(request.url ?? "/", `http://${here}`), state);
    reply(response, judged instanceof GrowthosError ? 400 : 200, judged instanceof GrowthosError ? REFUSED : DONE);
    response.once("close", () => settle(judged));
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxHeadersCount = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(broken(`cannot listen on 127.0.0.1 (${cause.message})`)));
    server.listen(0, "127.0.0.1", resolve);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const settled = answer.finally(close);
  // Whoever waits is told; when nobody does (a pasted address was faster), it is no failure.
  settled.catch(close);
  const { port } = server.address() as AddressInfo;
  return { redirectUri: `http://127.0.0.1:${port}/callback/${path}`, answer: settled, close };
}

/** The code in an address that the vendor's page came back to, or what is wrong with it. Repeats nothing of the address. */
export function judgeCallback(url: URL, state: string): Consent | GrowthosError {
  const of = (name: string) => url.searchParams.getAll(name);
  const [given = "", ...more] = of("state");
  if (more.length > 0 || !isSame(given, state)) return wrongState();
  const [error] = of("error");
  if (error !== undefined) return denied(error === "access_denied");
  const [code = "", ...others] = of("code");
  return code === "" || others.length > 0 || code.length > 4_096 ? broken("the address holds no code") : { code };
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?")[0] ?? "/";
}

function reply(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, HEADERS).end(page);
}

function once(): { readonly answer: Promise<Consent>; readonly settle: (found: Consent | GrowthosError) => void } {
  let settle: (found: Consent | GrowthosError) => void = () => {};
  const answer = new Promise<Consent>((resolve, reject) => {
    settle = (found) => (found instanceof GrowthosError ? reject(found) : resolve(found));
  });
  return { answer, settle };
}

const STATE = "nothing was stored; no code was exchanged";

function wrongState(): GrowthosError {
  return new GrowthosError({
    code: "OAUTH_STATE",
    what: "the answer does not belong to this sign-in",
    why: "its state is missing or another one: an old window, or somebody else's page",
    state: STATE,
    hint: "close other sign-in windows and run the command again",
    exit: "auth",
  });
}

function denied(isByUser: boolean): GrowthosError {
  return new GrowthosError({
    code: "OAUTH_DENIED",
    what: isByUser ? "the permission was not given" : "the vendor's page refused the sign-in",
    why: isByUser ? "the consent page was answered with no" : "it came back with an error",
    state: STATE,
    hint: isByUser
      ? "run the command again and allow access, with the account that may read the data"
      : "check the client's type, its consent screen and its scopes in the vendor's console",
    exit: "auth",
  });
}

function broken(why: string): GrowthosError {
  return new GrowthosError({
    code: "OAUTH_BROKEN",
    what: "the browser's answer cannot be used",
    why,
    state: STATE,
    hint: "run the command again; on a machine without a browser, paste the address that the browser was sent to",
    exit: "auth",
  });
}
