import { hmac256 } from "../base/hash.js";
import { replaceEmails } from "../base/secret.js";
import type { PiiPolicy } from "./types.js";

/** A record's payload. */
type Payload = Readonly<Record<string, unknown>>;

/**
 * The payload with the personal data at the dotted paths (`*` steps into every element of a list) hashed, kept or dropped.
 * Hash: HMAC-SHA-256 over the trimmed, lower-cased text, hex. Null and empty stay as they are: nobody is nobody.
 * So are e-mail addresses inside of any other text: the address of a page, a tag, a property that a site sends.
 */
export function protect(payload: Payload, paths: readonly string[], policy: PiiPolicy, salt: string): Payload {
  if (policy === "keep") return payload;
  const conceal = (value: unknown) => (policy === "drop" ? null : hashed(value, salt));
  const declared = paths.reduce<Payload>((safe, path) => replaceAt(safe, path.split("."), conceal) as Payload, payload);
  return withoutEmails(declared, (address) => (policy === "drop" ? "" : hashed(address, salt))) as Payload;
}

/** The same value when there is none in it. */
function withoutEmails(value: unknown, by: (address: string) => string): unknown {
  if (typeof value === "string") return replaceEmails(value, by);
  if (Array.isArray(value)) return value.map((item) => withoutEmails(item, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutEmails(member, by)]));
}

function replaceAt(value: unknown, path: readonly string[], conceal: (value: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value === undefined || value === null || value === "" ? value : conceal(value);
  if (Array.isArray(value)) return name === "*" ? value.map((item) => replaceAt(item, rest, conceal)) : value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return value;
  const object = value as Payload;
  return { ...object, [name]: replaceAt(object[name], rest, conceal) };
}

/** A value that is not a text is hashed as its JSON, so that nothing personal slips through by its type. */
function hashed(value: unknown, salt: string): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return hmac256(salt, text.trim().toLowerCase());
}
