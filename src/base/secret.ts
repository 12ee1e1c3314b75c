import { inspect } from "node:util";

/** A credential: prints as `[redacted]` wherever it is printed; only `reveal` gives the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret text: call it where the bytes leave the process, nowhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [inspect.custom](): string {
    return "[redacted]";
  }
}

/** Replaces every live secret (also base64, URL-encoded) in a text: the second net behind the type. */
export function redact(text: string, secrets: Iterable<Secret>): string {
  let clean = text;
  for (const secret of secrets) {
    const plain = secret.reveal();
    if (plain.length < 4) continue;
    for (const form of [plain, encodeURIComponent(plain), Buffer.from(plain).toString("base64")]) {
      clean = clean.replaceAll(form, "[redacted]");
    }
  }
  return clean;
}

/** An e-mail address inside of other text, also of a URL (`%40`); the dialect of JavaScript and RE2 alike, without regard to case. No backslash: it ends an escape in JSON. */
export const EMAIL_PATTERN = `[^\\s@"'<>()/?&=:;,\\\\]{1,64}(?:@|%40)[a-z0-9.-]{1,190}\\.[a-z]{2,24}`;
const EMAIL = new RegExp(EMAIL_PATTERN, "gi");

/** Replaces every e-mail address in a text; `by` is given it with its `@`. */
export function replaceEmails(text: string, by: (address: string) => string): string {
  // Most texts have none: a look is cheaper than a pattern.
  if (!text.includes("@") && !text.includes("%40")) return text;
  return text.replace(EMAIL, (address) => by(address.replace("%40", "@")));
}

/** Somebody else's words without people's e-mail addresses, for errors and what is kept of them. Accounts of programs stay: they are what has to be given rights. */
export function withoutAddresses(text: string): string {
  return replaceEmails(text, (address) => (address.endsWith(".gserviceaccount.com") ? address : "[e-mail address]"));
}
