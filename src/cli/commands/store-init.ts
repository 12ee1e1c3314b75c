import { GrowthosError } from "../../base/errors.js";
import type { SharedStore, Workspace } from "../../warehouse/types.js";
import type { Command, CommandContext } from "../command.js";
import { plural } from "../format.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "store init",
  summary: "put a workspace and its history into the store that its config names",
  description:
    "Once, on one machine: checks that the store can keep two machines apart, then puts everything that was committed there; a workspace that is nowhere yet is created. From then on every machine with the same config and GROWTHOS_SALT works on it, also with an empty disk. Run again it goes on where it was interrupted, and puts back files that the store has lost.",
  options: [WAIT_OPTION],
  examples: ["growthos store init"],
  async run(context, args) {
    const store = await storeOf(context);
    const { requireConditionalPut } = await import("../../warehouse/store/upkeep.js");
    await requireConditionalPut(store.objects, context.effects.random);
    const { place } = store.objects;
    if (context.flags.dryRun) {
      return { exit: "ok", json: { dry_run: true, store: place }, text: `${place} can be used; nothing was put there` };
    }
    const ws = await ownWorkspace(context);
    const { fillStore } = await import("../../warehouse/store/identity.js");
    const [{ withLock }, { clock }] = [await import("../../warehouse/lock.js"), context.effects];
    const lock = { waitMs: waitMs(args), clock, owner: "growthos store init" };
    const done = await withLock(ws, "ingest", lock, () =>
      withLock(ws, "spool", lock, () => fillStore(ws, store.objects)),
    );
    return {
      exit: "ok",
      json: { workspace: ws.name, store: place, ...done },
      text: [
        `workspace "${ws.name}" lives in ${place}: ${plural(done.versions, "commit")}, ${plural(done.files, "file")}`,
        `other machines need GROWTHOS_SALT: it stands in ${ws.at("salt")}, and never in the store`,
      ].join("\n"),
    };
  },
};

async function storeOf(context: CommandContext): Promise<SharedStore> {
  const own = await context.workspaceConfig();
  if (own.store !== undefined) {
    const { openStore } = await import("../store.js");
    return openStore(context, own.store);
  }
  throw new GrowthosError({
    code: "STORE_UNSET",
    what: "the config names no store",
    state: "nothing was changed",
    hint: 'add e.g. `store: { url: "s3://bucket/growthos", region: "eu-central-1" }` to growthos.config.ts',
    exit: "usage",
  });
}

/** Without its store: what is here is to be put there. A new one takes its salt from the environment, where there is one. */
async function ownWorkspace(context: CommandContext): Promise<Workspace> {
  const [{ createWorkspace }, { projectRoot }, { name }] = await Promise.all([
    import("../../warehouse/layout.js"),
    context.config(),
    context.workspaceConfig(),
  ]);
  const { files, random } = context.effects;
  const salt = (await context.env())["GROWTHOS_SALT"]?.trim();
  if (salt !== undefined && !/^[0-9a-f]{64}$/.test(salt)) {
    throw new GrowthosError({
      code: "STORE_SALT",
      what: "GROWTHOS_SALT is no salt",
      why: "a salt is 64 hexadecimal digits",
      hint: "leave it out: a new one is made; or make one with `openssl rand -hex 32`",
      exit: "usage",
    });
  }
  const known = salt === undefined ? {} : { known: { id: random.hex(16), salt } };
  return createWorkspace({ projectRoot, name, files, random, ...known });
}
