import { quoteName, quoteText } from "../base/ids.js";
import { absolutePath } from "./layout.js";
import { createRawRelation, rawRelation, type StreamParts, survivors } from "./raw-views.js";
import { readParquet } from "./read-parquet.js";
import type { Database, Part } from "./types.js";

/** A member of a list's rows. A personal one may be hashed in one load and kept in the next: that is no change of what it says. */
export interface ListField {
  readonly name: string;
  readonly personal: boolean;
}

/** A row of a list that is not what it was; null where there was, or is, none. */
export interface ListChange {
  readonly key: string;
  readonly change: "added" | "changed" | "gone";
  readonly before: Readonly<Record<string, string>> | null;
  readonly after: Readonly<Record<string, string>> | null;
}

/**
 * What a list that was read whole (`part`) says otherwise than the one before it, by key, in order. Of rows with one key the last one holds.
 * Without a list before everything would be new, which tells nothing: no change.
 */
export async function listChanges(
  db: Database,
  stream: StreamParts,
  { part, fields }: { readonly part: Part; readonly fields: readonly ListField[] },
): Promise<readonly ListChange[]> {
  if (stream.parts.length === 0) return [];
  const kept = await survivors(db, { ...stream, table: "standing_list" });
  await createRawRelation(db, { ...stream, parts: kept.parts });
  const was = rowsOf(rawRelation(stream.source, stream.stream), fields);
  const is = rowsOf(readParquet([absolutePath(stream.ws, part.path)]), fields);
  const found = await db.all(
    `with was as (${was}), "is" as (${is})
    select
      coalesce("is".key, was.key) as key,
      case when was.key is null then 'added' when "is".key is null then 'gone' else 'changed' end as change,
      case when was.key is not null then to_json(was.fields) end::varchar as before,
      case when "is".key is not null then to_json("is".fields) end::varchar as after
    from was full join "is" on "is".key = was.key
    where was.key is null or "is".key is null or ${fields.map(differs).join(" or ")}
    order by key`,
  );
  return found.map((row) => ({
    key: String(row["key"]),
    change: row["change"] as ListChange["change"],
    before: told(row["before"]),
    after: told(row["after"]),
  }));
}

function rowsOf(relation: string, fields: readonly ListField[]): string {
  const members = fields.map(({ name }) => {
    return `${quoteName(name)} := nullif(trim(json_extract_string(payload, ${quoteText(`$.${name}`)})), '')`;
  });
  return `select _key as key, struct_pack(${members.join(", ")}) as fields from ${relation}
    qualify row_number() over (partition by _key order by try_cast(json_extract_string(payload, '$.row') as bigint) desc) = 1`;
}

function differs({ name, personal }: ListField): string {
  const [before, after] = [`was.fields.${quoteName(name)}`, `"is".fields.${quoteName(name)}`];
  const isOther = `${before} is distinct from ${after}`;
  if (!personal) return `(${isOther})`;
  const isHash = (value: string) => `coalesce(regexp_matches(${value}, '^[0-9a-f]{64}$'), false)`;
  return `(${isOther} and ${isHash(before)} = ${isHash(after)})`;
}

/** The row without the members that say nothing. */
function told(cell: unknown): ListChange["before"] {
  if (typeof cell !== "string") return null;
  const row = JSON.parse(cell) as Readonly<Record<string, string | null>>;
  return Object.fromEntries(Object.entries(row).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
