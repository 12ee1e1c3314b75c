// bench/RESULTS.md: one section per command, replaced by the command that measures it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("./RESULTS.md", import.meta.url));
const HEAD =
  "# Results\n\nWritten by the commands that are named; the newest figures of each, with the machine on which they were measured.\n";

function sections() {
  const old = existsSync(FILE) ? readFileSync(FILE, "utf8") : HEAD;
  return old.split(/\n(?=## )/);
}

const isAbout = (heading) => (section) => section.startsWith(`## ${heading}\n`);

/** How to run an npm script again as it was run: with the arguments that were given. A folder of this machine is of no use to anybody. */
export function command(script, given = process.argv.slice(2)) {
  const shown = given.map((one) => one.replace(/^(--\w+=)?\/.*$/, "$1<folder>"));
  return [`npm run ${script}`, ...(shown.length > 0 ? ["--", ...shown] : [])].join(" ");
}

/** The lines of a section; none where there is no such section. */
export function readSection(heading) {
  return sections().find(isAbout(heading))?.split("\n") ?? [];
}

/** Puts `lines` under the heading, with how to repeat it, the day, the machine and the version of Node. */
export function writeResults(heading, command, lines) {
  const [head, ...others] = sections();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const section = [
    `## ${heading}`,
    "",
    `\`${command}\`, ${new Date().toISOString().slice(0, 10)}, ${machine}.`,
    "",
    ...lines,
    "",
  ].join("\n");
  const all = [...others.filter((one) => !isAbout(heading)(one)), section].sort();
  writeFileSync(FILE, [head, ...all.map((one) => `${one.trimEnd()}\n`)].join("\n"));
}
