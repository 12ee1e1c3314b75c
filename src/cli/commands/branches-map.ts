import { addressOf, badRep, changeReps, repName, repsJson } from "../branch-reps.js";
import { branchNamed, withBranches } from "../branches.js";
import { type Command, stringOption } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "branches map",
  summary: "send the daily report of a branch to a sales rep",
  description:
    "A rep may have several branches and a branch several reps. The same branch and address again corrects the name and enables it. `unassigned` is what no branch is known of.",
  arguments: [
    { usage: "<branch>", description: "code, id or name" },
    { usage: "<email>", description: "the rep's address" },
  ],
  options: [{ flags: "--name <name>", description: "whom the report greets" }, WAIT_OPTION],
  examples: ["growthos branches map 001 ada@example.com --name 'Ada Ek'"],
  async run(context, args) {
    const [code = "", text = ""] = args.positionals;
    const [email, name] = [addressOf(text), repName(stringOption(args, "name"))];
    if (typeof email !== "string") throw badRep("nobody was mapped", email.wrong);
    if (name !== null && typeof name !== "string") throw badRep("nobody was mapped", name.wrong);
    const branch = await withBranches(context, async ({ branches }) => branchNamed(code, branches));
    const rep = { branch: branch.id, code: branch.code, email, name, isEnabled: true };
    await changeReps(context, waitMs(args), () => [{ kind: "mapped", rep }]);
    return {
      exit: "ok",
      json: { reps: repsJson([rep]), dry_run: context.flags.dryRun },
      text: `${email} gets the daily report of ${branch.code} (${branch.name})`,
    };
  },
};
