/**
 * AWS Signature Version 4 for S3, as https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html describes it. Its own
 * few lines instead of a package: those sign a `fetch`, and the one door to the network is not `fetch`.
 */
import { createHmac } from "node:crypto";
import { sha256 } from "../../base/hash.js";
import type { Secret } from "../../base/secret.js";

/** Who asks. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Of temporary credentials. */
  readonly sessionToken?: Secret;
}

/** What is signed. */
export interface ToSign {
  readonly method: string;
  /** Its path and query are percent-encoded as RFC 3986 wants it. */
  readonly url: URL;
  /** Further headers that are signed; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, hex. */
  readonly bodySha256: string;
}

/** The headers to send: those given, the time, the hash of the body, and the signature. `now` in ms since 1970 UTC. */
export function signed(
  request: ToSign,
  options: { readonly credentials: S3Credentials; readonly region: string; readonly now: number },
): Readonly<Record<string, string>> {
  const { credentials, region, now } = options;
  const time = `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const token = credentials.sessionToken;
  const headers: Record<string, string> = {
    ...request.headers,
    "x-amz-date": time,
    "x-amz-content-sha256": request.bodySha256,
    ...(token === undefined ? {} : { "x-amz-security-token": token.reveal() }),
  };
  const toSign: Record<string, string> = { ...headers, host: request.url.host };
  const names = Object.keys(toSign).sort();
  const canonical = [
    request.method,
    request.url.pathname,
    canonicalQuery(request.url),
    ...names.map((name) => `${name}:${(toSign[name] ?? "").trim()}`),
    "",
    names.join(";"),
    request.bodySha256,
  ].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [time.slice(0, 8), region, "s3", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secretAccessKey.reveal()}`,
  );
  const signature = hmac(key, text).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},SignedHeaders=${names.join(";")},Signature=${signature}`;
  return { ...headers, authorization };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${rfc3986(name)}=${rfc3986(value)}`)
    .sort()
    .join("&");
}

/** Percent-encoding of everything but the unreserved characters; `encodeURIComponent` leaves five others. */
export function rfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
