import { GrowthosError } from "../../base/errors.js";
import { removeRecord, storedSources } from "../../vault/records.js";
import { type Command, type CommandContext, flagOption } from "../command.js";
import { recordsOf, underCredentialsLock, workspaceIfThere } from "../vault.js";

export const command: Command = {
  name: "connections remove",
  summary: "delete the stored credentials of a source",
  description:
    "Deletes the stored credentials of a source; data that was read stays. Needs no key. Revoke the access at the vendor as well.",
  arguments: [{ usage: "<source>", description: "whose credentials" }],
  options: [{ flags: "-y, --yes", description: "do not ask" }],
  examples: ["growthos connections remove shopify --yes"],
  async run(context, args) {
    const source = args.positionals[0] ?? "";
    const ws = await workspaceIfThere(context);
    const stored = ws === null ? [] : storedSources(recordsOf(ws));
    if (ws === null || !stored.includes(source)) throw notStored(source, stored);
    const json = { source, dry_run: context.flags.dryRun };
    if (context.flags.dryRun) return { exit: "ok", json, text: `would delete the stored credentials of ${source}` };
    await confirm(context, source, flagOption(args, "yes"));
    await underCredentialsLock(context.effects, ws, async () => removeRecord(recordsOf(ws), source));
    return {
      exit: "ok",
      json,
      text: `deleted the stored credentials of ${source}; what was read stays. Revoke the access in the vendor's console, too`,
    };
  },
};

async function confirm(context: CommandContext, source: string, isSure: boolean): Promise<void> {
  if (isSure) return;
  if (context.flags.input) {
    const answer = await (await context.effects.prompt()).ask(`Delete the stored credentials of ${source}? [y/N]`);
    if (/^y(es)?$/i.test(answer)) return;
  }
  throw new GrowthosError({
    code: "NOT_CONFIRMED",
    what: "the deletion was not confirmed",
    state: "nothing was deleted",
    hint: `growthos connections remove ${source} --yes`,
    exit: "usage",
  });
}

function notStored(source: string, stored: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "CONNECTION_UNKNOWN",
    what: `no credentials are stored for "${source}"`,
    why: stored.length === 0 ? "none are stored in this workspace" : `stored are those of ${stored.join(", ")}`,
    state: "nothing was deleted",
    hint: "what is set in the environment or .env is removed there",
    exit: "usage",
  });
}
