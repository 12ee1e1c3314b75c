import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../base/secret.js";

/** How a sender signs: a keyed hash of the raw bytes in a header. */
export interface SignatureScheme {
  /** Lower case. */
  readonly header: string;
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
  /** Stands before the signature, e.g. `sha256=`. */
  readonly prefix: string;
  /**
   * With a number the header is `t=<unix seconds>,v1=<signature>[,v1=…]`, `<t>.` stands before the signed bytes, and a time further
   * away than this is refused; null: the signature covers the bytes alone.
   */
  readonly toleranceSeconds: number | null;
}

/** Shopify: base64 of SHA-256 with the app's client secret. */
export const SHOPIFY_SCHEME: SignatureScheme = {
  header: "x-shopify-hmac-sha256",
  algorithm: "sha256",
  encoding: "base64",
  prefix: "",
  toleranceSeconds: null,
};

/** Shopier: hex of SHA-256 with the webhook's token. */
export const SHOPIER_SCHEME: SignatureScheme = { ...SHOPIFY_SCHEME, header: "shopier-signature", encoding: "hex" };

/** What is to be verified. */
export interface Signed {
  readonly scheme: SignatureScheme;
  /** The present one, and during a rotation the one before. */
  readonly secrets: readonly Secret[];
  /** The header's value; undefined when it was not sent. */
  readonly given: string | undefined;
  readonly body: Uint8Array;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

const BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;
const MAX_HEADER = 2_048;
const MAX_SIGNATURES = 5;

/**
 * Which secret signed the bytes: its place in `secrets`, or null when none did. Every comparison takes the same time, whatever is given:
 * decoded length first (an odd length makes `timingSafeEqual` throw, an empty secret is never one), then all secrets.
 */
export function signedBy({ scheme, secrets, given, body, now }: Signed): number | null {
  if (given === undefined || given.length > MAX_HEADER) return null;
  const told = scheme.toleranceSeconds === null ? { time: null, texts: [given] } : timed(given);
  if (told === null) return null;
  if (told.time !== null && Math.abs(now / 1000 - Number(told.time)) > (scheme.toleranceSeconds ?? 0)) return null;
  const signatures = told.texts.map((text) => decoded(scheme, text)).filter((bytes) => bytes !== null);
  let found: number | null = null;
  secrets.forEach((secret, index) => {
    const key = secret.reveal();
    if (key === "") return;
    const hash = createHmac(scheme.algorithm, key);
    if (told.time !== null) hash.update(`${told.time}.`);
    const expected = hash.update(body).digest();
    for (const bytes of signatures) if (timingSafeEqual(bytes, expected)) found ??= index;
  });
  return found;
}

/** `t=1700000000,v1=aa,v1=bb`; other members are left alone. */
function timed(given: string): { readonly time: string; readonly texts: readonly string[] } | null {
  const members = given.split(",").map((member) => member.trim());
  const [time, ...more] = members.filter((member) => member.startsWith("t=")).map((member) => member.slice(2));
  const texts = members.filter((member) => member.startsWith("v1=")).map((member) => member.slice(3));
  if (time === undefined || more.length > 0 || !/^\d{1,12}$/.test(time)) return null;
  return { time, texts: texts.slice(0, MAX_SIGNATURES) };
}

/** Strict: `Buffer.from` would skip what it does not know. */
function decoded({ algorithm, encoding, prefix }: SignatureScheme, text: string): Buffer | null {
  if (!text.startsWith(prefix)) return null;
  const rest = text.slice(prefix.length);
  const bytes = BYTES[algorithm];
  if (encoding === "hex")
    return rest.length === 2 * bytes && /^[0-9a-f]+$/i.test(rest) ? Buffer.from(rest, "hex") : null;
  const buffer = Buffer.from(rest, "base64");
  return buffer.length === bytes && buffer.toString("base64") === rest ? buffer : null;
}

/** The signature of bytes, as a sender of this scheme would write it; for tests and for people who try an endpoint. */
export function signatureOf(scheme: SignatureScheme, secret: Secret, body: Uint8Array, now: number): string {
  const time = scheme.toleranceSeconds === null ? null : String(Math.floor(now / 1000));
  const hash = createHmac(scheme.algorithm, secret.reveal());
  if (time !== null) hash.update(`${time}.`);
  const signature = `${scheme.prefix}${hash.update(body).digest(scheme.encoding)}`;
  return time === null ? signature : `t=${time},v1=${signature}`;
}
