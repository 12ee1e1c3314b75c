import { GrowthosError } from "../../base/errors.js";
import { absolutePath } from "../layout.js";
import { sqlPath } from "../read-parquet.js";
import type { ActivePart, Database, Workspace } from "../types.js";
import { DISTINCT_LENGTH } from "./anonymise.js";
import { namesOf } from "./names.js";
import { type LandedRow, type Name, namesIn, namesLearned, nameText } from "./person.js";

/** Beyond this it is no person any more: an address that a shop writes into every order without one joins everybody. */
const MOST: Readonly<Partial<Record<Name["kind"], number>>> = { email: 20, customer: 50, user: 50, device: 5_000 };

/** A landed row and where it stands. */
export interface FoundRow extends LandedRow {
  /** Its number in the file, from 0. */
  readonly n: number;
  readonly hash: string;
  /** When it was read or received, ISO 8601 UTC. */
  readonly fetchedAt: string;
}

/**
 * Everything by which somebody is named, told from the given names by what has landed: the rows that name them name them otherwise as well.
 * Throws `PERSON_NOT_ONE` when that becomes more than one person can have.
 */
export async function allNames(
  ws: Workspace,
  db: Database,
  {
    given,
    parts,
    salt,
  }: { readonly given: readonly Name[]; readonly parts: readonly ActivePart[]; readonly salt: string },
): Promise<readonly Name[]> {
  const known = new Map(given.map((name) => [`${nameText(name)} ${name.text}`, name]));
  const ids = new Set(given.map(nameText));
  const naming = parts.filter(({ source, stream, rows }) => rows > 0 && namesOf(source, stream).names.length > 0);
  for (let fresh: readonly Name[] = given; fresh.length > 0; ) {
    const learned = new Map<string, Name>();
    for (const part of naming) {
      const stream = namesOf(part.source, part.stream);
      for (const row of await rowsHolding(ws, db, part, fresh)) {
        const names = namesIn(row, stream, salt);
        const has = (name: Name) => ids.has(nameText(name));
        // A known name in another writing is looked for as well: `Max@…` beside its hash.
        const others = names.filter((name) => has(name) && !known.has(`${nameText(name)} ${name.text}`));
        for (const name of [...namesLearned(names, has), ...others])
          learned.set(`${nameText(name)} ${name.text}`, name);
      }
    }
    fresh = [...learned.values()];
    for (const name of fresh) {
      known.set(`${nameText(name)} ${name.text}`, name);
      ids.add(nameText(name));
    }
    requireOne(ids);
  }
  return [...known.values()];
}

function requireOne(ids: ReadonlySet<string>): void {
  for (const [kind, most] of Object.entries(MOST)) {
    const count = [...ids].filter((id) => id.startsWith(`${kind} `)).length;
    if (count <= most) continue;
    throw new GrowthosError({
      code: "PERSON_NOT_ONE",
      what: `these rows name more than ${most} of one kind (${kind}): that is not one person`,
      why: "an address or number that a shop writes into orders without one joins everybody who has it",
      state: "nothing was changed",
      hint: "name the person by another address or number, e.g. --customer-id shopify:123",
      exit: "usage",
    });
  }
}

/** The rows of a part in whose text one of the names stands, in the order of the file. More than are named: the caller looks closer. */
export async function rowsHolding(
  ws: Workspace,
  db: Database,
  part: ActivePart,
  names: readonly Name[],
): Promise<readonly FoundRow[]> {
  if (part.rows === 0) return [];
  await db.run("set variable erase_pattern = $1", [patternOf(names)]);
  const file = `read_parquet([${sqlPath(absolutePath(ws, part.path))}], hive_partitioning=false, file_row_number=true)`;
  const holds = ["payload", "_key"].map((column) => `regexp_matches(${column}, getvariable('erase_pattern'))`);
  const rows = await db.all(
    `select file_row_number as n, _key, _hash, strftime(_fetched_at, '%Y-%m-%dT%H:%M:%SZ') as fetched_at, payload from ${file} where ${holds.join(" or ")} order by n`,
  );
  return rows.map((row) => ({
    n: Number(row["n"]),
    key: String(row["_key"]),
    hash: String(row["_hash"]),
    fetchedAt: String(row["fetched_at"]),
    payload: String(row["payload"]),
  }));
}

/** One pattern for all texts; in a variable, because a statement's text stands in errors. */
function patternOf(names: readonly Name[]): string {
  const texts = new Set(names.flatMap(writingsOf));
  const words = [...texts].map((text) => {
    const exact = text.replace(/[^A-Za-z0-9]/g, (sign) => (sign.length === 1 && sign < "\u0080" ? `\\${sign}` : sign));
    return text.length < DISTINCT_LENGTH ? `(?:^|[^A-Za-z0-9])${exact}(?:$|[^A-Za-z0-9])` : exact;
  });
  return `(?i)(?:${words.join("|")})`;
}

/** The ways in which a name may stand in a text: as it was found, as its keyed hash, in the address of a page. */
export function writingsOf({ kind, id, text }: Name): readonly string[] {
  if (kind !== "email" && kind !== "phone") return [text];
  return [...new Set([id, text, ...(text.includes("@") ? [text.replace("@", "%40")] : [])])];
}
