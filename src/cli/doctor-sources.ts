/** What `doctor` says about each source: where its credentials come from, how long its API is served, and what the vendor answers. */
import { dayInZone, daysBetween, type ISODate } from "../base/dates.js";
import type { SourceConfig, WorkspaceConfig } from "../config/types.js";
import { connectorById } from "../connectors/index.js";
import { sftp } from "../connectors/sftp/index.js";
import type { Connector } from "../connectors/types.js";
import type { Transport } from "../http/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { type Finding, failed } from "./finding.js";
import { isLocal } from "./local-source.js";
import { type ProbeResult, runProbes } from "./probes.js";
import { sftpFindings } from "./sftp-source.js";
import { type Found, findCredentials } from "./vault.js";
import { skewProblem } from "./vendor-clock.js";

const SUNSET_WARNING_DAYS = 90;

/** The workspace on disk when it is there, and whether vendors may be asked. */
export interface SourceChecks {
  readonly ws: Workspace | null;
  readonly isOffline: boolean;
}

/** Every source of a workspace; vendors are asked at the same time, and one that does not answer holds up no other. */
export async function checkSources(
  context: CommandContext,
  own: WorkspaceConfig,
  { ws, isOffline }: SourceChecks,
): Promise<readonly Finding[]> {
  if (own.sources.length === 0) {
    const message = "no source is configured";
    return [{ check: `${own.name}: sources`, status: "warn", message, fix: "add one under `sources`" }];
  }
  const ready: Ready[] = [];
  // One after the other: each may open the same key.
  for (const source of own.sources) {
    const connector = source.transport === "network" && !isLocal(source) ? connectorById(source.id) : undefined;
    if (connector !== undefined) ready.push(await prepared(context, { source, connector }, ws));
  }
  const asked = isOffline ? [] : ready.filter(({ found }) => found?.missing.length === 0);
  const answers = await askedTogether(context, own, asked);
  const today = dayInZone(context.effects.clock.now(), own.shop.timeZone);
  const findings = ready.flatMap((one) => {
    const answer = answers.get(one.source.id);
    return [one.finding, versionFinding(one, today), ...(answer?.findings ?? [])];
  });
  const server = own.sources.find(({ id }) => id === "sftp");
  const others = server === undefined ? [] : await serverFindings(context, server, { ws, isOffline });
  return [...findings, ...others, ...clockFinding(answers)].map((finding) => ({
    ...finding,
    check: `${own.name}: ${finding.check}`,
  }));
}

interface Ready {
  readonly source: SourceConfig;
  readonly connector: Connector;
  readonly finding: Finding;
  /** Null when looking for them failed. */
  readonly found: Found | null;
}

async function prepared(
  context: CommandContext,
  one: Pick<Ready, "source" | "connector">,
  ws: Workspace | null,
): Promise<Ready> {
  const check = `${one.source.id} credentials`;
  try {
    const found = await findCredentials(context, one.connector, ws);
    return { ...one, found, finding: { check, ...originOf(one.connector, found) } };
  } catch (thrown) {
    return { ...one, found: null, finding: failed(check, thrown) };
  }
}

/** An SFTP server: a source without a connector. */
async function serverFindings(
  context: CommandContext,
  source: SourceConfig,
  { ws, isOffline }: SourceChecks,
): Promise<readonly Finding[]> {
  const check = "sftp credentials";
  try {
    const found = await findCredentials(context, sftp, ws);
    const secrets = found.missing.length === 0 ? found.secrets : null;
    return [{ check, ...originOf(sftp, found) }, ...(await sftpFindings(context, source, { secrets, isOffline }))];
  } catch (thrown) {
    return [failed(check, thrown)];
  }
}

function originOf(
  { id, signIns }: Pick<Connector, "id" | "signIns">,
  { missing, from, key }: Found,
): Omit<Finding, "check"> {
  if (signIns.length === 0) return { status: "ok", message: "none are needed" };
  if (missing.length > 0) {
    const which = missing.length === 1 ? "it" : "them";
    return {
      status: "fail",
      message: `nothing is stored, and ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set`,
      fix: `run \`growthos connect ${id}\`; or set ${which} in the environment or in .env`,
    };
  }
  const stored = `stored (opened with ${key ?? "no key"})`;
  const message =
    from === "stored"
      ? stored
      : from === "both"
        ? `from the environment or .env, the rest ${stored}`
        : "from the environment or .env";
  return { status: "ok", message };
}

