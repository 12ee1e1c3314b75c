import { createHash, createVerify, generateKeyPairSync } from "node:crypto";
import { type Clock, systemClock } from "../../base/clock.js";
import { Secret } from "../../base/secret.js";
import type { Credentials } from "../../connectors/sign-in.js";
import { type Answer, type Arrived, type DoubleServer, startServer } from "./server.js";

/** What a test may choose. */
export interface OauthOptions {
  /** Lifetimes are counted on it, and every answer carries its time; default: the real time. */
  readonly clock?: Pick<Clock, "now">;
  /** What the client may ask for; anything else is `invalid_scope`. */
  readonly scopes: readonly string[];
  /** Every use of a refresh token gives a new one, and the old one is dead. Google's stay the same. */
  readonly rotates?: boolean;
}

/** What tests may change while it runs. */
export interface OauthState {
  /** What people tick on the consent page; null: everything that is asked for. */
  ticked: readonly string[] | null;
  /** Another value makes the client's own secret wrong. */
  clientSecret: string;
  /** `iss` of RFC 9207 in the answer of the consent page; null: it is not sent. */
  issuer: string | null;
  givesRefreshToken: boolean;
}

/** Google's authorization server without its network: for servers that play an API and its token endpoint. */
export interface Oauth {
  readonly state: OauthState;
  /** Credentials by way of signing in. */
  readonly secrets: Readonly<Record<"oauth" | "service_account" | "token", Credentials>>;
  /** Undefined for what is no address of the authorization server. */
  respond(request: Arrived): Answer | undefined;
  /** What the access token of a request may do: nothing, something else, or what is wanted. */
  judge(request: Arrived, scope: string): "dead" | "narrow" | "good";
  /** Access tokens that were given out so far are refused from now on. */
  revoke(): void;
  /** The consent is withdrawn: refresh tokens are dead as well. */
  withdraw(): void;
  /** What the static access token may do from now on; default: all scopes. */
  narrow(scopes: readonly string[]): void;
}

/** Google's issuer name and where its pages are (https://accounts.google.com/.well-known/openid-configuration). */
export const ISSUER = "https://accounts.google.com";
const TOKEN_URL = "https://oauth2.googleapis.com/token";
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const STATIC_TOKEN = "ya29.double-static";
const CLIENT_ID = "1-double.apps.googleusercontent.com";
const CLIENT_SECRET = "GOCSPX-double";
const EMAIL = "reader@double.iam.gserviceaccount.com";
const TOKEN_MS = 3_599_000;
const CODE_MS = 600_000;

interface Asked {
  readonly redirectUri: string;
  readonly state: string;
  readonly challenge: string;
  readonly scopes: readonly string[];
}

interface Code extends Asked {
  readonly ends: number;
  /** The access tokens that came of it: they end when it is used again (RFC 6749 4.1.2). */
  readonly tokens: string[];
  isUsed: boolean;
}

interface World {
  readonly options: OauthOptions;
  readonly state: OauthState;
  readonly publicKey: string;
  readonly pages: Map<string, Asked>;
  readonly codes: Map<string, Code>;
  readonly access: Map<string, { readonly ends: number; readonly scopes: readonly string[] }>;
  readonly refresh: Map<string, readonly string[]>;
  number: number;
}

/** An authorization server with one client, one service account and one person. */
export function createOauth(options: OauthOptions): Oauth {
  const keys = theKeys();
  const all = { ends: Number.POSITIVE_INFINITY, scopes: options.scopes };
  const world: World = {
    options,
    state: { ticked: null, clientSecret: CLIENT_SECRET, issuer: ISSUER, givesRefreshToken: true },
    publicKey: keys.publicKey,
    pages: new Map(),
    codes: new Map(),
    access: new Map([[STATIC_TOKEN, all]]),
    refresh: new Map([["1//double", options.scopes]]),
    number: 0,
  };
  return {
    state: world.state,
    secrets: secretsOf(keys.privateKey),
    respond: (request) => respond(world, request),
    judge: (request, scope) => {
      const [, bearer = ""] = /^Bearer (.+)$/.exec(request.headers["authorization"] ?? "") ?? [];
      const held = world.access.get(bearer);
      if (held === undefined || held.ends <= request.at) return "dead";
      return held.scopes.includes(scope) ? "good" : "narrow";
    },
    revoke: () => world.access.clear(),
    withdraw: () => {
      world.access.clear();
      world.refresh.clear();
    },
    narrow: (scopes) => void world.access.set(STATIC_TOKEN, { ...all, scopes }),
  };
}

