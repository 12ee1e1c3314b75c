import { GrowthosError } from "../base/errors.js";
import type { LockName } from "../warehouse/layout.js";
import type { Workspace } from "../warehouse/types.js";
import { type CommandArgs, type CommandContext, type Option, stringOption } from "./command.js";

/** For every command that changes a workspace. */
export const WAIT_OPTION: Option = {
  flags: "--wait <seconds>",
  description: "how long to wait for another run to finish (default: not at all)",
};

/** `--wait` in milliseconds. Throws USAGE for anything but a number of seconds. */
export function waitMs(args: CommandArgs): number {
  const text = stringOption(args, "wait") ?? "0";
  if (!/^\d{1,6}$/.test(text)) {
    throw new GrowthosError({
      code: "USAGE",
      what: `--wait takes seconds, not "${text}"`,
      hint: "e.g. --wait 300",
      exit: "usage",
    });
  }
  return Number(text) * 1000;
}

/** Runs `action` under both locks that keep data and builds still, in the order that every command takes them. */
export async function withBothLocks<T>(
  context: CommandContext,
  options: { readonly ws: Workspace; readonly waitMs: number; readonly owner: string },
  action: () => Promise<T>,
): Promise<T> {
  const { withLock } = await import("../warehouse/lock.js");
  const lock = { waitMs: options.waitMs, clock: context.effects.clock, owner: options.owner };
  const under = <R>(name: LockName, inner: () => Promise<R>) => withLock(options.ws, name, lock, inner);
  return under("ingest", () => under("build", action));
}