function versionFinding({ connector, source }: Ready, today: ISODate): Finding {
  const check = `${source.id} version`;
  const { name, sunset } = connector.apiVersion;
  if (sunset === null) return { check, status: "ok", message: `${name}; no end is announced` };
  const days = daysBetween(today, sunset);
  if (days > SUNSET_WARNING_DAYS) return { check, status: "ok", message: `${name}, served until ${sunset}` };
  const message =
    days < 0 ? `${name} was switched off on ${sunset}` : `${name} will be switched off on ${sunset}, in ${days} days`;
  return {
    check,
    status: days < 0 ? "fail" : "warn",
    message,
    fix: "update growthos: a newer one speaks a newer version",
  };
}

interface Answered {
  readonly findings: readonly Finding[];
  /** Seconds that this machine's clock is ahead; null when the vendor did not tell, or refused for it. */
  readonly skew: number | null;
}

type Answers = ReadonlyMap<string, Answered>;

async function askedTogether(context: CommandContext, own: WorkspaceConfig, asked: readonly Ready[]): Promise<Answers> {
  if (asked.length === 0) return new Map();
  const transport = await context.effects.transport();
  const step = context.output.step(`asking ${asked.map(({ source }) => source.id).join(", ")}`);
  const answers = await Promise.all(
    asked.map(async (one) => [one.source.id, await answersOf(context, own, { ...one, transport })] as const),
  );
  step.done();
  return new Map(answers);
}

async function answersOf(
  { effects }: CommandContext,
  own: WorkspaceConfig,
  { source, connector, found, transport }: Ready & { readonly transport: Transport },
): Promise<Answered> {
  const { secrets = {}, tokens } = found ?? {};
  const request = { connector, options: source.options, secrets, transport };
  try {
    const { results, skewSeconds } = await runProbes(effects, { ...request, ...(tokens && { tokens }) });
    const isRefused = results.some(({ name }) => name === "clock");
    const findings = [...results.map((one) => findingOf(source.id, one)), ...factFindings(own, source.id, results)];
    return { findings, skew: isRefused ? null : skewSeconds };
  } catch (thrown) {
    return { findings: [failed(source.id, thrown)], skew: null };
  }
}

function findingOf(source: string, { name, ok, message, fix }: ProbeResult): Finding {
  const status = ok ? (fix === undefined ? "ok" : "warn") : "fail";
  return { check: `${source} ${name}`, status, message, ...(fix === undefined ? {} : { fix }) };
}

/** One line for one clock, whoever has seen it. */
function clockFinding(answers: Answers): readonly Finding[] {
  const seen = [...answers].flatMap(([source, { skew }]) => {
    const problem = skewProblem(skew);
    return problem === null ? [] : [{ source, ...problem }];
  });
  const [first] = seen;
  if (first === undefined) return [];
  const message = `${first.message} (seen by ${seen.map(({ source }) => source).join(", ")})`;
  return [{ check: "clock of vendors", status: "warn", message, fix: first.fix }];
}

/** What the vendor says of itself against what the config says of the shop. */
function factFindings(own: WorkspaceConfig, source: string, results: readonly ProbeResult[]): readonly Finding[] {
  const { currency, timeZone } = own.shop;
  const facts = results.flatMap((one) => one.facts ?? []);
  const hasRates = own.sources.some(({ id }) => id === "fx");
  const foreign = [...new Set(facts.map((fact) => fact.currency ?? currency))].filter((one) => one !== currency);
  const zones = facts.map((fact) => fact.timeZone ?? timeZone).filter((one) => one !== timeZone);
  return [
    ...(hasRates ? [] : foreign).map(
      (other): Finding => ({
        check: `${source} currency`,
        status: "warn",
        message: `its figures are in ${other}, the shop's in ${currency}: they are never added together`,
        fix: "add `fx: {}` under `sources`: rates of the European Central Bank turn one into the other",
      }),
    ),
    ...zones.map(
      (zone): Finding => ({
        check: `${source} time zone`,
        status: "warn",
        message: `its days end in ${zone}, those of the config in ${timeZone}`,
        fix: `set shop.timeZone to "${zone}"`,
      }),
    ),
  ];
}
