/**
 * Two clients of one agency, one hashing personal data and one keeping it, through the real pipeline: what is opened while one of them is
 * processed, and where on disk and in what is said their people and credentials come up again.
 */
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { ALERTS_JOURNAL, readJournal } from "../warehouse/journal.js";
import { openWorkspace } from "../warehouse/layout.js";
import { AS_OF, canaryOf, placesOf, seedProject, talkativeVendor, webhooksOf } from "./canaries.js";
import { runProgram } from "./program.js";
import { freshFolder, removeFolders } from "./workspace.js";

const CLIENTS = { acme: "hash", beta: "keep" } as const;
const NAMES = ["acme", "beta"] as const;
const folder = freshFolder();
/** Everything that was printed. */
let said = "";
/** Per client: files of the other one that were opened while it was processed. */
const strange: Record<string, readonly string[]> = {};
let opened: string[] = [];
let rollUp = "";

/** The real disk, which notes every path that it is asked for. */
const tracing: Files = Object.fromEntries(
  Object.entries(diskFiles).map(([name, action]) => [
    name,
    (...args: readonly unknown[]) => {
      opened.push(...args.filter((arg): arg is string => typeof arg === "string" && arg.startsWith(folder)));
      return (action as (...given: readonly unknown[]) => unknown)(...args);
    },
  ]),
) as unknown as Files;

async function growthos(client: string | null, argv: readonly string[], input = ""): Promise<string> {
  const world = { cwd: folder, isLogging: true, files: tracing, transport: talkativeVendor(client ?? ""), input };
  const chosen = client === null ? [] : ["--workspace", client];
  const result = await runProgram([...argv, ...chosen, "--as-of", AS_OF, "--verbose"], world);
  said += `${argv.join(" ")}: ${result.exit}\n${result.stdout}\n${result.stderr}\n`;
  return `${result.exit} ${result.stdout} ${result.stderr}`;
}

/** All files of a client: its workspace, config, variables and inbox. */
function filesOf(client: string): readonly string[] {
  const below = (path: string) =>
    readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const inbox = [join(folder, `clients/${client}.json`), join(folder, `.env.${client}`), ...below(`inbox/${client}`)];
  return readdirSync(join(folder, "workspaces")).includes(client)
    ? [...inbox, ...below(`workspaces/${client}`)]
    : inbox;
}

/** Noon of the day that the commands are about; time passes at once. */
const THAT_NOON: Clock = { ...systemClock, now: () => Date.parse(`${AS_OF}T12:00:00Z`), sleep: async () => {} };
const LONG_AGO = new Date("2001-01-01T00:00:00Z");

/** Files read during `action`, by whomever: the system moves the time of access of a file whose last one was long ago. */
async function readDuring(paths: readonly string[], action: () => Promise<void>): Promise<readonly string[]> {
  for (const path of paths) utimesSync(path, LONG_AGO, statSync(path).mtime);
  await action();
  return paths.filter((path) => statSync(path).atimeMs !== LONG_AGO.getTime());
}

beforeAll(async () => {
  seedProject(folder, CLIENTS);
  for (const client of NAMES)
    await growthos(client, ["ingest", "shopify_webhooks", "-", "--topic", "orders/create"], webhooksOf(client));
  for (const client of NAMES) {
    const other = client === "acme" ? "beta" : "acme";
    const isOthers = (path: string) =>
      new RegExp(`/(workspaces|clients|inbox)/${other}|/\\.env\\.${other}$`).test(path);
    opened = [];
    const read = await readDuring(filesOf(other), async () => void (await growthos(client, ["run"])));
    strange[client] = [...new Set([...opened.filter(isOthers), ...read])];
  }
  for (const client of NAMES) await growthos(client, ["publish", "bigquery"]);
  // Of another day nothing is told: this one is lived through by a clock.
  for (const client of NAMES) {
    const world = { cwd: folder, isLogging: true, transport: talkativeVendor(client), clock: THAT_NOON };
    const { stdout, stderr } = await runProgram(["alerts", "--workspace", client, "--verbose"], world);
    said += `${stdout}\n${stderr}\n`;
  }
  // A rep is told apart by a word of its own: to whom a report goes must be kept.
  for (const client of NAMES) await growthos(client, ["branches", "map", "B1", `zqrep${client}@canary.example`]);
  rollUp = await growthos(null, ["workspaces", "report", "--json"]);
  for (const argv of [["status"], ["runs"], ["workspaces", "list"], ["alerts", "history"]])
    await growthos(argv[0] === "workspaces" ? null : "acme", [...argv, "--json"]);
}, 300_000);
afterAll(removeFolders);

