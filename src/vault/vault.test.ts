import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { systemRandom } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import { everyFault } from "../testing/faults/every-fault.js";
import { FAULT_MODES, faultyFiles } from "../testing/faults/faulty-files.js";
import { codeOf, freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { createKeys, findKeys, type KeyRequest } from "./key-sources.js";
import { readRecord, removeRecord, type StoredCredentials, storedSources, type Vault, writeRecord } from "./records.js";
import { finishRotation, retireKey, rotateKey } from "./rotate.js";

afterAll(removeFolders);

const ID = "ab".repeat(16);
const HEX = "0f".repeat(32);
const user = process.getuid?.() ?? null;

function request(home: string, more: Partial<KeyRequest> = {}): KeyRequest {
  const env = { HOME: home, PATH: join(home, "bin") };
  return { workspaceId: ID, files: diskFiles, env, platform: "linux", user, given: null, next: null, ...more };
}

function stored(token: string): StoredCredentials {
  return {
    method: "token",
    connectedAt: "2026-01-01T00:00:00.000Z",
    members: { token: new Secret(token) },
    token: null,
  };
}

function vaultIn(home: string, { files = diskFiles, ...more }: Partial<KeyRequest> = {}): Vault {
  const { keys } = findKeys(request(home, { files, ...more }));
  if (keys === null) throw new Error("no key");
  const now = () => "2026-11-27T08:00:00.000Z";
  return { files, folder: join(home, "credentials"), workspaceId: ID, keys, random: systemRandom, now };
}

const tokenOf = (vault: Vault, source: string) => readRecord(vault, source)?.members["token"]?.reveal();

function withKeyFile(): { readonly home: string; readonly path: string } {
  const home = freshFolder();
  createKeys(request(home), systemRandom, "file");
  return { home, path: join(home, ".config/growthos/keys", `${ID}.key`) };
}

describe("the place of the key", () => {
  it("is nowhere until one is made, and then a private file outside the project", () => {
    const home = freshFolder();
    expect(findKeys(request(home))).toEqual({ keys: null, notes: [] });
    const made = createKeys(request(home), systemRandom, "file");
    const path = join(home, ".config/growthos/keys", `${ID}.key`);
    expect(made.current.from).toBe(`the key file ${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    expect(findKeys(request(home)).keys?.current.text.reveal()).toBe(made.current.text.reveal());
  });

  it("is first what was given, then the named file, then the keyring, then the key file", () => {
    const { home } = withKeyFile();
    const named = join(home, "named.key");
    writeFileSync(named, "11".repeat(32), { mode: 0o600 });
    const given = { text: new Secret("22".repeat(32)), from: "GROWTHOS_KEY" };
    const env = { HOME: home, GROWTHOS_KEY_FILE: named, PATH: join(home, "bin") };
    const first = (more: Partial<KeyRequest>) => findKeys(request(home, more)).keys?.current;
    expect(first({ env, given })).toMatchObject({ from: "GROWTHOS_KEY" });
    expect(first({ env })).toMatchObject({ from: `GROWTHOS_KEY_FILE (${named})` });
    fakeKeyring(home, "33".repeat(32));
    expect(first({})).toMatchObject({ from: "the OS keyring (secret-tool)" });
    expect(first({})?.text.reveal()).toBe("33".repeat(32));
    rmSync(join(home, "bin"), { recursive: true });
    expect(first({})?.from).toContain("the key file");
  });

  it("is never passed over when it is configured but unusable", async () => {
    const { home } = withKeyFile();
    const bad = (text: string) => ({ given: { text: new Secret(text), from: "GROWTHOS_KEY" } });
    expect(await codeOf(() => findKeys(request(home, bad("password"))))).toBe("KEY_INVALID");
    expect(await codeOf(() => findKeys(request(home, bad(""))))).toBe("KEY_INVALID");
    const env = { HOME: home, GROWTHOS_KEY_FILE: join(home, "none") };
    expect(await codeOf(() => findKeys(request(home, { env })))).toBe("KEY_FILE_MISSING");
  });
});

/** A `secret-tool` that keeps its secrets in files, and writes down its arguments. */
function fakeKeyring(home: string, key?: string): void {
  mkdirSync(join(home, "bin"), { recursive: true });
  const script = `#!/bin/sh
echo "$@" >> "${home}/argv"
last=""; for word in "$@"; do last="$word"; done
case "$1" in
  --version) exit 0;;
  lookup) [ -f "${home}/ring-$last" ] || exit 1; while read -r line; do printf %s "$line"; done < "${home}/ring-$last"; exit 0;;
  store) read -r line; printf '%s\\n' "$line" > "${home}/ring-$last"; exit 0;;
  clear) exit 0;;
esac
`;
  writeFileSync(join(home, "bin/secret-tool"), script, { mode: 0o755 });
  if (key !== undefined) writeFileSync(join(home, `ring-${ID}`), `${key}\n`);
}

describe("the OS keyring", () => {
  it("keeps a key, which no argument ever shows", () => {
    const home = freshFolder();
    fakeKeyring(home);
    // The tool reads its secret up to a line end.
    const made = createKeys(request(home), { hex: () => HEX }, "keyring");
    expect(made.current.text.reveal()).toBe(HEX);
    expect(findKeys(request(home)).keys?.place?.label).toBe("the OS keyring (secret-tool)");
    expect(readFileSync(join(home, "argv"), "utf8")).not.toContain(HEX);
  });

  it("that does not answer is named, and the key file is looked at", () => {
    const { home } = withKeyFile();
    mkdirSync(join(home, "bin"));
    const script =
      '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "Cannot autolaunch D-Bus without X11" >&2\nexit 1\n';
    writeFileSync(join(home, "bin/secret-tool"), script, { mode: 0o755 });
    const { keys, notes } = findKeys(request(home));
    expect(keys?.current.from).toContain("the key file");
    expect(notes.join()).toContain("did not answer (Cannot autolaunch D-Bus without X11)");
  });

  it("that holds something else than a key is an error, not a reason to look elsewhere", async () => {
    const { home } = withKeyFile();
    fakeKeyring(home, "not a key");
    expect(await codeOf(() => findKeys(request(home)))).toBe("KEY_INVALID");
  });
});

describe("K03 a key file", () => {
  const refusal = (change: (path: string) => void, more: Partial<KeyRequest> = {}) => {
    const { home, path } = withKeyFile();
    change(path);
    try {
      findKeys(request(home, more));
    } catch (thrown) {
      if (thrown instanceof GrowthosError) return { ...thrown.parts, path };
    }
    return undefined;
  };

  it.each([0o644, 0o640, 0o604, 0o666, 0o620])("of mode %o is refused with the command to run", (mode) => {
    const refused = refusal((path) => chmodSync(path, mode));
    expect(refused).toMatchObject({ code: "KEY_FILE_OPEN", exit: "auth" });
    expect(refused?.hint).toContain(`chmod 600 ${refused?.path}`);
  });

  it("in a folder that others may read is refused", () => {
    const refused = refusal((path) => chmodSync(join(path, ".."), 0o750));
    expect(refused?.code).toBe("KEY_FILE_OPEN");
    expect(refused?.hint).toContain("chmod 700");
  });

  it("that is a symbolic link is refused", () => {
    const refused = refusal((path) => {
      const other = join(freshFolder(), "other.key");
      writeFileSync(other, HEX, { mode: 0o600 });
      rmSync(path);
      symlinkSync(other, path);
    });
    expect(refused).toMatchObject({ code: "KEY_FILE_OPEN", why: "it is a symbolic link" });
  });

  it("that belongs to somebody else is refused", () => {
    expect(refusal(() => {}, { user: 4711 })).toMatchObject({
      code: "KEY_FILE_OPEN",
      why: "it belongs to somebody else",
    });
  });

  it("that holds something else is refused", () => {
    expect(refusal((path) => writeFileSync(path, "CANARY-weak\n"))).toMatchObject({ code: "KEY_INVALID" });
  });
});

describe("the records", () => {
  it("come back as they were written, and are closed to others", () => {
    const { home } = withKeyFile();
    const vault = vaultIn(home);
    const token = {
      accessToken: new Secret("a"),
      expiresAt: 5,
      refreshToken: new Secret("r"),
      previousRefreshToken: null,
    };
    writeRecord(vault, "shopify", { ...stored("CANARY-one"), token });
    expect(readRecord(vault, "shopify")?.token?.refreshToken?.reveal()).toBe("r");
    expect(tokenOf(vault, "shopify")).toBe("CANARY-one");
    expect(storedSources(vault)).toEqual(["shopify"]);
    expect(statSync(join(vault.folder, "shopify.json")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(vault.folder, "shopify.json"), "utf8")).not.toContain("CANARY");
    expect(removeRecord(vault, "shopify")).toBe(true);
    expect(readRecord(vault, "shopify")).toBeNull();
    expect(removeRecord(vault, "shopify")).toBe(false);
  });

  it("K09 stay as they were when the disk is full or fails at any step of saving", () => {
    const { home } = withKeyFile();
    writeRecord(vaultIn(home), "shopify", stored("old"));
    const probe = faultyFiles(diskFiles, { at: 0, mode: "eio" });
    writeRecord(vaultIn(home, { files: probe.files }), "shopify", stored("old"));
    expect(probe.calls.length).toBe(5);
    for (const mode of FAULT_MODES.filter((one) => one !== "power-cut")) {
      for (let at = 1; at <= probe.calls.length; at++) {
        writeRecord(vaultIn(home), "shopify", stored("old"));
        const { files, fired } = faultyFiles(diskFiles, { at, mode });
        let saved = false;
        try {
          writeRecord(vaultIn(home, { files }), "shopify", stored("new"));
          saved = true;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Error);
        }
        expect(fired()).toBe(true);
        expect(saved).toBe(false);
        // Up to the rename it is the old one; afterwards the whole new one may be there, though nobody was told so.
        const found = tokenOf(vaultIn(home), "shopify");
        expect(at < 4 || (at === 4 && mode !== "after") ? ["old"] : ["new", "old"]).toContain(found);
      }
    }
  });
});

const SOURCES = ["ga4", "meta_ads", "shopify"];

describe("K04 changing the key", () => {
  it("gives every record the new key, keeps the old one until it is retired", async () => {
    const { home, path } = withKeyFile();
    const before = vaultIn(home);
    for (const source of SOURCES) writeRecord(before, source, stored(`token of ${source}`));
    expect(retireKey(before)).toBe(false);
    expect(rotateKey(before).sources).toEqual(SOURCES);
    const after = vaultIn(home);
    expect(after.keys.current.text.reveal()).not.toBe(before.keys.current.text.reveal());
    expect(after.keys.previous?.text.reveal()).toBe(before.keys.current.text.reveal());
    const alone = { ...after, keys: { ...after.keys, previous: null } };
    for (const source of SOURCES) expect(tokenOf(alone, source)).toBe(`token of ${source}`);
    // A process that still had the old key in its memory.
    writeRecord(before, "shopify", stored("late"));
    expect(tokenOf(vaultIn(home), "shopify")).toBe("late");
    expect(await codeOf(() => retireKey(vaultIn(home)))).toBe("KEY_STILL_USED");
    rotateKey(vaultIn(home));
    expect(retireKey(vaultIn(home))).toBe(true);
    expect(diskFiles.stat(`${path}.previous`)).toBeUndefined();
    expect(tokenOf(vaultIn(home), "shopify")).toBe("late");
  });

  it("of a variable needs the new one in another variable; both are read until then", async () => {
    const home = freshFolder();
    const given = { text: new Secret(HEX), from: "GROWTHOS_KEY" };
    const next = { text: new Secret("1e".repeat(32)), from: "GROWTHOS_KEY_NEXT" };
    writeRecord(vaultIn(home, { given }), "ga4", stored("one"));
    expect(await codeOf(() => rotateKey(vaultIn(home, { given })))).toBe("KEY_NEXT_MISSING");
    rotateKey(vaultIn(home, { given, next }));
    expect(tokenOf(vaultIn(home, { given, next }), "ga4")).toBe("one");
    expect(tokenOf(vaultIn(home, { given: next }), "ga4")).toBe("one");
    expect(await codeOf(() => readRecord(vaultIn(home, { given }), "ga4"))).toBe("VAULT_CANNOT_DECRYPT");
  });

  it("leaves every record readable wherever it is stopped, and the next attempt finishes it", {
    timeout: 300_000,
  }, async () => {
    // A machine without a keyring: looking for one starts a process, thousands of times.
    const opened = (root: string, files: Files = diskFiles) => vaultIn(root, { files, platform: "win32" });
    const readAll = (root: string, files: Files = diskFiles) => {
      const vault = opened(root, files);
      return SOURCES.map((source) => `${source}: ${tokenOf(vault, source)}`);
    };
    const sweep = await everyFault({
      root: freshFolder(),
      scenario: {
        prepare: async (root) => {
          createKeys(request(root, { platform: "win32" }), systemRandom, "file");
          for (const source of SOURCES) writeRecord(opened(root), source, stored(`token of ${source}`));
        },
        run: async (files, root, acknowledge) => {
          const vault = opened(root, files);
          if (finishRotation(vault) === null) rotateKey(vault);
          for (const line of readAll(root, files)) acknowledge(line);
        },
        visible: async (root) => readAll(root),
        inspect: async (root) => {
          const { keys } = opened(root);
          const alone = { ...opened(root), keys: { ...keys, previous: null } };
          return { records: SOURCES.map((source) => tokenOf(alone, source)), hasNext: keys.next !== null };
        },
      },
    });
    expect(sweep.failures).toEqual([]);
    expect(sweep.calls.length).toBeGreaterThan(25);
    expect(sweep.cases).toBeGreaterThanOrEqual(sweep.calls.length * FAULT_MODES.length);
  });
});
