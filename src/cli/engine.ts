/** The engine of a build, as commands reach it: chosen by `--engine` or the config, with credentials from the environment or `.env`. */
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import type { EngineConfig, WorkspaceConfig } from "../config/types.js";
import { ENGINES, type Engine, type EngineId } from "../transform/engine.js";
import type { CommandContext, Option } from "./command.js";
import { databaseMemory } from "./database-memory.js";

/** For commands that build. */
export const ENGINE_OPTION: Option = {
  flags: "--engine <name>",
  description: `where the models run this time: ${ENGINES.join(", ")} (default: what the config says)`,
};

const VARIABLES = { motherduck: "MOTHERDUCK_TOKEN", clickhouse: "CLICKHOUSE_PASSWORD" } as const;

/** The variables that hold credentials of the config's engine. */
export function engineVariables({ engine }: Pick<WorkspaceConfig, "engine">): readonly string[] {
  const use = engine?.use ?? "duckdb";
  return use === "duckdb" ? [] : [VARIABLES[use]];
}

/** The engine that a name or the config asks for; undefined: this machine. Throws USAGE, ENGINE_NOT_CONFIGURED, ENGINE_CREDENTIALS, ENGINE_STORE. */
export async function chosenEngine(
  context: CommandContext,
  own: WorkspaceConfig,
  name?: string,
): Promise<Engine | undefined> {
  const id = name === undefined ? (own.engine?.use ?? "duckdb") : knownEngine(name);
  if (id === "duckdb") return undefined;
  const { engine } = own;
  if (id === "motherduck" && engine !== undefined) return motherDuckOf(context, own, engine.motherduck);
  if (id === "clickhouse" && engine?.clickhouse !== undefined) return clickHouseOf(context, engine.clickhouse);
  throw notConfigured(id);
}

function knownEngine(name: string): EngineId {
  const known = ENGINES.find((id) => id === name);
  if (known !== undefined) return known;
  const near = nearest(name, ENGINES);
  throw new GrowthosError({
    code: "USAGE",
    what: `there is no engine "${name.slice(0, 40)}"`,
    hint: near === undefined ? `one of ${ENGINES.join(", ")}` : `did you mean ${near}?`,
    exit: "usage",
  });
}

const EXAMPLES = {
  motherduck: '{ database: "growthos" }',
  clickhouse: '{ url: "https://host:8443" }',
};

function notConfigured(id: keyof typeof EXAMPLES): GrowthosError {
  return new GrowthosError({
    code: "ENGINE_NOT_CONFIGURED",
    what: `the config says nothing about ${id}`,
    state: "nothing was built",
    hint: `add \`engine: { ${id}: ${EXAMPLES[id]} }\` to growthos.config.ts`,
    exit: "usage",
  });
}

async function motherDuckOf(
  context: CommandContext,
  own: WorkspaceConfig,
  { database, host, port }: EngineConfig["motherduck"],
): Promise<Engine> {
  const token = await secretOf(context, VARIABLES.motherduck);
  const [{ motherDuck }, { objectDepot }, { openStore }] = await Promise.all([
    import("../engines/motherduck.js"),
    import("../engines/depots.js"),
    import("./store.js"),
  ]);
  const { files } = context.effects;
  const depot =
    own.store === undefined
      ? null
      : objectDepot(openStore(context, own.store).objects, {
          files,
          place: `s3://${own.store.bucket}/${own.store.prefix}`,
        });
  const memoryLimitMb = databaseMemory(context.effects, own).mb;
  return motherDuck({ database, host, port, token, depot, memoryLimitMb });
}

/** A statement may take hours, and tells nothing before it is done. */
const STATEMENT_MS = 6 * 3_600_000;

async function clickHouseOf(
  context: CommandContext,
  { url, database, user, cluster }: NonNullable<EngineConfig["clickhouse"]>,
): Promise<Engine> {
  const password = await secretOf(context, VARIABLES.clickhouse);
  const [{ clickhouseEngine }, { clickhouse }] = await Promise.all([
    import("../engines/clickhouse/session.js"),
    import("../http/clickhouse.js"),
  ]);
  const { clock, signal } = context.effects;
  const transport = await context.effects.transport({
    totalMs: STATEMENT_MS,
    maxBodyBytes: 16 * 1024 * 1024,
    headersMs: STATEMENT_MS,
    downloadMs: STATEMENT_MS,
    idleMs: 600_000,
    allowLoopback: url.startsWith("http://"),
  });
  const server = clickhouse({ endpoint: url, user, password, transport, clock, signal });
  return clickhouseEngine({ server, database, cluster });
}

async function secretOf(context: CommandContext, variable: string): Promise<Secret> {
  const text = (await context.env())[variable];
  if (text === undefined || text === "") {
    throw new GrowthosError({
      code: "ENGINE_CREDENTIALS",
      what: "the credentials of the engine are missing",
      why: `${variable} is not set`,
      state: "nothing was built",
      hint: `set ${variable} in the environment or in .env, or build on this machine: growthos build --engine duckdb`,
      exit: "auth",
    });
  }
  const secret = new Secret(text);
  context.effects.secrets.push(secret);
  return secret;
}