let made: { readonly publicKey: string; readonly privateKey: string } | undefined;

/** One pair for all doubles of a process: making one takes longer than most tests. */
function theKeys(): NonNullable<typeof made> {
  made ??= generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return made;
}

function secretsOf(privateKey: string): Oauth["secrets"] {
  const key = { type: "service_account", client_email: EMAIL, private_key: privateKey, private_key_id: "k1" };
  const client = { clientId: new Secret(CLIENT_ID), clientSecret: new Secret(CLIENT_SECRET) };
  return {
    oauth: { ...client, refreshToken: new Secret("1//double") },
    service_account: { keyFile: new Secret(JSON.stringify(key)) },
    token: { token: new Secret(STATIC_TOKEN) },
  };
}

/** The authorization server alone, on loopback. */
export interface OauthDouble extends Oauth {
  readonly routes: Readonly<Record<string, string>>;
  readonly server: DoubleServer;
  close(): Promise<void>;
}

/** Starts it. */
export async function oauthDouble(options: OauthOptions): Promise<OauthDouble> {
  const clock = options.clock ?? systemClock;
  const oauth = createOauth(options);
  const server = await startServer(
    (request) => oauth.respond(request) ?? { status: 404, text: "<html>Not Found</html>" },
    clock,
  );
  const routes = { "accounts.google.com": server.origin, "oauth2.googleapis.com": server.origin };
  return { ...oauth, routes, server, close: () => server.close() };
}

