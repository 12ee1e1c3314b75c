/** The `store` key: an object store that several machines share. What the members mean is in `define.ts`. */
import { z } from "zod";
import type { StorePlace, WorkspaceConfig } from "./types.js";

const URL_SHAPE = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,100})*)\/?$/;

/** A place in a store, as people write it. */
export const placeSchema = z.strictObject({
  url: z.string().regex(URL_SHAPE, { error: "expected s3://bucket or s3://bucket/prefix, of a-z, 0-9, - . _ and /" }),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, { error: 'expected a region such as "eu-central-1"' })
    .default("us-east-1"),
  endpoint: z.string().refine(isEndpoint, { error: "expected https://host, or http://127.0.0.1:port" }).optional(),
});

/** What people write. */
export const storeSchema = placeSchema.optional();

/** Plain http is for this machine alone, where nobody else reads along. */
function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, username } = new URL(text);
  const isLocal = protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return (protocol === "https:" || isLocal) && pathname === "/" && search === "" && username === "";
}

/** What the program uses; each workspace has a prefix of its own. */
export function storeOf(name: string, written: z.output<typeof storeSchema>): WorkspaceConfig["store"] {
  if (written === undefined) return undefined;
  const place = placeOf(written);
  return { ...place, prefix: [place.prefix, name].filter((part) => part !== "").join("/") };
}

/** What the program uses of a place. */
export function placeOf(written: z.output<typeof placeSchema>): StorePlace {
  const [, bucket = "", path = ""] = URL_SHAPE.exec(written.url) ?? [];
  const { region, endpoint } = written;
  // A bucket with dots has no certificate under its own host name.
  const isPathStyle = endpoint !== undefined || bucket.includes(".");
  return {
    bucket,
    prefix: path
      .split("/")
      .filter((part) => part !== "")
      .join("/"),
    region,
    endpoint: endpoint === undefined ? `https://s3.${region}.amazonaws.com` : new URL(endpoint).origin,
    isPathStyle,
  };
}
