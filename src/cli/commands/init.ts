import { basename, join, resolve } from "node:path";
import type { Files } from "../../base/files.js";
import { type Command, type CommandContext, flagOption } from "../command.js";
import { createContext } from "../context.js";
import { AGENCY_CONFIG, envExample, OWN_CONFIG, type VariableGroup, withGitignore } from "../scaffold.js";

interface Scaffolded {
  readonly path: string;
  readonly action: "created" | "kept" | "extended";
}

export const command: Command = {
  name: "init",
  summary: "write a config, .env.example and .gitignore",
  description: "Writes what a project needs and creates its workspaces. Run again it keeps every file that is there.",
  arguments: [{ usage: "[folder]", description: "where (default: this folder)" }],
  options: [
    { flags: "--demo", description: "a config for the embedded demo shop" },
    { flags: "--agency", description: "a config for many shops, one file each" },
  ],
  examples: ["growthos init", "growthos init shop --demo", "growthos init clients --agency"],
  async run(context, args) {
    const kind = flagOption(args, "demo") ? "demo" : flagOption(args, "agency") ? "agency" : "own";
    const folder = resolve(context.effects.cwd, args.positionals[0] ?? ".");
    const plan = await planned(context, folder, kind);
    if (!context.flags.dryRun) {
      for (const { path, text, action } of plan) if (action !== "kept") writeFile(context.effects.files, path, text);
      await createWorkspaces(context, folder);
    }
    const done: readonly Scaffolded[] = plan.map(({ path, action }) => ({ path: basename(path), action }));
    const here = folder === resolve(context.effects.cwd) ? [] : [`cd ${args.positionals[0]}`];
    const next = [...here, ...NEXT[kind]];
    return {
      exit: "ok",
      json: { folder, dry_run: context.flags.dryRun, files: done, next },
      text: [
        context.output.table(
          [{ title: folder }, { title: "" }],
          done.map((file) => [file.path, file.action]),
        ),
        "",
        "Next:",
        ...next.map((line) => `  ${context.output.paint("hint", line)}`),
      ].join("\n"),
    };
  },
};

/** What to type next, by kind of project. */
const NEXT = {
  demo: ["growthos run", "growthos status"],
  own: ["growthos files inspect inbox", "growthos run", "growthos status"],
  agency: [
    'growthos workspaces add acme --shop "Acme" --currency USD --time-zone America/New_York',
    "growthos workspaces run --all",
    "growthos workspaces list",
  ],
} as const;

async function planned(context: CommandContext, folder: string, kind: keyof typeof NEXT) {
  const { files } = context.effects;
  const { CONFIG_NAMES } = await import("../../config/load.js");
  const existing = CONFIG_NAMES.map((name) => join(folder, name)).find((path) => files.stat(path) !== undefined);
  const gitignore = join(folder, ".gitignore");
  const before = files.stat(gitignore) === undefined ? "" : files.readText(gitignore);
  const after = withGitignore(before);
  const example = join(folder, ".env.example");
  return [
    {
      path: existing ?? join(folder, "growthos.config.ts"),
      text: { own: () => OWN_CONFIG, agency: () => AGENCY_CONFIG, demo: () => demoConfig(context) }[kind](),
      action: existing === undefined ? "created" : "kept",
    },
    {
      path: example,
      text: envExample(await secretVariables()),
      action: files.stat(example) === undefined ? "created" : "kept",
    },
    { path: gitignore, text: after, action: before === "" ? "created" : before === after ? "kept" : "extended" },
  ] as const;
}

function demoConfig({ effects, packageFolder }: CommandContext): string {
  return effects.files.readText(join(packageFolder, "growthos.config.ts"));
}

async function secretVariables(): Promise<readonly VariableGroup[]> {
  const [{ CONNECTORS }, { sftp }, { secretVariable }, { membersOf }] = await Promise.all([
    import("../../connectors/index.js"),
    import("../../connectors/sftp/index.js"),
    import("../../config/sources.js"),
    import("../../connectors/sign-in.js"),
  ]);
  return [...CONNECTORS, sftp].flatMap(({ id, title, signIns }) =>
    signIns.map((signIn) => ({
      title: `${title}: ${signIn.title}`,
      variables: membersOf(signIn).map((name) => secretVariable(id, name)),
    })),
  );
}

/** Written beside and renamed, so that a crash leaves no half of a file. */
function writeFile(files: Files, path: string, text: string): void {
  files.makeFolder(resolve(path, ".."));
  const temporary = `${path}.new`;
  files.write(temporary, text);
  files.sync(temporary);
  files.rename(temporary, path);
}

/** Also registers the lock files of a workspace that was copied by hand. */
async function createWorkspaces(context: CommandContext, folder: string): Promise<void> {
  const { effects, flags, output, packageFolder, version } = context;
  const inFolder = createContext({
    effects,
    flags: { ...flags, config: flags.config ?? folder },
    output,
    packageFolder,
    version,
  });
  const config = await inFolder.config();
  const { createWorkspace } = await import("../../warehouse/layout.js");
  const { files, random } = effects;
  // One that lives in a store begins there: `growthos store init`, or the first command on an empty disk.
  for (const { name } of config.workspaces.filter(({ store }) => store === undefined)) {
    await createWorkspace({ projectRoot: config.projectRoot, name, files, random });
  }
}
