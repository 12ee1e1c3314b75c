import { quoteName, quoteText } from "../base/ids.js";
import { absolutePath } from "./layout.js";
import { createRawRelation, rawRelation, type StreamParts, survivors } from "./raw-views.js";
import { readParquet } from "./read-parquet.js";
import type { Database, Part } from "./types.js";

/** What of a stream's records is held against the records of the same key that stood before; dotted paths in the payload. */
export interface TrackedPaths {
  /** The account that a record belongs to, its name, and the currency of its amounts where the record tells it. */
  readonly account: string;
  readonly name: string;
  readonly currency?: string;
  /** Name of the field -> path. */
  readonly fields: Readonly<Record<string, string>>;
}

/** One field of one record that is not what it was, as text; `added` and `gone` are records that were not, or are no longer there. */
export interface TrackedChange {
  readonly key: string;
  readonly account: string | null;
  readonly name: string | null;
  readonly currency: string | null;
  readonly field: string;
  readonly change: "changed" | "added" | "gone";
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * What `rows` change of the standing records of a stream, by key and field, in order. With `isWhole` the rows are all there is, so what
 * is missing among them is gone. Without standing records everything would be new, which tells nothing: no change.
 */
export async function trackedChanges(
  db: Database,
  stream: StreamParts,
  {
    rows,
    tracked,
    isWhole,
  }: { readonly rows: readonly Part[]; readonly tracked: TrackedPaths; readonly isWhole: boolean },
): Promise<readonly TrackedChange[]> {
  if (stream.parts.length === 0 || rows.length === 0) return [];
  const kept = await survivors(db, { ...stream, table: "standing_values" });
  await createRawRelation(db, { ...stream, parts: kept.parts });
  const standing = kept.kind === "all" ? "" : ` semi join ${quoteName(kept.table)} using (_key, _load)`;
  const was = valuesOf(`${rawRelation(stream.source, stream.stream)} as standing${standing}`, tracked);
  const is = valuesOf(readParquet(rows.map(({ path }) => absolutePath(stream.ws, path))), tracked);
  const fields = Object.keys(tracked.fields).map((name) => {
    const field = quoteName(name);
    return `{'field': ${quoteText(name)}, 'before': was.field.${field}, 'after': "is".field.${field}}`;
  });
  const about = ["account", "name", "currency"].map((name) => `coalesce("is".${name}, was.${name}) as ${name}`);
  const found = await db.all(
    `with was as (${was}), "is" as (${is}),
    met as (
      select coalesce("is".key, was.key) as key, ${about.join(", ")},
        case when was.key is null then 'added' when "is".key is null then 'gone' else 'changed' end as change,
        unnest([${fields.join(", ")}]) as value
      from was ${isWhole ? "full" : "right"} join "is" on "is".key = was.key
    )
    select * exclude (value), value.field as field, value.before as before, value.after as after
    from met where value.before is distinct from value.after order by key, field`,
  );
  const textOf = (cell: unknown) => (typeof cell === "string" ? cell : null);
  return found.map((row) => ({
    key: String(row["key"]),
    account: textOf(row["account"]),
    name: textOf(row["name"]),
    currency: textOf(row["currency"]),
    field: String(row["field"]),
    change: row["change"] as TrackedChange["change"],
    before: textOf(row["before"]),
    after: textOf(row["after"]),
  }));
}

function valuesOf(relation: string, { account, name, currency, fields }: TrackedPaths): string {
  const at = (path: string) => `nullif(json_extract_string(payload, ${quoteText(`$.${path}`)}), '')`;
  const members = Object.entries(fields).map(([field, path]) => `${quoteText(field)}: ${at(path)}`);
  const told = currency === undefined ? "null::varchar" : at(currency);
  return `select _key as key, ${at(account)} as account, ${at(name)} as name, ${told} as currency, {${members.join(", ")}} as field
    from ${relation}`;
}
