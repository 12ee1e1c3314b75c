/** Keys in files of their own, outside the project: for this user alone, or not at all. */
import { dirname, isAbsolute, join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { KeyPlace, Slot } from "./keyring.js";

/** Who asks, and through what. */
export interface KeyFileOptions {
  readonly files: Files;
  /** Numeric id of the user; null where the system has none (Windows), and nothing is checked. */
  readonly user: number | null;
}

const SUFFIX: Readonly<Record<Slot, string>> = { current: "", next: ".next", previous: ".previous" };

/** `<config home>/growthos/keys/<workspace id>.key`; null when there is no home. */
export function keyFilePath(env: Readonly<Record<string, string | undefined>>, workspaceId: string): string | null {
  const own = env["XDG_CONFIG_HOME"] ?? "";
  const home = env["HOME"] || env["USERPROFILE"] || "";
  const configHome = isAbsolute(own) ? own : isAbsolute(home) ? join(home, ".config") : null;
  return configHome === null ? null : join(configHome, "growthos", "keys", `${workspaceId}.key`);
}

/** The key files of a workspace. The folder, like the files, must be closed to others. */
export function keyFiles(path: string, options: KeyFileOptions): KeyPlace {
  const { files } = options;
  const of = (slot: Slot) => `${path}${SUFFIX[slot]}`;
  return {
    label: `the key file ${path}`,
    read: (slot) =>
      files.stat(of(slot)) === undefined ? null : readKeyFile(of(slot), { ...options, folderMask: 0o077 }),
    write: (slot, key) => {
      files.makeFolder(dirname(path));
      replace(files, of(slot), `${key}\n`);
    },
    clear: (slot) => {
      files.remove(of(slot));
      if (files.stat(dirname(path)) !== undefined) files.sync(dirname(path));
    },
  };
}

/**
 * The text of a key file. Throws `KEY_FILE_OPEN` (exit auth), with the command to run, when others could read it or change which file it is,
 * and `KEY_FILE_MISSING`. `folderMask`: the permissions that the folder must not give to others.
 */
export function readKeyFile(path: string, options: KeyFileOptions & { readonly folderMask: number }): string {
  const { files, user, folderMask } = options;
  const stat = files.stat(path);
  if (stat === undefined) {
    throw new GrowthosError({
      code: "KEY_FILE_MISSING",
      what: `there is no key file ${path}`,
      state: "no other key was tried",
      hint: "correct GROWTHOS_KEY_FILE, or restore the file from where you keep your keys",
      exit: "auth",
    });
  }
  if (stat.kind === "link") throw open(path, "it is a symbolic link", `put the file itself there, not a link to it`);
  if (stat.kind !== "file") throw open(path, "it is not a file", "put a file there");
  if (user !== null) {
    const folder = dirname(path);
    const around = files.stat(folder);
    const own = `chown $(id -un) ${quoted(path)}`;
    if (stat.owner !== user) throw open(path, "it belongs to somebody else", `run \`${own}\` if it is yours`);
    if ((stat.mode & 0o077) !== 0)
      throw open(path, `its mode is ${octal(stat.mode)}`, `run \`chmod 600 ${quoted(path)}\``);
    if (around?.kind === "folder" && (around.mode & folderMask) !== 0) {
      const command = folderMask === 0o077 ? "chmod 700" : "chmod go-w";
      throw open(path, `its folder has the mode ${octal(around.mode)}`, `run \`${command} ${quoted(folder)}\``);
    }
  }
  return files.readText(path);
}

/** Replaces a file so that a crash leaves the old or the new text. */
export function replace(files: Files, path: string, text: string): void {
  files.write(`${path}.tmp`, text);
  files.sync(`${path}.tmp`);
  files.rename(`${path}.tmp`, path);
  files.sync(dirname(path));
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w/.-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function open(path: string, why: string, hint: string): GrowthosError {
  return new GrowthosError({
    code: "KEY_FILE_OPEN",
    what: `the key file ${path} is not private`,
    why,
    state: "it was not read, and no other key was tried",
    hint: `${hint}; if others may have read it, change the key afterwards: \`growthos connections rotate-key\``,
    exit: "auth",
  });
}
