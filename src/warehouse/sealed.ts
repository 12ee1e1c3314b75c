import { canonicalJson, sha256 } from "../base/hash.js";

/**
 * Sealed JSON: one line of canonical JSON whose member `self` is the SHA-256 of the line without that member.
 * Every byte is covered, either by the hash or by being the hash, so any single change is noticed.
 */

/** The text of a sealed object, with a final newline. `value` must not have a member `self`. */
export function seal(value: Readonly<Record<string, unknown>>): { readonly text: string; readonly self: string } {
  const self = sha256(canonicalJson(value));
  return { text: `${canonicalJson({ ...value, self })}\n`, self };
}

/** The object in a sealed text, or null when the text is not exactly what `seal` wrote. */
export function unseal(text: string): Readonly<Record<string, unknown>> | null {
  const value = parseObject(text);
  const self = value?.["self"];
  if (value === null || typeof self !== "string" || !/^[0-9a-f]{64}$/.test(self) || !text.endsWith("}\n")) return null;
  const member = `"self":"${self}"`;
  const at = text.indexOf(member);
  if (at < 0) return null;
  const before = text.slice(0, at);
  const after = text.slice(at + member.length, -1);
  // The member is first, last or in the middle: take exactly one comma with it.
  const body = after.startsWith(",")
    ? before + after.slice(1)
    : before.endsWith(",")
      ? before.slice(0, -1) + after
      : before + after;
  return sha256(body) === self ? value : null;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    // Not JSON: the caller reports the file as damaged.
    return null;
  }
}
