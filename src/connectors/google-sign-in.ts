/** How every Google source signs in: consent in the browser, a service account, or an access token that was made elsewhere. */
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import type { Auth } from "../http/types.js";
import { isObject } from "./shape.js";
import { type Credentials, given, type SignIn, signInOf } from "./sign-in.js";

const ISSUER = "https://accounts.google.com";
const AUTHORIZE_URL = "https://accounts.google.com/o/oauth2/v2/auth";
/** Tokens are asked for here whatever a key file says: its `token_uri` would send a signed assertion to another host. */
const TOKEN_URL = "https://oauth2.googleapis.com/token";

/**
 * The sign-ins of a Google source that needs one scope, e.g. `https://www.googleapis.com/auth/analytics.readonly`.
 * Members: `clientId`, `clientSecret`, `refreshToken`; `keyFile`; `token`.
 */
export function googleSignIns(scope: string): readonly SignIn[] {
  return [
    {
      kind: "oauth",
      title: "consent in the browser",
      help: [
        "In console.cloud.google.com enable the API, then make an OAuth client of the type Desktop app (APIs & Services > Credentials)",
        'and set the consent screen to "In production": in "Testing" Google ends the sign-in after 7 days.',
        `It is asked for one permission: ${scope}`,
      ].join("\n"),
      members: [
        { name: "clientId", label: "Client ID", shown: true, check: checkClientId },
        { name: "clientSecret", label: "Client secret" },
      ],
      oauth: {
        authorizeUrl: AUTHORIZE_URL,
        tokenUrl: TOKEN_URL,
        issuer: ISSUER,
        scopes: [scope],
        // Without these two Google gives no refresh token, or gives it on the first consent only.
        parameters: { access_type: "offline", prompt: "consent" },
        member: "refreshToken",
      },
    },
    {
      kind: "service_account",
      title: "service account (unattended machines)",
      help: [
        "In console.cloud.google.com make a service account and a JSON key for it (IAM & Admin > Service Accounts > Keys),",
        "then give its e-mail address read access to the account or property that is to be read.",
        `It asks for one permission: ${scope}`,
      ].join("\n"),
      members: [{ name: "keyFile", label: "Key file (JSON)", file: true, check: checkKeyFile }],
    },
    {
      kind: "token",
      title: "access token made elsewhere (valid for an hour)",
      help: `An OAuth access token with the scope ${scope}`,
      members: [{ name: "token", label: "Access token" }],
    },
  ];
}

/**
 * The credentials as what the HTTP client adds to requests; `extra` are further secret headers.
 * Throws `CREDENTIAL_INVALID` for a key file that is none.
 */
export function googleAuth(secrets: Credentials, scope: string, extra?: Readonly<Record<string, Secret>>): Auth {
  const headers = extra === undefined ? {} : { extra };
  const kind = signInOf(googleSignIns(scope), secrets)?.kind;
  if (kind === "oauth") {
    const grant = {
      kind: "refresh_token",
      tokenUrl: TOKEN_URL,
      clientId: given(secrets, "clientId").reveal(),
      clientSecret: given(secrets, "clientSecret"),
      refreshToken: given(secrets, "refreshToken"),
    } as const;
    return { kind: "grant", grant, ...headers };
  }
  if (kind === "service_account") {
    const { email, privateKey } = keyOf(given(secrets, "keyFile"));
    const grant = { kind: "service_account", tokenUrl: TOKEN_URL, email, privateKey, scopes: [scope] } as const;
    return { kind: "grant", grant, ...headers };
  }
  return { kind: "bearer", token: given(secrets, "token"), ...headers };
}

function keyOf(file: Secret): { readonly email: string; readonly privateKey: Secret } {
  const problem = checkKeyFile(file.reveal());
  const key = parsed(file.reveal());
  if (problem === undefined && isObject(key)) {
    return { email: String(key["client_email"]), privateKey: new Secret(String(key["private_key"])) };
  }
  throw new GrowthosError({
    code: "CREDENTIAL_INVALID",
    what: "the service account's key file cannot be used",
    why: problem,
    hint: "make a new JSON key in the Cloud console, and use that file",
    exit: "auth",
  });
}

function checkClientId(text: string): string | undefined {
  return /^[\w-]+\.apps\.googleusercontent\.com$/.test(text)
    ? undefined
    : "a client ID ends with .apps.googleusercontent.com";
}

function checkKeyFile(text: string): string | undefined {
  const key = parsed(text);
  if (!isObject(key)) return "the key file is not JSON";
  if (key["type"] !== "service_account") {
    return 'this is not the key of a service account: its "type" should be "service_account"';
  }
  if (typeof key["client_email"] !== "string" || !/^[^@\s]+@[^@\s]+$/.test(key["client_email"])) {
    return "the key file has no client_email";
  }
  const pem = key["private_key"];
  const isPem =
    typeof pem === "string" && /^-----BEGIN PRIVATE KEY-----[\sA-Za-z0-9+/=]+-----END PRIVATE KEY-----\s*$/.test(pem);
  return isPem ? undefined : "the key file has no private_key in PEM (PKCS#8)";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the key: what is said instead does not.
    return null;
  }
}
