import { Secret } from "../../base/secret.js";
import type { Credentials } from "../../connectors/sign-in.js";
import { parseJson } from "../../http/json.js";
import type { Answer, Arrived } from "./server.js";

/** Ways to sign in that the double plays. */
export type SignInKind = "token" | "client_credentials" | "refresh_token";

/** Access tokens and how they are got. */
export interface ShopifyTokens {
  readonly secrets: Credentials;
  /** Takes every access token away, as a reinstalled app does. */
  revoke(): void;
  isValid(token: string | undefined, now: number): boolean;
  grant(request: Arrived): Answer;
}

const CLIENT_ID = "client-1";
const CLIENT_SECRET = "shpss_client-secret";
const STATIC = "shpat_static-token";

/** The token side of a shop; `scope` is printed in grants. */
export function shopifyTokens(kind: SignInKind, scope: () => string): ShopifyTokens {
  const live = new Map<string, number>(kind === "token" ? [[STATIC, Number.POSITIVE_INFINITY]] : []);
  let refresh = { newest: "shprt_0", older: "" };
  let number = 0;
  const client = { clientId: new Secret(CLIENT_ID), clientSecret: new Secret(CLIENT_SECRET) };
  const issue = (now: number, seconds: number) => {
    number += 1;
    const token = `shpca_${number}`;
    live.set(token, now + seconds * 1000);
    return { access_token: token, scope: scope(), expires_in: seconds };
  };
  return {
    secrets:
      kind === "token"
        ? { token: new Secret(STATIC) }
        : kind === "client_credentials"
          ? client
          : { ...client, refreshToken: new Secret("shprt_0") },
    revoke: () => live.clear(),
    isValid: (token, now) => token !== undefined && (live.get(token) ?? 0) > now,
    grant: ({ method, body, headers, at: now }) => {
      const given = formOf(body, headers["content-type"] ?? "");
      if (method !== "POST") return { status: 404, json: { errors: "Not Found" } };
      if (given["client_id"] !== CLIENT_ID || given["client_secret"] !== CLIENT_SECRET) return denied("invalid_client");
      if (given["grant_type"] === "client_credentials" && kind === "client_credentials")
        return { json: issue(now, 86_399) };
      if (given["grant_type"] !== "refresh_token" || kind !== "refresh_token") return denied("unsupported_grant_type");
      // The token before the newest works until the newest is used for the first time: a lost answer can be asked for again.
      if (given["refresh_token"] === refresh.newest) refresh = { newest: `shprt_${number + 1}`, older: refresh.newest };
      else if (given["refresh_token"] !== refresh.older) return denied("invalid_grant");
      return { json: { ...issue(now, 3600), refresh_token: refresh.newest, refresh_token_expires_in: 7_776_000 } };
    },
  };
}

function denied(error: string): Answer {
  return { status: 400, json: { error, error_description: `the ${error.replace("_", " ")} was refused` } };
}

function formOf(body: string, type: string): Readonly<Record<string, unknown>> {
  if (type.includes("json")) return parseJson(body) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(new URLSearchParams(body));
}
