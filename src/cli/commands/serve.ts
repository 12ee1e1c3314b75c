import { join } from "node:path";
import { isoInstant } from "../../base/clock.js";
import { GrowthosError } from "../../base/errors.js";
import type { ApiBuild, ApiSources } from "../../serve/types.js";
import type { Workspace } from "../../warehouse/types.js";
import { showToPerson } from "../browser.js";
import { type Command, type CommandContext, flagOption, stringOption } from "../command.js";
import { workspaceClock } from "../world.js";

const PORT = "7420";
const PG_PORT = "7422";

export const command: Command = {
  name: "serve",
  summary: "show the written reports and a read-only JSON API on this machine, or the marts to SQL clients",
  description:
    "Listens on 127.0.0.1 only, until it is interrupted. Pages are rendered from their JSON with the templates as they are: while a template is edited, or a new report is written, open pages load again. " +
    "GET /api/ lists the API; its figures are those of the current build, in minor units and as reports print them. " +
    "With --pg, programs that speak PostgreSQL's protocol read the marts in SQL (DuckDB's), each new connection those of the newest build; the password is GROWTHOS_PG_PASSWORD, or one that is made up and shown.",
  options: [
    {
      flags: "--port <number>",
      description: `where to listen; 0: any port that is free (default: ${PORT}, with --intake \`intake.port\`)`,
    },
    {
      flags: "--intake",
      description: "take in webhooks, payouts and pixel events instead, as `intake` of the config says",
    },
    {
      flags: "--pg",
      description: "answer psql and BI tools instead: the marts over PostgreSQL's protocol, read-only, with a password",
    },
    { flags: "--pg-port <number>", description: `where --pg listens; 0: any port that is free (default: ${PG_PORT})` },
    { flags: "--open", description: "show the first page in the browser" },
  ],
  examples: [
    "growthos serve",
    "growthos serve --open",
    "growthos serve --port 0 --workspace main",
    "growthos serve --intake",
    "growthos serve --pg",
  ],
  async run(context, args) {
    const given = stringOption(args, "port");
    if (flagOption(args, "intake")) {
      const { serveIntake } = await import("../serve-intake.js");
      return serveIntake(context, given === undefined ? null : portOf(given));
    }
    if (flagOption(args, "pg")) {
      const { servePgMarts } = await import("../serve-pg.js");
      return servePgMarts(context, portOf(stringOption(args, "pgPort") ?? PG_PORT, "--pg-port", PG_PORT));
    }
    const port = portOf(given ?? PORT);
    const ws = await context.workspace({ mustExist: true });
    const [{ serve }, { readReport, reportSite }] = await Promise.all([
      import("../../serve/server.js"),
      import("../../serve/site.js"),
    ]);
    const builds = openBuilds(context, ws);
    const sources = await sourcesOf(context, ws, {
      build: builds.current,
      report: async (page, asOf) => readReport(ws, page, asOf),
    });
    const { clock, signal } = context.effects;
    const site = reportSite(ws, join(context.packageFolder, "templates"));
    const { origin, ended } = await serve({ sources, site, port, clock, signal });
    context.output.note(`${origin} (Ctrl-C ends it)`);
    if (flagOption(args, "open")) await showToPerson(context, origin);
    await ended;
    await builds.close();
    return { exit: "ok", json: { origin }, text: origin };
  },
};

/** A port number. Throws `USAGE`. */
export function portOf(text: string, flag = "--port", usual = PORT): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new GrowthosError({
    code: "USAGE",
    what: `${flag} takes a number up to 65535, not "${text.slice(0, 20)}"`,
    hint: `leave it out for ${usual}, or give 0 for any that is free`,
    exit: "usage",
  });
}

/** Everything that the API tells, from disk at the moment of the question. */
export async function sourcesOf(
  context: CommandContext,
  ws: Workspace,
  { build, report }: Pick<ApiSources, "build" | "report">,
): Promise<ApiSources> {
  const own = await context.workspaceConfig();
  const [{ readRuns }, { historyOf, openJournal }] = await Promise.all([
    import("../../sync/runs.js"),
    import("../../alerts/journal.js"),
  ]);
  const clock = workspaceClock(own, context.effects.clock);
  return {
    version: context.version,
    isDemo: own.demo !== undefined,
    now: () => isoInstant(clock.now()),
    build,
    report,
    jobs: () =>
      readRuns(ws).runs.map(({ runId, state, startedAt, endedAt, durationMs, rows }) => ({
        ...{ runId, state, startedAt, endedAt, durationMs, rows },
      })),
    alerts: async () => {
      const history = historyOf(openJournal(ws));
      const standing = [...history.alerts.values()].filter(({ status }) => status !== "recovered");
      return { day: history.lastDay, alerts: standing.map(({ alert }) => alert) };
    },
  };
}

/** The current build, opened once; when another one was published it takes its place, and the old one is closed at the end. */
export function openBuilds(context: CommandContext, ws: Workspace) {
  const opened = new Map<string, Promise<ApiBuild>>();
  const open = async (): Promise<ApiBuild> => {
    const own = await context.workspaceConfig();
    const [{ readContext }, { readCatalog }, { readCoverage }, { workspaceCatalog }] = await Promise.all([
      import("../../metrics/context.js"),
      import("../../metrics/declared.js"),
      import("../../metrics/coverage.js"),
      import("../catalog.js"),
    ]);
    const { database: db } = await context.openBuild();
    return {
      db,
      context: await readContext(db, own.shop.name, own.calendar.holidays),
      catalog: await readCatalog(db, await workspaceCatalog(context)),
      coverage: await readCoverage(db),
    };
  };
  return {
    current: async () => {
      const { currentBuild } = await import("../../warehouse/publish.js");
      const published = currentBuild(ws);
      if (published === null) throw noBuild(ws.name);
      const known = opened.get(published.buildId) ?? open();
      opened.set(published.buildId, known);
      return known;
    },
    close: async () => {
      for (const build of opened.values()) await (await build).db.close();
    },
  };
}

function noBuild(workspace: string): GrowthosError {
  return new GrowthosError({
    code: "NO_BUILD",
    what: `workspace "${workspace}" has no build yet`,
    hint: "run `growthos run` first",
    exit: "usage",
  });
}
