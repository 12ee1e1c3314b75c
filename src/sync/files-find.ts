import { join, resolve, sep } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { FilesOptions, ImportOptions } from "../connectors/files/options.js";

/** A file to import, and the declared mapping that names it (null: recognised by its header). */
export interface FoundFile {
  /** Relative to the project folder with forward slashes when it lies inside, else absolute. */
  readonly name: string;
  readonly path: string;
  readonly declared: ImportOptions | null;
}

/** What lies in the folder and the declared paths. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** What was seen and left alone, with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly why: string }[];
}

const MAX_DEPTH = 6;
const TABLES = /\.((csv|tsv|txt|jsonl|ndjson|parquet)(\.gz)?|xlsx)$/i;
const NEAR_TABLES = /\.(xls|xlsb|numbers|ods|zip|json|pdf)$/i;

/**
 * Every file of the folder and of the declared imports, in natural order of names (`part2` before `part10`): a later name wins over
 * an earlier one where both have a key. Throws `FILES_NONE` for a declared path without a star that is not there.
 */
export function findFiles(files: Files, projectRoot: string, options: FilesOptions): FoundFiles {
  const declared = options.imports.flatMap((entry) => declaredFiles(files, projectRoot, entry));
  const taken = new Set(declared.map((file) => file.path));
  const folder = resolve(projectRoot, options.folder);
  const seen = walk(files, folder, 0).filter((entry) => !taken.has(entry.path));
  const found = seen.filter((entry) => entry.kind === "file" && TABLES.test(entry.path));
  const links = seen.filter((entry) => entry.kind !== "file");
  const strange = seen.filter((entry) => entry.kind === "file" && NEAR_TABLES.test(entry.path));
  const asName = (path: string) => nameOf(projectRoot, path);
  return {
    files: [...found.map(({ path }) => ({ name: asName(path), path, declared: null })), ...declared].sort(byName),
    passedOver: [
      ...links.map(({ path }) => ({ name: asName(path), why: "is a link; put the file itself into the folder" })),
      ...strange.map(({ path }) => ({
        name: asName(path),
        why: "save it as CSV (UTF-8), Excel (.xlsx), JSON lines or Parquet",
      })),
    ],
  };
}

/** The name by which a file is remembered and shown. */
export function nameOf(projectRoot: string, path: string): string {
  const root = resolve(projectRoot) + sep;
  return (path.startsWith(root) ? path.slice(root.length) : path).split(sep).join("/");
}

function declaredFiles(files: Files, projectRoot: string, declared: ImportOptions): readonly FoundFile[] {
  const pattern = resolve(projectRoot, declared.path).split(sep).join("/");
  const fixed = pattern.split("/").findIndex((segment) => /[*?]/.test(segment));
  if (fixed < 0) {
    if (files.stat(pattern)?.kind === "file") return [{ name: nameOf(projectRoot, pattern), path: pattern, declared }];
    throw new GrowthosError({
      code: "FILES_NONE",
      what: `there is no file "${declared.path}"`,
      why: `declared under sources.files.imports as ${declared.as}`,
      hint: "correct the path in growthos.config.ts (it is relative to that file), or remove the import",
      exit: "usage",
    });
  }
  const base = pattern.split("/").slice(0, fixed).join("/") || "/";
  const matches = pathMatcher(pattern);
  return walk(files, base, 0)
    .filter((entry) => entry.kind === "file" && matches(entry.path.split(sep).join("/")))
    .map(({ path }) => ({ name: nameOf(projectRoot, path), path, declared }));
}

/** `*` and `?` stay within a folder, `**` crosses folders; everything else is literal, also `[` and `{`. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const source = pattern
    .split("/")
    .map((segment) =>
      segment === "**"
        ? "(?:[^/]+/)*"
        : `${segment
            .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
            .replaceAll("*", "[^/]*")
            .replaceAll("?", "[^/]")}/`,
    )
    .join("");
  const regexp = new RegExp(`^${source}$`);
  return (path) => regexp.test(`${path}/`);
}

interface Entry {
  readonly path: string;
  readonly kind: "file" | "link" | "other";
}

/** Files below a folder; hidden names and the leftovers of editors and of DuckDB are not seen. */
function walk(files: Files, folder: string, depth: number): readonly Entry[] {
  if (depth > MAX_DEPTH) return [];
  return files.list(folder).flatMap((name): readonly Entry[] => {
    if (/^(\.|~\$|tmp_)|~$/.test(name)) return [];
    const path = join(folder, name);
    const stat = files.stat(path);
    if (stat === undefined) return [];
    return stat.kind === "folder" ? walk(files, path, depth + 1) : [{ path, kind: stat.kind }];
  });
}

const collator = new Intl.Collator("en", { numeric: true });

function byName(left: FoundFile, right: FoundFile): number {
  return collator.compare(left.name, right.name) || (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);
}
