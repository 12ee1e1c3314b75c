import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { Command, CommandContext } from "../command.js";
import { createContext } from "../context.js";
import { DEMO_MARK, DEMO_WORKSPACE, demoConfig } from "../demo-place.js";
import { seededRandom } from "../world.js";
import { command as alerts } from "./alerts.js";
import { command as build } from "./build.js";
import { command as report } from "./report.js";
import { runSteps } from "./run.js";
import { command as sync } from "./sync.js";

export const command: Command = {
  name: "demo",
  summary: "run the whole pipeline on an embedded shop and say where its report is",
  description:
    "Simulates a shop with four platforms, reads them through the real connectors, builds, judges alerts and reports, all under workspaces/demo in this folder. No network, no account, no config. Every run starts afresh and writes the same bytes.",
  options: [],
  examples: ["growthos demo"],
  async run(context) {
    const root = join(context.effects.cwd, "workspaces", DEMO_WORKSPACE);
    clearPlace(context, root);
    const own = demoContext(context);
    await own.workspace();
    context.effects.files.write(join(root, DEMO_MARK), "growthos demo deletes this folder when it runs again.\n");
    const outcome = await runSteps(own, { positionals: [], options: {} }, [sync, build, countAlerts, report]);
    const page = join(root, "out", await own.asOf(), "index.html");
    return {
      ...outcome,
      json: { ...outcome.json, folder: root, page },
      text: [outcome.text, "", `Open ${context.output.paint("hint", page)}`, ...NEXT].join("\n"),
    };
  },
};

/** What to type next; in this folder every command answers from the demo. */
const NEXT = [
  "",
  "Then, in this folder:",
  "  growthos tasks list        who to call, and why",
  "  growthos branches list     the branches side by side",
  "  growthos metrics net_revenue blended_cac --last 30d --by channel",
];

/** Judges; what was found stands on the pages, and the terminal gets the count. */
const countAlerts: Command = {
  ...alerts,
  run: async (context, args) => {
    const { text = "", ...outcome } = await alerts.run(context, args);
    return { ...outcome, text: text.slice(text.lastIndexOf("\n") + 1) };
  },
};

/** Deletes what an earlier demo left; refuses a folder that no demo made. */
function clearPlace({ effects: { files } }: CommandContext, root: string): void {
  if (files.stat(root) === undefined) return;
  if (files.stat(join(root, DEMO_MARK)) === undefined) {
    throw new GrowthosError({
      code: "DEMO_PLACE_TAKEN",
      what: `${root} is a workspace that growthos demo did not make`,
      state: "it was left alone",
      hint: "run the demo in another folder",
      exit: "usage",
    });
  }
  files.remove(root);
}

/** The same frame with the package's own config, in this folder, and with randomness that repeats. */
function demoContext(context: CommandContext): CommandContext {
  const { effects, flags, output, packageFolder, version } = context;
  const shop = createContext({
    effects,
    flags: { ...flags, config: packageFolder, workspace: undefined },
    output,
    packageFolder,
    version,
  });
  const config = async () => demoConfig(await shop.config(), effects.cwd);
  return createContext({
    effects: { ...effects, random: seededRandom(DEMO_WORKSPACE) },
    flags: { ...flags, workspace: undefined, asOf: undefined, dryRun: false },
    output,
    packageFolder,
    version,
    config,
  });
}
