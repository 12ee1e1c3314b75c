// Who somebody is, and which rows are theirs. Pure: rows in, names out.
import { hmac256 } from "../../base/hash.js";
import { KEY, type NameKind, type NamePlace, type StreamNames } from "./names.js";

/** One name of somebody, in the form in which it is compared. */
export interface Name {
  readonly kind: NameKind;
  /** Addresses and phones as the keyed hash with which they land; customers with their source before them (`shopify:123`). */
  readonly id: string;
  /** As it stood in the row. */
  readonly text: string;
}

/** A row as it has landed. */
export interface LandedRow {
  readonly key: string;
  /** JSON text. */
  readonly payload: string;
}

/** The kinds by which somebody is known for certain. */
const ACCOUNTS: readonly NameKind[] = ["email", "customer", "user"];
/** True for a name by which somebody is known for certain. */
export function isAccount({ kind }: Pick<Name, "kind">): boolean {
  return ACCOUNTS.includes(kind);
}

/** How systems write that there is nobody. */
const NOBODY = /^(?:|0|-|\(?(?:not set|none|null|nan|undefined|n\/a|unknown|guest|anonymous)\)?)$/i;
const HASH = /^[0-9a-f]{64}$/;

/** A name of the given kind as it is compared. `of` is whose number a customer is. */
export function nameOf(
  kind: NameKind,
  text: string,
  { salt, of }: { readonly salt: string; readonly of?: string | undefined },
): Name {
  const plain = text.trim();
  if (kind === "email" || kind === "phone") {
    const lower = plain.toLowerCase();
    return { kind, id: HASH.test(lower) ? lower : hmac256(salt, lower), text: plain };
  }
  // Shopify's numbers stand in addresses of its objects, in its exports behind an apostrophe.
  const tail = (plain.split("/").at(-1) ?? plain).replace(/^['#]+/, "");
  if (kind === "customer") return { kind, id: `${of ?? ""}:${tail}`, text: tail };
  return { kind, id: kind === "order" ? tail : plain, text: kind === "order" ? tail : plain };
}

/** The text under which names are kept and compared. */
export function nameText({ kind, id }: Pick<Name, "kind" | "id">): string {
  return `${kind} ${id}`;
}

/** All names in a row. What is no JSON has none. */
export function namesIn(row: LandedRow, stream: StreamNames, salt: string): readonly Name[] {
  const payload = parsed(row.payload);
  const topic = topicOf(payload);
  return stream.names.flatMap((place) => {
    if (place.topics !== undefined && !topic.startsWith(place.topics)) return [];
    const text = textOf(row, payload, place);
    return text === null ? [] : [nameOf(place.kind, text, { salt, of: place.of })];
  });
}

function textOf({ key }: LandedRow, payload: unknown, { paths }: NamePlace): string | null {
  for (const path of paths) {
    const text = path[0] === KEY ? key : textAt(payload, path);
    if (text !== null && !NOBODY.test(text.trim())) return text;
  }
  return null;
}

/** What kind of row this is, in streams that have several: the topic of a webhook, the list that changed. */
export function topicOf(payload: unknown): string {
  return textAt(payload, ["topic"]) ?? textAt(payload, ["stream"]) ?? "";
}

/** What stands at a path, as text; null for nothing and for what is no text or number. */
export function textAt(value: unknown, path: readonly string[]): string | null {
  let here = value;
  for (const name of path) {
    if (here === null || typeof here !== "object" || !Object.hasOwn(here, name)) return null;
    here = (here as Readonly<Record<string, unknown>>)[name];
  }
  return typeof here === "string" ? here : typeof here === "number" ? String(here) : null;
}

/** The payload as a value; null for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A bulk file's line that a vendor broke: it holds nobody that could be told.
    return null;
  }
}

/**
 * True when a row is of somebody: it names one of their accounts, or nobody else's account and their phone, device, visit or order. A
 * device is shared: what somebody else did on it is not theirs.
 */
export function isOwn(names: readonly Name[], has: (name: Name) => boolean): boolean {
  const accounts = names.filter(isAccount);
  if (accounts.some(has)) return true;
  return accounts.length === 0 && names.some(has);
}

/** The names that a row of somebody adds to theirs. */
export function namesLearned(names: readonly Name[], has: (name: Name) => boolean): readonly Name[] {
  return isOwn(names, has) ? names.filter((name) => !has(name)) : [];
}
