import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { Config } from "../../config/types.js";
import type { Command, CommandContext } from "../command.js";
import { createContext } from "../context.js";
import { seededRandom } from "../world.js";
import { command as alerts } from "./alerts.js";
import { command as build } from "./build.js";
import { command as report } from "./report.js";
import { runSteps } from "./run.js";
import { command as sync } from "./sync.js";

/** Name of the demo's workspace, and of the mark that tells it from a shop of that name. */
const WORKSPACE = "demo";
const MARK = "MADE-BY-GROWTHOS-DEMO";

export const command: Command = {
  name: "demo",
  summary: "run the whole pipeline on an embedded shop and say where its report is",
  description:
    "Simulates a shop with four platforms, reads them through the real connectors, builds, judges alerts and reports, all under workspaces/demo in this folder. No network, no account, no config. Every run starts afresh and writes the same bytes.",
  options: [],
  examples: ["growthos demo"],
  async run(context) {
    const root = join(context.effects.cwd, "workspaces", WORKSPACE);
    clearPlace(context, root);
    const own = demoContext(context);
    await own.workspace();
    context.effects.files.write(join(root, MARK), "growthos demo deletes this folder when it runs again.\n");
    const outcome = await runSteps(own, { positionals: [], options: {} }, [sync, build, countAlerts, report]);
    const page = join(root, "out", await own.asOf(), "index.html");
    return {
      ...outcome,
      json: { ...outcome.json, folder: root, page },
      text: [outcome.text, "", `Open ${context.output.paint("hint", page)}`].join("\n"),
    };
  },
};

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
  if (files.stat(join(root, MARK)) === undefined) {
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
  const config = async (): Promise<Config> => {
    const { workspaces } = await shop.config();
    return { projectRoot: effects.cwd, workspaces: workspaces.map((workspace) => ({ ...workspace, name: WORKSPACE })) };
  };
  return createContext({
    effects: { ...effects, random: seededRandom(WORKSPACE) },
    flags: { ...flags, workspace: undefined, asOf: undefined, dryRun: false },
    output,
    packageFolder,
    version,
    config,
  });
}
