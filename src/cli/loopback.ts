/** The address on this machine to which the browser comes back with a consent (RFC 8252): one answer, for five minutes, for nobody else. */
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { GrowthosError } from "../base/errors.js";
import { NOTHING_PAGE, PAGE_HEADERS, RECEIVED_PAGE, REFUSED_PAGE } from "./consent-page.js";

/** What came back from the vendor's page; the code is a secret until it was exchanged. */
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

/** What the answer must fit to. */
export interface Awaited {
  /** Sent to the consent page; must come back as it was. */
  readonly state: string;
  /** Who may have answered, as in `iss` (RFC 9207). */
  readonly issuer: string;
}

/** Requests that are not the callback (a favicon, a scan) before the listener gives up. */
const MAX_STRANGERS = 50;
const MAX_CODE_CHARS = 4_096;

/** Starts to listen on a port of this machine's own loopback address. `path` is 32 random hex digits or more. Throws `OAUTH_BROKEN`. */
export async function listenForConsent({
  path,
  port: wanted = 0,
  ...awaited
}: Awaited & {
  readonly path: string;
  /** Default: one that the system chooses. */
  readonly port?: number;
}): Promise<Loopback> {
  const { answer, settle } = once();
  let isUsed = false;
  let strangers = 0;
  let here = "";
  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    const isCallback = request.headers.host === here && pathOf(request) === `/callback/${path}` && isVisit(request);
    if (!isCallback || isUsed) {
      strangers += 1;
      reply(response, 404, NOTHING_PAGE);
      if (strangers > MAX_STRANGERS) settle(broken("too many requests that were not the callback"));
      return;
    }
    isUsed = true;
    const judged = judgeCallback(new URL(request.url ?? "/", `http://${here}`), awaited);
    response.once("close", () => settle(judged));
    if (judged instanceof GrowthosError) reply(response, 400, REFUSED_PAGE);
    else reply(response, 200, RECEIVED_PAGE);
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxHeadersCount = 64;
  server.maxConnections = 32;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(broken(`cannot listen on 127.0.0.1 (${cause.message})`)));
    server.listen(wanted, "127.0.0.1", resolve);
  });
  here = `127.0.0.1:${(server.address() as { readonly port: number }).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const settled = answer.finally(close);
  // Whoever waits is told; when nobody does (a pasted address was faster), it is no failure.
  settled.catch(close);
  return { redirectUri: `http://${here}/callback/${path}`, answer: settled, close };
}

/** A person's browser that was sent here: neither a script of another page nor a frame in one (Fetch Metadata, where it is sent). */
function isVisit({ method, headers }: IncomingMessage): boolean {
  const { origin = "null" } = headers;
  const [mode = "navigate", dest = "document"] = [headers["sec-fetch-mode"], headers["sec-fetch-dest"]];
  return method === "GET" && origin === "null" && mode === "navigate" && dest === "document";
}

/** The code in an address that the vendor's page came back to, or what is wrong with it. Repeats nothing of the address. */
export function judgeCallback({ searchParams }: URL, { state, issuer }: Awaited): Consent | GrowthosError {
  const of = (name: string) => searchParams.getAll(name);
  const [given = "", ...more] = of("state");
  if (more.length > 0 || !isSame(given, state)) return foreign("its state is missing or another one");
  // Another server's answer with our state: a mix-up (RFC 9207). Who does not send its name is taken by the state alone.
  if (of("iss").some((name) => name !== issuer)) return foreign("it names another server than the one that was asked");
  const [error] = of("error");
  if (error !== undefined) return denied(error === "access_denied");
  const [code = "", ...others] = of("code");
  return code === "" || others.length > 0 || code.length > MAX_CODE_CHARS
    ? broken("the address holds no code")
    : { code };
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?")[0] ?? "/";
}

function reply(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, PAGE_HEADERS).end(page);
}

function once(): { readonly answer: Promise<Consent>; readonly settle: (found: Consent | GrowthosError) => void } {
  let settle: (found: Consent | GrowthosError) => void = () => {};
  const answer = new Promise<Consent>((resolve, reject) => {
    settle = (found) => (found instanceof GrowthosError ? reject(found) : resolve(found));
  });
  return { answer, settle };
}

const STATE = "nothing was stored; no code was exchanged";

function foreign(why: string): GrowthosError {
  return new GrowthosError({
    code: "OAUTH_STATE",
    what: "the answer does not belong to this sign-in",
    why: `${why}: an old window, or somebody else's page`,
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
