import { join } from "node:path";
import { messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Random } from "../base/ids.js";
import type { LogFields } from "../base/log.js";
import { redact, type Secret } from "../base/secret.js";

/** One line of the run log. */
export interface LogLine {
  /** Instant, ISO 8601 UTC: always the real clock, also in a demo. */
  readonly at: string;
  readonly level: "debug" | "info" | "warn";
  readonly event: string;
  readonly fields: LogFields;
}

/** The log of one command on disk: JSON lines, written as they come, without secrets. */
export interface Journal {
  keep(line: LogLine): void;
  /** Starts the file `<instant>-<random>.jsonl` in a folder with what was kept so far; a second call changes nothing. */
  openIn(folder: string, random: Random): void;
}

/** Lines before the file is opened are kept in memory; there are few. `onLost` is told, once, when the file cannot be written. */
export function createJournal(
  files: Files,
  options: { readonly secrets: readonly Secret[]; readonly onLost: (reason: string) => void },
): Journal {
  let path: string | undefined;
  let waiting: readonly LogLine[] = [];
  let isBroken = false;
  const write = (lines: readonly LogLine[]) => {
    if (path === undefined || isBroken || lines.length === 0) return;
    try {
      files.append(path, lines.map((line) => `${redact(JSON.stringify(line), options.secrets)}\n`).join(""));
    } catch (thrown) {
      // The log must not end the run that it tells of: what matters on a full disk is the commit, which fails loudly by itself.
      isBroken = true;
      options.onLost(messageOf(thrown));
    }
  };
  return {
    keep: (line) => {
      if (path === undefined) waiting = [...waiting, line];
      else write([line]);
    },
    openIn: (folder, random) => {
      if (path !== undefined) return;
      const started = waiting[0]?.at ?? "";
      path = join(folder, `${started.replace(/[-:]|\.\d+/g, "").toLowerCase()}-${random.hex(4)}.jsonl`);
      write(waiting);
      waiting = [];
    },
  };
}
