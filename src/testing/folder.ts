import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const NEEDED_BYTES = 6 * 1024 ** 3;

/** For vitest's `globalSetup`: all temporary folders of a run lie in one, which is deleted at the end. */
export function setup(): () => void {
  const folder = inMemory() ?? mkdtempSync(join(tmpdir(), "growthos-tests-"));
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** A folder in memory, where the thousands of durable writes cost nothing; null where there is none, it is small, or may hold no program. */
function inMemory(): string | null {
  let folder: string | null = null;
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize < NEEDED_BYTES) return null;
    folder = mkdtempSync(join(MEMORY, "growthos-tests-"));
    const program = join(folder, "program");
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o700);
    execFileSync(program);
    rmSync(program);
    return folder;
  } catch {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    return null;
  }
}
