/** The checks of `growthos doctor`: each looks at one thing and says how to put it right. */
import { join } from "node:path";
import { dayInZone, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Config, WorkspaceConfig } from "../config/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { createContext } from "./context.js";
import { attempt, type Finding, failed } from "./finding.js";
import { megabytes, plural } from "./format.js";

const MIN_NODE: readonly [number, number] = [20, 19];
const LOW_BYTES = 2_000_000_000;
const TOO_LOW_BYTES = 256_000_000;
/** fcntl locks and rename are not what the commit protocol needs them to be on these. */
const REMOTE = /^(nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|fuse\.(sshfs|s3fs|rclone|gcsfuse|glusterfs|davfs))$/;

/** What to look at. */
export interface Diagnosis {
  readonly nodeVersion: string;
  /** Ask no vendor. */
  readonly isOffline: boolean;
}

/** Runs every check; those that need a config are left out when it cannot be loaded. */
export async function diagnose(
  context: CommandContext,
  { nodeVersion, isOffline }: Diagnosis,
): Promise<readonly Finding[]> {
  const machine = [checkNode(nodeVersion)];
  const config = await attempt("config", async () => {
    const { projectRoot, workspaces } = await context.config();
    return `${plural(workspaces.length, "workspace")} in ${projectRoot}`;
  });
  if (config.status === "fail") return [...machine, config];
  const loaded = await context.config();
  const { projectRoot, workspaces } = loaded;
  const { checkSecretFiles } = await import("./doctor-secrets.js");
  const place = [
    checkDisk(context, projectRoot),
    checkVolume(context, projectRoot),
    ...(await checkSecretFiles(context, projectRoot)),
  ];
  const chosen = workspaces.filter(({ name }) => (context.flags.workspace ?? name) === name);
  const own: Finding[] = [];
  for (const workspace of chosen) {
    // Each with its own environment.
    const flags = { ...context.flags, workspace: workspace.name };
    const inside = createContext({ ...context, flags, config: async () => loaded });
    own.push(...(await checkWorkspace(inside, workspace, { projectRoot, isOffline })));
  }
  return [...machine, config, ...brokenClients(loaded), ...place, ...own];
}

/** Files of clients that cannot be used. */
function brokenClients({ clients }: Config): readonly Finding[] {
  return (clients?.files ?? []).flatMap(({ name, error }) => {
    if (error === null) return [];
    const { what, why, hint } = error.parts;
    return [{ check: `${name}: config`, status: "fail" as const, message: `${what}: ${why ?? ""}`, fix: hint ?? "" }];
  });
}

/** Is this Node new enough? */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const isEnough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  if (isEnough) return { check: "node", status: "ok", message: `Node ${version}` };
  return {
    check: "node",
    status: "fail",
    message: `Node ${version} is too old`,
    fix: `install Node ${MIN_NODE.join(".")} or newer`,
  };
}

function checkDisk({ effects }: CommandContext, folder: string): Finding {
  const free = effects.files.free(folder);
  if (free >= LOW_BYTES) return { check: "disk", status: "ok", message: `${(free / 1e9).toFixed(1)} GB free` };
  const status = free < TOO_LOW_BYTES ? "fail" : "warn";
  return {
    check: "disk",
    status,
    message: `only ${megabytes(free)} free in ${folder}`,
    fix: "free some space; `growthos gc` deletes what no reader needs",
  };
}

/** Reads the mount table where there is one (Linux). */
function checkVolume({ effects }: CommandContext, folder: string): Finding {
  const table = "/proc/self/mountinfo";
  if (effects.files.stat(table) === undefined) {
    return {
      check: "volume",
      status: "ok",
      message: "no mount table on this system; a network volume is not supported",
    };
  }
  const type = volumeType(effects.files.readText(table), folder);
  if (!REMOTE.test(type)) return { check: "volume", status: "ok", message: `${type} volume` };
  return {
    check: "volume",
    status: "fail",
    message: `${folder} is on a network volume (${type}), where locks and renames cannot be relied on`,
    fix: "keep the project on a local disk, and copy backups to the network volume",
  };
}

