import { join } from "node:path";
import { messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Random } from "../base/ids.js";
import type { LogFields } from "../base/log.js";
import { redact, replaceEmails, type Secret } from "../base/secret.js";

/** One line of the run log. */
export interface LogLine {
  /** Instant, ISO 8601 UTC: always the real clock, also in a demo. */
  readonly at: string;
  readonly level: "debug" | "info" | "warn";
  readonly event: string;
  readonly fields: LogFields;
}

/** What a line may tell; anything else is left out, so that a field that somebody adds without a thought tells nothing about anybody. */
export const FIELDS: ReadonlySet<string> = new Set(
  `at build bytes code command cost error exit file from host id input key label level message ms path reason records rows run segment
   severity source status stream tries version why workspace`.split(/\s+/),
);
/** Longer texts are somebody else's words. */
const MOST_TEXT = 500;

/** A line that may be shown and kept: fields of the list alone, no secret, no e-mail address, no text without end. */
export function safeLine(line: LogLine, secrets: readonly Secret[]): LogLine {
  const fields = Object.entries(line.fields).flatMap(([name, value]) => {
    if (!FIELDS.has(name) || value === undefined) return [];
    return [[name, typeof value === "string" ? safeText(value, secrets) : value] as const];
  });
  return { ...line, fields: Object.fromEntries(fields) };
}

function safeText(text: string, secrets: readonly Secret[]): string {
  return replaceEmails(redact(text, secrets), () => "[e-mail]").slice(0, MOST_TEXT);
}

/** The log of one command on disk: JSON lines, written as they come. */
export interface Journal {
  keep(line: LogLine): void;
  /** Starts the file `<instant>-<random>.jsonl` in a folder with what was kept so far; a second call changes nothing. */
  openIn(folder: string, random: Random): void;
}

/** A command that runs for months does not fill the disk: at this size the next file begins, and only the newest few stay. */
export const MOST_FILE_BYTES = 5_000_000;
const MOST_FILES = 4;

/** Lines before the file is opened are kept in memory; there are few. `onLost` is told, once, when the file cannot be written. */
export function createJournal(
  files: Files,
  options: {
    readonly secrets: readonly Secret[];
    readonly onLost: (reason: string) => void;
    /** Default `MOST_FILE_BYTES`. */
    readonly mostBytes?: number;
  },
): Journal {
  let opened: { readonly folder: string; readonly name: string; part: number; bytes: number } | undefined;
  let waiting: readonly LogLine[] = [];
  let isBroken = false;
  const pathOf = (folder: string, name: string, part: number) =>
    join(folder, `${name}${part === 1 ? "" : `-${part}`}.jsonl`);
  const write = (lines: readonly LogLine[]) => {
    if (opened === undefined || isBroken || lines.length === 0) return;
    const text = lines.map((line) => `${redact(JSON.stringify(line), options.secrets)}\n`).join("");
    const { folder, name } = opened;
    try {
      if (opened.bytes > 0 && opened.bytes + Buffer.byteLength(text) > (options.mostBytes ?? MOST_FILE_BYTES)) {
        opened.part += 1;
        opened.bytes = 0;
        if (opened.part > MOST_FILES) files.remove(pathOf(folder, name, opened.part - MOST_FILES));
      }
      opened.bytes += Buffer.byteLength(text);
      files.append(pathOf(folder, name, opened.part), text);
    } catch (thrown) {
      // The log must not end the run that it tells of: what matters on a full disk is the commit, which fails loudly by itself.
      isBroken = true;
      // A workspace that was deleted took its log with it.
      if (files.stat(folder) !== undefined) options.onLost(messageOf(thrown));
    }
  };
  return {
    keep: (line) => {
      if (opened === undefined) waiting = [...waiting, line];
      else write([line]);
    },
    openIn: (folder, random) => {
      if (opened !== undefined) return;
      const started = waiting[0]?.at ?? "";
      const name = `${started.replace(/[-:]|\.\d+/g, "").toLowerCase()}-${random.hex(4)}`;
      opened = { folder, name, part: 1, bytes: 0 };
      write(waiting);
      waiting = [];
    },
  };
}

/** `files` that tell of the first change inside of every workspace: whatever changes one leaves a log in it. */
export function noticingChanges(files: Files, changed: (root: string) => void): Files {
  const known = new Set<string>();
  const notice = (path: string) => {
    const root = workspaceRootOf(path);
    if (root === null || known.has(root) || files.stat(join(root, "workspace.json")) === undefined) return;
    known.add(root);
    changed(root);
  };
  const noticed =
    <A extends readonly unknown[], R>(action: (path: string, ...rest: A) => R) =>
    (path: string, ...rest: A): R => {
      notice(path);
      return action(path, ...rest);
    };
  return {
    ...files,
    makeFolder: noticed(files.makeFolder),
    write: noticed(files.write),
    append: noticed(files.append),
    rename: noticed(files.rename),
    remove: noticed(files.remove),
    openLog: noticed(files.openLog),
    link: (existing, target) => noticed((path: string) => files.link(existing, path))(target),
    copy: (from, to) => noticed((path: string) => files.copy(from, path))(to),
    external: (name, path, action) => noticed((at: string) => files.external(name, at, action))(path),
  };
}

/** `…/workspaces/<name>` of a path inside of it; the last such folder of the path, as a project may lie in one of that name. */
function workspaceRootOf(path: string): string | null {
  return /^(.*[\\/]workspaces[\\/][a-z0-9][a-z0-9-]*)[\\/]/.exec(path)?.[1] ?? null;
}
