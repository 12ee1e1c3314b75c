// What the commands that prove things have in common: how they are told what to do, and where they work.
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const MEMORY = "/dev/shm";
const NEEDED_BYTES = 2 * 1024 ** 3;

/** A folder for everything that a run writes, in memory where there is some; `tmpdir()` is in it from then on. */
export function fastFolder(name) {
  const folder = mkdtempSync(join(hasMemory() ? MEMORY : tmpdir(), `growthos-${name}-`));
  process.env.TMPDIR = folder;
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function hasMemory() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > NEEDED_BYTES;
  } catch {
    return false;
  }
}

/** The options of the command line; ends the program with 2 at one that is none. */
export function optionsOf(options) {
  try {
    return parseArgs({ options }).values;
  } catch (thrown) {
    return refuse(thrown.message);
  }
}

/** An option as a number above zero; ends the program with 2 when it is none. */
export function numberOf(name, text) {
  const number = Number(text);
  return Number.isFinite(number) && number > 0 ? number : refuse(`--${name} is a number above zero, not "${text}"`);
}

/** The parts that `--only` names; all without it. Ends the program with 2 at a name that is none. */
export function wantedOf(parts, only) {
  if (only === undefined) return parts;
  const names = only.split(",");
  const unknown = names.find((name) => parts.every((part) => part.name !== name));
  if (unknown !== undefined) refuse(`--only knows ${parts.map(({ name }) => name).join(", ")}, and not "${unknown}"`);
  return parts.filter(({ name }) => names.includes(name));
}

/** Says what is wrong with the options and ends the program. */
export function refuse(why) {
  console.error(why);
  process.exit(2);
}
