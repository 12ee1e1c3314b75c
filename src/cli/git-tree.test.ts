import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { findGitTree, type GitTree, isIgnored, pathInTree, trackedPaths } from "./git-tree.js";

// Judged by git itself, which the program never runs.

afterAll(removeFolders);

const HOME = freshFolder();
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME, GIT_CONFIG_NOSYSTEM: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function repository(files: Readonly<Record<string, string>>, ...init: readonly string[]): string {
  const root = freshFolder();
  git(root, "init", "-q", ...init);
  write(root, files);
  return root;
}

function treeOf(folder: string): GitTree {
  const tree = findGitTree(diskFiles, folder);
  if (tree === null) throw new Error("no work tree");
  return tree;
}

const listed = (root: string) => git(root, "ls-files", "-z").split("\0").filter(Boolean);

describe("the index", () => {
  const MANY = Object.fromEntries(
    [".env", "a", "a.b/c", "ünï cödé", "workspaces/shop/x", `deep/${"n".repeat(200)}/file`, "zz"].map((path) => [
      path,
      path,
    ]),
  );

  it.each([
    ["2", []],
    ["3", []],
    ["4", []],
    ["2", ["--object-format=sha256"]],
    ["4", ["--object-format=sha256"]],
  ])("of version %s is read as git reads it (%j)", (version, init) => {
    const root = repository(MANY, ...init);
    git(root, "add", "-f", ".");
    // What is only meant to be added has a longer entry.
    if (version === "3") {
      write(root, { later: "" });
      git(root, "add", "-N", "later");
    }
    // git itself makes 3 of 2 when an entry needs it.
    else git(root, "update-index", "--index-version", version);
    expect(readFileSync(join(root, ".git/index")).readUInt32BE(4)).toBe(Number(version));
    expect(trackedPaths(diskFiles, treeOf(root))).toEqual(listed(root));
  });

  it("of a second work tree is its own", () => {
    const root = repository({ one: "1" });
    git(root, "add", ".");
    git(root, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x");
    const other = join(freshFolder(), "other");
    git(root, "worktree", "add", "-q", other);
    write(other, { two: "2" });
    git(other, "add", ".");
    expect(trackedPaths(diskFiles, treeOf(other))).toEqual(["one", "two"]);
    write(root, { ".git/info/exclude": "secret\n" });
    expect(isIgnored({ files: diskFiles, home: HOME }, treeOf(other), "secret", "file")).toBe(true);
  });

  it("is empty before the first add, and unknown when it is split or broken", () => {
    const root = repository({ one: "1" });
    const tree = treeOf(root);
    expect(trackedPaths(diskFiles, tree)).toEqual([]);
    git(root, "add", ".");
    git(root, "update-index", "--split-index");
    expect(trackedPaths(diskFiles, tree)).toBeNull();
    writeFileSync(join(root, ".git/index"), "DIRC\0\0\0\x02\0\0\0\x09 and no more");
    expect(trackedPaths(diskFiles, tree)).toBeNull();
  });
});

describe("what is ignored", () => {
  const PATHS = [
    ".env",
    "workspaces/shop/x",
    "a/b/.env",
    "a/workspaces/x",
    "key.json",
    "keys/one.pem",
    "x y",
    "#odd",
    "b1",
  ];

  it.each([
    [".env\n/workspaces/\n"],
    ["workspaces"],
    ["*.env\n"],
    ["/.env"],
    ["**/.env\n"],
    ["a/**\n"],
    ["a/**/.env"],
    ["*\n!.env\n"],
    ["*\n!*/\n!.env"],
    ["a/\n!a/b/.env"],
    ["# .env\n\\#odd\n"],
    ["key.jso?\nkeys/*.pem"],
    ["b[0-9]\n[!a]1"],
    ["x\\ y   \n.env   "],
    ["WORKSPACES/\r\n.env\r\n"],
    ["keys/\nkey"],
    [""],
  ])("by %j, as git says", (rules) => {
    const root = repository({ ...Object.fromEntries(PATHS.map((path) => [path, ""])), ".gitignore": rules });
    const judge = (path: string) => {
      try {
        git(root, "check-ignore", "-q", "--no-index", path);
        return true;
      } catch {
        // Exit status 1: it is not ignored.
        return false;
      }
    };
    const ours = (path: string) => isIgnored({ files: diskFiles, home: HOME }, treeOf(root), path, "file");
    expect(Object.fromEntries(PATHS.map((path) => [path, ours(path)]))).toEqual(
      Object.fromEntries(PATHS.map((path) => [path, judge(path)])),
    );
  });

  it("by files further down, by .git/info/exclude and by the user's own file", () => {
    const root = repository({ ".gitignore": ".env\n", "shop/.gitignore": "!.env\n/workspaces/\n" });
    const ours = (path: string, kind: "file" | "folder" = "file") =>
      isIgnored({ files: diskFiles, home: HOME }, treeOf(root), path, kind);
    expect([ours(".env"), ours("shop/.env"), ours("shop/workspaces", "folder"), ours("workspaces", "folder")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    write(root, { ".git/info/exclude": "shop/.env\n" });
    expect(ours("shop/.env")).toBe(false);
    write(HOME, { ".config/git/ignore": "*.pem\n" });
    expect([
      ours("x/y.pem"),
      isIgnored({ files: diskFiles, home: undefined }, treeOf(root), "x/y.pem", "file"),
    ]).toEqual([true, false]);
  });
});

it("knows its own folder, and no other", () => {
  const root = repository({});
  mkdirSync(join(root, "a/b"), { recursive: true });
  const tree = treeOf(join(root, "a/b"));
  expect(tree.root).toBe(root);
  expect(pathInTree(tree, join(root, "a/b/.env"))).toBe("a/b/.env");
  expect(pathInTree(tree, `${root}-other/x`)).toBeNull();
  expect(findGitTree(diskFiles, freshFolder())).toBeNull();
});
