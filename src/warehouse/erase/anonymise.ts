// Takes a person out of a landed row. Pure.
import { EMAIL_PATTERN } from "../../base/secret.js";
import { isTellingName, nameAbove } from "../personal-names.js";
import { editLeaves, type Leaf } from "./json-leaves.js";
import { KEY, type NamePlace, type StreamNames } from "./names.js";
import { isOwn, type LandedRow, type Name, nameOf, namesIn, parsed, topicOf } from "./person.js";

/** A text that is told apart from any other text wherever it stands, and what stands there instead. */
export interface Loose {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** A text of this length is told apart from other text wherever it stands; a shorter one only where a name is expected. */
export const DISTINCT_LENGTH = 8;

/** E-mail addresses in other text. */
export const EMAIL = new RegExp(EMAIL_PATTERN, "gi");

/** Who is taken out, and what stands in their place. */
export interface Disguise {
  readonly salt: string;
  /** What stands in the place of a name of theirs; null: nothing does; undefined: it is not theirs. */
  readonly instead: (name: Name) => string | null | undefined;
  /** Replaced inside any text, of their rows and of all others. */
  readonly loose: readonly Loose[];
}

/**
 * The row without the person; null when nothing of them is in it. In a row of theirs what is personal goes with the names: money, days,
 * products and the numbers of documents stay.
 */
export function anonymised(row: LandedRow, stream: StreamNames, disguise: Disguise): LandedRow | null {
  const names = namesIn(row, stream, disguise.salt);
  const isTheirs = isOwn(names, (name) => disguise.instead(name) !== undefined);
  const loose = [...disguise.loose, ...names.flatMap((name) => ownLoose(name, disguise))];
  const topic = topicOf(parsed(row.payload));
  // A phone is shared, by families and by everybody who writes that of the shop: with others it stays.
  const places = stream.names.filter(
    ({ kind, topics }) => (topics === undefined || topic.startsWith(topics)) && (kind !== "phone" || isTheirs),
  );
  const payload = editLeaves(row.payload, (leaf) => {
    const named = atPlace(places, leaf.path, String(leaf.value), disguise);
    if (named !== undefined) return shaped(leaf, named);
    if (isTheirs && leaf.value !== "" && isTelling(leaf.path)) return null;
    const text = String(leaf.value);
    const other = withoutAddresses(loosened(text, loose), disguise);
    return other === text ? undefined : shaped(leaf, other);
  });
  // Some keys repeat the payload.
  const own = row.key.includes(row.payload) ? row.key.split(row.payload).join(payload) : row.key;
  const key = atPlace(places, [KEY], own, disguise) ?? loosened(own, loose);
  return key === row.key && payload === row.payload ? null : { key, payload };
}

/** What names somebody in a row that is not theirs: where it stands, and the text there. */
export function leavesNaming(row: LandedRow, stream: StreamNames, disguise: Disguise): ReadonlyMap<string, string> {
  const topic = topicOf(parsed(row.payload));
  const places = stream.names.filter(
    ({ kind, topics }) => (topics === undefined || topic.startsWith(topics)) && kind !== "phone",
  );
  const found = new Map<string, string>();
  editLeaves(row.payload, ({ path, value }) => {
    const text = String(value);
    const isNamed = atPlace(places, path, text, disguise) !== undefined;
    if (isNamed || withoutAddresses(loosened(text, disguise.loose), disguise) !== text) found.set(path.join("."), text);
    return undefined;
  });
  return found;
}

/** What stands elsewhere in a row of somebody as well, such as their number in the address of a page. */
function ownLoose(name: Name, { instead }: Disguise): readonly Loose[] {
  if (name.kind === "order" || name.kind === "phone" || name.text.length < DISTINCT_LENGTH) return [];
  const other = instead(name);
  return other === undefined ? [] : [looseText(name.text, other ?? "")];
}

/** Their addresses in other text, of which only the hash is known. */
function withoutAddresses(text: string, { salt, instead }: Disguise): string {
  if (!text.includes("@") && !text.includes("%40")) return text;
  return text.replace(EMAIL, (found) => {
    const other = instead(nameOf("email", found.replace("%40", "@"), { salt }));
    return other === undefined ? found : (other ?? "").replace("@", found.includes("@") ? "@" : "%40");
  });
}

/** A number stays a number. */
function shaped({ value }: Leaf, next: string | null): string | number | null {
  return typeof value === "number" && next !== null && /^[1-9]\d{0,14}$/.test(next) ? Number(next) : next;
}

/** What stands instead of a name of theirs at this place; undefined when there is none. */
function atPlace(
  places: readonly NamePlace[],
  path: readonly string[],
  text: string,
  { salt, instead }: Disguise,
): string | null | undefined {
  for (const { kind, of, paths } of places) {
    if (kind === "order" || !paths.some((known) => isSame(known, path))) continue;
    const name = nameOf(kind, text, { salt, of });
    const other = instead(name);
    if (other === undefined) continue;
    const start = text.lastIndexOf(name.text);
    return other === null ? null : text.slice(0, start) + other + text.slice(start + name.text.length);
  }
  return undefined;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  // Of a list the leaf knows no place.
  return (
    a.length === b.length && a.every((name, index) => name === b[index] || (b[index] === "*" && /^\d+$/.test(name)))
  );
}

function isTelling(path: readonly string[]): boolean {
  const names = path.filter((name) => name !== "*");
  const parent = names.slice(0, -1).reduce((above, name) => nameAbove(name, above), "");
  return isTellingName(names.at(-1) ?? "", parent);
}

/** The text with every loose text in it replaced, where it stands as a word of its own. */
export function loosened(text: string, loose: readonly Loose[]): string {
  return loose.reduce((done, { pattern, instead }) => done.replace(pattern, () => instead), text);
}

/** A loose text. An address is no part of a longer one (`a.max@…`), and found however it is written; other texts are no part of a longer word. */
export function looseText(text: string, instead: string): Loose {
  const exact = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const isAddress = text.includes("@") || text.includes("%40");
  return {
    instead,
    pattern: isAddress
      ? new RegExp(`(?<![A-Za-z0-9._+-])${exact}(?![A-Za-z0-9-]|\\.[A-Za-z])`, "gi")
      : new RegExp(`(?<![A-Za-z0-9])${exact}(?![A-Za-z0-9])`, "g"),
  };
}
