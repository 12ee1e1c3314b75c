import { join, resolve } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { Secret } from "../../base/secret.js";
import type { SourceConfig, WorkspaceConfig } from "../../config/types.js";
import type { Connector } from "../../connectors/types.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  type Effects,
  flagOption,
  stringOption,
} from "../command.js";
import { plural } from "../format.js";
import { jobsFor, type Schedule, yearOffsets } from "../schedule.js";

const FORMATS = ["cron", "systemd", "github", "kubernetes"] as const;
const MOST_PARTS = 64;
type Format = (typeof FORMATS)[number];

export const command: Command = {
  name: "schedule print",
  summary: "print what makes cron, systemd, GitHub or Kubernetes run a workspace on its own",
  description:
    "Jobs by the shop's own clock: sync, build, check and report every morning; the last 7 days read again every night; a snapshot of today's ad figures every 15 minutes; the daily branch reports at 8, once `branches map` named a rep and `alerts.email` a server (not where a store is shared). Nothing is installed: the recipe goes to stdout, with the names of the credentials that sources, alerts, engine and store of the config want and never their values.\n" +
    "With --shards all workspaces are run, each by one of n machines: jobs of a matrix on GitHub, pods of an indexed Job on Kubernetes. Their times are of their common time zone, else UTC.",
  options: [
    { flags: "--cron", description: "lines for crontab" },
    { flags: "--systemd", description: "services and timers of your own user" },
    { flags: "--github", description: "a workflow for GitHub Actions" },
    { flags: "--kubernetes", description: "CronJobs for Kubernetes; the config needs a store" },
    { flags: "--shards <n>", description: "all workspaces, in n parts: one for each of n machines (1: all on one)" },
  ],
  examples: [
    "growthos schedule print --cron",
    "growthos schedule print --systemd --workspace shop-eu",
    "growthos schedule print --github > .github/workflows/growthos.yml",
    "growthos schedule print --kubernetes --shards 3 | kubectl apply -f -",
  ],
  async run(context, args) {
    const format = formatOf(args);
    const parts = partsOf(stringOption(args, "shards"));
    const node = process.execPath;
    const schedule = parts === null ? await scheduleOf(context, node) : await fleetSchedule(context, { node, parts });
    const recipe = await recipeOf(format, schedule);
    const { workspace, timeZone, variables, jobs } = schedule;
    return {
      exit: "ok",
      json: { format, workspace, time_zone: timeZone, variables, jobs: jobs.map(({ name }) => name), recipe },
      text: recipe,
    };
  },
};

function formatOf(args: CommandArgs): Format {
  const [format, ...more] = FORMATS.filter((name) => flagOption(args, name));
  if (format !== undefined && more.length === 0) return format;
  throw new GrowthosError({
    code: "USAGE",
    what: format === undefined ? "which recipe?" : "one recipe at a time",
    hint: "give one of --cron, --systemd, --github, --kubernetes",
    exit: "usage",
  });
}

async function recipeOf(format: Format, schedule: Schedule): Promise<string> {
  if (format === "cron") return (await import("../schedule-cron.js")).cronRecipe(schedule);
  if (format === "systemd") return (await import("../schedule-systemd.js")).systemdRecipe(schedule);
  if (format === "kubernetes") return (await import("../schedule-kubernetes.js")).kubernetesRecipe(schedule);
  return (await import("../schedule-github.js")).githubRecipe(schedule);
}

function partsOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const parts = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (parts >= 1 && parts <= MOST_PARTS) return parts;
  throw new GrowthosError({
    code: "USAGE",
    what: `--shards takes a whole number from 1 to ${MOST_PARTS}, not "${text.slice(0, 40)}"`,
    hint: "e.g. --shards 3 for three machines",
    exit: "usage",
  });
}

/** What the recipes of a workspace are written from; `node` is the program that is to run them. */
export async function scheduleOf(context: CommandContext, node: string): Promise<Schedule> {
  const [own, { projectRoot, workspaces, clients }, env] = await Promise.all([
    context.workspaceConfig(),
    context.config(),
    context.env(),
  ]);
  const { variables, hasToday } = await needsOf(own, env);
  const hasReps = await hasRepsToMail(context);
  return {
    workspace: own.name,
    shop: own.shop.name,
    timeZone: own.shop.timeZone,
    projectRoot,
    program: programOf(context, node),
    chosen: [
      ...(workspaces.length > 1 || clients !== undefined ? ["--workspace", own.name] : []),
      ...configWords(context),
    ],
    variables,
    jobs: jobsFor({ hasToday, hasReps }),
    offsets: yearOffsets(context.effects.clock.now(), own.shop.timeZone),
    parts: null,
    hasStore: own.store !== undefined,
  };
}

