/** The checks of `growthos doctor`: each looks at one thing and says how to put it right. */
import { join, resolve } from "node:path";
import { dayInZone, daysBetween } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { WorkspaceConfig } from "../config/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { megabytes } from "./format.js";

/** One finding of `doctor`. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; absent when all is well. */
  readonly fix?: string;
}

const MIN_NODE: readonly [number, number] = [20, 19];
const LOW_BYTES = 2_000_000_000;
const TOO_LOW_BYTES = 256_000_000;
const SUNSET_WARNING_DAYS = 90;
/** fcntl locks and rename are not what the commit protocol needs them to be on these. */
const REMOTE = /^(nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|fuse\.(sshfs|s3fs|rclone|gcsfuse|glusterfs|davfs))$/;

/** Runs every check; those that need a config are left out when it cannot be loaded. */
export async function diagnose(context: CommandContext, nodeVersion: string): Promise<readonly Finding[]> {
  const machine = [checkNode(nodeVersion)];
  const config = await attempt("config", async () => {
    const { projectRoot, workspaces } = await context.config();
    return `${workspaces.length === 1 ? "1 workspace" : `${workspaces.length} workspaces`} in ${projectRoot}`;
  });
  if (config.status === "fail") return [...machine, config];
  const { projectRoot, workspaces } = await context.config();
  const place = [checkDisk(context, projectRoot), checkVolume(context, projectRoot)];
  const chosen = workspaces.filter(({ name }) => (context.flags.workspace ?? name) === name);
  const own: Finding[] = [];
  for (const workspace of chosen) own.push(...(await checkWorkspace(context, projectRoot, workspace)));
  return [...machine, config, ...place, ...own];
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
  if (free >= LOW_BYTES) return { check: "disk", status: "ok", message: `${megabytes(free)} free` };
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
  projectRoot: string,
  own: WorkspaceConfig,
): Promise<readonly Finding[]> {
  const label = (check: string) => `${own.name}: ${check}`;
  const today = dayInZone(context.effects.clock.now(), own.shop.timeZone);
  const zone: Finding = {
    check: label("time zone"),
    status: "ok",
    message: `today is ${today} in ${own.shop.timeZone}`,
  };
  const folder = join(projectRoot, "workspaces", own.name);
  const sources = await checkSources(context, own, label);
  if (context.effects.files.stat(folder) === undefined) {
    return [
      zone,
      { check: label("workspace"), status: "ok", message: "not created yet; the first sync does it" },
      ...sources,
    ];
  }
  const { openWorkspace } = await import("../warehouse/layout.js");
  const open = () => openWorkspace({ projectRoot, name: own.name, files: context.effects.files });
  const whole = await attempt(label("workspace"), async () => inspect(open()));
  if (whole.status === "fail") return [zone, whole, ...sources];
  const locks = await attempt(label("locks"), () => tryLocks(open()));
  return [zone, whole, softened(locks), await checkClock(context, own, { ws: open(), label }), ...sources];
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

async function checkSources(
  context: CommandContext,
  own: WorkspaceConfig,
  label: (check: string) => string,
): Promise<readonly Finding[]> {
  const [{ connectorById }, { readSecrets }] = await Promise.all([
    import("../connectors/index.js"),
    import("../config/sources.js"),
  ]);
  const env = await context.env();
  const { projectRoot } = await context.config();
  const readFile = (path: string) => context.effects.files.readText(resolve(projectRoot, path));
  if (own.sources.length === 0) {
    return [
      { check: label("sources"), status: "warn", message: "no source is configured", fix: "add one under `sources`" },
    ];
  }
  const today = dayInZone(context.effects.clock.now(), own.shop.timeZone);
  return own.sources.flatMap((source) => {
    const connector = connectorById(source.id);
    if (connector === undefined || source.transport === "demo") return [];
    const { missing } = readSecrets(connector, env, { readFile });
    const secret: Finding =
      missing.length === 0
        ? { check: label(source.id), status: "ok", message: "credentials are set" }
        : {
            check: label(source.id),
            status: "fail",
            message: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set`,
            fix: "set it in the environment or in .env",
          };
    const { name, sunset } = connector.apiVersion;
    if (sunset === null || daysBetween(today, sunset) > SUNSET_WARNING_DAYS) return [secret];
    const isOver = daysBetween(today, sunset) < 0;
    const message = `API version ${name} ${isOver ? "was" : "will be"} switched off on ${sunset}`;
    return [secret, { check: label(source.id), status: isOver ? "fail" : "warn", message, fix: "update growthos" }];
  });
}

/** A check whose failure is an error with a hint of its own. */
async function attempt(check: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check, status: "ok", message: await look() };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    const { what, why, hint } = thrown.parts;
    return {
      check,
      status: "fail",
      message: why === undefined ? what : `${what}: ${why}`,
      ...(hint === undefined ? {} : { fix: hint }),
    };
  }
}
