/** What git would keep of a folder, read from its own files: `git` itself is never run (gitignore(5), gitformat-index(5)). */
import { dirname, join, resolve, sep } from "node:path";
import type { Files } from "../base/files.js";

/** A git work tree. */
export interface GitTree {
  /** Folder that holds `.git`. */
  readonly root: string;
  /** Where this work tree's index is, and where what all work trees share is. */
  readonly own: string;
  readonly common: string;
}

/** The work tree that a folder is in; null when it is in none. */
export function findGitTree(files: Files, folder: string): GitTree | null {
  for (let root = resolve(folder); ; root = dirname(root)) {
    const git = join(root, ".git");
    const kind = files.stat(git)?.kind;
    if (kind === "folder") return { root, own: git, common: git };
    const own = kind === "file" ? /^gitdir: (.+)$/m.exec(files.readText(git))?.[1] : undefined;
    if (own !== undefined) {
      const folderOfOwn = resolve(root, own.trim());
      const shared = textOf(files, join(folderOfOwn, "commondir"));
      return { root, own: folderOfOwn, common: shared === "" ? folderOfOwn : resolve(folderOfOwn, shared.trim()) };
    }
    if (dirname(root) === root) return null;
  }
}

/** A path inside the work tree as git writes it; null for one outside. */
export function pathInTree(tree: GitTree, path: string): string | null {
  const prefix = tree.root.endsWith(sep) ? tree.root : `${tree.root}${sep}`;
  return path.startsWith(prefix) ? path.slice(prefix.length).split(sep).join("/") : null;
}

/** Every path that the index names. Null when it is of a kind that is not read here (split, unknown version). */
export function trackedPaths(files: Files, tree: GitTree): readonly string[] | null {
  const path = join(tree.own, "index");
  if (files.stat(path) === undefined) return [];
  const isSha256 = /objectformat\s*=\s*sha256/i.test(textOf(files, join(tree.common, "config")));
  return indexedPaths(Buffer.from(files.read(path)), isSha256 ? 32 : 20);
}

/** Bytes of an entry before its object id: times, device, inode, mode, owner, size. */
const STAT_BYTES = 40;

function indexedPaths(index: Buffer, idBytes: number): readonly string[] | null {
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC") return null;
  const [version, count] = [index.readUInt32BE(4), index.readUInt32BE(8)];
  if (version < 2 || version > 4) return null;
  const paths: string[] = [];
  let at = 12;
  for (let entry = 0; entry < count; entry++) {
    const flagsAt = at + STAT_BYTES + idBytes;
    if (flagsAt + 2 > index.length) return null;
    const isExtended = version > 2 && (index.readUInt16BE(flagsAt) & 0x4000) !== 0;
    let nameAt = flagsAt + (isExtended ? 4 : 2);
    let kept = "";
    if (version === 4) {
      const { value, next } = varint(index, nameAt);
      const before = Buffer.from(paths.at(-1) ?? "");
      kept = before.subarray(0, before.length - value).toString("utf8");
      nameAt = next;
    }
    const end = index.indexOf(0, nameAt);
    if (end < 0) return null;
    paths.push(kept + index.toString("utf8", nameAt, end));
    // Names end with a zero byte; up to version 3 with as many as make the entry a multiple of eight.
    at = version === 4 ? end + 1 : at + Math.ceil((end - at + 1) / 8) * 8;
  }
  return index.toString("latin1", at, at + 4) === "link" ? null : paths;
}

/** The offset encoding of pack files. */
function varint(bytes: Buffer, from: number): { readonly value: number; readonly next: number } {
  let at = from;
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next: at };
}

interface Rule {
  readonly isNegated: boolean;
  readonly foldersOnly: boolean;
  /** Of the whole path from the folder of the rule's file. */
  readonly pattern: RegExp;
  /** Folder of the rule's file inside the tree, with its slash; empty for the root. */
  readonly base: string;
}

/**
 * Would git leave this path alone? By `.gitignore` files, `.git/info/exclude` and the user's own ignore file in its usual place; a place
 * that was set as `core.excludesFile` is not looked at.
 */
export function isIgnored(
  { files, home }: { readonly files: Files; readonly home: string | undefined },
  tree: GitTree,
  path: string,
  kind: "file" | "folder",
): boolean {
  const names = path.split("/");
  const own = home === undefined ? [] : rulesIn(files, join(home, ".config", "git", "ignore"), "");
  let rules = [...own, ...rulesIn(files, join(tree.common, "info", "exclude"), "")];
  // From the top down: what is in an ignored folder cannot be called back.
  return names.some((_, depth) => {
    const base = names
      .slice(0, depth)
      .map((name) => `${name}/`)
      .join("");
    rules = [...rules, ...rulesIn(files, join(tree.root, base, ".gitignore"), base)];
    const part = names.slice(0, depth + 1).join("/");
    const isFolder = kind === "folder" || depth < names.length - 1;
    const last = rules.findLast(
      (rule) => (isFolder || !rule.foldersOnly) && rule.pattern.test(part.slice(rule.base.length)),
    );
    return last !== undefined && !last.isNegated;
  });
}

function rulesIn(files: Files, path: string, base: string): readonly Rule[] {
  return textOf(files, path)
    .split(/\r?\n/)
    .map((line) => line.replace(/(?<!\\)\s+$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const isNegated = line.startsWith("!");
      const glob = isNegated ? line.slice(1) : line;
      const bare = glob.replace(/\/$/, "");
      // A slash anywhere but at the end ties the pattern to the folder of its file.
      const anywhere = bare.includes("/") ? "" : "(?:.*/)?";
      const pattern = new RegExp(`^${anywhere}${expressionOf(bare.replace(/^\//, ""))}$`);
      return { isNegated, foldersOnly: glob.endsWith("/"), pattern, base };
    });
}

const GLOB = /\*\*\/|\/\*\*$|\*|\?|\[!?[^\]]+\]|\\.|[^*?[\\]+|\[/g;

function expressionOf(glob: string): string {
  return glob.replace(GLOB, (piece) => {
    if (piece === "**/") return "(?:.*/)?";
    if (piece === "/**") return "/.*";
    if (piece === "*") return "[^/]*";
    if (piece === "?") return "[^/]";
    if (piece.startsWith("[") && piece.length > 1) return piece.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    return (piece.startsWith("\\") ? piece.slice(1) : piece).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
}

/** Empty when there is no such file. */
function textOf(files: Files, path: string): string {
  return files.stat(path)?.kind === "file" ? files.readText(path) : "";
}
