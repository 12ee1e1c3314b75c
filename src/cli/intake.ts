/** Pushed data as commands reach it: who may push, with which secrets, and what landing needs. */
import { isoInstant } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { IntakeConfig, IntakeSourceConfig, WorkspaceConfig } from "../config/types.js";
import type { SignIn } from "../connectors/sign-in.js";
import { adaptersOf } from "../intake/adapters/index.js";
import type { LandContext, Landed } from "../intake/land-deliveries.js";
import type { Endpoint } from "../intake/receiver-types.js";
import { SHOPIER_SCHEME, SHOPIFY_SCHEME } from "../intake/signatures.js";
import { type Delivery, INTAKE_SOURCES, type IntakeSource } from "../intake/types.js";
import type { ImportSource } from "../sync/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { plural } from "./format.js";
import { findCredentials, secretsMissing } from "./vault.js";
import { workspaceClock } from "./world.js";

const WHERE: Readonly<Record<IntakeSource, string>> = {
  shopify_webhooks:
    "the client secret of the app that owns the webhooks (Settings > Apps > your app > API credentials)",
  shopier: "the token that Shopier showed when the webhook was made",
  webhooks: "a long random text that the sender signs with",
  payouts: "a long random text that the sender signs with",
  fulfilments: "a long random text that the sender signs with",
  pixel: "a long random text with which your own server signs events",
};

/** A source that pushes, as `connect` knows sources: its secret, and during a rotation the one before. */
export interface IntakeParty {
  readonly id: IntakeSource;
  readonly title: string;
  readonly signIns: readonly SignIn[];
}

const PARTIES: readonly IntakeParty[] = INTAKE_SOURCES.map((id) => {
  const { title } = adaptersOf({ idPath: null })[id];
  const members = [
    { name: "secret", label: `secret of ${title}` },
    { name: "previousSecret", label: "the secret before, while it may still be used", optional: true },
  ] as const;
  return { id, title, signIns: [{ kind: "secret", title: "a shared secret", help: WHERE[id], members }] };
});

/** The sources of the config that push. */
export function intakeParties(intake: IntakeConfig | undefined): readonly IntakeParty[] {
  return PARTIES.filter(({ id }) => intake?.sources.some((source) => source.id === id));
}

/** True for an id of a source that pushes: there is nobody to ask whether its secret is right. */
export function isIntakeId(id: string): id is IntakeSource {
  return (INTAKE_SOURCES as readonly string[]).includes(id);
}

/** The `intake` key. Throws `INTAKE_NOT_CONFIGURED`. */
export function intakeOf({ name, intake }: WorkspaceConfig): IntakeConfig {
  if (intake !== undefined && intake.sources.length > 0) return intake;
  throw new GrowthosError({
    code: "INTAKE_NOT_CONFIGURED",
    what: `nobody may push data to the workspace "${name}"`,
    hint: 'name a source in growthos.config.ts, e.g. intake: { shopify_webhooks: { shop: "name.myshopify.com" } }',
    exit: "usage",
  });
}

/** What the receiver needs of every source. Throws `SECRETS_MISSING`: without a secret nothing could be verified. */
export async function endpointsOf(
  context: CommandContext,
  ws: Workspace,
  intake: IntakeConfig,
): Promise<ReadonlyMap<IntakeSource, Endpoint>> {
  const found = [];
  for (const source of intake.sources) {
    const party = PARTIES.find(({ id }) => id === source.id);
    if (party === undefined) continue;
    const { secrets, missing } = await findCredentials(context, party, ws);
    found.push({ source, secrets, missing });
  }
  // A pixel without a secret is one without a server-side twin.
  const wanting = found.flatMap(({ source, missing }) =>
    missing.length === 0 || source.id === "pixel" ? [] : [{ id: source.id, missing }],
  );
  if (wanting.length > 0) throw secretsMissing(wanting);
  return new Map(
    found.map(({ source, secrets }) => {
      const both = [secrets["secret"], secrets["previousSecret"]].filter((secret) => secret !== undefined);
      return [source.id, { ...endpointOf(source), secrets: both }];
    }),
  );
}

