/** One source of the config and its connection: found by name, and tested with the questions of its connector. */
import { GrowthosError } from "../base/errors.js";
import type { Secret } from "../base/secret.js";
import type { SourceConfig } from "../config/types.js";
import { CONNECTORS, connectorById } from "../connectors/index.js";
import { sftp } from "../connectors/sftp/index.js";
import type { Connector } from "../connectors/types.js";
import type { TokenStore } from "../http/types.js";
import { isSinkId, sinkParties } from "./alert-sinks.js";
import { ANTHROPIC, tryModel } from "./ask-model.js";
import type { CommandContext } from "./command.js";
import { intakeParties, isIntakeId } from "./intake.js";
import { isLocal } from "./local-source.js";
import { type Probed, runProbes } from "./probes.js";
import { isTargetId, targetParties } from "./publish.js";
import { trySftp } from "./sftp-source.js";
import { skewProblem } from "./vendor-clock.js";

/** A source that signs in somewhere. */
export interface Connectable {
  readonly source: SourceConfig;
  readonly connector: SignsIn;
}

/** What a connection needs to know of its source; an SFTP server is one without being a connector. */
export type SignsIn = Pick<Connector, "id" | "title" | "signIns">;

const SIGN_INS: readonly SignsIn[] = [...CONNECTORS.filter(({ signIns }) => signIns.length > 0), sftp];

/**
 * The sources of the workspace that sign in somewhere, in the order of the config, where alerts are sent, who pushes, where marts are published, and whose language
 * model there is; those of the demo do not.
 */
export async function connectables(context: CommandContext): Promise<readonly Connectable[]> {
  const { sources, alerts, intake, model, publish } = await context.workspaceConfig();
  const models = model === undefined ? [] : [ANTHROPIC];
  const others = [...sinkParties(alerts), ...intakeParties(intake), ...models, ...targetParties(publish)].map(beside);
  const signing = sources.flatMap((source): readonly Connectable[] => {
    const connector = SIGN_INS.find(({ id }) => id === source.id);
    const isAsked = source.transport === "network" && !isLocal(source);
    return connector !== undefined && isAsked ? [{ source, connector }] : [];
  });
  return [...signing, ...others];
}

function beside(connector: SignsIn): Connectable {
  return {
    connector,
    source: { id: connector.id, options: {}, transport: "network", timeoutMinutes: 1, since: null },
  };
}

/** One of them by name. Throws `SOURCE_UNKNOWN`, `SOURCE_NOT_CONFIGURED`, `SOURCE_NEEDS_NO_SIGN_IN`. */
export async function connectable(context: CommandContext, id: string): Promise<Connectable> {
  const found = (await connectables(context)).find(({ source }) => source.id === id);
  if (found !== undefined) return found;
  // Its key can be tested without any option.
  if (id === ANTHROPIC.id) return beside(ANTHROPIC);
  const names = SIGN_INS.map((one) => one.id);
  const { sources } = await context.workspaceConfig();
  if (sources.some((source) => source.id === id)) {
    throw new GrowthosError({
      code: "SOURCE_NEEDS_NO_SIGN_IN",
      what: `${id} needs no credentials here`,
      hint: `sources that sign in: ${names.join(", ")}`,
      exit: "usage",
    });
  }
  if (!names.some((name) => name === id)) {
    throw new GrowthosError({
      code: "SOURCE_UNKNOWN",
      what: `there is no source "${id}" that signs in`,
      hint: `one of ${names.join(", ")}`,
      exit: "usage",
    });
  }
  throw new GrowthosError({
    code: "SOURCE_NOT_CONFIGURED",
    what: `${id} is not among the sources of the config`,
    why: "its options (which shop, which account) are needed to test the credentials",
    state: "nothing was asked for or stored",
    hint: `add \`${id}: { … }\` under \`sources\` in growthos.config.ts first; README shows the options`,
    exit: "usage",
  });
}

/** Credentials to try, and where their tokens live meanwhile. */
export interface Trial {
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly tokens?: TokenStore;
}

/** Asks the vendor the questions of the connector; no answers where asking would send something. Throws `BAD_OPTIONS`, `CREDENTIAL_INVALID`. */
export async function tryConnection(context: CommandContext, one: Connectable, trial: Trial): Promise<Probed> {
  const { source } = one;
  // Nothing to ask without sending something: the first alert is the test, the first webhook or the first publish, and a refusal is told then.
  if (isSinkId(source.id) || isIntakeId(source.id) || isTargetId(source.id)) return { results: [], skewSeconds: null };
  if (source.id === ANTHROPIC.id) {
    const { model } = await context.workspaceConfig();
    return { results: await tryModel(context, model?.name ?? null, trial.secrets), skewSeconds: null };
  }
  const connector = connectorById(source.id);
  if (connector === undefined) {
    return { results: await trySftp(context, source.options, trial.secrets), skewSeconds: null };
  }
  const transport = await context.effects.transport();
  return runProbes(context.effects, { connector, options: source.options, transport, ...trial });
}

/** The answers as lines, each with what to do about it. */
export function probeLines({ output }: CommandContext, { results, skewSeconds }: Probed): readonly string[] {
  const skewed = results.some(({ name }) => name === "clock") ? null : skewProblem(skewSeconds);
  const clock = skewed === null ? [] : [{ name: "clock", ok: true, message: skewed.message, fix: skewed.fix }];
  return [...results, ...clock].map(({ name, ok, message, fix }) => {
    const status = ok ? (fix === undefined ? "ok" : "warn") : "fail";
    const tone = { ok: "good", warn: "warn", fail: "bad" } as const;
    const hint = fix === undefined ? "" : `\n        ${output.paint("hint", "fix:")} ${fix}`;
    return `  ${output.paint(tone[status], status.padEnd(4))}  ${name}: ${message}${hint}`;
  });
}

/** True when the vendor was asked and every answer is good. */
export function isGood({ results }: Probed): boolean {
  return results.every(({ ok }) => ok);
}
