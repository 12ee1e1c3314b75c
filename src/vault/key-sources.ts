/** Where the master key of a workspace comes from, in a fixed order. The first place that is configured is the one: it works or it is an error. */
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Random } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import { keyFilePath, keyFiles, readKeyFile } from "./key-file.js";
import { type KeyPlace, osKeyring, type Slot } from "./keyring.js";
import { type MasterKey, parseKey } from "./keys.js";

/** A key that was handed over: `--key-fd`, `GROWTHOS_KEY`, `GROWTHOS_PASSPHRASE`. */
export interface GivenKey {
  readonly text: Secret;
  /** For people. */
  readonly from: string;
  readonly isPassphrase?: boolean;
}

/** What is known of the machine and of the command line. */
export interface KeyRequest {
  readonly workspaceId: string;
  readonly files: Files;
  /** Without `GROWTHOS_KEY`: that is in `given`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As `os.platform()`. */
  readonly platform: string;
  /** Numeric id of the user; null where the system has none. */
  readonly user: number | null;
  /** The first of `--key-fd`, `GROWTHOS_KEY` that is set. */
  readonly given: GivenKey | null;
  /** `GROWTHOS_KEY_NEXT`: the key that a rotation of a given key moves to. */
  readonly next: GivenKey | null;
}

/** The keys of a workspace. */
export interface KeySet {
  /** New records are made with it. */
  readonly current: MasterKey;
  /** A rotation is under way, or was interrupted: the key that it moves to. */
  readonly next: MasterKey | null;
  /** The key before the last rotation, kept until it is retired. */
  readonly previous: MasterKey | null;
  /** Where growthos keeps them; null for keys that it was given. */
  readonly place: KeyPlace | null;
}

/** What was looked at; `notes` are said to the user: a keyring that did not answer. */
export interface KeySearch {
  readonly keys: KeySet | null;
  readonly notes: readonly string[];
}

/** Every key that a record may have been made with, the one in use first. */
export function allKeys({ current, next, previous }: KeySet): readonly MasterKey[] {
  return [current, next, previous].filter((key) => key !== null);
}

/**
 * Looks for the key: what was given, `GROWTHOS_KEY_FILE`, the OS keyring, the key file. Creates nothing; `keys` is null when there is none.
 * Throws `KEY_INVALID`, `KEY_FILE_OPEN`, `KEY_FILE_MISSING`: a place that is configured but unusable is never passed over.
 */
export function findKeys(request: KeyRequest): KeySearch {
  const given = request.given ?? fromNamedFile(request);
  if (given !== null) {
    const next = request.next === null ? null : taken(request.next);
    return { keys: { current: taken(given), next, previous: null, place: null }, notes: [] };
  }
  const notes: string[] = [];
  const keyring = osKeyring(request);
  const held = keyring === null ? null : lookedInto(keyring, notes);
  if (held !== null) return { keys: held, notes };
  const file = filePlace(request);
  return { keys: file === null ? null : keysIn(file), notes };
}

/** Makes a key and keeps it in the key file (or the OS keyring). Only for a workspace that has none: `findKeys` was asked before. */
export function createKeys(request: KeyRequest, random: Random, where: "file" | "keyring"): KeySet {
  const place = where === "keyring" ? osKeyring(request) : filePlace(request);
  if (place === null) throw noPlace(where);
  place.write("current", random.hex(32));
  const made = keysIn(place);
  if (made === null) throw noPlace(where);
  return made;
}

/** The keys that a place holds; null when it has no key in use. */
export function keysIn(place: KeyPlace): KeySet | null {
  const key = (slot: Slot) => {
    const text = place.read(slot);
    return text === null ? null : parseKey(text, slot === "current" ? place.label : `${place.label} (${slot})`);
  };
  const current = key("current");
  return current === null ? null : { current, next: key("next"), previous: key("previous"), place };
}

function lookedInto(keyring: KeyPlace, notes: string[]): KeySet | null {
  try {
    return keysIn(keyring);
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "KEYRING") throw thrown;
    // A server without a session has the tool but no keyring: that is said, and the key file is looked at.
    notes.push(`${keyring.label} did not answer (${thrown.parts.why ?? messageOf(thrown)})`);
    return null;
  }
}

function filePlace(request: KeyRequest): KeyPlace | null {
  const path = keyFilePath(request.env, request.workspaceId);
  return path === null ? null : keyFiles(path, request);
}

function fromNamedFile(request: KeyRequest): GivenKey | null {
  const path = request.env["GROWTHOS_KEY_FILE"];
  if (path === undefined) return null;
  const text = readKeyFile(path, { ...request, folderMask: 0o022 });
  return { text: new Secret(text), from: `GROWTHOS_KEY_FILE (${path})` };
}

function taken({ text, from, isPassphrase }: GivenKey): MasterKey {
  return isPassphrase === true ? passphrase(text, from) : parseKey(text.reveal(), from);
}

const SHORTEST_PASSPHRASE = 12;

function passphrase(text: Secret, from: string): MasterKey {
  if (text.reveal().length >= SHORTEST_PASSPHRASE) return { kind: "passphrase", text, from };
  throw new GrowthosError({
    code: "KEY_INVALID",
    what: `the passphrase from ${from} is too short`,
    why: `it has ${text.reveal().length} characters, and needs ${SHORTEST_PASSPHRASE}`,
    hint: "use several words",
    exit: "auth",
  });
}

function noPlace(where: "file" | "keyring"): GrowthosError {
  return new GrowthosError({
    code: "KEY_NO_PLACE",
    what:
      where === "file" ? "there is no home folder in which a key file could be kept" : "this machine has no OS keyring",
    why:
      where === "file"
        ? "neither XDG_CONFIG_HOME nor HOME is set"
        : "neither `security` nor `secret-tool` is installed",
    hint: "set GROWTHOS_KEY to the output of `openssl rand -hex 32`",
    exit: "auth",
  });
}
