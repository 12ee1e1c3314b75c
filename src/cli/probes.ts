/** Asks a connection the cheap questions of its connector, and looks at the clock on the way. */
import { GrowthosError } from "../base/errors.js";
import { redact } from "../base/secret.js";
import type { Connector, OpenConnector, Probe, Reading } from "../connectors/types.js";
import { secretsOf } from "../http/auth.js";
import { type Client, createClient } from "../http/client.js";
import type { TokenStore, Transport } from "../http/types.js";
import type { Effects } from "./command.js";
import { skewAt, skewProblem, type Watch, watched } from "./vendor-clock.js";

/** What one question found. */
export interface ProbeResult extends Omit<Reading<never>, "next"> {
  readonly name: string;
}

/** What is asked, and through what. */
export interface ProbeRequest {
  readonly connector: Connector;
  /** As written in the config. */
  readonly options: unknown;
  readonly secrets: unknown;
  readonly transport: Transport;
  readonly tokens?: TokenStore;
  /** Real milliseconds for all questions together; default: 20 seconds. */
  readonly budgetMs?: number;
}

/** What the questions found. */
export interface Probed {
  readonly results: readonly ProbeResult[];
  /** Seconds by which this machine's clock is ahead of the vendor's; null when no answer told. */
  readonly skewSeconds: number | null;
}

/** One thing to look at, over whatever protocol. */
export interface Check {
  readonly name: string;
  /** Null: nothing worth a line. Throws a `GrowthosError` with a hint, or the signal's reason. */
  readonly look: (signal: AbortSignal) => Promise<Reading<Check> | null>;
}

const MAX_PROBES = 200;
const BUDGET_MS = 20_000;
/** After these the next question would fail in the same way, and take as long. */
const HOPELESS: ReadonlySet<string> = new Set(["API_BROKEN", "API_THROTTLED", "NETWORK"]);

/** Runs all probes, in order. A question that fails is a result, not an error; wrong options or incomplete credentials throw. */
export async function runProbes(effects: Effects, request: ProbeRequest): Promise<Probed> {
  const open = opened(request.connector, request.options, request.secrets);
  effects.secrets.push(...secretsOf(open.auth));
  const watch = watched(request.transport, effects);
  const client = createClient({
    ...clientParts(effects, request),
    ...clientOf(open, request),
    transport: watch.transport,
  });
  const { auth } = open;
  // With a clock that is an hour wrong nothing is signed and no token is asked for.
  const asksForTokens = auth.kind === "grant" && auth.grant.kind !== "key_pair";
  const clock: readonly Check[] = asksForTokens ? [clockCheck(watch, auth.grant.tokenUrl)] : [];
  const ask = open.probes.map((probe) => httpCheck(probe, client, effects));
  const patience = { budgetMs: request.budgetMs, isReached: watch.isReached };
  const results = await runChecks(effects, [...clock, ...ask], patience);
  return { results, skewSeconds: watch.skew() };
}

/** How long checks may take, and whether anybody has answered so far. */
export interface Patience {
  /** Real milliseconds for all of them together; default: 20 seconds. */
  readonly budgetMs?: number | undefined;
  readonly isReached?: () => boolean;
}

/**
 * Runs checks in order until one fails for a reason that the others share: nobody there, no time left. What fails in the same words as a
 * check before it is told once.
 */
export async function runChecks(
  effects: Pick<Effects, "secrets" | "signal">,
  checks: readonly Check[],
  { budgetMs = BUDGET_MS, isReached = () => true }: Patience = {},
): Promise<readonly ProbeResult[]> {
  const deadline = AbortSignal.timeout(budgetMs);
  const signal = AbortSignal.any([effects.signal, deadline]);
  const results: ProbeResult[] = [];
  let queue = checks;
  for (let asked = 0; asked < MAX_PROBES; asked++) {
    const [check, ...rest] = queue;
    if (check === undefined) break;
    const looked = await lookedAt(check, signal, isReached).catch((thrown: unknown) => {
      effects.signal.throwIfAborted();
      if (!deadline.aborted) throw thrown;
      return { result: outOfTime(check.name, budgetMs), next: [], isLast: true };
    });
    const message = redact(looked.result?.message ?? "", effects.secrets);
    const isTold = results.some((one) => !one.ok && looked.result?.ok === false && one.message === message);
    if (looked.result !== null && !isTold) results.push({ ...looked.result, message });
    if (looked.isLast) break;
    queue = [...looked.next, ...rest];
  }
  return results;
}

interface Looked {
  readonly result: ProbeResult | null;
  readonly next: readonly Check[];
  readonly isLast: boolean;
}

async function lookedAt({ name, look }: Check, signal: AbortSignal, isReached: () => boolean): Promise<Looked> {
  try {
    const reading = await look(signal);
    if (reading === null) return { result: null, next: [], isLast: false };
    const { next = [], ...rest } = reading;
    return { result: { name, ...rest }, next, isLast: false };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    const { code } = thrown;
    const { what, why, hint } = thrown.parts;
    const fix = HOPELESS.has(code) ? remedyOf(code, isReached()) : hint;
    const message = why === undefined ? what : `${what}: ${why}`;
    const result = { name, ok: false, message, ...(fix === undefined ? {} : { fix }) };
    return { result, next: [], isLast: HOPELESS.has(code) || code === CLOCK };
  }
}

/** The hints of these speak of a sync. */
function remedyOf(code: string, isReached: boolean): string {
  if (code === "API_THROTTLED") return "wait a while: the vendor answers, but says that it was asked too often";
  return isReached
    ? "the failure is at the vendor's side: look at its status page, and try again later"
    : "check the network of this machine (cable, DNS, VPN, proxy, firewall), then try again";
}

function outOfTime(name: string, budgetMs: number): ProbeResult {
  return {
    name,
    ok: false,
    message: `no answer within ${budgetMs / 1000} s`,
    fix: "the vendor is slow, or the network of this machine holds answers back: try again later",
  };
}

const CLOCK = "CLOCK_SKEW";

function clockCheck(watch: Watch, url: string): Check {
  return {
    name: "clock",
    look: async (signal) => {
      const problem = skewProblem(await skewAt(watch, url, signal));
      if (problem?.isRefused !== true) return null;
      throw new GrowthosError({ code: CLOCK, what: problem.message, hint: problem.fix, exit: "auth" });
    },
  };
}

function httpCheck(probe: Probe, client: Client, effects: Pick<Effects, "clock">): Check {
  return {
    name: probe.name,
    look: async (signal) => {
      const answer = await client.ask(probe.request, signal);
      answer.log(0);
      const reading: Reading<Probe> =
        answer.outcome === "shrink"
          ? { ok: false, message: answer.reason }
          : probe.read(answer.body, effects.clock.now());
      const next = (reading.next ?? []).map((one) => httpCheck(one, client, effects));
      return { ...reading, next };
    },
  };
}

function clientOf({ auth, hosts = [] }: OpenConnector, { connector }: ProbeRequest) {
  return { auth, hosts: [...connector.hosts, ...hosts] };
}

function clientParts(effects: Effects, { connector, tokens }: ProbeRequest) {
  return {
    source: connector.id,
    title: connector.title,
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
  const strange = parsed.options.error?.issues[0];
  if (strange !== undefined) {
    throw new GrowthosError({
      code: "BAD_OPTIONS",
      what: `the options of ${connector.id} cannot be used`,
      why: `${strange.path.join(".")} ${strange.message}`.trim(),
      hint: `correct \`sources.${connector.id}\` in growthos.config.ts`,
      exit: "usage",
    });
  }
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
