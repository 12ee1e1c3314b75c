import { createSign } from "node:crypto";
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import { parseJson } from "./json.js";
import type { Grant, HeldToken, HttpRequest, HttpResponse, TokenStore } from "./types.js";

/** Gives access tokens that are still good, and renews them. */
export interface Tokens {
  /** The token to send; fetched or renewed when there is none that lasts for another minute. */
  current(signal?: AbortSignal): Promise<Secret>;
  /** The token was refused although it should be good: gets a new one, unless somebody else already did. */
  renew(refused: Secret, signal?: AbortSignal): Promise<Secret>;
}

/** What tokens are made of. */
export interface TokensOptions {
  readonly grant: Grant;
  readonly store: TokenStore;
  readonly clock: Pick<Clock, "now">;
  /** Title of the source, for messages. */
  readonly title: string;
  /** The source's id, for what to do. */
  readonly source: string;
  /** Sends a request to the token endpoint: paced, retried and logged, without credentials of its own. */
  readonly send: (request: HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>;
  /** Called with every secret that is read, so that no output can show it. */
  readonly learned: (secret: Secret) => void;
}

/** Renewed this long before its end: a page may take that long to be asked for. */
const MARGIN_MS = 60_000;
/** Lifetime of a signed assertion: one hour is the most that Google and Snowflake take. */
const ASSERTION_SECONDS = 3600;

/** Tokens for one source. One renewal at a time, in this process and (through the store) in all of them. */
export function createTokens(options: TokensOptions): Tokens {
  let renewal: Promise<Secret> | undefined;
  const once = (stale: Secret | null, signal: AbortSignal | undefined) => {
    renewal ??= options.store
      .exclusively(() => fresh(options, stale, signal))
      .finally(() => {
        renewal = undefined;
      });
    return renewal;
  };
  return {
    current: async (signal) => usable(options, options.store.load(), null) ?? once(null, signal),
    renew: (refused, signal) => once(refused, signal),
  };
}

/** The held token, when it lasts and is not the one that was refused. */
function usable({ clock, learned }: TokensOptions, held: HeldToken | null, refused: Secret | null): Secret | null {
  if (held === null) return null;
  learned(held.accessToken);
  if (refused !== null && held.accessToken.reveal() === refused.reveal()) return null;
  return held.expiresAt === null || held.expiresAt - MARGIN_MS > clock.now() ? held.accessToken : null;
}

async function fresh(options: TokensOptions, refused: Secret | null, signal?: AbortSignal): Promise<Secret> {
  const { grant, store } = options;
  const held = store.load();
  const known = usable(options, held, refused);
  if (known !== null) return known;
  const token =
    grant.kind === "key_pair"
      ? signedToken(options, grant)
      : await ask(options, { url: grant.tokenUrl, form: formOf(grant, held, options.clock.now()) }, signal);
  // Saved before it is used: a refresh token that was given out once and then lost locks the user out.
  store.save(token.refreshToken === null ? { ...token, refreshToken: held?.refreshToken ?? null } : token);
  return token.accessToken;
}

/** The form of a grant. RFC 6749 4.4 (client credentials), 6 (refresh), RFC 7523 (signed assertion). */
function formOf(
  grant: Exclude<Grant, { kind: "key_pair" }>,
  held: HeldToken | null,
  now: number,
): Readonly<Record<string, string>> {
  if (grant.kind === "service_account") {
    return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: assertion(grant, now) };
  }
  if (grant.kind === "client_credentials") {
    return {
      grant_type: "client_credentials",
      client_id: grant.clientId,
      client_secret: grant.clientSecret.reveal(),
    };
  }
  return {
    grant_type: "refresh_token",
    client_id: grant.clientId,
    ...(grant.clientSecret === undefined ? {} : { client_secret: grant.clientSecret.reveal() }),
    refresh_token: (held?.refreshToken ?? grant.refreshToken).reveal(),
  };
}

/** What a service account shows for a token (RFC 7523). */
function assertion(grant: Extract<Grant, { kind: "service_account" }>, now: number): string {
  const claims = { iss: grant.email, scope: grant.scopes.join(" "), aud: grant.tokenUrl };
  return jsonWebToken(claims, grant.privateKey, now);
}

