import type { Secret } from "../base/secret.js";
import type { Auth, HttpRequest } from "./types.js";

/** The request with its credentials in the headers: made where the bytes leave, never stored or printed. */
export function authorize(request: HttpRequest, auth: Auth): HttpRequest {
  if (auth.kind === "none") return request;
  const header =
    auth.kind === "bearer"
      ? { authorization: `Bearer ${auth.token.reveal()}` }
      : { [auth.name.toLowerCase()]: auth.value.reveal() };
  return { ...request, headers: { ...request.headers, ...header } };
}

/** The secrets that an `Auth` holds, for `redact`. */
export function secretsOf(auth: Auth): readonly Secret[] {
  if (auth.kind === "none") return [];
  return auth.kind === "bearer" ? [auth.token] : [auth.value];
}
