/** The only place where the outside world is assembled. */
import { totalmem } from "node:os";
import { isoInstant, systemClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import type { Log } from "../base/log.js";
import type { Secret } from "../base/secret.js";
import { diskFiles } from "../warehouse/disk.js";
import type { Effects } from "./command.js";
import { createJournal, type LogLine } from "./journal.js";

/** What the effects of one command are made of. */
export interface EffectsOptions {
  readonly signal: AbortSignal;
  /** Shows a log line on the terminal, or not. */
  readonly show: (line: LogLine) => void;
  /** Filled as credentials are read. */
  readonly secrets: Secret[];
}

/** The real world: system clock and randomness, the disk, the process's environment, the network. */
export function realEffects({ signal, show, secrets }: EffectsOptions): Effects {
  const now = () => isoInstant(systemClock.now());
  const journal = createJournal(diskFiles, {
    secrets,
    onLost: (reason) => show({ at: now(), level: "warn", event: "log.lost", fields: { reason } }),
  });
  const at =
    (level: LogLine["level"]) =>
    (event: string, fields: LogLine["fields"] = {}) => {
      const line = { at: now(), level, event, fields };
      show(line);
      journal.keep(line);
    };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn") };
  return {
    clock: systemClock,
    env: process.env,
    files: diskFiles,
    random: systemRandom,
    log,
    memoryMb: memoryMb(),
    secrets,
    keepLog: (folder) => journal.openIn(folder, systemRandom),
    cwd: process.cwd(),
    signal,
    transport: async () => {
      const { undiciTransport } = await import("../http/undici.js");
      return undiciTransport();
    },
  };
}

/** A container's limit counts when it is lower than the machine's memory; Node answers 0 or a huge number when there is none. */
function memoryMb(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(bytes / 2 ** 20);
}
