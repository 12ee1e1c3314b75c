// Everything that a workspace holds of one person, for them to read: the right of access (GDPR Art. 15). Nothing of anybody else is in it.
import { openDatabase } from "../duckdb.js";
import { readSalt } from "../layout.js";
import { readState } from "../log.js";
import { currentBuild } from "../publish.js";
import type { ActivePart, Row, Workspace } from "../types.js";
import { EMAIL, leavesNaming } from "./anonymise.js";
import type { ErasePlace } from "./erase.js";
import { allNames, type FoundRow, rowsHolding } from "./find.js";
import { editLeaves } from "./json-leaves.js";
import { namesOf } from "./names.js";
import { isAccount, isOwn, type Name, nameOf, namesIn, nameText, parsed } from "./person.js";
import { namesThem, rejectedOf } from "./quarantine.js";
import { replacedNames, type Somebody, somebody } from "./somebody.js";
import { journalsNaming, tracesOf } from "./traces.js";

/** A kind of place in which somebody may be. `figures` are what a build made of the rest. */
export type HeldPlaceKind = "landed" | "quarantine" | "spool" | "figures" | "journal" | "written";

/** One place, and what it holds of somebody. */
export interface HeldPlace {
  readonly place: HeldPlaceKind;
  /** `source.stream`, a table, a journal; of what is written, `files`. */
  readonly relation: string;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** What is held of somebody. */
export interface Held {
  readonly names: readonly Name[];
  readonly places: readonly HeldPlace[];
  /** Rows of a browser, a phone or a visit that is somebody else's as well, so that nobody can say whose they are. */
  readonly withheld: number;
}

/** A delivery that waits in the spool, as quarantine would keep it. */
export interface WaitingDelivery {
  readonly source: string;
  readonly stream: string;
  /** JSON text. */
  readonly text: string;
}

/** What stands where somebody else is named. */
const ELSE = "[somebody else]";

/**
 * Looks for somebody everywhere and gives what is there; changes nothing. The caller holds the ingest lock. Errors as `planErasure`.
 */
export async function heldOf(
  place: ErasePlace,
  given: readonly Name[],
  waiting: Iterable<WaitingDelivery>,
): Promise<Held> {
  const { ws, db, random } = place;
  const salt = readSalt(ws);
  const state = readState(ws);
  const names = await allNames(ws, db, { given, parts: state.parts, salt });
  const who = somebody(replacedNames(names, random), salt);
  const landed = await landedRows(place, state.parts, who);
  const rejected: HeldPlace[] = [];
  for (const part of state.parts) {
    const rows = await rejectedOf(place, part, who);
    if (rows.length > 0)
      rejected.push(
        placeOf(
          "quarantine",
          part,
          rows.map(({ text }) => deliveryOf(text, who)),
        ),
      );
  }
  const spooled = [...waiting].filter((delivery) => namesThem(delivery.text, delivery, who));
  const written = tracesOf(ws, state, who).named;
  return {
    names,
    withheld: landed.withheld,
    places: together([
      ...landed.places,
      ...rejected,
      ...spooled.map((delivery) => placeOf("spool", delivery, [deliveryOf(delivery.text, who)])),
      ...(await figures(ws, who, landed.shared)),
      ...journalsNaming(ws, who).map(({ journal, at, events }) => ({
        place: "journal" as const,
        relation: journal,
        records: events.map((event) => ({ at, event: withoutOthers(event, who) })),
      })),
      { place: "written", relation: "files", records: written.map((file) => ({ file })) },
    ]),
  };
}

function placeOf(
  place: HeldPlaceKind,
  { source, stream }: Pick<ActivePart, "source" | "stream">,
  records: HeldPlace["records"],
): HeldPlace {
  return { place, relation: `${source}.${stream}`, records };
}

/** One entry per place, with the records of all its parts. */
function together(found: readonly HeldPlace[]): readonly HeldPlace[] {
  const byPlace = new Map<string, HeldPlace>();
  for (const { place, relation, records } of found) {
    const before = byPlace.get(`${place} ${relation}`)?.records ?? [];
    if (records.length > 0) byPlace.set(`${place} ${relation}`, { place, relation, records: [...before, ...records] });
  }
  return [...byPlace.values()];
}

interface Candidate {
  readonly part: ActivePart;
  readonly row: FoundRow;
  readonly names: readonly Name[];
}

interface LandedOf {
  readonly places: readonly HeldPlace[];
  /** Texts of names that are somebody else's as well. */
  readonly shared: ReadonlySet<string>;
  readonly withheld: number;
}

async function landedRows({ ws, db }: ErasePlace, parts: readonly ActivePart[], who: Somebody): Promise<LandedOf> {
  const candidates: Candidate[] = [];
  for (const part of parts)
    for (const row of await rowsHolding(ws, db, part, who.names))
      candidates.push({ part, row, names: namesIn(row, namesOf(part.source, part.stream), who.disguise.salt) });
  const has = (name: Name) => who.disguise.instead(name) !== undefined;
  const shared = sharedNames(candidates, has);
  const isTheirs = (name: Name) => has(name) && !shared.has(nameText(name));
  let withheld = 0;
  const places = candidates.flatMap(({ part, row, names }) => {
    const { key, fetchedAt, payload } = row;
    if (isOwn(names, isTheirs))
      return [
        placeOf("landed", part, [{ key: masked(key, who), at: fetchedAt, row: parsed(editedFor(payload, who)) }]),
      ];
    if (isOwn(names, has)) withheld += 1;
    const leaves = leavesNaming(row, namesOf(part.source, part.stream), who.disguise);
    const only = Object.fromEntries([...leaves].map(([path, text]) => [path, masked(text, who)]));
    return leaves.size === 0 ? [] : [placeOf("landed", part, [{ at: fetchedAt, only }])];
  });
  return { places, shared, withheld };
}

/** Names of theirs that stand beside an account of somebody else. */
function sharedNames(candidates: readonly Candidate[], has: (name: Name) => boolean): ReadonlySet<string> {
  const others = candidates.filter(({ names }) => names.some(isAccount) && !names.filter(isAccount).some(has));
  return new Set(others.flatMap(({ names }) => names.filter((name) => !isAccount(name) && has(name)).map(nameText)));
}

/** A row of theirs as they may read it: who else is named in it is not told. */
function editedFor(payload: string, who: Somebody): string {
  return editLeaves(payload, ({ path, value }) => {
    if (typeof value !== "string") return undefined;
    const isElse = /mail|phone/i.test(path.at(-1) ?? "") && /^[0-9a-f]{64}$/.test(value) && !isOneOf(value, who);
    const text = isElse ? ELSE : masked(value, who);
    return text === value ? undefined : text;
  });
}

function isOneOf(hash: string, who: Somebody): boolean {
  return who.names.some(({ id, text }) => id === hash || text === hash);
}

/** A text without the addresses of others. */
function masked(text: string, { disguise }: Somebody): string {
  return text.replace(EMAIL, (found) => {
    const name = nameOf("email", found.replace("%40", "@"), { salt: disguise.salt });
    return disguise.instead(name) === undefined ? ELSE : found;
  });
}

function withoutOthers(value: unknown, who: Somebody): unknown {
  return parsed(editedFor(JSON.stringify(value), who));
}

/** A delivery with its body as text; of a list in it, what names them. */
function deliveryOf(text: string, who: Somebody): Readonly<Record<string, unknown>> {
  const { line, delivery, ...kept } = parsed(text) as Readonly<Record<string, unknown>>;
  const decoded = (base64: unknown) => Buffer.from(String(base64), "base64").toString("utf8");
  if (typeof line === "string") return { ...kept, line: masked(decoded(line), who) };
  if (delivery === null || typeof delivery !== "object")
    return withoutOthers(kept, who) as Readonly<Record<string, unknown>>;
  const { body, ...head } = delivery as Readonly<Record<string, unknown>>;
  const plain = decoded(body);
  const value = parsed(plain);
  const own = Array.isArray(value) ? value.filter((one) => who.isIn(JSON.stringify(one))) : value;
  return { ...kept, delivery: { ...head, body: own === null ? masked(plain, who) : withoutOthers(own, who) } };
}

/** Columns of a build that say whose a row is. */
const WHOSE = ["customer_id", "customer_ref", "email_hash", "email", "user_id", "web_user_id", "person_key"];

/** What the published build made of it: rows of the tables that are asked, whose person they are. Staged copies of raw are not told twice. */
async function figures(ws: Workspace, who: Somebody, shared: ReadonlySet<string>): Promise<readonly HeldPlace[]> {
  const build = currentBuild(ws);
  if (build === null) return [];
  const own = who.names.filter((name) => !shared.has(nameText(name)));
  const ids = own.flatMap(({ kind, id, text }) =>
    kind === "user" ? [text, `u:${text}`] : kind === "device" ? [`p:${text}`] : isAccount({ kind }) ? [id, text] : [],
  );
  const db = await openDatabase({ path: build.path, readOnly: true });
  try {
    const columns = await db.all(
      `select table_name as name, string_agg('"' || column_name || '"', ',' order by column_index) as whose
        from duckdb_columns() where schema_name = 'main' and table_name not like 'stg_%' and list_contains($1::varchar[], column_name)
        group by table_name order by table_name`,
      [WHOSE],
    );
    const found: HeldPlace[] = [];
    for (const { name, whose } of columns) {
      const isWhose = String(whose)
        .split(",")
        .map((column) => `list_contains($1::varchar[], cast(${column} as varchar))`);
      const rows = await db.all(
        `select cast(to_json(t) as varchar) as row from main."${String(name)}" as t where ${isWhose.join(" or ")} order by row`,
        [ids],
      );
      found.push({ place: "figures", relation: String(name), records: rows.map((row) => recordOf(row, who)) });
    }
    return found;
  } finally {
    await db.close();
  }
}

function recordOf(row: Row, who: Somebody): Readonly<Record<string, unknown>> {
  return { row: parsed(editedFor(String(row["row"]), who)) };
}