function signedToken(
  { clock, learned }: TokensOptions,
  { issuer, subject, privateKey }: Extract<Grant, { kind: "key_pair" }>,
): HeldToken {
  const now = clock.now();
  const accessToken = new Secret(jsonWebToken({ iss: issuer, sub: subject }, privateKey, now));
  learned(accessToken);
  return { accessToken, expiresAt: now + ASSERTION_SECONDS * 1000, refreshToken: null };
}

/** A JSON Web Token signed with RS256, good for an hour. Throws `API_AUTH` for a key that is none. */
function jsonWebToken(claims: Readonly<Record<string, string>>, privateKey: Secret, now: number): string {
  const issued = Math.floor(now / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = { ...claims, iat: issued, exp: issued + ASSERTION_SECONDS };
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part(body)}`;
  try {
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey.reveal(), "base64url")}`;
  } catch (cause) {
    throw new GrowthosError({
      code: "API_AUTH",
      what: "the private key cannot be used",
      // The library's message names formats, never the key.
      why: messageOf(cause),
      hint: "set the key file's content as it was downloaded",
      exit: "auth",
    });
  }
}

async function ask(
  options: TokensOptions,
  { url, form }: { readonly url: string; readonly form: Readonly<Record<string, string>> },
  signal?: AbortSignal,
): Promise<HeldToken> {
  const response = await options.send(
    {
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
      label: "token",
      anonymous: true,
    },
    signal,
  );
  const body = objectOf(response);
  if (response.status !== 200) throw refusal(options, response, body);
  const text = (name: string) => (typeof body[name] === "string" && body[name] !== "" ? new Secret(body[name]) : null);
  const accessToken = text("access_token");
  if (accessToken === null) throw refusal(options, response, { error: "no access_token in the answer" });
  const refreshToken = text("refresh_token");
  for (const secret of [accessToken, refreshToken]) if (secret !== null) options.learned(secret);
  const seconds = Number(body["expires_in"]);
  const expiresAt = Number.isFinite(seconds) && seconds > 0 ? options.clock.now() + seconds * 1000 : null;
  return { accessToken, expiresAt, refreshToken };
}

function objectOf(response: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    const body = parseJson(response.body);
    return typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  } catch (thrown) {
    return { error: `the answer is not JSON (${messageOf(thrown)})` };
  }
}

/** What an OAuth error code means for the person in front of the screen (RFC 6749 5.2). */
const WHY: Readonly<Record<string, string>> = {
  invalid_grant: "the consent was withdrawn, has expired, or the clock of this machine is wrong",
  invalid_client: "the client id or its secret is wrong",
  unauthorized_client: "this client may not use this way of signing in",
  invalid_scope: "a permission was asked for that the client does not have",
};

function refusal(
  options: TokensOptions,
  response: HttpResponse,
  body: Readonly<Record<string, unknown>>,
): GrowthosError {
  const { title, source } = options;
  const code = String(body["error"] ?? `HTTP ${response.status}`).slice(0, 100);
  const said = typeof body["error_description"] === "string" ? ` (${body["error_description"].slice(0, 200)})` : "";
  const minutes = minutesOff(options, response);
  const why = minutes === 0 ? WHY[code] : `the clock of this machine is ${minutes} min wrong`;
  return new GrowthosError({
    code: "API_AUTH",
    what: `${title} gave no access token`,
    why: `${code}${said}${why === undefined ? "" : `: ${why}`}`,
    hint:
      minutes === 0
        ? `run \`growthos connect ${source}\`, or put fresh ${source.toUpperCase()}_… credentials into the environment or .env`
        : "set the clock of this machine (switch its time synchronisation on), then run the same command again",
    exit: "auth",
  });
}

/** C03: by how many minutes our clock differs from the server's; 0 when it is less than five, or nobody knows. */
function minutesOff({ clock }: TokensOptions, { headers }: HttpResponse): number {
  const theirs = Date.parse(headers["date"] ?? "");
  const minutes = Math.round(Math.abs(clock.now() - theirs) / 60_000);
  return minutes > 5 ? minutes : 0;
}

/** A store that forgets at the end of the process: for sources whose token can be had again at any time. */
export function memoryTokens(): TokenStore {
  let held: HeldToken | null = null;
  return {
    load: () => held,
    save: (token) => {
      held = token;
    },
    exclusively: (action) => action(),
  };
}
