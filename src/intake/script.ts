/** The pixel's script as the receiver hands it out: the same bytes for everybody, already packed. */
import type { IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
import { sha256 } from "../base/hash.js";

/** `/pixel.js`, ready to be sent. */
export interface PixelScript {
  readonly plain: Uint8Array;
  readonly packed: Uint8Array;
  readonly etag: string;
}

/** An hour: a new version of growthos is on every page soon, and a visit asks once. */
const CACHE = "public, max-age=3600, stale-while-revalidate=86400";

/** The built script for a workspace: it tells its events under this name. */
export function pixelScript(built: string, workspace: string): PixelScript {
  const plain = Buffer.from(built.replaceAll("GROWTHOS_WORKSPACE", JSON.stringify(workspace)));
  return { plain, packed: gzipSync(plain, { level: 9 }), etag: `"${sha256(plain).slice(0, 16)}"` };
}

/** What is answered without looking at a body. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** The script, or that the one which is there already is it. Any site may load it; only those of the config may send events. */
export function scriptAnswer({ method, headers }: IncomingMessage, script: PixelScript): Answer {
  if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" } };
  const usual = {
    "cache-control": CACHE,
    etag: script.etag,
    vary: "accept-encoding",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
  };
  // A proxy that packs by itself says that the tag is weak.
  const known = (headers["if-none-match"] ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(script.etag)) return { status: 304, headers: usual };
  const isPacked = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(headers["accept-encoding"] ?? ""));
  const body = isPacked ? script.packed : script.plain;
  return {
    status: 200,
    headers: {
      ...usual,
      "content-type": "text/javascript; charset=utf-8",
      "content-length": String(body.length),
      ...(isPacked ? { "content-encoding": "gzip" } : {}),
    },
    body,
  };
}
