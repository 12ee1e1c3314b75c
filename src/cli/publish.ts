/** What `growthos publish` sends and where: the relations of a build without what names people, and the target of the config with its credentials. */
import { GrowthosError } from "../base/errors.js";
import type { PublishConfig } from "../config/types.js";
import { BIGQUERY, bigQueryTarget } from "../publish/bigquery.js";
import type { Target } from "../publish/types.js";
import type { Relation } from "../warehouse/export.js";
import { isOfPeople, isPersonalColumn } from "../warehouse/personal-columns.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { findCredentials, secretsMissing } from "./vault.js";

/** An upload of a large table takes its time; what comes back is small. */
const NETWORK = { totalMs: 3_600_000, maxBodyBytes: 4 * 1024 * 1024 };

/** What `growthos connect` can store for targets: those that the config names. */
export function targetParties(config: PublishConfig | undefined): readonly (typeof BIGQUERY)[] {
  return (config?.bigquery ?? null) === null ? [] : [BIGQUERY];
}

/** True for an id that is a target, not a source. */
export function isTargetId(id: string): boolean {
  return id === BIGQUERY.id;
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

/** Where BigQuery's tables go. Throws `PUBLISH_NOT_CONFIGURED`. */
export function bigQueryPlace(config: PublishConfig | undefined): NonNullable<PublishConfig["bigquery"]> {
  const place = config?.bigquery ?? null;
  if (place !== null) return place;
  throw new GrowthosError({
    code: "PUBLISH_NOT_CONFIGURED",
    what: "the config names no place in BigQuery",
    state: "nothing was sent",
    hint: 'add `publish: { bigquery: { project: "my-project-1", dataset: "growthos" } }` to growthos.config.ts',
    exit: "usage",
  });
}

/** Opens the target. Throws `SECRETS_MISSING` (exit auth). */
export async function openTarget(
  context: CommandContext,
  ws: Workspace,
  { place, buildId }: { readonly place: NonNullable<PublishConfig["bigquery"]>; readonly buildId: string },
): Promise<Target> {
  const found = await findCredentials(context, BIGQUERY, ws);
  if (found.missing.length > 0) throw secretsMissing([{ id: BIGQUERY.id, missing: found.missing }]);
  const { clock, random, log, files, secrets, signal } = context.effects;
  return bigQueryTarget({
    place,
    secrets: found.secrets,
    ...(found.tokens === undefined ? {} : { tokens: found.tokens }),
    learned: (secret) => void secrets.push(secret),
    transport: await context.effects.transport(NETWORK),
    ...{ clock, random, log, files, buildId, signal },
  });
}
