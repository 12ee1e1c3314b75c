/** The keyring of the operating system, asked through its own command; a secret goes in on standard input, never as an argument. */
import { spawnSync } from "node:child_process";
import { GrowthosError, systemCode } from "../base/errors.js";

/** The slots of a place that keeps keys: the one in use, the one that a rotation is moving to, the one it came from. */
export type Slot = "current" | "next" | "previous";

/** Where growthos keeps keys that it made. */
export interface KeyPlace {
  /** For people. */
  readonly label: string;
  /** The key in a slot as text; null when the slot is empty. Throws when the place cannot be read. */
  read(slot: Slot): string | null;
  /** Durable before it returns. */
  write(slot: Slot, key: string): void;
  clear(slot: Slot): void;
}

/** What the keyring needs to know of the machine. */
export interface KeyringOptions {
  /** As `os.platform()`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workspaceId: string;
}

/** Unlocking may ask the user; a tool that hangs must end. */
const PATIENCE_MS = 60_000;
/** The tool sees what it needs to find the user's session, and nothing else of the environment. */
const PASSED_ON = ["PATH", "HOME", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "LANG"];
const SERVICE = "growthos";
/** `security`: the item could not be found. */
const NOT_FOUND_MAC = 44;

/** The keyring of this machine; null when it has none that growthos knows (the tool is not there). */
export function osKeyring(options: KeyringOptions): KeyPlace | null {
  const tool = options.platform === "darwin" ? macKeychain(options) : secretService(options);
  return options.platform !== "win32" && tool.isThere() ? tool.place : null;
}

interface Tool {
  readonly isThere: () => boolean;
  readonly place: KeyPlace;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function macKeychain(options: KeyringOptions): Tool {
  const run = runner("security", options.env);
  const account = (slot: Slot) => slotName(options, slot);
  const isPlain = /^[0-9a-f]{64}$/;
  return {
    isThere: () => run(["help"]) !== null,
    place: {
      label: "the macOS keychain",
      read: (slot) => {
        const ran = must(run(["find-generic-password", "-s", SERVICE, "-a", account(slot), "-w"]));
        if (ran.code === NOT_FOUND_MAC) return null;
        return ran.code === 0 ? ran.stdout.trim() : fail("read the key from the macOS keychain", ran);
      },
      write: (slot, key) => {
        // Its interactive mode takes the command, and so the key, from standard input.
        const command = isPlain.test(key)
          ? `add-generic-password -U -s ${SERVICE} -a ${account(slot)} -w ${key}\n`
          : "";
        const ran = must(run(["-i"], command));
        if (ran.code !== 0) fail("store the key in the macOS keychain", ran);
      },
      clear: (slot) => {
        const ran = must(run(["delete-generic-password", "-s", SERVICE, "-a", account(slot)]));
        if (ran.code !== 0 && ran.code !== NOT_FOUND_MAC) fail("remove a key from the macOS keychain", ran);
      },
    },
  };
}

function secretService(options: KeyringOptions): Tool {
  const run = runner("secret-tool", options.env);
  const attributes = (slot: Slot) => ["service", SERVICE, "key", slotName(options, slot)];
  return {
    isThere: () => run(["--version"]) !== null,
    place: {
      label: "the OS keyring (secret-tool)",
      read: (slot) => {
        const ran = must(run(["lookup", ...attributes(slot)]));
        if (ran.code === 0) return ran.stdout.trim() || null;
        // Nothing found is told by the status alone; anything else has a message.
        return ran.stderr.trim() === "" ? null : fail("read the key from the OS keyring", ran);
      },
      write: (slot, key) => {
        const ran = must(run(["store", "--label=growthos key", ...attributes(slot)], key));
        if (ran.code !== 0) fail("store the key in the OS keyring", ran);
      },
      clear: (slot) => {
        const ran = must(run(["clear", ...attributes(slot)]));
        if (ran.code !== 0 && ran.stderr.trim() !== "") fail("remove a key from the OS keyring", ran);
      },
    },
  };
}

function slotName({ workspaceId }: KeyringOptions, slot: Slot): string {
  return slot === "current" ? workspaceId : `${workspaceId}.${slot}`;
}

function runner(tool: string, env: KeyringOptions["env"]): (args: readonly string[], input?: string) => Ran | null {
  const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return (args, input = "") => {
    const ended = spawnSync(tool, args, { input, env: passed, encoding: "utf8", timeout: PATIENCE_MS });
    if (systemCode(ended.error) === "ENOENT") return null;
    return { code: ended.status, stdout: ended.stdout ?? "", stderr: ended.stderr ?? String(ended.error ?? "") };
  };
}

function must(ran: Ran | null): Ran {
  return ran ?? { code: null, stdout: "", stderr: "its command has gone" };
}

function fail(verb: string, { code, stderr }: Ran): never {
  throw new GrowthosError({
    code: "KEYRING",
    what: `cannot ${verb}`,
    why: stderr.trim().split("\n")[0]?.slice(0, 200) || `its command ended with status ${code ?? "none"}`,
    hint: "unlock the keyring; or set GROWTHOS_KEY_FILE, or GROWTHOS_KEY, to use a key from elsewhere",
    exit: "auth",
  });
}
