// What lands is held against the list of those who were erased: they do not come back with the next walk, file or delivery.
import { quoteText, systemRandom } from "../../base/ids.js";
import { hmacSql, personalSql, setHmacKey } from "../hmac.js";
import { readSalt } from "../layout.js";
import { sqlPath } from "../read-parquet.js";
import type { Database, Workspace } from "../types.js";
import { anonymised } from "./anonymise.js";
import { KEY, type NamePlace, namesOf, type StreamNames } from "./names.js";
import { isOwn, type LandedRow, type Name, namesIn, nameText, parsed, textAt } from "./person.js";
import { pseudonymOf } from "./pseudonyms.js";
import { readTombstones, type Tombstones, tombstoneOf } from "./tombstones.js";

/** A file of rows on their way into landing. */
export interface Arriving {
  readonly source: string;
  readonly stream: string;
  readonly path: string;
}

/** What becomes of a row that names somebody who was erased; null: it does not land. */
export type Erased = { readonly n: number } & (LandedRow | { readonly key: null; readonly payload: null });

/**
 * The rows of a file that name somebody who was erased, as they are to land: null when there are none. A person's own record does not land;
 * of what happened the names are gone. What is younger than the erasing is new: whoever comes back is a new customer.
 */
export async function erasedRows(ws: Workspace, db: Database, arriving: Arriving): Promise<readonly Erased[] | null> {
  const stream = namesOf(arriving.source, arriving.stream);
  if (stream.names.length === 0) return null;
  const tombstones = readTombstones(ws);
  if (tombstones.size === 0) return null;
  const salt = readSalt(ws);
  await setHmacKey(db, salt);
  const hashes = stream.names.flatMap((place) => place.paths.map((path) => hashSql(place, path)));
  const file = `read_parquet([${sqlPath(arriving.path)}], hive_partitioning=false, file_row_number=true)`;
  const rows = await db.all(
    `select file_row_number as n, _key, payload from ${file}
      where list_has_any([${hashes.join(", ")}], $1::varchar[]) order by n`,
    [[...tombstones.keys()]],
  );
  const instead = strangers();
  const erased = rows.flatMap((row): readonly Erased[] => {
    const n = Number(row["n"]);
    const was = { key: String(row["_key"]), payload: String(row["payload"]) };
    const is = withoutThem(was, stream, { tombstones, salt, instead });
    return is === was ? [] : [is === null ? { n, key: null, payload: null } : { n, ...is }];
  });
  return erased.length === 0 ? null : erased;
}

interface Against {
  readonly tombstones: Tombstones;
  readonly salt: string;
  readonly instead: (name: Name) => string | null;
}

function withoutThem(row: LandedRow, stream: StreamNames, { tombstones, salt, instead }: Against): LandedRow | null {
  const born = bornAt(row, stream);
  const isErased = (name: Name) => {
    const at = tombstones.get(tombstoneOf(name, salt));
    return at !== undefined && (born === null || born <= at);
  };
  if (stream.isRecord && isOwn(namesIn(row, stream, salt), isErased)) return null;
  const disguise = { salt, loose: [], instead: (name: Name) => (isErased(name) ? instead(name) : undefined) };
  return anonymised(row, stream, disguise) ?? row;
}

/** Accounts are taken away. A browser gets another name, one for a whole file, so that its visits stay visits. */
function strangers(): Against["instead"] {
  const given = new Map<string, string>();
  return (name) => {
    if (!["device", "token", "click"].includes(name.kind)) return null;
    const known = given.get(nameText(name)) ?? pseudonymOf(name, systemRandom);
    given.set(nameText(name), known);
    return known;
  };
}

/** The instant at which what a row tells of came to be, ISO 8601 UTC; null when it is not told. */
function bornAt(row: LandedRow, { born }: StreamNames): string | null {
  if (born === null) return null;
  const text = textAt(parsed(row.payload), born) ?? "";
  const ms = /^\d{16}$/.test(text) ? Number(text) / 1000 : Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** `tombstoneOf` in SQL, for what stands at one path; null where nothing does. */
function hashSql({ kind, of }: NamePlace, path: readonly string[]): string {
  const json = quoteText(
    `$${path.map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${JSON.stringify(name)}`)).join("")}`,
  );
  const text = path[0] === KEY ? KEY : `json_extract_string(payload, ${json})`;
  const plain = `trim(${text})`;
  if (kind === "email" || kind === "phone") {
    const lower = personalSql(text);
    const hashed = `case when regexp_full_match(${lower}, '[0-9a-f]{64}') then ${lower} else ${hmacSql(lower)} end`;
    return hmacSql(`${quoteText(`${kind} `)} || ${hashed}`);
  }
  const tail = `ltrim(regexp_extract(${plain}, '[^/]*$'), ${quoteText("'#")})`;
  const id = kind === "customer" ? `${quoteText(`${of ?? ""}:`)} || ${tail}` : kind === "order" ? tail : plain;
  return hmacSql(`${quoteText(`${kind} `)} || ${id}`);
}
