import { GrowthosError } from "../../base/errors.js";
import { storedSources } from "../../vault/records.js";
import { retireKey, rotateKey } from "../../vault/rotate.js";
import { type Command, flagOption } from "../command.js";
import { plural } from "../format.js";
import { openVault, recordsOf, underCredentialsLock, workspaceIfThere } from "../vault.js";

export const command: Command = {
  name: "connections rotate-key",
  summary: "encrypt the stored credentials with a new key",
  description: [
    "Makes a new key and encrypts every stored credential with it, one by one; an interruption at any moment leaves all of them readable,",
    "and the next command finishes the work. The old key is kept beside it until --retire.",
    "With a key in GROWTHOS_KEY or --key-fd, put the new one into GROWTHOS_KEY_NEXT for this command.",
  ].join(" "),
  options: [{ flags: "--retire", description: "forget the key before the last change" }],
  examples: ["growthos connections rotate-key", "growthos connections rotate-key --retire"],
  async run(context, args) {
    const ws = await workspaceIfThere(context);
    const vault = ws === null ? null : await openVault(context, ws);
    if (ws === null || vault === null) throw noKey();
    const sources = storedSources(recordsOf(ws));
    const isRetiring = flagOption(args, "retire");
    if (context.flags.dryRun) {
      const what = isRetiring
        ? "forget the previous key"
        : `make a new key and encrypt ${plural(sources.length, "record")}`;
      return { exit: "ok", json: { dry_run: true, sources }, text: `would ${what}` };
    }
    if (isRetiring) {
      const retired = await underCredentialsLock(context.effects, ws, async () => retireKey(vault));
      return {
        exit: "ok",
        json: { retired },
        text: retired ? "the previous key is forgotten" : "there is no previous key",
      };
    }
    const { sources: moved, newKey } = await underCredentialsLock(context.effects, ws, async () => rotateKey(vault));
    const from = vault.keys.place === null ? "GROWTHOS_KEY_NEXT; put it in the place of the old one now" : newKey.from;
    return {
      exit: "ok",
      json: { sources: moved, key: newKey.from },
      text: `${plural(moved.length, "record")} encrypted with the new key in ${from}\nnext: keep a copy of the new key; \`--retire\` forgets the old one`,
    };
  },
};

function noKey(): GrowthosError {
  return new GrowthosError({
    code: "KEY_NOT_FOUND",
    what: "there is no key to change",
    hint: "`growthos connect <source>` makes one",
    exit: "usage",
  });
}