/** The same for all workspaces at once. Reports to reps are not sent so: `branches send` is for one workspace. */
export async function fleetSchedule(
  context: CommandContext,
  { node, parts }: { readonly node: string; readonly parts: number },
): Promise<Schedule> {
  const config = await context.config();
  const { noWorkspace } = await import("../../config/workspaces.js");
  const [first] = config.workspaces;
  if (first === undefined) throw noWorkspace(config);
  const { readEnv } = await import("../../config/load.js");
  const { env, files } = context.effects;
  const needs = await Promise.all(
    config.workspaces.map((one) => needsOf(one, readEnv(config.projectRoot, env, files, one.name))),
  );
  const isOneZone = config.workspaces.every(({ shop }) => shop.timeZone === first.shop.timeZone);
  const timeZone = isOneZone ? first.shop.timeZone : "Etc/UTC";
  return {
    workspace: "all",
    shop: plural(config.workspaces.length, "workspace"),
    timeZone,
    projectRoot: config.projectRoot,
    program: programOf(context, node),
    chosen: configWords(context),
    variables: [...new Set(needs.flatMap(({ variables }) => variables))],
    jobs: jobsFor({ hasToday: needs.some(({ hasToday }) => hasToday), hasReps: false }),
    offsets: yearOffsets(context.effects.clock.now(), timeZone),
    parts,
    hasStore: config.workspaces.every(({ store }) => store !== undefined),
  };
}

function programOf({ packageFolder }: CommandContext, node: string): Schedule["program"] {
  return [node, join(packageFolder, "bin/growthos.js")];
}

function configWords({ effects, flags }: CommandContext): readonly string[] {
  return flags.config === undefined ? [] : ["--config", resolve(effects.cwd, flags.config)];
}

/** The session token belongs to keys that end, and is wanted where one is set. */
const STORE_VARIABLES = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GROWTHOS_SALT"];

/** Which variables a workspace's sources, ways out for alerts, engine and store want, and whether one of its streams has figures of the day under way. */
async function needsOf(own: WorkspaceConfig, env: Effects["env"]) {
  const { connectorById } = await import("../../connectors/index.js");
  const { sftp } = await import("../../connectors/sftp/index.js");
  const { wantedVariables } = await import("../../config/sources.js");
  const [{ sinkParties }, { engineVariables }] = await Promise.all([
    import("../alert-sinks.js"),
    import("../engine.js"),
  ]);
  const sources = own.sources.flatMap((source) => {
    const connector = connectorById(source.id);
    return connector === undefined ? [] : [{ source, connector }];
  });
  return {
    variables: [
      ...sources.flatMap(({ source, connector }) =>
        source.transport === "demo" ? [] : wantedVariables(connector, env),
      ),
      ...(own.sources.some(({ id }) => id === sftp.id) ? wantedVariables(sftp, env) : []),
      ...sinkParties(own.alerts).flatMap((party) => wantedVariables(party, env)),
      ...engineVariables(own),
      // A machine that begins with nothing needs the salt, which is not in the store.
      ...(own.store === undefined
        ? []
        : STORE_VARIABLES.filter((name) => name !== "AWS_SESSION_TOKEN" || (env[name] ?? "") !== "")),
    ],
    hasToday: sources.some(({ source, connector }) => hasSnapshots(connector, source)),
  };
}

/** Without a server or a rep the job would fail every morning, and so it would where a workspace lives in a store. */
async function hasRepsToMail(context: CommandContext): Promise<boolean> {
  const own = await context.workspaceConfig();
  if ((own.alerts?.email ?? null) === null || own.store !== undefined) return false;
  const { standingReps } = await import("../branch-reps.js");
  return standingReps(await context.workspace()).some(({ isEnabled }) => isEnabled);
}

/** Streams are known once a connector is open; none of them looks at the credential before it is asked for. */
function hasSnapshots(connector: Connector, { options, streams }: SourceConfig): boolean {
  const open = connector.open(options, { token: new Secret("only to list the streams") });
  return open.streams.some(({ name, today }) => today === true && (streams?.includes(name) ?? true));
}
