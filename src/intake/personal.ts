import { hmac256 } from "../base/hash.js";
import { replaceEmails } from "../base/secret.js";
import { isPersonalName, nameAbove } from "../warehouse/personal-names.js";

/** What becomes of personal data when it lands; the same three as everywhere. */
export interface PersonalPolicy {
  readonly pii: "hash" | "keep" | "drop";
  /** The workspace's salt. */
  readonly salt: string;
}

/**
 * The body with its personal data hashed (HMAC-SHA-256 over the trimmed, lower-cased text, as the connectors do), dropped, or kept; and
 * e-mail addresses inside any other text, such as an address with a query. Null and empty stay as they are. Characters that no database
 * can hold (NUL, half of a surrogate pair) become U+FFFD under every policy.
 */
export function protectBody(body: unknown, policy: PersonalPolicy): unknown {
  return visit(body, { policy, parent: "", isPersonal: false });
}

interface At {
  readonly policy: PersonalPolicy;
  /** The name of the nearest member above, lower case. */
  readonly parent: string;
  readonly isPersonal: boolean;
}

function visit(value: unknown, at: At): unknown {
  if (typeof value === "string") return textAt(storable(value), at);
  if (Array.isArray(value)) return value.map((item) => visit(item, at));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        storable(name),
        visit(member, { ...at, parent: nameAbove(name, at.parent), isPersonal: isPersonalName(name, at.parent) }),
      ]),
    );
  }
  if (at.isPersonal && typeof value === "number" && at.policy.pii !== "keep")
    return concealed(String(value), at.policy);
  return value;
}

function textAt(text: string, { policy, isPersonal: personal }: At): string | null {
  if (policy.pii === "keep" || text === "") return text;
  if (personal) return concealed(text, policy);
  return replaceEmails(text, (address) => concealed(address, policy) ?? "");
}

function concealed(text: string, { pii, salt }: PersonalPolicy): string | null {
  return pii === "drop" ? null : hmac256(salt, text.trim().toLowerCase());
}

/** A text without what no database can hold: NUL and half surrogate pairs become U+FFFD. */
export function storable(text: string): string {
  // Most texts are clean: a test is cheaper than a copy.
  return /[\0\ud800-\udfff]/.test(text) ? Buffer.from(text).toString().replaceAll("\0", "\ufffd") : text;
}
