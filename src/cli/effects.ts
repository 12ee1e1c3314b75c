/** The only place where the outside world is assembled. */
import { systemClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import type { Log, LogFields } from "../base/log.js";
import { diskFiles } from "../warehouse/disk.js";
import type { Effects } from "./command.js";

/** What the effects of one command are made of. */
export interface EffectsOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The real world: system clock and randomness, the disk, the process's environment, the network. */
export function realEffects(options: EffectsOptions): Effects {
  return {
    clock: systemClock,
    env: process.env,
    files: diskFiles,
    random: systemRandom,
    log: options.log,
    cwd: process.cwd(),
    signal: options.signal,
    transport: async () => {
      const { undiciTransport } = await import("../http/undici.js");
      return undiciTransport();
    },
  };
}

/** One line of the run log. */
export interface LogLine {
  readonly at: string;
  readonly level: "debug" | "info" | "warn";
  readonly event: string;
  readonly fields: LogFields;
}

/** A log that hands every line on; the frame shows it and keeps it. */
export function forwardLog(keep: (line: LogLine) => void, now: () => string): Log {
  const at =
    (level: LogLine["level"]) =>
    (event: string, fields: LogFields = {}) =>
      keep({ at: now(), level, event, fields });
  return { debug: at("debug"), info: at("info"), warn: at("warn") };
}
