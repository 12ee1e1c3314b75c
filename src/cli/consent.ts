/** Sign-in through a vendor's consent page: authorization code with PKCE (RFC 7636) over a loopback address (RFC 8252). */
import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import type { SignIn } from "../connectors/sign-in.js";
import { parseJson } from "../http/json.js";
import type { HeldToken, HttpResponse, Transport } from "../http/types.js";
import { type Consent, judgeCallback, listenForConsent } from "./loopback.js";
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
}

/** What came of it. */
export interface Consented {
  readonly refreshToken: Secret;
  readonly token: HeldToken;
}

const PATIENCE_MS = 5 * 60_000;

/**
 * Prints the address of the consent page, waits for the browser (or for the address that it was sent to, pasted), and exchanges the code.
 * Throws `OAUTH_DENIED`, `OAUTH_STATE`, `OAUTH_BROKEN`, `OAUTH_TIMEOUT`, `OAUTH_EXCHANGE`, `OAUTH_SCOPES`.
 */
export async function askConsent(options: ConsentOptions): Promise<Consented> {
  const { random, oauth, clientId, prompt } = options;
  const urlSafe = (bytes: number) => Buffer.from(random.hex(bytes), "hex").toString("base64url");
  const [state, verifier] = [urlSafe(32), urlSafe(32)];
  const loopback = await listenForConsent({ state, path: random.hex(16) });
  try {
    const url = new URL(oauth.authorizeUrl);
    const parameters = {
      ...oauth.parameters,
      client_id: clientId,
      redirect_uri: loopback.redirectUri,
      response_type: "code",
      scope: oauth.scopes.join(" "),
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    prompt.say(`Open this address in a browser and allow access:\n\n  ${url.href}\n`);
    const { code } = await firstAnswer(options, loopback.answer, state);
    return await exchange(options, { code, verifier, redirectUri: loopback.redirectUri });
  } finally {
    loopback.close();
  }
}

/** The browser's answer or a pasted one, whichever comes first; `OAUTH_TIMEOUT` after five minutes. */
async function firstAnswer(options: ConsentOptions, browser: Promise<Consent>, state: string): Promise<Consent> {
  const over = new AbortController();
  const stop = AbortSignal.any([options.signal, over.signal]);
  const silence = options.clock.sleep(PATIENCE_MS, stop).then(() => {
    throw new GrowthosError({
      code: "OAUTH_TIMEOUT",
      what: "nobody answered the consent page within five minutes",
      state: "nothing was stored",
      hint: "run the command again",
      exit: "auth",
    });
  });
  const pasted = pastedAnswer(options, state, stop);
  try {
    return await Promise.race([browser, silence, pasted]);
  } finally {
    over.abort(new Error("answered"));
    // What comes after the first answer is of no interest to anybody.
    await Promise.allSettled([silence, pasted]);
  }
}

async function pastedAnswer({ prompt }: ConsentOptions, state: string, stop: AbortSignal): Promise<Consent> {
  const text = await prompt.ask("Waiting for the browser; or paste the address that it was sent to", stop);
  const judged = URL.canParse(text) ? judgeCallback(new URL(text), state) : judgeCallback(new URL("http://x/"), state);
  if (judged instanceof GrowthosError) throw judged;
  return judged;
}

async function exchange(
  options: ConsentOptions,
  sent: { readonly code: string; readonly verifier: string; readonly redirectUri: string },
): Promise<Consented> {
  const { oauth, clientId, clientSecret, transport, clock, signal, title } = options;
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code: sent.code,
    code_verifier: sent.verifier,
    redirect_uri: sent.redirectUri,
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret.reveal() }),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const request = { method: "POST", url: oauth.tokenUrl, headers, body: form.toString(), label: "token" } as const;
  const response = await transport.send(request, signal);
  const body = membersOf(response);
  const text = (name: string) => (typeof body[name] === "string" ? body[name] : "");
  if (response.status !== 200 || text("access_token") === "") throw notExchanged(title, response.status, text("error"));
  const granted = text("scope").split(/[ ,]+/);
  const lacking = oauth.scopes.filter((scope) => text("scope") !== "" && !granted.includes(scope));
  if (lacking.length > 0) throw scopesMissing(lacking);
  if (text("refresh_token") === "") throw notExchanged(title, response.status, "no refresh token in the answer");
  const refreshToken = new Secret(text("refresh_token"));
  const seconds = Number(body["expires_in"]);
  const expiresAt = Number.isFinite(seconds) && seconds > 0 ? clock.now() + seconds * 1000 : null;
  return { refreshToken, token: { accessToken: new Secret(text("access_token")), expiresAt, refreshToken } };
}

function membersOf(response: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    const body = parseJson(response.body);
    return typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  } catch {
    // A page instead of an answer: the status is what is told.
    return {};
  }
}

function notExchanged(title: string, status: number, error: string): GrowthosError {
  return new GrowthosError({
    code: "OAUTH_EXCHANGE",
    what: `${title} did not exchange the code for a token`,
    why: `HTTP ${status}${error === "" ? "" : `, ${error.slice(0, 100)}`}`,
    state: "nothing was stored",
    hint: "check client id and secret, and run the command again: a code can be used once, for a short time",
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
