/** The repository as data: its files, and its TypeScript parsed once. For tests only. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const NEVER = new Set(["node_modules", "dist", ".git", "workspaces", "coverage"]);

/** Every file of the project, relative, sorted: what git would track, or all of them where there is no git. */
export function projectFiles(): readonly string[] {
  try {
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listed
      .split("\0")
      .filter((path) => path !== "" && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile())
      .sort();
  } catch {
    return [...walk("")].sort();
  }
}

function walk(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return NEVER.has(entry.name) || path.startsWith(".ci/node") ? [] : walk(path);
    return entry.isFile() && entry.name !== ".env" ? [path] : [];
  });
}

/** The text of a file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** A TypeScript file with its syntax tree. */
export interface Source {
  /** Relative to the root, e.g. `src/base/dates.ts`. */
  readonly path: string;
  /** First folder under `src`. */
  readonly room: string;
  readonly isTest: boolean;
  readonly tree: ts.SourceFile;
}

/** All TypeScript under `src`, parsed. */
export function sources(): readonly Source[] {
  return projectFiles()
    .filter((path) => path.startsWith("src/") && path.endsWith(".ts"))
    .map((path) => ({
      path,
      room: path.split("/")[1] ?? "",
      isTest: path.endsWith(".test.ts"),
      tree: ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true),
    }));
}

/** One import, static, type-only or dynamic. */
export interface Import {
  /** As written: `./x.js`, `zod`, `node:fs`. */
  readonly specifier: string;
  /** Path of the imported file of ours; null for a package. */
  readonly file: string | null;
  readonly line: number;
}

/** Every import and re-export of a file. */
export function importsOf({ path, tree }: Source): readonly Import[] {
  const found: Import[] = [];
  visit(tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const isOurs = specifier.startsWith(".");
    const file = isOurs ? posix.join(dirname(path), specifier).replace(/\.js$/, ".ts") : null;
    found.push({ specifier, file, line: lineOf(tree, node) });
  });
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument && ts.isStringLiteral(argument) ? argument.text : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return node.argument.literal.text;
  }
  return undefined;
}

/** Calls `look` for every node of a tree. */
export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

/** 1-based line of a node. */
export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

/** Lines that a node spans. */
export function lengthOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.end).line + 2 - lineOf(tree, node);
}
