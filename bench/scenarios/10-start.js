import { fileURLToPath } from "node:url";
import { growthos, inTurn, measure, row } from "../measure.js";

const commander = fileURLToPath(new URL("../reference/commander.js", import.meta.url));

/** How long it takes until the program has said something, against an empty script that imports the argument parser. */
export async function scenario({ rounds }) {
  const [reference, version, help] = await inTurn(rounds * 5, [
    () => measure([commander]),
    () => growthos(["--version"]),
    () => growthos(["--help"]),
  ]);
  return [
    row("start: --version", version, { reference, most: 1.5 }),
    row("start: --help", help, { reference, most: 1.5 }),
  ];
}
