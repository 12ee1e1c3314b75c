/** Sign-in through a vendor's consent page: authorization code with PKCE (RFC 7636) over a loopback address (RFC 8252). */
import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import type { SignIn } from "../connectors/sign-in.js";
import { parseJson } from "../http/json.js";
import type { HeldToken, HttpResponse, Transport } from "../http/types.js";
import { type Awaited, type Consent, judgeCallback, listenForConsent } from "./loopback.js";
import type { Prompt } from "./prompt.js";

/** What a consent needs. */
export interface ConsentOptions {
  readonly oauth: NonNullable<SignIn["oauth"]>;
  readonly title: string;
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly transport: Transport;
  readonly random: Random;
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly prompt: Pick<Prompt, "say" | "ask">;
  readonly signal: AbortSignal;
  /** Called with every secret as soon as there is one, so that no output can show it. */
  readonly learned: (secret: Secret) => void;
}

/** What came of it. */
export interface Consented {
  readonly refreshToken: Secret;
  readonly token: HeldToken;
}

const PATIENCE_MS = 5 * 60_000;
/** Texts that are no address at all before the question is given up. */
const MAX_PASTES = 5;

/** A sign-in under way. */
interface Begun extends Awaited {
  readonly redirectUri: string;
  readonly verifier: string;
}

/**
 * Prints the address of the consent page, waits for the browser (or for the address that it was sent to, pasted), and exchanges the code.
 * Throws `OAUTH_DENIED`, `OAUTH_STATE`, `OAUTH_BROKEN`, `OAUTH_TIMEOUT`, `OAUTH_EXCHANGE`, `OAUTH_SCOPES`.
 */
export async function askConsent(options: ConsentOptions): Promise<Consented> {
  const { random, oauth, prompt, learned } = options;
  const urlSafe = (bytes: number) => Buffer.from(random.hex(bytes), "hex").toString("base64url");
  const [state, verifier] = [urlSafe(32), urlSafe(32)];
  learned(new Secret(verifier));
  const { issuer } = oauth;
  const loopback = await listenForConsent({ state, issuer, path: random.hex(16) });
  const begun: Begun = { state, issuer, verifier, redirectUri: loopback.redirectUri };
  try {
    prompt.say(`Open this address in a browser and allow access:\n\n  ${consentAddress(options, begun)}\n`);
    const { code } = await firstAnswer(options, begun, loopback.answer);
    learned(new Secret(code));
    return await exchange(options, begun, code);
  } finally {
    loopback.close();
  }
}

