import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { GrowthosError, messageOf } from "../base/errors.js";

const inflate = promisify(gunzip);

/** Largest blow-up accepted from a compressed body; API pages reach 30:1, bombs 1000:1. */
const MAX_RATIO = 200;
const RATIO_ALLOWANCE_BYTES = 1024 * 1024;

/**
 * A body as text: strict gzip (a cut or damaged stream is an error, which `fetch` of Node 20 lets through), strict UTF-8.
 * Throws `NETWORK` when the bytes are damaged, `ANSWER_TOO_LARGE` when they are too many, `NETWORK_REFUSED` when they are in another encoding.
 */
export async function decodeBody(bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<string> {
  return decodeText(await decompress(bytes, (encoding ?? "identity").trim().toLowerCase(), maxBytes));
}

async function decompress(bytes: Uint8Array, encoding: string, maxBytes: number): Promise<Uint8Array> {
  if (encoding === "identity" || encoding === "") return bytes;
  if (encoding !== "gzip" && encoding !== "x-gzip") throw refused(`the body is encoded as "${encoding.slice(0, 40)}"`);
  if (bytes.length === 0) return bytes;
  const maxOutputLength = Math.min(maxBytes, bytes.length * MAX_RATIO + RATIO_ALLOWANCE_BYTES);
  try {
    return await inflate(bytes, { maxOutputLength });
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      throw tooLarge(`the body unpacks to more than ${maxOutputLength} bytes`);
    }
    throw damaged(`the gzip stream is damaged: ${messageOf(cause)}`, cause);
  }
}

/**
 * Unpacks a body to `sink` as it arrives. Errors as `decodeBody`; a stream that blows up beyond the ratio is stopped at once.
 * The encoding of the text is the receiver's business.
 */
export async function unpackTo(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  maxBytes: number,
  sink: (chunk: Uint8Array) => void,
): Promise<void> {
  const kind = (encoding ?? "identity").trim().toLowerCase();
  const isPacked = kind === "gzip" || kind === "x-gzip";
  if (!isPacked && kind !== "identity" && kind !== "") throw refused(`the body is encoded as "${kind.slice(0, 40)}"`);
  const size = { packed: 0, plain: 0 };
  const take = (chunk: Uint8Array) => {
    size.plain += chunk.length;
    const allowed = isPacked ? Math.min(maxBytes, size.packed * MAX_RATIO + RATIO_ALLOWANCE_BYTES) : maxBytes;
    if (size.plain > allowed) throw tooLarge(`the body unpacks to more than ${allowed} bytes`);
    sink(chunk);
  };
  if (!isPacked) {
    for await (const chunk of body) take(chunk);
    return;
  }
  const counted = async function* () {
    for await (const chunk of body) {
      size.packed += chunk.length;
      yield chunk;
    }
  };
  try {
    await pipeline(counted, createGunzip(), async (plain: AsyncIterable<Uint8Array>) => {
      for await (const chunk of plain) take(chunk);
    });
  } catch (cause) {
    // zlib's own complaints begin with Z_; what the connection or the sink said is passed on.
    if (String((cause as { code?: unknown }).code).startsWith("Z_")) {
      throw damaged(`the gzip stream is damaged: ${messageOf(cause)}`, cause);
    }
    throw cause;
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw damaged("the body is not valid UTF-8", cause);
  }
}

/** The answer is one that we do not want: asking again would not help. */
export function refused(why: string): GrowthosError {
  return new GrowthosError({ code: "NETWORK_REFUSED", what: "the answer was refused", why, exit: "source" });
}

/** More than is taken of one answer: it would be as large the next time. */
export function tooLarge(why: string): GrowthosError {
  return new GrowthosError({
    code: "ANSWER_TOO_LARGE",
    what: "the answer is too large",
    why,
    state: "the rest of it was not read, and nothing of it was kept",
    hint: "no vendor's page is as large: look whether a proxy answers in its place; if it is the vendor, report it",
    exit: "source",
  });
}

function damaged(why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({ code: "NETWORK", what: "the answer arrived damaged", why, exit: "source", cause });
}
