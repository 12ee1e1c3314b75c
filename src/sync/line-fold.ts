import type { LineMembers } from "../http/types.js";

/** Puts children under their roots while JSON lines pass by: a root and the children below it become one line. */
export interface LineFolder {
  /**
   * Reads whole lines and tells how many of their bytes are done with: all of them with `all`, else those before the last root, whose
   * children may be still to come. The rest is to be given again, with what follows.
   */
  take(lines: Buffer, all: boolean): number;
  readonly seen: LinesSeen;
}

/** What was done with so far. */
export interface LinesSeen {
  /** Lines with something on them. */
  readonly lines: number;
  /** Children that do not stand below their root: they are written as they came. */
  readonly strays: number;
  /** Keys of the roots whose `listMember` is not empty. */
  readonly filled: ReadonlySet<string>;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const COMMA = Buffer.from(",");
const LIST_END = Buffer.from("]}");
/** A root with its children is read as one object: what goes beyond that stays outside. */
const MAX_FOLDED_BYTES = 8 * 1024 * 1024;
/** The names of a line are looked for in so many bytes: they are asked for first. */
const HEAD_BYTES = 512;

/**
 * Works on bytes. Read as JSON, the lines would take ten times as long, and DuckDB needs twice the time when children are rows of their own
 * (measured). A line that is not written as vendors write it stays as it came, and landing judges it.
 * `write` gets whole lines, in pieces that lie in `lines` or in texts of our own; what it gets is to be copied at once.
 */
export function lineFolder(
  members: LineMembers,
  write: (from: Buffer, start: number, end: number) => void,
): LineFolder {
  const seen = { lines: 0, strays: 0, filled: new Set<string>() };
  const names = namesOf(members);
  const isFilled = filledFinder(members);
  const root = { start: -1, end: 0, keyStart: 0, keyEnd: -1, bytes: 0, lines: 0 };
  const children = names.children.map((): number[] => []);
  const put = (text: Buffer) => write(text, 0, text.length);

  const closeRoot = (lines: Buffer) => {
    if (root.start === -1) return;
    const { start, end, lines: count } = root;
    root.start = -1;
    seen.lines += count;
    const key = isFilled(lines, start, end);
    if (key !== null) seen.filled.add(key);
    if (count === 1) return write(lines, start, end + 1);
    for (const [index, ranges] of children.entries()) {
      put(names.children[index]?.head ?? COMMA);
      for (let at = 0; at < ranges.length; at += 2) {
        if (at > 0) put(COMMA);
        write(lines, ranges[at] ?? 0, ranges[at + 1] ?? 0);
      }
      put(LIST_END);
      ranges.length = 0;
    }
    put(COMMA);
    // Its brace stands before its lists.
    write(lines, start + 1, end + 1);
  };
  const openRoot = (lines: Buffer, start: number, end: number) => {
    closeRoot(lines);
    const keyStart = valueAt(lines, names.key, start, end);
    const keyEnd = keyStart === -1 ? -1 : textEnd(lines, keyStart, end);
    Object.assign(root, { start, end, keyStart, keyEnd, bytes: end - start, lines: 1 });
  };
  const rangesFor = (lines: Buffer, start: number, end: number, parent: number): number[] | undefined => {
    const hasKey = root.start !== -1 && root.keyEnd !== -1 && lines[parent] === COLON;
    const isOwn = hasKey && isSame(lines, root.keyStart, root.keyEnd, parent + 1);
    if (!isOwn || root.bytes + end - start > MAX_FOLDED_BYTES) return undefined;
    const type = valueAt(lines, TYPE, start, end);
    return type === -1 ? undefined : children[names.children.findIndex(({ text }) => startsWith(lines, type, text))];
  };
  const takeChild = (lines: Buffer, start: number, end: number, parent: number) => {
    const ranges = rangesFor(lines, start, end, parent);
    if (ranges !== undefined) {
      ranges.push(start, end);
      root.bytes += end - start;
      root.lines += 1;
      return;
    }
    closeRoot(lines);
    seen.lines += 1;
    seen.strays += 1;
    write(lines, start, end + 1);
  };
  const forget = (): number => {
    const { start } = root;
    root.start = -1;
    for (const ranges of children) ranges.length = 0;
    return start;
  };
  return {
    seen,
    take: (lines, all) => {
      let parent = nextName(lines, names.parent, 0);
      let start = 0;
      for (let end = lines.indexOf(NEWLINE); end !== -1; end = lines.indexOf(NEWLINE, start)) {
        if (parent !== -1 && parent < start) parent = nextName(lines, names.parent, start);
        if (parent !== -1 && parent < end) takeChild(lines, start, end, parent + names.parent.length);
        else if (end > start) openRoot(lines, start, end);
        start = end + 1;
      }
      if (all) closeRoot(lines);
      const open = forget();
      return open === -1 ? start : open;
    },
  };
}

const TYPE = Buffer.from('"__typename":');

/** The names of the members as they stand in a line, and for each type of children the text that begins their list. */
function namesOf({ keyMember, parentMember, children }: LineMembers) {
  return {
    key: Buffer.from(`"${keyMember}":`),
    // Without the colon: wherever the name stands, the line may be a child.
    parent: Buffer.from(`"${parentMember}"`),
    children: Object.entries(children).map(([type, member], index) => ({
      text: Buffer.from(`"${type}"`),
      head: Buffer.from(`${index === 0 ? "{" : ","}"${member}":{"nodes":[`),
    })),
  };
}

/** Where a name stands next. It is looked for without its first quote, of which JSON is full: that is three times as fast (measured). */
function nextName(lines: Buffer, name: Buffer, from: number): number {
  const inner = name.subarray(1);
  let at = lines.indexOf(inner, from + 1);
  while (at !== -1 && lines[at - 1] !== QUOTE) at = lines.indexOf(inner, at + 1);
  return at === -1 ? -1 : at - 1;
}

/** Where the value of a member of the line's own object begins, if that is near its start; else -1. */
function valueAt(lines: Buffer, name: Buffer, start: number, end: number): number {
  if (lines[start] !== OPEN_BRACE) return -1;
  if (startsWith(lines, start + 1, name)) return start + 1 + name.length;
  const at = lines.subarray(start, Math.min(end, start + HEAD_BYTES)).indexOf(name);
  if (at === -1) return -1;
  for (let index = start + 1; index < start + at; index++) {
    if (lines[index] === OPEN_BRACE || lines[index] === OPEN_BRACKET) return -1;
  }
  return start + at + name.length;
}

/** Where a text ends that can be compared byte by byte; else -1. */
function textEnd(lines: Buffer, start: number, end: number): number {
  if (lines[start] !== QUOTE) return -1;
  for (let index = start + 1; index < end; index++) {
    if (lines[index] === BACKSLASH) return -1;
    if (lines[index] === QUOTE) return index + 1;
  }
  return -1;
}

/** From the end, where keys differ. */
function isSame(lines: Buffer, from: number, to: number, other: number): boolean {
  for (let index = to - from - 1; index >= 0; index--) {
    if (lines[from + index] !== lines[other + index]) return false;
  }
  return true;
}

function startsWith(lines: Buffer, at: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index++) {
    if (lines[at + index] !== text[index]) return false;
  }
  return true;
}

