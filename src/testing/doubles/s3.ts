/**
 * An S3-compatible store on loopback, held to what AWS documents: SigV4 and its 15 minutes, the hash of the body, `If-None-Match: *` (412),
 * ListObjectsV2 with pages, ranges, errors as XML. In the repository, because s3rver (3.7.1, of 2022) knows no conditional put.
 */
import { type Clock, systemClock } from "../../base/clock.js";
import { sha256 } from "../../base/hash.js";
import { Secret } from "../../base/secret.js";
import { signed } from "../../http/s3/sign.js";
import { type Answer, type Arrived, type DoubleServer, startServer } from "./server.js";

/** The double, and what is in it. */
export interface S3Double {
  readonly server: DoubleServer;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: Secret };
  /** Key -> content, in the order of the first put. */
  readonly objects: Map<string, { readonly bytes: Uint8Array; readonly modifiedMs: number }>;
  close(): Promise<void>;
}

/** How it behaves. */
export interface S3DoubleOptions {
  /** The store's own clock. */
  readonly clock?: Pick<Clock, "now">;
  /** Objects on one page of a listing. */
  readonly pageSize?: number;
  /** `ignored`: as older S3-compatibles, which store whatever comes; `refused`: 501. */
  readonly conditional?: "ignored" | "refused";
}

const BUCKET = "lake";
const REGION = "eu-central-1";
const CREDENTIALS = { accessKeyId: "AKIADOUBLE", secretAccessKey: new Secret("CANARY-s3-secret-key") };
const SKEW_MS = 15 * 60_000;

/** Starts it, with one empty bucket. */
export async function startS3(options: S3DoubleOptions = {}): Promise<S3Double> {
  const clock = options.clock ?? systemClock;
  const objects: S3Double["objects"] = new Map();
  const server = await startServer((request) => {
    const refused = unsigned(request, clock.now());
    if (refused !== null) return refused;
    const [, bucket = "", ...rest] = request.url.pathname.split("/");
    if (bucket !== BUCKET) return error(404, "NoSuchBucket", "The specified bucket does not exist");
    const key = rest.map(decodeURIComponent).join("/");
    if (request.method === "PUT") return put(objects, { request, key, now: clock.now(), options });
    if (request.method === "DELETE") {
      objects.delete(key);
      return { status: 204, text: "" };
    }
    if (key === "") return list(objects, request.url.searchParams, options.pageSize ?? 1000);
    return get(objects, request, key);
  }, clock);
  return { server, bucket: BUCKET, region: REGION, credentials: CREDENTIALS, objects, close: server.close };
}

function put(
  objects: S3Double["objects"],
  asked: { readonly request: Arrived; readonly key: string; readonly now: number; readonly options: S3DoubleOptions },
): Answer {
  const { request, key, now, options } = asked;
  const bytes = request.bytes ?? new Uint8Array();
  if (sha256(bytes) !== request.headers["x-amz-content-sha256"])
    return error(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match");
  if (request.headers["if-none-match"] !== undefined && options.conditional !== "ignored") {
    if (options.conditional === "refused")
      return error(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
    if (objects.has(key))
      return error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  }
  objects.set(key, { bytes, modifiedMs: now });
  return { status: 200, text: "", headers: { etag: `"${sha256(bytes).slice(0, 32)}"` } };
}

function get(objects: S3Double["objects"], request: Arrived, key: string): Answer {
  const found = objects.get(key);
  if (found === undefined) return error(404, "NoSuchKey", "The specified key does not exist.");
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers["range"] ?? "");
  if (range === null) return { status: 200, headers: binary(found.bytes), chunks: [found.bytes] };
  const [from, to] = [Number(range[1]), range[2] === "" ? found.bytes.length - 1 : Number(range[2])];
  if (from >= found.bytes.length) return error(416, "InvalidRange", "The requested range is not satisfiable");
  const piece = found.bytes.subarray(from, to + 1);
  const end = from + piece.length - 1;
  const headers = { ...binary(piece), "content-range": `bytes ${from}-${end}/${found.bytes.length}` };
  return { status: 206, headers, chunks: [piece] };
}

function binary(bytes: Uint8Array): Record<string, string> {
  return { "content-type": "binary/octet-stream", "content-length": String(bytes.length) };
}

/** Keys in the order of their bytes; the token of the next page is the last key of this one. */
function list(objects: S3Double["objects"], query: URLSearchParams, pageSize: number): Answer {
  if (query.get("list-type") !== "2") return error(501, "NotImplemented", "only ListObjectsV2");
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? query.get("start-after");
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && (after === null || key > after)).sort();
  const page = keys.slice(0, pageSize);
  const isCut = keys.length > page.length;
  const contents = page.map((key) => {
    const { bytes, modifiedMs } = objects.get(key) ?? { bytes: new Uint8Array(), modifiedMs: 0 };
    const name = encodeURIComponent(key).replaceAll("%2F", "/");
    return `<Contents><Key>${name}</Key><LastModified>${new Date(modifiedMs).toISOString()}</LastModified><ETag>&quot;x&quot;</ETag><Size>${bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next = isCut ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
  const head = `<Name>${BUCKET}</Name><Prefix>${prefix}</Prefix><KeyCount>${page.length}</KeyCount><EncodingType>url</EncodingType>`;
  return xml(
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${head}<IsTruncated>${isCut}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`,
  );
}

function unsigned(request: Arrived, now: number): Answer | null {
  const { authorization = "", host = "" } = request.headers;
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/s3\/aws4_request,SignedHeaders=([^,]+),/.exec(
    authorization,
  );
  if (match === null) return error(403, "AccessDenied", "Access Denied");
  const [, id, region, names = ""] = match;
  if (id !== CREDENTIALS.accessKeyId)
    return error(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  if (region !== REGION)
    return error(400, "AuthorizationHeaderMalformed", `the region '${region}' is wrong; expecting '${REGION}'`);
  const at = request.headers["x-amz-date"] ?? "";
  const time = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Math.abs(time - now) > SKEW_MS)
    return error(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    );
  const own = ["host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
  const headers = Object.fromEntries(
    names
      .split(";")
      .filter((name) => !own.includes(name))
      .map((name) => [name, request.headers[name] ?? ""]),
  );
  const url = new URL(`http://${host}${request.url.pathname}${request.url.search}`);
  const bodySha256 = request.headers["x-amz-content-sha256"] ?? "";
  const want = signed(
    { method: request.method, url, headers, bodySha256 },
    { credentials: CREDENTIALS, region: REGION, now: time },
  );
  if (want["authorization"] === authorization) return null;
  return error(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided.",
  );
}

function error(status: number, code: string, message: string): Answer {
  return xml(status, `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>double</RequestId></Error>`);
}

function xml(status: number, body: string): Answer {
  return {
    status,
    text: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
    headers: { "content-type": "application/xml" },
  };
}
