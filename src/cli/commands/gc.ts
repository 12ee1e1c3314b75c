import type { StoreGarbage } from "../../warehouse/store/upkeep.js";
import type { Workspace } from "../../warehouse/types.js";
import { type Command, type CommandContext, listOption } from "../command.js";
import { megabytes, plural } from "../format.js";
import { WAIT_OPTION, waitMs, withBothLocks } from "../locks.js";

export const command: Command = {
  name: "gc",
  summary: "delete what no reader needs any more",
  description:
    "Deletes superseded landed files (after a day of grace), old builds and old run logs, as `retention` in the config says. Beside `growthos forget` and `growthos prune` nothing deletes data.",
  options: [
    {
      flags: "--forget <part>",
      description: "give up a landed file that is damaged; its stream loads again from the beginning",
      repeat: true,
    },
    WAIT_OPTION,
  ],
  examples: ["growthos gc --dry-run", "growthos gc"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const own = await context.workspaceConfig();
    const { applyGc, planGc } = await import("../../warehouse/gc.js");
    const { clock, random } = context.effects;
    const options = {
      now: clock.now(),
      keepBuilds: own.retention.builds,
      runsDays: own.retention.runsDays,
      forget: listOption(args, "forget"),
    };
    const plan = context.flags.dryRun
      ? planGc(ws, options)
      : await withBothLocks(context, { ws, waitMs: waitMs(args), owner: "gc" }, async () => {
          const fresh = planGc(ws, options);
          const run = { runId: `gc-${random.hex(6)}`, toolVersion: context.version, configHash: own.hash };
          await applyGc(ws, fresh, { ...run, now: options.now });
          return fresh;
        });
    const stored = await storeGarbage(context, ws, options.now);
    const bytes = [...plan.remove, ...stored].reduce((sum, item) => sum + item.bytes, 0);
    const rows = [
      ...plan.retire.map((item) => ["retire", item.path, "", item.reason]),
      ...plan.remove.map((item) => ["delete", item.path, megabytes(item.bytes), item.reason]),
      ...stored.map((item) => ["delete", `${ws.store?.objects.place}/${item.key}`, megabytes(item.bytes), item.reason]),
    ];
    const columns = [
      { title: "what" },
      { title: "path" },
      { title: "size", align: "right" as const },
      { title: "because" },
    ];
    const verb = context.flags.dryRun ? "would be deleted" : "deleted";
    return {
      exit: "ok",
      json: {
        workspace: ws.name,
        dry_run: context.flags.dryRun,
        retire: plan.retire,
        remove: plan.remove,
        store: stored,
        bytes,
      },
      text: [
        ...(rows.length === 0 ? [] : [context.output.table(columns, rows), ""]),
        `${plural(plan.remove.length + stored.length, "item")} ${verb}, ${megabytes(bytes)}`,
      ].join("\n"),
    };
  },
};

/** What goes from the store as well; deleted unless it is a dry run. */
async function storeGarbage(context: CommandContext, ws: Workspace, now: number): Promise<readonly StoreGarbage[]> {
  if (ws.store === undefined) return [];
  const { applyStoreGc, planStoreGc } = await import("../../warehouse/store/upkeep.js");
  const garbage = await planStoreGc(ws, ws.store.objects, { now });
  if (!context.flags.dryRun) await applyStoreGc(ws.store.objects, garbage);
  return garbage;
}