/** Tells the key of a root whose list is not empty by the name of the list: parsing only such lines costs a tenth of parsing all (measured). */
function filledFinder(members: LineMembers): (lines: Buffer, start: number, end: number) => string | null {
  const { listMember } = members;
  if (listMember === undefined) return () => null;
  const name = Buffer.from(`"${listMember}"`);
  return (lines, start, end) => {
    const line = lines.subarray(start, end);
    for (let at = nextName(line, name, 0); at !== -1; at = nextName(line, name, at + name.length)) {
      if (!isEmptyList(line, at + name.length)) return filledKey(line.toString("utf8"), members, listMember);
    }
    return null;
  };
}

/** Whether `: []` follows, with blanks or without. */
function isEmptyList(bytes: Buffer, from: number): boolean {
  return /^\s*:\s*\[\s*\]/.test(bytes.toString("latin1", from, from + 16));
}

function filledKey(line: string, { keyMember, parentMember }: LineMembers, listMember: string): string | null {
  const root = parsed(line);
  const list = root?.[listMember];
  return Array.isArray(list) && list.length > 0 && root?.[parentMember] === undefined
    ? String(root?.[keyMember])
    : null;
}

/** Null for what is no JSON object: landing refuses such a line with its number. */
function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" ? (value as Readonly<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}
