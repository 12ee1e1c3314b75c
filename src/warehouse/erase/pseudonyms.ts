// What stands in the place of a name after erasing: random, of the same shape, and the same wherever the name stood, so that every
// count and sum over people stays as it was. No way leads back: what belongs to what is forgotten with the plan.
import type { Random } from "../../base/ids.js";
import type { Name } from "./person.js";

const HEX = /^[0-9a-f]+$/;
const DIGITS = /^\d+$/;
/** A JSON number of this many digits is exact. */
const MOST_DIGITS = 15;

/** A fresh pseudonym for a text of a name, in its shape. */
export function pseudonymOf({ kind, text }: Pick<Name, "kind" | "text">, random: Random): string {
  if ((kind === "email" || kind === "phone") && /^[0-9a-f]{64}$/.test(text)) return random.hex(32);
  if (kind === "email") return `${random.hex(16)}@erased.invalid`;
  const isShort = text.length < 12;
  if (DIGITS.test(text) || kind === "phone")
    return `9${digits(random, (isShort ? MOST_DIGITS : Math.min(text.length, MOST_DIGITS)) - 1)}`;
  if (isShort) return `e${random.hex(12)}`;
  return HEX.test(text) ? random.hex(text.length).slice(0, text.length) : alike(text, random);
}

function digits(random: Random, count: number): string {
  return [...Buffer.from(random.hex(count), "hex")].map((byte) => byte % 10).join("");
}

/** Another letter for a letter, another digit for a digit, the rest as it is. */
function alike(text: string, random: Random): string {
  const bytes = Buffer.from(random.hex(text.length), "hex");
  return [...text]
    .map((sign, index) => {
      const byte = bytes[index] ?? 0;
      if (/[0-9]/.test(sign)) return String(byte % 10);
      if (/[a-z]/.test(sign)) return String.fromCharCode(97 + (byte % 26));
      if (/[A-Z]/.test(sign)) return String.fromCharCode(65 + (byte % 26));
      return sign;
    })
    .join("");
}
