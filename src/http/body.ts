import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { GrowthosError, messageOf } from "../base/errors.js";

const inflate = promisify(gunzip);

/** Largest blow-up accepted from a compressed body; API pages reach 30:1, bombs 1000:1. */
const MAX_RATIO = 200;
const RATIO_ALLOWANCE_BYTES = 1024 * 1024;

/**
 * A body as text: strict gzip (a cut or damaged stream is an error, which `fetch` of Node 20 lets through), strict UTF-8.
 * Throws `NETWORK` when the bytes are damaged and `NETWORK_REFUSED` when they are too many or in another encoding.
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
      throw refused(`the body unpacks to more than ${maxOutputLength} bytes`);
    }
    throw damaged(`the gzip stream is damaged: ${messageOf(cause)}`, cause);
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

function damaged(why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({ code: "NETWORK", what: "the answer arrived damaged", why, exit: "source", cause });
}