/** RFC 6749 4.1.1 with PKCE: of the verifier only its hash is in the address. */
function consentAddress({ oauth, clientId }: ConsentOptions, { state, verifier, redirectUri }: Begun): string {
  const url = new URL(oauth.authorizeUrl);
  const parameters = {
    ...oauth.parameters,
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: oauth.scopes.join(" "),
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** The browser's answer or a pasted one, whichever comes first; `OAUTH_TIMEOUT` after five minutes. */
async function firstAnswer(options: ConsentOptions, begun: Begun, browser: Promise<Consent>): Promise<Consent> {
  const over = new AbortController();
  const stop = AbortSignal.any([options.signal, over.signal]);
  const silence = options.clock.sleep(PATIENCE_MS, stop).then(() => {
    throw new GrowthosError({
      code: "OAUTH_TIMEOUT",
      what: "nobody answered the consent page within five minutes",
      state: "nothing was stored",
      hint: "run the command again; the address of this attempt is of no use any more",
      exit: "auth",
    });
  });
  const pasted = pastedAnswer(options, begun, stop);
  try {
    return await Promise.race([browser, silence, pasted]);
  } finally {
    over.abort(new Error("answered"));
    // What comes after the first answer is of no interest to anybody.
    await Promise.allSettled([silence, pasted]);
  }
}

/** For a browser on another machine: its last address, which it could not open. */
async function pastedAnswer({ prompt }: ConsentOptions, begun: Begun, stop: AbortSignal): Promise<Consent> {
  for (let pastes = 0; pastes < MAX_PASTES; pastes++) {
    const text = await prompt.ask("Waiting for the browser; or paste the address that it was sent to", stop);
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url !== null && `${url.origin}${url.pathname}` === begun.redirectUri) {
      const judged = judgeCallback(url, begun);
      if (judged instanceof GrowthosError) throw judged;
      return judged;
    }
    prompt.say(`That is not the address: it begins with ${begun.redirectUri}`);
  }
  throw new GrowthosError({
    code: "OAUTH_BROKEN",
    what: "what was pasted is not the address that the browser was sent to",
    state: "nothing was stored; no code was exchanged",
    hint: "run the command again; copy the whole address line of the browser, also when the page says that it cannot be reached",
    exit: "auth",
  });
}

async function exchange(options: ConsentOptions, begun: Begun, code: string): Promise<Consented> {
  const { oauth, clientId, clientSecret, clock, title, learned } = options;
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    code_verifier: begun.verifier,
    redirect_uri: begun.redirectUri,
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret.reveal() }),
  });
  const response = await sentOnce(options, form.toString());
  const body = membersOf(response);
  const text = (name: string) => (typeof body[name] === "string" ? body[name] : "");
  for (const name of ["access_token", "refresh_token"]) if (text(name) !== "") learned(new Secret(text(name)));
  if (response.status !== 200 || text("access_token") === "") throw notExchanged(title, response.status, body);
  const granted = text("scope").split(/[ ,]+/);
  // No scope in the answer: what was asked for was given (RFC 6749 5.1).
  const lacking = oauth.scopes.filter((scope) => text("scope") !== "" && !granted.includes(scope));
  if (lacking.length > 0) throw scopesMissing(lacking);
  if (text("refresh_token") === "") throw notKept(title);
  const refreshToken = new Secret(text("refresh_token"));
  const seconds = Number(body["expires_in"]);
  const expiresAt = Number.isFinite(seconds) && seconds > 0 ? clock.now() + seconds * 1000 : null;
  return { refreshToken, token: { accessToken: new Secret(text("access_token")), expiresAt, refreshToken } };
}

/** Never a second time: a code can be used once, and a redirect would carry it, and the client's secret, to somewhere else. */
async function sentOnce({ oauth, transport, signal, title }: ConsentOptions, body: string): Promise<HttpResponse> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  try {
    return await transport.send({ method: "POST", url: oauth.tokenUrl, headers, body, label: "token" }, signal);
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    throw new GrowthosError({
      code: "OAUTH_EXCHANGE",
      what: `${title} could not be asked for a token`,
      why: thrown.message,
      state: "nothing was stored; the code was not used, or its answer was lost",
      hint: "check the network, and run the command again",
      exit: "auth",
      cause: thrown,
    });
  }
}

function membersOf(response: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    const body = parseJson(response.body);
    return typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  } catch {
    return { error: "the answer is not JSON" };
  }
}

/** What the token endpoint's error means at this step, and what to do. */
const EXCHANGE_HINTS: Readonly<Record<string, string>> = {
  invalid_client: "the client secret does not belong to the client ID: copy both again from the vendor's console",
  invalid_grant: "the code was used already or is too old, or this machine's clock is wrong: run the command again",
  redirect_uri_mismatch: "make an OAuth client of the type Desktop app: other types do not come back to this machine",
};

function notExchanged(title: string, status: number, body: Readonly<Record<string, unknown>>): GrowthosError {
  const error = String(body["error"] ?? "no access token in the answer").slice(0, 100);
  const said = typeof body["error_description"] === "string" ? ` (${body["error_description"].slice(0, 200)})` : "";
  return new GrowthosError({
    code: "OAUTH_EXCHANGE",
    what: `${title} did not exchange the code for a token`,
    why: `HTTP ${status}, ${error}${said}`,
    state: "nothing was stored",
    hint: EXCHANGE_HINTS[error] ?? "check client ID and secret, and run the command again",
    exit: "auth",
  });
}

function notKept(title: string): GrowthosError {
  return new GrowthosError({
    code: "OAUTH_EXCHANGE",
    what: `${title} gave access for an hour only, and no refresh token`,
    state: "nothing was stored",
    hint: "remove growthos from the account's third-party access, and run the command again: a first consent brings a refresh token",
    exit: "auth",
  });
}

function scopesMissing(scopes: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "OAUTH_SCOPES",
    what: "a permission is missing",
    why: `not granted: ${scopes.join(", ")}`,
    state: "nothing was stored",
    hint: "run the command again and leave every box of the consent page ticked",
    exit: "auth",
  });
}
