import { createHash } from "node:crypto";
import { quoteText } from "../base/ids.js";
import { EMAIL_PATTERN } from "../base/secret.js";
import type { Database } from "./types.js";

const BLOCK_BYTES = 64;

/**
 * Gives the connection the key for `hmacSql`, as two session variables (the key xor the two pads), so that no key stands in SQL text.
 * The key is taken as UTF-8, as `hmac256` in base/hash.ts takes it.
 */
export async function setHmacKey(db: Database, key: string): Promise<void> {
  const bytes = Buffer.from(key, "utf8");
  const block = Buffer.alloc(BLOCK_BYTES);
  (bytes.length > BLOCK_BYTES ? createHash("sha256").update(bytes).digest() : bytes).copy(block);
  const padded = (pad: number) => Buffer.from(block.map((byte) => byte ^ pad)).toString("hex");
  await db.run("set variable pii_inner = unhex($1)", [padded(0x36)]);
  await db.run("set variable pii_outer = unhex($1)", [padded(0x5c)]);
}

/** HMAC-SHA-256 of a text expression as lower-case hex: H(outer || H(inner || text)). Needs `setHmacKey`. Null stays null. */
export function hmacSql(text: string): string {
  return `sha256(getvariable('pii_outer') || unhex(sha256(getvariable('pii_inner') || encode(${text}))))`;
}

/** A personal text in the form in which it is hashed: lower case, no blanks around it. */
export function personalSql(text: string): string {
  return `lower(trim(${text}, ' ' || chr(9) || chr(10) || chr(13) || chr(160)))`;
}

/** A text expression with every e-mail address in it taken out. */
export function withoutEmailsSql(text: string): string {
  const pattern = quoteText(EMAIL_PATTERN);
  return `case when contains(${text}, '@') or contains(${text}, '%40')
    then regexp_replace(${text}, ${pattern}, '[e-mail]', 'gi') else ${text} end`;
}

/** An id expression that stays what it is, unless it is an e-mail address: then its keyed hash, which still tells its owner from others. */
export function idWithoutEmailSql(text: string): string {
  return `case when regexp_full_match(${text}, ${quoteText(EMAIL_PATTERN)}, 'i') then ${hmacSql(personalSql(text))} else ${text} end`;
}
