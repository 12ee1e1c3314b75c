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
