import { GrowthosError } from "../../base/errors.js";
import type { Command } from "../command.js";
import { plural } from "../format.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "store pull",
  summary: "bring here what other machines committed to the store",
  description:
    "Log, landed files and the history of alerts. Commands that change something do this by themselves; for those that only read (`status`, `backup`, `alerts history`) it is done here. Every file is held against the digest that was committed.",
  options: [WAIT_OPTION],
  examples: ["growthos store pull", "growthos store pull && growthos backup /mnt/backup/shop"],
  async run(context, args) {
    const ws = await context.workspace();
    if (ws.store === undefined) {
      throw new GrowthosError({
        code: "STORE_UNSET",
        what: "the config names no store",
        state: "nothing was changed",
        hint: "add `store` to growthos.config.ts, and see `growthos store init --help`",
        exit: "usage",
      });
    }
    const [{ withLock }, { readState }] = await Promise.all([
      import("../../warehouse/lock.js"),
      import("../../warehouse/log.js"),
    ]);
    const lock = { waitMs: waitMs(args), clock: context.effects.clock, owner: "growthos store pull" };
    const state = await withLock(ws, "ingest", lock, () => withLock(ws, "spool", lock, async () => readState(ws)));
    return {
      exit: "ok",
      json: { workspace: ws.name, store: ws.store.objects.place, version: state.version, files: state.parts.length },
      text: `commit ${state.version} of ${ws.store.objects.place} is here: ${plural(state.parts.length, "landed file")}`,
    };
  },
};
