import { GrowthosError } from "../../base/errors.js";

/** One page of ListObjectsV2, asked for with `encoding-type=url`. */
export interface ListPage {
  readonly objects: readonly { readonly key: string; readonly bytes: number; readonly modifiedMs: number }[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** Reads a page of a listing. Throws `STORE_BROKEN` for anything that is not one: a short list would look like missing data. */
export function readListPage(xml: string): ListPage {
  const truncated = member(xml, "IsTruncated");
  if (!/<ListBucketResult[\s>]/.test(xml) || !xml.trimEnd().endsWith("</ListBucketResult>") || truncated === null)
    throw broken("it is no listing");
  const objects = [...xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)].map(([, inner = ""]) => {
    const key = decoded(member(inner, "Key") ?? "");
    const [bytes, modifiedMs] = [Number(member(inner, "Size")), Date.parse(member(inner, "LastModified") ?? "")];
    if (key === "" || !Number.isSafeInteger(bytes) || bytes < 0 || Number.isNaN(modifiedMs))
      throw broken("an object in it has no key, size or time");
    return { key, bytes, modifiedMs };
  });
  const next = member(xml, "NextContinuationToken");
  if (truncated === "true" && next === null) throw broken("there is more, but it does not say where");
  return { objects, next: truncated === "true" ? next : null };
}

/** The text of the first element of that name, without XML's escapes. */
export function member(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) return null;
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll(/&#(\d{1,7});/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("&amp;", "&");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (cause) {
    if (cause instanceof URIError) throw broken("a key in it is not percent-encoded");
    throw cause;
  }
}

function broken(why: string): GrowthosError {
  return new GrowthosError({
    code: "STORE_BROKEN",
    what: "the store's list of objects cannot be read",
    why,
    exit: "source",
  });
}