/** How every Google API refuses a token that lacks its scope; the scope itself is not named. */
export function tooNarrow(service: string): Answer {
  const info = "type.googleapis.com/google.rpc.ErrorInfo";
  const detail = { "@type": info, reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT", domain: "googleapis.com" };
  const error = {
    code: 403,
    message: "Request had insufficient authentication scopes.",
    errors: [{ message: "Insufficient Permission", domain: "global", reason: "insufficientPermissions" }],
    status: "PERMISSION_DENIED",
    details: [{ ...detail, metadata: { service } }],
  };
  return { status: 403, json: { error } };
}

function respond(world: World, request: Arrived): Answer | undefined {
  const { pathname } = request.url;
  if (pathname === "/token") return request.method === "POST" ? token(world, request) : { status: 404, json: {} };
  if (pathname === "/o/oauth2/v2/auth" && request.method === "GET") return consentPage(world, request.url);
  if (pathname === "/o/oauth2/v2/auth/answer" && request.method === "POST") return answered(world, request);
  return undefined;
}

/** The page on which a person may say yes or no; 400 for a request that Google would not show one for. */
function consentPage(world: World, { searchParams }: URL): Answer {
  const of = (name: string) => searchParams.get(name) ?? "";
  const scopes = of("scope").split(" ");
  const wrong = [
    [of("client_id") !== CLIENT_ID, "invalid_client"],
    [!/^http:\/\/127\.0\.0\.1:\d+\/[\w/-]*$/.test(of("redirect_uri")), "redirect_uri_mismatch"],
    [of("response_type") !== "code", "unsupported_response_type"],
    [!scopes.every((scope) => world.options.scopes.includes(scope)), "invalid_scope"],
    [of("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(of("code_challenge")), "invalid_request"],
    [of("access_type") !== "offline" || of("prompt") !== "consent", "no refresh token would come of this"],
  ].find(([isWrong]) => isWrong);
  if (wrong !== undefined) return page(`<h1>Access blocked</h1><p>Error 400: ${String(wrong[1])}</p>`, 400);
  const id = `page-${++world.number}`;
  const [redirectUri, state, challenge] = [of("redirect_uri"), of("state"), of("code_challenge")];
  world.pages.set(id, { redirectUri, state, challenge, scopes });
  return page(`<h1>growthos wants access</h1><form id="${id}"><p>${scopes.join("</p><p>")}</p></form>`);
}

function page(html: string, status = 200): Answer {
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, text: html };
}

/** Sends the browser back, with a code or with `access_denied`. */
function answered({ pages, codes, state, ...world }: World, { body, at }: Arrived): Answer {
  const form = new URLSearchParams(body);
  const asked = pages.get(form.get("page") ?? "");
  if (asked === undefined) return page("<h1>Error 400</h1>", 400);
  const back = new URL(asked.redirectUri);
  const code = `4/0A-code-${codes.size + 1}-${world.publicKey.slice(60, 90).replaceAll(/\W/g, "")}`;
  const isGranted = form.get("answer") === "grant";
  const scopes = asked.scopes.filter((scope) => state.ticked?.includes(scope) ?? true);
  if (isGranted) codes.set(code, { ...asked, scopes, ends: at + CODE_MS, tokens: [], isUsed: false });
  const sent = {
    state: asked.state,
    ...(state.issuer === null ? {} : { iss: state.issuer }),
    ...(isGranted ? { code, scope: scopes.join(" ") } : { error: "access_denied" }),
  };
  for (const [name, value] of Object.entries(sent)) back.searchParams.set(name, value);
  return { status: 302, headers: { location: back.href }, text: "" };
}

function token(world: World, request: Arrived): Answer {
  const isForm = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  if (!isForm) return refused("invalid_request", "Bad Request");
  const form = new URLSearchParams(request.body);
  const kind = form.get("grant_type");
  if (kind === JWT_BEARER) return byAssertion(world, form.get("assertion") ?? "", request.at);
  const isClient = form.get("client_id") === CLIENT_ID && form.get("client_secret") === world.state.clientSecret;
  if (!isClient) return refused("invalid_client", "Unauthorized", 401);
  if (kind === "authorization_code") return byCode(world, form, request.at);
  if (kind === "refresh_token") return byRefreshToken(world, form.get("refresh_token") ?? "", request.at);
  return refused("unsupported_grant_type", `Invalid grant_type: ${kind}`);
}

function refused(error: string, description: string, status = 400): Answer {
  return { status, json: { error, error_description: description } };
}

function byCode(world: World, form: URLSearchParams, now: number): Answer {
  const code = world.codes.get(form.get("code") ?? "");
  if (code === undefined || code.ends <= now) return refused("invalid_grant", "Malformed auth code.");
  if (code.isUsed) {
    for (const one of code.tokens) world.access.delete(one);
    return refused("invalid_grant", "Bad Request");
  }
  if (form.get("redirect_uri") !== code.redirectUri) return refused("redirect_uri_mismatch", "Bad Request");
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url");
  if (challenge !== code.challenge) return refused("invalid_grant", "Invalid code verifier.");
  code.isUsed = true;
  const issued = issue(world, code.scopes, now);
  code.tokens.push(issued.access_token);
  if (!world.state.givesRefreshToken) return { json: issued };
  return { json: { ...issued, refresh_token: newRefreshToken(world, code.scopes) } };
}

function byRefreshToken(world: World, given: string, now: number): Answer {
  const scopes = world.refresh.get(given);
  if (scopes === undefined) return refused("invalid_grant", "Token has been expired or revoked.");
  const issued = issue(world, scopes, now);
  if (world.options.rotates !== true) return { json: issued };
  world.refresh.delete(given);
  return { json: { ...issued, refresh_token: newRefreshToken(world, scopes) } };
}

function issue(world: World, scopes: readonly string[], now: number) {
  const accessToken = `ya29.double-${++world.number}`;
  world.access.set(accessToken, { ends: now + TOKEN_MS, scopes });
  return { access_token: accessToken, expires_in: TOKEN_MS / 1000, scope: scopes.join(" "), token_type: "Bearer" };
}

function newRefreshToken(world: World, scopes: readonly string[]): string {
  const refreshToken = `1//double-${++world.number}`;
  world.refresh.set(refreshToken, scopes);
  return refreshToken;
}

const BAD_TIME =
  "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";

/** RS256 over header and claims; the claims must name the account, scopes and this endpoint, for at most an hour from now. */
function byAssertion(world: World, assertion: string, now: number): Answer {
  const [header = "", claims = "", signature = ""] = assertion.split(".");
  const verify = createVerify("RSA-SHA256").update(`${header}.${claims}`);
  if (!verify.verify(world.publicKey, Buffer.from(signature, "base64url")))
    return refused("invalid_grant", "Invalid JWT Signature.");
  const claim = JSON.parse(Buffer.from(claims, "base64url").toString()) as Readonly<Record<string, unknown>>;
  if (claim["iss"] !== EMAIL) return refused("invalid_grant", "Invalid grant: account not found");
  if (claim["aud"] !== TOKEN_URL) return refused("invalid_grant", "Invalid JWT: Failed audience check.");
  const [issued, ends] = [Number(claim["iat"]), Number(claim["exp"])];
  const isNow = Math.abs(issued * 1000 - now) < 300_000 && ends > issued && ends - issued <= 3600;
  if (!isNow) return refused("invalid_grant", BAD_TIME);
  const scopes = String(claim["scope"]).split(" ");
  if (!scopes.every((scope) => world.options.scopes.includes(scope)))
    return refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
  const { scope: _scope, ...issuedToken } = issue(world, scopes, now);
  return { json: issuedToken };
}
