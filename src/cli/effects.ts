/** The only place where the outside world is assembled. */
import { platform, totalmem } from "node:os";
import { join } from "node:path";
import { isoInstant, systemClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { systemRandom } from "../base/ids.js";
import type { Log } from "../base/log.js";
import { Secret } from "../base/secret.js";
import type { GivenKey } from "../vault/key-sources.js";
import { diskFiles, readDescriptor } from "../warehouse/disk.js";
import type { Effects } from "./command.js";
import { createJournal, type LogLine, noticingChanges, safeLine } from "./journal.js";

/** What the effects of one command are made of. */
export interface EffectsOptions {
  readonly signal: AbortSignal;
  /** Shows a log line on the terminal, or not. */
  readonly show: (line: LogLine) => void;
  /** Filled as credentials are read. */
  readonly secrets: Secret[];
  /** `--key-fd`: an open file descriptor from which the key to the stored credentials is read. */
  readonly keyFd?: number;
}

const MAX_INPUT_BYTES = 256 * 1024;

/** The real world: system clock and randomness, the disk, the process's environment, the network. */
export function realEffects({ signal, show, secrets, keyFd }: EffectsOptions): Effects {
  const keys = takeKeys(keyFd, secrets);
  const now = () => isoInstant(systemClock.now());
  const journal = createJournal(diskFiles, {
    secrets,
    onLost: (reason) => show({ at: now(), level: "warn", event: "log.lost", fields: { reason } }),
  });
  const at =
    (level: LogLine["level"]) =>
    (event: string, fields: LogLine["fields"] = {}) => {
      const line = safeLine({ at: now(), level, event, fields }, secrets);
      show(line);
      journal.keep(line);
    };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn") };
  return {
    clock: systemClock,
    env: process.env,
    files: noticingChanges(diskFiles, (root) => journal.openIn(join(root, "runs"), systemRandom)),
    random: systemRandom,
    log,
    memoryMb: memoryMb(process.env["GROWTHOS_MEMORY_MB"]),
    processes: Math.max(1, wholeNumber(process.env["GROWTHOS_PROCESSES"]) ?? 1),
    secrets,
    keys,
    machine: { platform: platform(), user: process.getuid?.() ?? null },
    prompt: async () => {
      const { terminalPrompt } = await import("./prompt.js");
      return terminalPrompt(signal);
    },
    input: readInput,
    // Resolves on failure as well: a closed pipe is not waited for.
    pass: (piece) => new Promise((resolve) => process.stdout.write(piece, () => resolve())),
    keepLog: (folder) => journal.openIn(folder, systemRandom),
    cwd: process.cwd(),
    signal,
    transport: async (limits) => {
      const { undiciTransport } = await import("../http/undici.js");
      return undiciTransport(limits);
    },
  };
}

/** Takes the keys out of the environment, so that neither a config nor a child process finds them there. */
function takeKeys(keyFd: number | undefined, secrets: Secret[]): Effects["keys"] {
  const variable = (name: string, more: { readonly isPassphrase?: boolean } = {}): GivenKey | null => {
    const value = process.env[name];
    if (value === undefined) return null;
    delete process.env[name];
    const text = new Secret(value);
    secrets.push(text);
    return { text, from: name, ...more };
  };
  const [key, phrase] = [variable("GROWTHOS_KEY"), variable("GROWTHOS_PASSPHRASE", { isPassphrase: true })];
  const next = variable("GROWTHOS_KEY_NEXT");
  if (keyFd === undefined) return { given: key ?? phrase, next };
  const text = new Secret(readDescriptor(keyFd).trim());
  secrets.push(text);
  return { given: { text, from: `--key-fd ${keyFd}` }, next };
}

async function readInput(maxBytes = MAX_INPUT_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > maxBytes) {
      throw new GrowthosError({
        code: "INPUT_TOO_LARGE",
        what: `standard input has more than ${Math.floor(maxBytes / 1024)} KiB`,
        state: "nothing was done",
        hint: "give a file, or less at once",
        exit: "usage",
      });
    }
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * A container's limit counts when it is lower than the machine's memory; Node answers 0 or a huge number when there is none. `wanted`
 * (GROWTHOS_MEMORY_MB) is less still: the part of one of several processes.
 */
function memoryMb(wanted: string | undefined): number {
  const limit = process.constrainedMemory?.() ?? 0;
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.min(wholeNumber(wanted) ?? Number.POSITIVE_INFINITY, Math.floor(bytes / 2 ** 20));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
