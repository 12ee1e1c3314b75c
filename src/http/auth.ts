import type { Secret } from "../base/secret.js";
import type { Auth, HttpRequest } from "./types.js";

/** The request with its credentials in the headers (or query): made where the bytes leave, never stored or printed. */
export function authorize(request: HttpRequest, auth: Auth, token: Secret | null): HttpRequest {
  if (auth.kind === "none" || request.anonymous === true) return request;
  const headers = Object.entries(headersOf(auth, token)).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    ...request,
    url: withSecrets(request, auth),
    headers: { ...request.headers, ...Object.fromEntries(headers) },
  };
}

/** The address with the parameters that are secret; untouched when there are none. */
function withSecrets({ url, tokenParameter }: HttpRequest, auth: Auth): string {
  if (auth.kind !== "bearer") return url;
  const asked = tokenParameter === undefined ? {} : { [tokenParameter]: auth.token };
  const parameters = Object.entries({ ...auth.query, ...asked });
  if (parameters.length === 0) return url;
  const address = new URL(url);
  for (const [name, value] of parameters) address.searchParams.set(name, value.reveal());
  return address.toString();
}

function headersOf(auth: Exclude<Auth, { kind: "none" }>, token: Secret | null): Readonly<Record<string, string>> {
  if (auth.kind === "header") return { [auth.name]: auth.value.reveal() };
  const extra = Object.entries(auth.extra ?? {}).map(([name, value]) => [name, value.reveal()] as const);
  const bearer = auth.kind === "bearer" ? auth.token : token;
  const name = auth.kind === "grant" ? auth.header : undefined;
  const text = bearer?.reveal() ?? "";
  return { ...Object.fromEntries(extra), [name ?? "authorization"]: name === undefined ? `Bearer ${text}` : text };
}

/** The secrets that an `Auth` holds, for `redact`. */
export function secretsOf(auth: Auth): readonly Secret[] {
  if (auth.kind === "none") return [];
  if (auth.kind === "header") return [auth.value];
  const extra = Object.values(auth.extra ?? {});
  if (auth.kind === "bearer") return [auth.token, ...extra, ...Object.values(auth.query ?? {})];
  const { grant } = auth;
  if (grant.kind === "service_account" || grant.kind === "key_pair") return [grant.privateKey, ...extra];
  const client = grant.clientSecret === undefined ? [] : [grant.clientSecret];
  return [...client, ...(grant.kind === "refresh_token" ? [grant.refreshToken] : []), ...extra];
}
