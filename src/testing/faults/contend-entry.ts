// One of several processes that want the same lock: takes it again and again, and sometimes dies while holding it.
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../base/clock.js";
import { GrowthosError, systemCode } from "../../base/errors.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";

const [kind = "", root = "", option = ""] = process.argv.slice(2);
const journal = join(root, "journal");
const say = (event: string) => appendFileSync(journal, `${event} ${process.pid}\n`);
const pause = (ms: number) => systemClock.sleep(ms);
const stopped = () => existsSync(join(root, "stop"));

/** Takes the program's own lock again and again; every so manieth time it dies while holding it. */
async function contendForLock(dieEvery: number): Promise<void> {
  const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
  const options = { waitMs: 0, clock: systemClock, owner: "contender" };
  for (let turn = 1; !stopped(); turn++) {
    await withLock(ws, "ingest", options, () => hold(turn, dieEvery)).catch((cause: unknown) => {
      if (!(cause instanceof GrowthosError) || cause.code !== "LOCKED") throw cause;
    });
    await pause(1);
  }
}

async function hold(turn: number, dieEvery: number): Promise<void> {
  say("enter");
  await pause(2);
  if ((turn + process.pid) % dieEvery === 0) {
    say("die");
    process.kill(process.pid, "SIGKILL");
  }
  say("leave");
}

/** The classic mistake: a file with a process id, taken over when that process is gone. One attempt per round that the parent starts. */
async function contendForPidFile(gapMs: number): Promise<void> {
  for (let round = 1; ; round++) {
    while (!existsSync(join(root, `go-${round}`))) {
      if (stopped()) return;
      await pause(1);
    }
    await attempt(join(root, "pid"), gapMs);
    say(`done-${round}`);
  }
}

async function attempt(path: string, gapMs: number): Promise<void> {
  if (!create(path)) {
    if (isAlive(Number(readFileSync(path, "utf8")))) return;
    // Between looking and deleting another one may take over first.
    await pause(gapMs);
    rmSync(path, { force: true });
    if (!create(path)) return;
  }
  say("enter");
  await pause(150);
  say("leave");
}

function create(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") throw cause;
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

say("ready");
if (kind === "pid") await contendForPidFile(Number(option));
else await contendForLock(Number(option));
