/** The person's own browser: asked to show a file or an address. */
import { spawn } from "node:child_process";
import type { CommandContext } from "./command.js";

/** Starts a program and does not wait for its end; resolves when it was started, throws when it was not. */
export type Start = (program: string, args: readonly string[]) => Promise<void>;

/** What opens a file or an address with the program that the person chose for it; null where nobody knows one. */
export function openerOf(platform: string): readonly [string, ...string[]] | null {
  if (platform === "darwin") return ["open"];
  // `start` would read its argument as a command line; this takes it as it is.
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["linux", "freebsd", "openbsd"].includes(platform) ? ["xdg-open"] : null;
}

/** Shows a file or address to the person at the terminal. Says why not where nobody is there (CI, no terminal); never fails a command. */
export async function showToPerson(
  { effects, flags, output }: Pick<CommandContext, "effects" | "flags" | "output">,
  target: string,
  start: Start = startProgram,
): Promise<void> {
  const opener = openerOf(effects.machine.platform);
  if (!flags.input || effects.env["CI"] !== undefined || opener === null) {
    output.note(`not opened, nobody is at a terminal here: ${target}`);
    return;
  }
  const [program, ...args] = opener;
  try {
    await start(program, [...args, target]);
  } catch (thrown) {
    output.warn(`${program} could not open ${target}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function startProgram(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "ignore", detached: true });
    child.once("error", reject);
    child.once("spawn", () => {
      child.unref();
      resolve();
    });
  });
}
