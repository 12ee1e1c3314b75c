import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { codeOf, freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles, fileError } from "./disk.js";
import { openDatabase } from "./duckdb.js";

afterAll(removeFolders);

describe("the real file system", () => {
  it("writes, appends, reads, hashes and removes", () => {
    const path = join(freshFolder(), "a", "file");
    diskFiles.makeFolder(join(path, ".."));
    diskFiles.write(path, "one ");
    diskFiles.append(path, "two");
    diskFiles.sync(path);
    expect(diskFiles.readText(path)).toBe("one two");
    expect([...diskFiles.read(path)]).toEqual([...Buffer.from("one two")]);
    expect(new TextDecoder().decode(diskFiles.readHead(path, 3))).toBe("one");
    expect(diskFiles.digest(path)).toEqual({ sha256: createHash("sha256").update("one two").digest("hex"), bytes: 7 });
    expect(diskFiles.stat(path)).toMatchObject({ kind: "file", bytes: 7, mode: 0o600 });
    diskFiles.remove(path);
    diskFiles.remove(path);
    expect(diskFiles.stat(path)).toBeUndefined();
  });

  it("hashes a file larger than one chunk", () => {
    const path = join(freshFolder(), "large");
    const bytes = Buffer.alloc(2_500_000, 7);
    diskFiles.write(path, bytes);
    expect(diskFiles.digest(path)).toEqual({
      sha256: createHash("sha256").update(bytes).digest("hex"),
      bytes: 2_500_000,
    });
  });

  it("lists names in order, and only a missing folder is empty", async () => {
    const folder = freshFolder();
    for (const name of ["b", "a", "C"]) diskFiles.write(join(folder, name), "");
    expect(diskFiles.list(folder)).toEqual(["C", "a", "b"]);
    expect(diskFiles.list(join(folder, "none"))).toEqual([]);
    expect(await codeOf(() => diskFiles.list(join(folder, "a")))).toBe("FILE_ENOTDIR");
  });

  it("does not follow a link when it looks, and never writes through one", async () => {
    const folder = freshFolder();
    diskFiles.write(join(folder, "target"), "x");
    symlinkSync(join(folder, "target"), join(folder, "link"));
    expect(diskFiles.stat(join(folder, "link"))?.kind).toBe("link");
    expect(await codeOf(() => diskFiles.append(join(folder, "link"), "y"))).toBe("FILE_ELOOP");
    expect(await codeOf(() => diskFiles.sync(join(folder, "link")))).toBe("FILE_ELOOP");
    expect(diskFiles.readText(join(folder, "link"))).toBe("x");
  });

  it("links only where nothing is", async () => {
    const folder = freshFolder();
    for (const name of ["a", "b"]) diskFiles.write(join(folder, name), name);
    expect(await codeOf(() => diskFiles.link(join(folder, "a"), join(folder, "b")))).toBe("FILE_EEXIST");
    expect(diskFiles.readText(join(folder, "b"))).toBe("b");
  });

  it("makes what DuckDB wrote private", async () => {
    const path = join(freshFolder(), "x.parquet");
    await diskFiles.external("copy", path, async () => writeFileSync(path, "x", { mode: 0o644 }));
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
  });

  it("F01 F02 F05 gives every system error a code, an exit and a remedy", () => {
    const of = (code: string) => fileError("write", "/w/x", Object.assign(new Error(`${code}: oh`), { code })).parts;
    expect(of("ENOSPC")).toMatchObject({
      code: "FILE_ENOSPC",
      exit: "io",
      hint: expect.stringContaining("free disk space"),
    });
    expect(of("EDQUOT").hint).toBe(of("ENOSPC").hint);
    expect(of("EIO")).toMatchObject({ code: "FILE_EIO", exit: "io" });
    expect(of("EROFS")).toMatchObject({ code: "FILE_EROFS", exit: "auth", hint: expect.stringContaining("/w") });
    expect(of("EACCES").exit).toBe("auth");
  });

  it("F05 refuses a folder that it may not enter, and does not take it for an empty one", async () => {
    const folder = join(freshFolder(), "closed");
    mkdirSync(folder, { mode: 0o000 });
    // The superuser may enter everything: be somebody else meanwhile.
    const asRoot = process.getuid?.() === 0;
    if (asRoot) process.seteuid?.(65534);
    try {
      expect(await codeOf(() => diskFiles.write(join(folder, "x"), "x"))).toBe("FILE_EACCES");
      expect(await codeOf(() => diskFiles.list(folder))).toBe("FILE_EACCES");
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
    chmodSync(folder, 0o700);
  });

  it("never opens a database that DuckDB holds, nor a link to it", async () => {
    const folder = freshFolder();
    const path = join(folder, "x.duckdb");
    const db = await openDatabase({ path });
    diskFiles.link(path, join(folder, "hard"));
    for (const action of [
      () => diskFiles.read(path),
      () => diskFiles.digest(join(folder, "hard")),
      () => diskFiles.sync(path),
      () => diskFiles.copy(path, join(folder, "c")),
    ]) {
      expect(await codeOf(action)).toBe("DATABASE_IS_OPEN");
    }
    expect(diskFiles.stat(path)?.kind).toBe("file");
    await db.close();
    expect(diskFiles.digest(path).bytes).toBeGreaterThan(0);
  });
});
