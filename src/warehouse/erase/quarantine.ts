// Rejected rows are kept as they came, so they are looked through as they came: nothing of them is hashed.
import type { Random } from "../../base/ids.js";
import { keepQuarantine, quarantineOf, quarantinePath } from "../quarantine.js";
import { readParquet } from "../read-parquet.js";
import type { ActivePart, Database, Part, Workspace } from "../types.js";
import { copyToParquet, newLoadId } from "../write-part.js";
import { namesOf } from "./names.js";
import { isOwn, namesIn, nameText, parsed, textAt } from "./person.js";
import type { Somebody } from "./somebody.js";

/** What a part's quarantine becomes: the new members of its origin, and how many rows of it go. */
export interface CleanedQuarantine {
  readonly origin: Part["origin"];
  readonly rows: number;
}

interface Place {
  readonly ws: Workspace;
  readonly db: Database;
  readonly random: Random;
}

/** The number of rows in a part's quarantine that name somebody; 0 without a quarantine. */
export async function quarantinedOf(place: Place, part: ActivePart, who: Somebody): Promise<number> {
  return (await rejectedOf(place, part, who)).length;
}

/** A copy of a part's quarantine without somebody, durable under a new name; null when it does not name them. */
export async function cleanedQuarantine(
  place: Place,
  part: ActivePart,
  who: Somebody,
): Promise<CleanedQuarantine | null> {
  const { ws, db, random } = place;
  const file = quarantineOf(ws, part);
  const doomed = new Set((await rejectedOf(place, part, who)).map(({ n }) => n));
  if (file === null || doomed.size === 0) return null;
  const { quarantine: _file, quarantine_sha256: _sha, quarantine_rows: _rows, ...origin } = part.origin;
  const left = file.rows - doomed.size;
  if (left <= 0) return { origin, rows: doomed.size };
  const { source, stream } = part;
  const extension = file.path.endsWith(".parquet") ? "parquet" : "ndjson";
  const path = quarantinePath(ws, { source, stream, loadId: newLoadId(ws, random), extension });
  if (extension === "parquet") {
    const numbered = `select *, row_number() over () - 1 as n from ${readParquet([file.path])}`;
    await copyToParquet(
      ws,
      db,
      { sql: `select * exclude (n) from (${numbered}) where n not in (${[...doomed].join(", ")})` },
      path,
    );
  } else {
    const lines = linesOf(ws.files.readText(file.path)).filter((_, n) => !doomed.has(n));
    ws.files.write(path, lines.map((line) => `${line}\n`).join(""));
  }
  return { origin: { ...origin, ...keepQuarantine(ws, path, left) }, rows: doomed.size };
}

/** A rejected row as it lies in quarantine, and its place in the file, from 0. */
export interface RejectedRow {
  readonly n: number;
  /** JSON text. */
  readonly text: string;
}

/** The rows of a part's quarantine that name somebody. */
export async function rejectedOf(
  { ws, db }: Pick<Place, "ws" | "db">,
  part: ActivePart,
  who: Somebody,
): Promise<readonly RejectedRow[]> {
  const file = quarantineOf(ws, part);
  if (file === null) return [];
  const texts = file.path.endsWith(".parquet")
    ? (await db.all(`select * from ${readParquet([file.path])}`)).map((row) => JSON.stringify(row))
    : linesOf(ws.files.readText(file.path));
  return texts.flatMap((text, n) => (namesThem(text, part, who) ? [{ n, text }] : []));
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** True when a rejected or a waiting delivery (JSON, its body in base64) or row of a stream names somebody. */
export function namesThem(text: string, part: Pick<Part, "source" | "stream">, who: Somebody): boolean {
  if (who.isIn(text)) return true;
  const line = parsed(text);
  const inside = [["delivery", "body"], ["line"]].flatMap((path) => {
    const base64 = textAt(line, path);
    return base64 === null ? [] : [Buffer.from(base64, "base64").toString("utf8")];
  });
  const value = textAt(line, ["value"]);
  if ([...inside, ...(value === null ? [] : [value])].some((body) => who.isIn(body))) return true;
  // Short numbers are found where a name is expected only.
  const topic = textAt(line, ["delivery", "headers", "x-shopify-topic"]) ?? textAt(line, ["delivery", "topic"]);
  const payloads = [
    ...inside.map((body) => `{"topic":${JSON.stringify(topic)},"body":${body}}`),
    ...(value === null ? [] : [value]),
  ];
  const known = new Set(who.names.map(nameText));
  return payloads.some((payload) => {
    const names = namesIn({ key: "", payload }, namesOf(part.source, part.stream), who.disguise.salt);
    return isOwn(names, (name) => known.has(nameText(name)));
  });
}
