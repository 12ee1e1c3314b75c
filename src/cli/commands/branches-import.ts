import { resolve } from "node:path";
import type { Rep } from "../../notify/branch-reps.js";
import type { Branch, RepRow } from "../../transform/branches.js";
import { addressOf, badRep, changeReps, repName, repsJson } from "../branch-reps.js";
import { branchNamed, withBranches } from "../branches.js";
import type { Command } from "../command.js";
import { plural } from "../format.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

/** Rows that a refusal names. */
const SHOWN = 5;

export const command: Command = {
  name: "branches import",
  summary: "map the sales reps of a CSV file",
  description:
    "A head line with branch_code, email and, as wanted, name and enabled (yes or no), as `growthos branches reps --format csv` prints it. All rows or none. The same file again changes nothing; who is not in it keeps what they have.",
  arguments: [{ usage: "<file>", description: "a CSV file" }],
  options: [WAIT_OPTION],
  examples: ["growthos branches import reps.csv", "growthos branches import reps.csv --dry-run"],
  async run(context, args) {
    const path = resolve(context.effects.cwd, args.positionals[0] ?? "");
    const [{ readRepFile }, { openDatabase }] = await Promise.all([
      import("../../transform/branches.js"),
      import("../../warehouse/duckdb.js"),
    ]);
    const db = await openDatabase({ memoryLimitMb: 256, threads: 1 });
    const rows = await readRepFile(db, path).finally(() => db.close());
    const reps = await withBranches(context, async ({ branches }) => repsOf(rows, branches, path));
    await changeReps(context, waitMs(args), () => reps.map((rep) => ({ kind: "mapped", rep })));
    return {
      exit: "ok",
      json: { reps: repsJson(reps), dry_run: context.flags.dryRun },
      text: `${plural(reps.length, "rep")} mapped`,
    };
  },
};

function repsOf(rows: readonly RepRow[], branches: readonly Branch[], path: string): readonly Rep[] {
  const read = rows.map((row) => repOf(row, branches));
  const seen = new Map<string, number>();
  const wrong = read.flatMap((one, index) => {
    if ("wrong" in one) return [`row ${index + 1}: ${one.wrong}`];
    const key = `${one.branch}|${one.email}`;
    const first = seen.get(key);
    seen.set(key, first ?? index + 1);
    return first === undefined ? [] : [`row ${index + 1}: ${one.code} and ${one.email} stand in row ${first} already`];
  });
  if (wrong.length > 0) {
    const more = wrong.length > SHOWN ? [`and ${wrong.length - SHOWN} more`] : [];
    const what = `${wrong.length} of ${rows.length} rows of ${path} cannot be mapped`;
    throw badRep(what, [...wrong.slice(0, SHOWN), ...more].join("; "));
  }
  return read.flatMap((one) => ("wrong" in one ? [] : [one]));
}

function repOf(row: RepRow, branches: readonly Branch[]): Rep | { readonly wrong: string } {
  const [email, name] = [addressOf(row.email), repName(row.name)];
  if (typeof email !== "string") return email;
  if (name !== null && typeof name !== "string") return name;
  const enabled = row.enabled.toLowerCase();
  if (!["", "yes", "no", "true", "false"].includes(enabled))
    return { wrong: `enabled is yes or no, not "${row.enabled.slice(0, 20)}"` };
  try {
    const { id, code } = branchNamed(row.branch_code, branches);
    return { branch: id, code, email, name, isEnabled: enabled !== "no" && enabled !== "false" };
  } catch (thrown) {
    const { message, parts } = thrown as { readonly message: string; readonly parts?: { readonly hint?: string } };
    return { wrong: [message, parts?.hint ?? ""].filter((text) => text !== "").join(": ") };
  }
}
