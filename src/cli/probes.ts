/** Asks a connection the cheap questions of its connector, and looks at the clock on the way. */
import { GrowthosError } from "../base/errors.js";
import { redact } from "../base/secret.js";
import type { Connector, OpenConnector, Probe } from "../connectors/types.js";
import { secretsOf } from "../http/auth.js";
import { type Answer, createClient } from "../http/client.js";
import type { Auth, HttpResponse, TokenStore, Transport } from "../http/types.js";
import type { Effects } from "./command.js";

/** What one question found. */
export interface ProbeResult {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
}

/** What is asked, and through what. */
export interface ProbeRequest {
  readonly connector: Connector;
  /** As written in the config. */
  readonly options: unknown;
  readonly secrets: unknown;
  readonly transport: Transport;
  readonly tokens?: TokenStore;
}

/** What the questions found. */
export interface Probed {
  readonly results: readonly ProbeResult[];
  /** Seconds by which this machine's clock is ahead of the vendor's; null when no answer told. */
  readonly skewSeconds: number | null;
}

const MAX_PROBES = 200;
/** Beyond this a signed assertion or a token's lifetime means something else to the vendor than to us. */
const REFUSE_SKEW_SECONDS = 3_600;

/** Runs all probes, in order. A question that fails is a result, not an error; opening with wrong credentials throws. */
export async function runProbes(effects: Effects, request: ProbeRequest): Promise<Probed> {
  const { connector, secrets } = request;
  const open = opened(connector, request.options, secrets);
  effects.secrets.push(...secretsOf(open.auth));
  const watch = watched(request.transport, effects);
  const skewed = await clockRefusal(watch, open.auth);
  if (skewed !== null) return { results: [skewed], skewSeconds: watch.skew() };
  const client = createClient({ ...clientParts(effects, request), auth: open.auth, transport: watch.transport });
  const results: ProbeResult[] = [];
  let queue: readonly Probe[] = open.probes;
  while (queue.length > 0 && results.length < MAX_PROBES) {
    const [probe, ...rest] = queue;
    if (probe === undefined) break;
    const { result, next } = await askOne(probe, effects.clock.now(), () => client.ask(probe.request, effects.signal));
    results.push(result);
    queue = [...next, ...rest];
  }
  const clean = results.map((one) => ({ ...one, message: redact(one.message, effects.secrets) }));
  return { results: clean, skewSeconds: watch.skew() };
}

function clientParts(effects: Effects, { connector, tokens }: ProbeRequest) {
  return {
    source: connector.id,
    title: connector.title,
    hosts: connector.hosts,
    // Somebody is waiting: an unsteady vendor is told after three tries.
    limits: { ...connector.limits, tries: Math.min(3, connector.limits.tries) },
    ...(connector.classify === undefined ? {} : { classify: connector.classify }),
    ...(connector.usage === undefined ? {} : { usage: connector.usage }),
    ...(tokens === undefined ? {} : { tokens }),
    learned: (secret: Effects["secrets"][number]) => void effects.secrets.push(secret),
    clock: effects.clock,
    random: effects.random,
    log: effects.log,
  };
}

/** The connector with checked options and credentials. Throws `BAD_OPTIONS`, `CREDENTIAL_INVALID`. */
export function opened(connector: Connector, options: unknown, secrets: unknown): OpenConnector {
  const parsed = { options: connector.options.safeParse(options), secrets: connector.secrets.safeParse(secrets) };
  const issue = parsed.secrets.error?.issues[0];
  if (issue === undefined) return connector.open(parsed.options.data, parsed.secrets.data);
  throw new GrowthosError({
    code: "CREDENTIAL_INVALID",
    what: `the credentials of ${connector.id} are not complete`,
    why: `${issue.path.join(".")} ${issue.message}`.trim(),
    hint: `run \`growthos connect ${connector.id}\``,
    exit: "auth",
  });
}

async function askOne(
  probe: Probe,
  now: number,
  ask: () => Promise<Answer>,
): Promise<{ readonly result: ProbeResult; readonly next: readonly Probe[] }> {
  try {
    const answer = await ask();
    answer.log(0);
    if (answer.outcome !== "read") return { result: { name: probe.name, ok: false, message: answer.reason }, next: [] };
    const { ok, message, fix, next = [] } = probe.read(answer.body, now);
    return { result: { name: probe.name, ok, message, ...(fix === undefined ? {} : { fix }) }, next };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    const { what, why, hint } = thrown.parts;
    const message = why === undefined ? what : `${what}: ${why}`;
    return { result: { name: probe.name, ok: false, message, ...(hint === undefined ? {} : { fix: hint }) }, next: [] };
  }
}

interface Watch {
  readonly transport: Transport;
  readonly skew: () => number | null;
}

/** The same network, and the `Date` header of its last answer against our clock. */
function watched(transport: Transport, { clock }: Pick<Effects, "clock">): Watch {
  let skew: number | null = null;
  const note = (response: HttpResponse) => {
    const theirs = Date.parse(response.headers["date"] ?? "");
    if (!Number.isNaN(theirs)) skew = Math.round((clock.now() - theirs) / 1000);
    return response;
  };
  const { download } = transport;
  return {
    transport: {
      send: async (request, signal) => note(await transport.send(request, signal)),
      ...(download === undefined ? {} : { download: (...asked) => download(...asked) }),
    },
    skew: () => skew,
  };
}

/** C03: with a clock that is an hour wrong nothing is signed and no token is asked for. */
async function clockRefusal(watch: Watch, auth: Auth): Promise<ProbeResult | null> {
  if (auth.kind !== "grant") return null;
  return refusalBySkew(await skewAt(watch.transport, watch, auth.grant.tokenUrl));
}

/** Looks at the vendor's clock before a consent. Throws `CLOCK_SKEW`. */
export async function requireClock(effects: Pick<Effects, "clock">, transport: Transport, url: string): Promise<void> {
  const watch = watched(transport, effects);
  const refusal = refusalBySkew(await skewAt(watch.transport, watch, url));
  if (refusal === null) return;
  throw new GrowthosError({
    code: "CLOCK_SKEW",
    what: refusal.message,
    state: "nothing was signed, asked for or stored",
    ...(refusal.fix === undefined ? {} : { hint: refusal.fix }),
    exit: "auth",
  });
}

async function skewAt(transport: Transport, watch: Watch, url: string): Promise<number | null> {
  try {
    await transport.send({ method: "GET", url, label: "clock", anonymous: true });
  } catch (thrown) {
    // Only the time was wanted; if the vendor cannot be reached, the next question says so properly.
    if (!(thrown instanceof GrowthosError)) throw thrown;
    return null;
  }
  return watch.skew();
}

function refusalBySkew(skew: number | null): ProbeResult | null {
  if (skew === null || Math.abs(skew) <= REFUSE_SKEW_SECONDS) return null;
  return {
    name: "clock",
    ok: false,
    message: skewText(skew),
    fix: "set the clock of this machine (time synchronisation), then try again",
  };
}

/** A wrong clock in words. */
export function skewText(skew: number): string {
  const minutes = Math.round(Math.abs(skew) / 60);
  const amount = minutes >= 120 ? `${Math.round(minutes / 60)} h` : `${minutes} min`;
  return `this machine's clock is ${amount} ${skew > 0 ? "ahead of" : "behind"} the vendor's`;
}