describe("a workspace that is processed", () => {
  it("S01 reads no file of another, neither itself nor through the database", async () => {
    // What is looked for can be seen here at all: reading moves the time of access, by Node and by DuckDB.
    const control = join(folder, "control.csv");
    writeFileSync(control, "a\n1\n");
    const db = await openDatabase({ threads: 1, memoryLimitMb: 64 });
    const byNode = await readDuring([control], async () => void readFileSync(control));
    const byDatabase = await readDuring([control], async () => db.run("select * from read_csv($1)", [control]));
    await db.close();
    if (byNode.length + byDatabase.length < 2) console.log("skipped: times of access are not kept on this file system");
    expect(strange).toEqual({ acme: [], beta: [] });
    expect(opened.length).toBeGreaterThan(0);
  });

  it("gives its figures to the agency's page, and none of its people", () => {
    const { workspaces } = JSON.parse(rollUp.slice(2, rollUp.lastIndexOf("}") + 1));
    const orders = workspaces.map(
      (one: { workspace: string; figures: { values: Record<string, { value: object }> } }) => [
        one.workspace,
        one.figures.values["orders"]?.value,
      ],
    );
    // Shopify refused, and one order was pushed: nobody can know whether it was the only one, so it is not called so.
    const value = { status: "unknown", because: "days_missing", detail: "shopify: 2026-02-06 … 2026-02-08" };
    expect(orders).toEqual([
      ["acme", value],
      ["beta", value],
    ]);
    const pages = readdirSync(join(folder, `agency/${AS_OF}`)).map((name) =>
      readFileSync(join(folder, `agency/${AS_OF}`, name), "utf8"),
    );
    expect(pages.filter((page) => /zq(acme|beta)/i.test(page))).toEqual([]);
  });
});

describe("people and credentials", () => {
  const inside = (client: string, paths: readonly string[]) =>
    paths
      .filter((path) => !/^(inbox|clients)\/|^\.env\./.test(path))
      .map((path) => path.replace(`workspaces/${client}/`, ""));

  it("are nowhere when they are hashed", async () => {
    expect(inside("acme", await placesOf(canaryOf("acme"), folder))).toEqual([]);
  });

  it("are in data alone when they are kept: never in logs, reports, alerts or what is told", async () => {
    // There is something to look at: letters that nobody took.
    const beta = openWorkspace({ projectRoot: folder, name: "beta", files: diskFiles });
    const events = readJournal(beta, ALERTS_JOURNAL).flatMap((entry) => entry.events as readonly { kind: string }[]);
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["queued", "failed"]));
    const places = inside("beta", await placesOf(canaryOf("beta"), folder));
    const rooms = [...new Set(places.map((path) => path.split("/")[0]))];
    expect(rooms).toEqual(["landing", "out", "staged", "warehouse"]);
    // Whom to call stands on the pages of tasks of a shop that keeps contact data (D-64).
    expect(places.filter((path) => path.startsWith("out/") && !/\/tasks-[a-z]+\.(?:html|md|json)$/.test(path))).toEqual(
      [],
    );
    // Of those who get a report the address is kept where reports are sent from, hashed shop or not.
    for (const client of NAMES)
      expect(
        new Set(inside(client, await placesOf(`zqrep${client}`, folder)).map((path) => path.split("/")[0])),
      ).toEqual(new Set(["branch-reps"]));
    // The credential is not even there.
    expect(inside("beta", await placesOf("shpat_", folder))).toEqual([]);
  });

  it("of a delivery that cannot be read are in quarantine, as documented, and are printed when asked for", async () => {
    const listed = await growthos("acme", ["intake", "list", "--json"]);
    const [waiting] = JSON.parse(listed.slice(2, listed.lastIndexOf("}") + 1)).quarantined;
    expect(listed).not.toContain(canaryOf("acme"));
    expect((await runProgram(["intake", "show", waiting.id, "-w", "acme"], { cwd: folder })).stdout).toContain(
      canaryOf("acme"),
    );
  });

  it("are not printed, whatever a vendor says", () => {
    expect(said).toContain("error[API_REFUSED]");
    expect(said).toContain("invalidQuery: could not read [e-mail address] and [e-mail address]");
    expect(said.split("\n").filter((line) => /zq(acme|beta)|shpat_/i.test(line))).toEqual([]);
  });

  it("are in no line of the logs, which every change leaves, closed to others", () => {
    for (const client of NAMES) {
      const ws = openWorkspace({ projectRoot: folder, name: client, files: diskFiles });
      const logs = ws.files.list(ws.at("runs")).filter((name) => name.endsWith(".jsonl"));
      // One each of `ingest`, `run`, `publish` and `alerts`.
      expect(logs).toHaveLength(4);
      for (const name of logs) {
        expect(ws.files.stat(ws.at("runs", name))?.mode).toBe(0o600);
        const lines = ws.files
          .readText(ws.at("runs", name))
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line));
        expect(lines.every(({ at }) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at))).toBe(true);
      }
    }
  });
});
