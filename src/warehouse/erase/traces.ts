// Where somebody is beside the landed rows: builds, caches and print-outs are made again without them, so they go; journals are rewritten.

import { filesUnder } from "../gc.js";
import { journalBase, journalNames } from "../journal.js";
import { absolutePath, replaceDurably } from "../layout.js";
import { quarantineOf } from "../quarantine.js";
import { seal, unseal } from "../sealed.js";
import type { WarehouseState, Workspace } from "../types.js";
import { loosened } from "./anonymise.js";
import type { Somebody } from "./somebody.js";
import { ERASED } from "./tombstones.js";

/** What goes, relative to the workspace, in the order in which it goes. */
export interface Traces {
  /** Landed and rejected rows that no active part holds any more. */
  readonly retired: readonly string[];
  /** `CURRENT` first, so that no moment has a pointer to what is gone. */
  readonly builds: readonly string[];
  readonly staged: readonly string[];
  /** Reports, logs and letters that name them, and what cannot be searched. */
  readonly written: readonly string[];
  /** Those of `written` that name them for certain. */
  readonly named: readonly string[];
  /** Files that were searched. */
  readonly searched: number;
}

/** Looked after elsewhere, or holding nobody: their names are the program's own. */
const NOT_SEARCHED = [
  "landing",
  "log",
  "locks",
  "staging",
  "staged",
  "warehouse",
  "quarantine",
  "spool",
  "credentials",
  ERASED,
];
const SEARCHABLE = /\.(?:html?|md|json|jsonl|ndjson|txt|csv|svg|eml|log)$/;
const ENTRY = /^\d{12}\.json$/;

/** Everything beside the active parts in which somebody is, or may be. */
export function tracesOf(ws: Workspace, state: WarehouseState, who: Somebody): Traces {
  const journals = journalNames(ws);
  const own = ws.files.list(ws.root).filter((name) => !NOT_SEARCHED.includes(name));
  const folders = own.filter((name) => ws.files.stat(ws.at(name))?.kind === "folder");
  const files = folders.flatMap((name) => filesUnder(ws, name)).filter((path) => !isEntry(journals, path));
  const named = new Set(files.filter((path) => SEARCHABLE.test(path) && who.isIn(readable(ws, path))));
  return {
    retired: [...retiredLoads(ws, state), ...retiredQuarantine(ws, state)],
    builds: ["warehouse/CURRENT", ...filesUnder(ws, "warehouse")].filter(
      (path, index, all) => all.indexOf(path) === index && ws.files.stat(absolutePath(ws, path)) !== undefined,
    ),
    staged: ws.files.list(ws.at("staged")).map((name) => `staged/${name}`),
    written: files.filter((path) => named.has(path) || (!SEARCHABLE.test(path) && isPrintOut(path))),
    named: [...named],
    searched: files.length,
  };
}

function isEntry(journals: readonly string[], path: string): boolean {
  const at = path.lastIndexOf("/");
  return journals.includes(path.slice(0, at)) && ENTRY.test(path.slice(at + 1));
}

/** A PDF cannot be searched, but made again. */
function isPrintOut(path: string): boolean {
  return path.startsWith("out/") && /\.[a-z0-9]+$/i.test(path);
}

/** A file's text; of a mail also what its encodings hide. */
function readable(ws: Workspace, path: string): string {
  const text = ws.files.readText(absolutePath(ws, path));
  if (!path.endsWith(".eml")) return text;
  const quoted = text
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const base64 = text.match(/(?:^[A-Za-z0-9+/=]{60,76}\r?\n)+[A-Za-z0-9+/=]*/gm) ?? [];
  return [text, quoted, ...base64.map((block) => Buffer.from(block, "base64").toString("utf8"))].join("\n");
}

function retiredLoads(ws: Workspace, state: WarehouseState): readonly string[] {
  const active = new Set(state.parts.map(({ path }) => path.split("/").slice(0, 4).join("/")));
  const under = (path: string) => ws.files.list(absolutePath(ws, path)).map((name) => `${path}/${name}`);
  return under("landing")
    .flatMap(under)
    .flatMap(under)
    .filter((path) => !active.has(path));
}

function retiredQuarantine(ws: Workspace, state: WarehouseState): readonly string[] {
  const active = new Set(state.parts.map((part) => quarantineOf(ws, part)?.path));
  return filesUnder(ws, "quarantine").filter((path) => !active.has(absolutePath(ws, path)));
}

/** Journals whose entries name somebody. */
export function journalsOf(ws: Workspace, who: Somebody): readonly string[] {
  return journalNames(ws).filter((journal) => entriesOf(ws, journal).some(({ text }) => who.isIn(text)));
}

/** What the entries of journals say of somebody. */
export function journalsNaming(
  ws: Workspace,
  who: Somebody,
): readonly { readonly journal: string; readonly at: unknown; readonly events: readonly unknown[] }[] {
  return journalsOf(ws, who).flatMap((journal) =>
    entriesOf(ws, journal).flatMap(({ text }) => {
      const entry = who.isIn(text) ? unseal(text) : null;
      if (entry === null || !Array.isArray(entry["events"])) return [];
      const events = entry["events"].filter((event) => who.isIn(JSON.stringify(event)));
      return [{ journal, at: entry["at"], events }];
    }),
  );
}

/**
 * Rewrites a journal without somebody, entry after entry, each linked anew. A crash leaves entries whose links do not fit; the next time it
 * goes on from there, because each entry is whole by itself.
 */
export function cleanJournal(ws: Workspace, journal: string, who: Somebody): void {
  let prev: unknown = journalBase(ws, journal).self;
  for (const { name, text } of entriesOf(ws, journal)) {
    const entry = unseal(text);
    if (entry === null) return;
    const { self: _self, ...body } = entry;
    const cleaned = JSON.parse(loosened(JSON.stringify(body), who.disguise.loose)) as Readonly<Record<string, unknown>>;
    const sealed = seal({ ...cleaned, prev });
    if (sealed.text !== text) replaceDurably(ws.files, ws.at(...journal.split("/"), name), sealed.text);
    prev = sealed.self;
  }
}

function entriesOf(ws: Workspace, journal: string): readonly { readonly name: string; readonly text: string }[] {
  const folder = journal.split("/");
  return ws.files
    .list(ws.at(...folder))
    .filter((name) => ENTRY.test(name))
    .map((name) => ({ name, text: ws.files.readText(ws.at(...folder, name)) }));
}
