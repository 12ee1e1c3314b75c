/** The server's half of SCRAM-SHA-256 (RFC 5802, RFC 7677): the password never crosses the wire, and each side proves that it knows it. */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { PgError } from "./errors.js";

/** What is kept of a password. */
export interface Verifier {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** As PostgreSQL has it. */
const ITERATIONS = 4_096;
const MOST_NONCE = 256;

/** Derives it once per server; `salt` is random, 16 bytes or more. */
export function verifierOf(password: string, salt: Buffer): Verifier {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, ITERATIONS, 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  return { salt, iterations: ITERATIONS, storedKey: sha256(clientKey), serverKey: hmac(salted, "Server Key") };
}

/** The server's answer to a client's first message, and what judges the second. */
export interface Exchange {
  readonly serverFirst: string;
  /** The server's proof. Throws `PgError` 28P01 when the client's is wrong. */
  finish(clientFinal: string): string;
}

/** Begins the exchange; `nonce` is random text without commas. Throws `PgError` for what is no such message. */
export function beginScram(verifier: Verifier, clientFirst: string, nonce: string): Exchange {
  const [, header = "", bare = "", clientNonce = ""] =
    /^([ny],,)(n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+))$/.exec(clientFirst) ?? [];
  if (clientNonce === "" || clientNonce.length > MOST_NONCE)
    throw new PgError("08P01", "malformed SCRAM message", FATAL);
  const both = `${clientNonce}${nonce}`;
  const serverFirst = `r=${both},s=${verifier.salt.toString("base64")},i=${verifier.iterations}`;
  return {
    serverFirst,
    finish: (clientFinal) => {
      const [, withoutProof = "", channel = "", told = "", proof = ""] =
        /^(c=([^,]+),r=([^,]+)),p=([A-Za-z0-9+/=]+)$/.exec(clientFinal) ?? [];
      const isOurs = told === both && Buffer.from(channel, "base64").toString() === header;
      const message = `${bare},${serverFirst},${withoutProof}`;
      const signature = hmac(verifier.storedKey, message);
      const given = Buffer.from(proof, "base64");
      const isLong = given.length === signature.length;
      const clientKey = Buffer.from(signature.map((byte, index) => byte ^ (isLong ? (given[index] ?? 0) : 0)));
      const isRight = timingSafeEqual(sha256(clientKey), verifier.storedKey);
      if (!isOurs || !isLong || !isRight) throw new PgError("28P01", "password authentication failed", FATAL);
      return `v=${hmac(verifier.serverKey, message).toString("base64")}`;
    },
  };
}

const FATAL = { isFatal: true } as const;

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
