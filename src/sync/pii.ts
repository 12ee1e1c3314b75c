import { hmac256 } from "../base/hash.js";
import type { PiiPolicy } from "./types.js";

/** A record's payload. */
type Payload = Readonly<Record<string, unknown>>;

/**
 * The payload with the personal data at the dotted paths (`*` steps into every element of a list) hashed, kept or dropped.
 * Hash: HMAC-SHA-256 over the trimmed, lower-cased text, hex. Null and empty stay as they are: nobody is nobody.
 */
export function protect(payload: Payload, paths: readonly string[], policy: PiiPolicy, salt: string): Payload {
  if (policy === "keep") return payload;
  const conceal = (value: unknown) => (policy === "drop" ? null : hashed(value, salt));
  return paths.reduce<Payload>((safe, path) => replaceAt(safe, path.split("."), conceal) as Payload, payload);
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