function endpointOf({ id, account, signature, origins, idPath }: IntakeSourceConfig): Omit<Endpoint, "secrets"> {
  const usual = id === "shopify_webhooks" ? SHOPIFY_SCHEME : SHOPIER_SCHEME;
  return { adapter: adaptersOf({ idPath })[id], account, scheme: signature ?? usual, origins };
}

/** What landing needs, for a run with this id. */
export async function landContextOf(context: CommandContext, ws: Workspace, runId: string): Promise<LandContext> {
  const own = await context.workspaceConfig();
  const sources = own.intake?.sources ?? [];
  return {
    ws,
    clock: workspaceClock(own, context.effects.clock),
    random: context.effects.random,
    runId,
    toolVersion: context.version,
    configHash: own.hash,
    pii: own.pii,
    accounts: Object.fromEntries(sources.flatMap(({ id, account }) => (account === null ? [] : [[id, account]]))),
    idPath: sources.find(({ id }) => id === "webhooks")?.idPath ?? null,
  };
}

/** The spool as a source of `sync`: what was pushed lands beside what is read. */
export async function spoolSource(context: CommandContext): Promise<ImportSource> {
  const ws = await context.workspace();
  const { rollSpool } = await import("../intake/roll.js");
  return {
    id: "intake",
    timeoutMinutes: 30,
    land: async ({ runId, signal }) => {
      const landed = await rollSpool(await landContextOf(context, ws, runId), signal);
      return { rows: landed.rows, warnings: rejectedText(landed) };
    },
  };
}

/** What is pushed to a demo's shop: pixel events and payouts. They land as those of any other do, each once however often the demo is read. */
export async function demoPushedSources(
  context: CommandContext,
  demo: NonNullable<WorkspaceConfig["demo"]>,
): Promise<readonly ImportSource[]> {
  const ws = await context.workspace();
  const [{ landDeliveries }, { makeWorld }, { pixelEvents }, { demoPayouts }] = await Promise.all([
    import("../intake/land-deliveries.js"),
    import("../demo/world.js"),
    import("../demo/pixel.js"),
    import("../demo/payouts.js"),
  ]);
  let made: ReturnType<typeof makeWorld> | undefined;
  const world = () => (made ??= makeWorld(demo));
  const sourceOf = (id: IntakeSource, told: () => readonly Pushed[]): ImportSource => ({
    id,
    timeoutMinutes: 30,
    land: async ({ runId }) => {
      const arrivals = told().map(({ name, topic, at, body, by }) => ({
        id: name,
        delivery: {
          source: id,
          topic,
          receivedAt: isoInstant(at),
          headers: {},
          body: Buffer.from(JSON.stringify(body)),
          by,
        },
      }));
      const landed = await landDeliveries(await landContextOf(context, ws, runId), arrivals, { cursors: {} });
      return { rows: landed.rows, warnings: rejectedText(landed) };
    },
  });
  return [
    sourceOf("pixel", () =>
      pixelEvents(world()).map(({ at, body }) => {
        return { name: String(body["event_id"]), topic: null, at, body, by: "public" };
      }),
    ),
    sourceOf("payouts", () =>
      demoPayouts(world()).map(({ payer, at, body }) => {
        return { name: `${payer}-${String(body["ref_id"])}`, topic: payer, at, body, by: "signed" };
      }),
    ),
  ];
}

/** One delivery of a demo. */
interface Pushed {
  readonly name: string;
  readonly topic: string | null;
  /** Ms since 1970 UTC. */
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly by: Delivery["by"];
}

/** A sentence about what waits in quarantine; empty when nothing does. */
export function rejectedText({ rejected }: Landed): readonly string[] {
  if (rejected === 0) return [];
  const deliveries = rejected === 1 ? "1 delivery" : `${rejected} deliveries`;
  return [
    `${deliveries} could not be read and ${rejected === 1 ? "waits" : "wait"} in quarantine: growthos intake list`,
  ];
}

/** What the spool holds, in words. */
export async function spoolText(ws: Workspace): Promise<string> {
  const { sealedSegments, openSegments } = await import("../intake/segments.js");
  const sealed = sealedSegments(ws);
  const bytes = sealed.reduce((sum, segment) => sum + segment.bytes, 0);
  const open = openSegments(ws).length > 0 ? ", one is being written" : "";
  return `spool: ${plural(sealed.length, "segment")} of ${(bytes / 1e6).toFixed(1)} MB wait for the next sync${open}`;
}
