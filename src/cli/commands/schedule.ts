import { join, resolve } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { Secret } from "../../base/secret.js";
import type { SourceConfig } from "../../config/types.js";
import type { Connector } from "../../connectors/types.js";
import { type Command, type CommandArgs, type CommandContext, flagOption } from "../command.js";
import { jobsFor, type Schedule, yearOffsets } from "../schedule.js";

const FORMATS = ["cron", "systemd", "github"] as const;
type Format = (typeof FORMATS)[number];

export const command: Command = {
  name: "schedule print",
  summary: "print what makes cron, systemd or GitHub run a workspace on its own",
  description:
    "Jobs by the shop's own clock: sync, build, check and report every morning; the last 7 days read again every night; a snapshot of today's ad figures every 15 minutes; the daily branch reports at 8, once `branches map` named a rep and `alerts.email` a server. Nothing is installed: the recipe goes to stdout, with the names of the credentials that the configured sources want and never their values.",
  options: [
    { flags: "--cron", description: "lines for crontab" },
    { flags: "--systemd", description: "services and timers of your own user" },
    { flags: "--github", description: "a workflow for GitHub Actions" },
  ],
  examples: [
    "growthos schedule print --cron",
    "growthos schedule print --systemd --workspace shop-eu",
    "growthos schedule print --github > .github/workflows/growthos.yml",
  ],
  async run(context, args) {
    const format = formatOf(args);
    const schedule = await scheduleOf(context, process.execPath);
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
    hint: "give one of --cron, --systemd, --github",
    exit: "usage",
  });
}

async function recipeOf(format: Format, schedule: Schedule): Promise<string> {
  if (format === "cron") return (await import("../schedule-cron.js")).cronRecipe(schedule);
  if (format === "systemd") return (await import("../schedule-systemd.js")).systemdRecipe(schedule);
  return (await import("../schedule-github.js")).githubRecipe(schedule);
}

/** What the recipes of a workspace are written from; `node` is the program that is to run them. */
export async function scheduleOf(context: CommandContext, node: string): Promise<Schedule> {
  const { effects, flags, packageFolder } = context;
  const [own, { projectRoot, workspaces, clients }, env] = await Promise.all([
    context.workspaceConfig(),
    context.config(),
    context.env(),
  ]);
  const { connectorById } = await import("../../connectors/index.js");
  const { sftp } = await import("../../connectors/sftp/index.js");
  const { wantedVariables } = await import("../../config/sources.js");
  const sources = own.sources.flatMap((source) => {
    const connector = connectorById(source.id);
    return connector === undefined ? [] : [{ source, connector }];
  });
  const hasReps = await hasRepsToMail(context);
  return {
    workspace: own.name,
    shop: own.shop.name,
    timeZone: own.shop.timeZone,
    projectRoot,
    program: [node, join(packageFolder, "bin/growthos.js")],
    chosen: [
      ...(workspaces.length > 1 || clients !== undefined ? ["--workspace", own.name] : []),
      ...(flags.config === undefined ? [] : ["--config", resolve(effects.cwd, flags.config)]),
    ],
    variables: [
      ...sources.flatMap(({ source, connector }) =>
        source.transport === "demo" ? [] : wantedVariables(connector, env),
      ),
      ...(own.sources.some(({ id }) => id === sftp.id) ? wantedVariables(sftp, env) : []),
      ...(hasReps && (own.alerts?.email?.user ?? null) !== null ? ["EMAIL_PASSWORD"] : []),
    ],
    jobs: jobsFor({ hasToday: sources.some(({ source, connector }) => hasSnapshots(connector, source)), hasReps }),
    offsets: yearOffsets(effects.clock.now(), own.shop.timeZone),
  };
}

/** Without a server or a rep the job would fail every morning. */
async function hasRepsToMail(context: CommandContext): Promise<boolean> {
  const own = await context.workspaceConfig();
  if ((own.alerts?.email ?? null) === null) return false;
  const { standingReps } = await import("../branch-reps.js");
  return standingReps(await context.workspace()).some(({ isEnabled }) => isEnabled);
}

/** Streams are known once a connector is open; none of them looks at the credential before it is asked for. */
function hasSnapshots(connector: Connector, { options, streams }: SourceConfig): boolean {
  const open = connector.open(options, { token: new Secret("only to list the streams") });
  return open.streams.some(({ name, today }) => today === true && (streams?.includes(name) ?? true));
}
