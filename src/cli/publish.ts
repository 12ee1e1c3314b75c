/** What `growthos publish` sends and where: the relations of a build without what names people, and the target of the config with its credentials. */
import { resolve } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { PublishConfig } from "../config/types.js";
import { given } from "../connectors/sign-in.js";
import { BIGQUERY, POSTGRES, SNOWFLAKE, type TargetId } from "../publish/parties.js";
import type { Target } from "../publish/types.js";
import type { Relation } from "../warehouse/export.js";
import { isOfPeople, isPersonalColumn } from "../warehouse/personal-columns.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { placeObjects } from "./store.js";
import { findCredentials, secretsMissing } from "./vault.js";

/** An upload of a large table takes its time; what comes back is small. */
const NETWORK = { totalMs: 3_600_000, maxBodyBytes: 4 * 1024 * 1024 };

/** Targets by the word that people type. */
export const PARTIES = { bigquery: BIGQUERY, postgres: POSTGRES, snowflake: SNOWFLAKE } as const;

type TargetParty = (typeof PARTIES)[TargetId];

/** What a config without the target should have. */
const EXAMPLES: Readonly<Record<TargetId, string>> = {
  bigquery: 'bigquery: { project: "my-project-1", dataset: "growthos" }',
  postgres: 'postgres: { host: "db.example.com", database: "analytics", user: "growthos" }',
  snowflake:
    'snowflake: { account: "myorg-shop", user: "growthos", warehouse: "loading", database: "analytics", files: { url: "s3://my-bucket/snowflake", region: "eu-central-1" } }',
};

/** What `growthos connect` can store for targets: those that the config names. */
export function targetParties(config: PublishConfig | undefined): readonly TargetParty[] {
  return Object.values(PARTIES).filter(({ id }) => (config?.[id] ?? null) !== null);
}

/** True for an id that is a target, not a source. */
export function isTargetId(id: string): id is TargetId {
  return Object.hasOwn(PARTIES, id);
}

/** A relation as it is sent, and what of it stays here. */
export interface Sent {
  readonly relation: Relation;
  readonly leftOut: readonly string[];
}

/** Which relations are sent, and which stay because their rows are people. Throws `RELATION_UNKNOWN` for one that was asked for by name. */
export async function relationsToSend(
  relations: readonly Relation[],
  { names, people }: { readonly names: readonly string[] | null; readonly people: boolean },
): Promise<{ readonly sent: readonly Sent[]; readonly kept: readonly string[] }> {
  const { relationNamed } = await import("../warehouse/export.js");
  const wanted = names === null ? relations : [...new Set(names.map((name) => relationNamed(relations, name)))];
  if (people) return { sent: wanted.map((relation) => ({ relation, leftOut: [] })), kept: [] };
  const sent = wanted
    .filter(({ columns }) => !isOfPeople(columns))
    .map((relation) => ({
      relation: { ...relation, columns: relation.columns.filter(({ name }) => !isPersonalColumn(name)) },
      leftOut: relation.columns.flatMap(({ name }) => (isPersonalColumn(name) ? [name] : [])),
    }));
  return { sent, kept: wanted.filter(({ columns }) => isOfPeople(columns)).map(({ name }) => name) };
}

/** A place in another warehouse, known before anything is opened. */
export interface Destination {
  readonly title: string;
  /** The dataset or schema, as its people write it. */
  readonly within: string;
  /** Where a table goes, written in the same way. */
  table(name: string): string;
  /** Opens it for one publish. Throws `SECRETS_MISSING` (exit auth). */
  open(context: CommandContext, ws: Workspace): Promise<Target>;
}

/** Where the config sends tables of a target. Throws `PUBLISH_NOT_CONFIGURED`. */
export function destinationOf(id: TargetId, config: PublishConfig | undefined): Destination {
  if (id === "bigquery" && config?.bigquery) return bigQuery(config.bigquery);
  if (id === "postgres" && config?.postgres) return postgres(config.postgres);
  if (id === "snowflake" && config?.snowflake) return snowflake(config.snowflake);
  throw new GrowthosError({
    code: "PUBLISH_NOT_CONFIGURED",
    what: `the config names no place in ${PARTIES[id].title}`,
    state: "nothing was sent",
    hint: `add \`publish: { ${EXAMPLES[id]} }\` to growthos.config.ts`,
    exit: "usage",
  });
}

function bigQuery(place: NonNullable<PublishConfig["bigquery"]>): Destination {
  const within = `${place.project}.${place.dataset}`;
  return {
    title: BIGQUERY.title,
    within,
    table: (name) => `${within}.${place.prefix}${name}`,
    open: async (context, ws) => {
      const { secrets, tokens } = await credentials(context, ws, BIGQUERY);
      const { clock, random, log, files, signal } = context.effects;
      const { bigQueryTarget } = await import("../publish/bigquery.js");
      return bigQueryTarget({
        place,
        secrets,
        ...(tokens === undefined ? {} : { tokens }),
        learned: (secret) => void context.effects.secrets.push(secret),
        transport: await context.effects.transport(NETWORK),
        ...{ clock, random, log, files, signal },
      });
    },
  };
}

function postgres(place: NonNullable<PublishConfig["postgres"]>): Destination {
  const within = `${place.database}.${place.schema}`;
  return {
    title: POSTGRES.title,
    within,
    table: (name) => `${within}.${place.prefix}${name}`,
    open: async (context, ws) => {
      const { secrets } = await credentials(context, ws, POSTGRES);
      const { files, signal } = context.effects;
      const { projectRoot } = await context.config();
      const ca = place.caFile === null ? null : files.readText(resolve(projectRoot, place.caFile));
      const { postgresTarget } = await import("../publish/postgres.js");
      return postgresTarget({ place, password: given(secrets, "password"), ca, files, signal });
    },
  };
}

function snowflake(place: NonNullable<PublishConfig["snowflake"]>): Destination {
  const within = `${place.database}.${place.schema}`;
  return {
    title: SNOWFLAKE.title,
    within,
    table: (name) => `${within}.${place.prefix}${name}`,
    open: async (context, ws) => {
      const { secrets } = await credentials(context, ws, SNOWFLAKE);
      const { effects } = context;
      const { clock, random, log, files, signal } = effects;
      const reach = (own: AbortSignal) =>
        placeObjects({ effects: { ...effects, signal: own }, env: () => context.env() }, place.files);
      const { snowflakeTarget } = await import("../publish/snowflake.js");
      return snowflakeTarget({
        place,
        secrets,
        learned: (secret) => void effects.secrets.push(secret),
        transport: await effects.transport(NETWORK),
        objects: await reach(signal),
        tidying: reach,
        ...{ clock, random, log, files, signal },
      });
    },
  };
}

async function credentials(context: CommandContext, ws: Workspace, party: TargetParty) {
  const found = await findCredentials(context, party, ws);
  if (found.missing.length > 0) throw secretsMissing([{ id: party.id, missing: found.missing }]);
  return found;
}