/** The type of the volume that holds a path, from the text of /proc/self/mountinfo. */
export function volumeType(mounts: string, path: string): string {
  const holding = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .map((words) => ({ point: unescapeMount(words[4] ?? ""), type: words[words.indexOf("-") + 1] ?? "" }))
    .filter(({ point }) => point === "/" || path === point || path.startsWith(`${point}/`))
    // Of several mounts on one point the last one is what is seen.
    .reduce((best, mount) => (mount.point.length >= best.point.length ? mount : best), { point: "", type: "unknown" });
  return holding.type;
}

function unescapeMount(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

async function checkWorkspace(
  context: CommandContext,
  own: WorkspaceConfig,
  { projectRoot, isOffline }: { readonly projectRoot: string; readonly isOffline: boolean },
): Promise<readonly Finding[]> {
  const label = (check: string) => `${own.name}: ${check}`;
  const today = dayInZone(context.effects.clock.now(), own.shop.timeZone);
  const zone: Finding = {
    check: label("time zone"),
    status: "ok",
    message: `today is ${today} in ${own.shop.timeZone}`,
  };
  const [{ checkMemory }, { checkSources }, { checkIntake }, { checkModel }] = await Promise.all([
    import("./doctor-memory.js"),
    import("./doctor-sources.js"),
    import("./doctor-intake.js"),
    import("./doctor-model.js"),
  ]);
  const memory = checkMemory(context.effects, own, projectRoot);
  const sources = async (ws: Workspace | null) => [
    memory,
    ...(await checkSources(context, own, { ws, isOffline })),
    ...(await checkIntake(context, own, ws)),
    ...(own.store === undefined || isOffline ? [] : [await checkStore(context, own.store, label("store"))]),
    ...(isOffline ? [] : await checkEngine(context, own, label("engine"))),
    { ...(await checkModel(context, own, ws)), check: label("language model") },
    ...(ws === null ? [] : await unfinishedErasing(own.name, ws)),
  ];
  const folder = join(projectRoot, "workspaces", own.name);
  if (context.effects.files.stat(folder) === undefined) {
    const message = "not created yet; the first sync does it";
    return [zone, { check: label("workspace"), status: "ok", message }, ...(await sources(null))];
  }
  const { openWorkspace } = await import("../warehouse/layout.js");
  const open = () => openWorkspace({ projectRoot, name: own.name, files: context.effects.files });
  const whole = await attempt(label("workspace"), async () => inspect(open()));
  if (whole.status === "fail") return [zone, whole, ...(await sources(openedOrNull(open)))];
  const locks = await attempt(label("locks"), () => tryLocks(open()));
  const clock = await checkClock(context, own, { ws: open(), label });
  const fresh = await checkFreshness(own, { ws: open(), today: own.asOf ?? today, label });
  const outbox = await checkOutbox(open(), label);
  return [zone, whole, softened(locks), clock, ...fresh, outbox, ...(await sources(open()))];
}

/** Puts twice under one key, where only the first may stay; leaves nothing behind. */
async function checkStore(
  context: CommandContext,
  store: NonNullable<WorkspaceConfig["store"]>,
  check: string,
): Promise<Finding> {
  const [{ openStore }, { requireConditionalPut }] = await Promise.all([
    import("./store.js"),
    import("../warehouse/store/upkeep.js"),
  ]);
  return attempt(check, async () => {
    const { objects } = openStore(context, store);
    await requireConditionalPut(objects, context.effects.random);
    return `${objects.place} can be read and written, and keeps two machines apart`;
  });
}

/** Signs in where models run, when that is not this machine. */
async function checkEngine(context: CommandContext, own: WorkspaceConfig, check: string): Promise<readonly Finding[]> {
  const { chosenEngine } = await import("./engine.js");
  const found = await attempt(check, async () => {
    const engine = await chosenEngine(context, own);
    return engine === undefined ? "" : `${engine.place}: ${await engine.check()}`;
  });
  return found.message === "" ? [] : [found];
}

/** Credentials can be read beside data that is damaged. */
function openedOrNull(open: () => Workspace): Workspace | null {
  try {
    return open();
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    return null;
  }
}

async function inspect(ws: Workspace): Promise<string> {
  const { verifyWorkspace } = await import("../warehouse/verify.js");
  const { files, problems } = await verifyWorkspace(ws, { full: false });
  if (problems[0] !== undefined) throw problems[0];
  return `${files} files present and of the right size (\`growthos verify --full\` reads them)`;
}

/** Opens each lock file for reading, which fails while a run holds it; changes nothing. */
async function tryLocks(ws: Workspace): Promise<string> {
  const [{ LOCKS }, { openDatabase }] = await Promise.all([
    import("../warehouse/layout.js"),
    import("../warehouse/duckdb.js"),
  ]);
  for (const name of LOCKS) {
    const database = await openDatabase({ path: ws.at("locks", `${name}.duckdb`), readOnly: true, memoryLimitMb: 64 });
    await database.close();
  }
  return "no run holds them";
}

/** A run under way is no fault. */
function softened(locks: Finding): Finding {
  if (locks.status !== "fail") return locks;
  return { ...locks, status: "warn", fix: "a run is under way: wait for it, or give commands --wait 300" };
}

/** Sources whose newest day is older than their limits; nothing to say before the first sync. */
async function checkFreshness(
  own: WorkspaceConfig,
  { ws, today, label }: { readonly ws: Workspace; readonly today: ISODate; readonly label: (check: string) => string },
): Promise<readonly Finding[]> {
  const [{ readState }, { freshnessOfStreams, streamStatuses }, { freshnessOf }] = await Promise.all([
    import("../warehouse/log.js"),
    import("./coverage.js"),
    import("../config/sources.js"),
  ]);
  const fresh = freshnessOfStreams(streamStatuses(readState(ws)), { limits: freshnessOf(own.sources), today });
  if (fresh.size === 0) return [];
  const late = [...fresh].filter(([, { status }]) => status !== "fresh");
  if (late.length === 0) return [{ check: label("freshness"), status: "ok", message: "no source is late" }];
  const sources = [...new Set(late.map(([name]) => name.slice(0, name.indexOf("."))))];
  return [
    {
      check: label("freshness"),
      status: "warn",
      message: late.map(([name, { behind_days: days }]) => `${name} lacks the last ${plural(days, "day")}`).join(", "),
      fix: `run ${sources.map((source) => `\`growthos sync --source ${source}\``).join(", ")}`,
    },
  ];
}

/** Messages about alerts that have not arrived. */
async function checkOutbox(ws: Workspace, label: (check: string) => string): Promise<Finding> {
  const { undelivered, undeliveredText } = await import("./alert-journal.js");
  const waiting = undelivered(ws);
  if (waiting.length === 0) return { check: label("outbox"), status: "ok", message: "no message about alerts waits" };
  const fix =
    "put right what the last attempt heard, then run `growthos alerts`; `growthos alerts history` lists all attempts";
  return { check: label("outbox"), status: "warn", message: undeliveredText(waiting), fix };
}

/** A wall clock behind the last commit is wrong now or was wrong then. */
async function checkClock(
  { effects }: CommandContext,
  own: WorkspaceConfig,
  { ws, label }: { readonly ws: Workspace; readonly label: (check: string) => string },
): Promise<Finding> {
  const { readLog } = await import("../warehouse/log.js");
  const last = readLog(ws).at(-1);
  if (last === undefined || own.asOf !== null || Date.parse(last.at) <= effects.clock.now()) {
    return { check: label("clock"), status: "ok", message: "not behind the last commit" };
  }
  return {
    check: label("clock"),
    status: "warn",
    message: `this machine's clock is behind the last commit (${last.at})`,
    fix: "set the clock; order of commits does not depend on it, but today does",
  };
}

/** A person who is half erased is the worst of both. */
async function unfinishedErasing(name: string, ws: Workspace): Promise<readonly Finding[]> {
  const { erasureUnderWay } = await import("../warehouse/erase/erase.js");
  const check = `${name}: erasing`;
  try {
    const begun = erasureUnderWay(ws);
    if (begun === null) return [];
    const fix = "run `growthos forget --yes`: it goes on where it stopped";
    return [{ check, status: "fail", message: `${begun.id} was interrupted`, fix }];
  } catch (thrown) {
    return [failed(check, thrown)];
  }
}
