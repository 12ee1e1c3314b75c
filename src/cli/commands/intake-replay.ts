import { GrowthosError } from "../../base/errors.js";
import { type Command, flagOption } from "../command.js";
import { plural } from "../format.js";
import { landContextOf } from "../intake.js";
import { waitingDeliveries } from "../intake-waiting.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { workspaceClock } from "../world.js";
import { quarantinedBy } from "./intake-show.js";

export const command: Command = {
  name: "intake replay",
  summary: "read deliveries in quarantine again, and land those that can be read now",
  description:
    "After an update that knows the topic, or a correction of the config. What still cannot be read stays where it is; nothing lands twice.",
  arguments: [{ usage: "[id...]", description: "ids of `growthos intake list`" }],
  options: [{ flags: "--all", description: "everything that waits" }, WAIT_OPTION],
  examples: ["growthos intake replay --all", "growthos intake replay 3f2a9c0d1b5e7a64"],
  async run(context, args) {
    const isAll = flagOption(args, "all");
    if (isAll === args.positionals.length > 0) throw usage();
    const ws = await context.workspace({ mustExist: true });
    const [{ landDeliveries }, { withLock }, { recover }, { newRunId }] = await Promise.all([
      import("../../intake/land-deliveries.js"),
      import("../../warehouse/lock.js"),
      import("../../warehouse/log.js"),
      import("../../sync/runs.js"),
    ]);
    const clock = workspaceClock(await context.workspaceConfig(), context.effects.clock);
    const runId = newRunId(clock, context.effects.random);
    const land = await landContextOf(context, ws, runId);
    const lock = { waitMs: waitMs(args), clock, owner: `intake replay (run ${runId})` };
    return withLock(ws, "ingest", lock, async () => {
      recover(ws);
      const chosen = isAll
        ? waitingDeliveries(ws)
        : await Promise.all(args.positionals.map((id) => quarantinedBy(ws, id)));
      const open = chosen.filter(({ isReplayed, delivery }) => !isReplayed && delivery !== null);
      if (context.flags.dryRun)
        return { exit: "ok", json: { chosen: open.length }, text: `would read ${open.length} again` };
      const { rows, repeats } = await landDeliveries(land, open, { cursors: {}, isReplay: true });
      const left = waitingDeliveries(ws).length;
      return {
        exit: "ok",
        json: { read: open.length, rows, repeats, waiting: left },
        text: `${plural(rows, "event")} landed, ${repeats} were there already; ${left} still in quarantine`,
      };
    });
  },
};

function usage(): GrowthosError {
  return new GrowthosError({
    code: "USAGE",
    what: "give ids, or --all",
    hint: "`growthos intake list` has the ids",
    exit: "usage",
  });
}
