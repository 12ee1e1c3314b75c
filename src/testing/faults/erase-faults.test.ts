import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { Files } from "../../base/files.js";
import { hmac256 } from "../../base/hash.js";
import { systemRandom } from "../../base/ids.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { beginErasing, erasureUnderWay, finishErasing, planErasure } from "../../warehouse/erase/erase.js";
import { nameOf } from "../../warehouse/erase/person.js";
import { readReceipts } from "../../warehouse/erase/receipt.js";
import { readTombstones } from "../../warehouse/erase/tombstones.js";
import { appendJournal, readJournal } from "../../warehouse/journal.js";
import { absolutePath, createWorkspace, openWorkspace, readSalt } from "../../warehouse/layout.js";
import { readLog, readState, recover } from "../../warehouse/log.js";
import { currentBuild } from "../../warehouse/publish.js";
import { readParquet } from "../../warehouse/read-parquet.js";
import type { Database, Workspace } from "../../warehouse/types.js";
import { verifyWorkspace } from "../../warehouse/verify.js";
import { commitParts, envelope, landLines, publishNumber } from "../workspace.js";
import { everyFault, type FaultScenario } from "./every-fault.js";

let db: Database;
const folders: string[] = [];
const freshRoot = () => {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "growthos-erase-"));
  folders.push(root);
  return root;
};
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const EMAIL = "max@example.com";
const open = (root: string, files: Files = diskFiles) => openWorkspace({ projectRoot: root, name: "shop", files });

/** Two parts that name the person, one that does not, a build, a report and a journal. */
async function prepare(root: string): Promise<void> {
  const ws = await createWorkspace({ projectRoot: root, name: "shop", files: diskFiles, random: systemRandom });
  const email = hmac256(readSalt(ws), EMAIL);
  const order = (id: string, of: string) =>
    envelope(id, { id, email: of, totalPriceSet: { shopMoney: { amount: "10.00" } } });
  for (const lines of [[order("1", email), order("2", "x")], [order("3", "x")], [order("4", email)]])
    commitParts(ws, [await landLines(ws, db, lines)]);
  recover(ws);
  await publishNumber(ws, 1);
  ws.files.makeFolder(ws.at("out", "2026-02-09"));
  ws.files.write(ws.at("out", "2026-02-09", "a.html"), email);
  await appendJournal(ws, "alerts", { at: "2026-02-09T00:00:00Z", events: [{ about: email }], after: undefined });
}

async function rowsOf(ws: Workspace) {
  const paths = readState(ws).parts.map(({ path }) => absolutePath(ws, path));
  return db.all(`select _key, payload from ${readParquet(paths)} order by _key`);
}

/** As the command does it: recovery, then what was begun, else from the start. */
async function forget(files: Files, root: string, acknowledge: (what: string) => void): Promise<void> {
  const ws = open(root, files);
  recover(ws);
  const place = { ws, db, random: systemRandom };
  const begun = erasureUnderWay(ws) ?? (await begin(place));
  if (begun === null) return;
  await finishErasing(place, begun);
  acknowledge("erased");
}

async function begin(place: Parameters<typeof beginErasing>[0]) {
  const { names, rows } = await planErasure(place, [nameOf("email", EMAIL, { salt: readSalt(place.ws) })]);
  const stamp = { toolVersion: "0.1.0", configHash: "c" };
  const now = Date.parse("2026-02-09T12:00:00Z");
  return Object.keys(rows).length === 0 ? null : beginErasing(place, { names, answers: ["r"], now, stamp });
}

const isThere = async (ws: Workspace) => JSON.stringify(await rowsOf(ws)).includes(hmac256(readSalt(ws), EMAIL));

const scenario: FaultScenario = {
  prepare,
  run: forget,
  visible: async (root) => {
    const ws = open(root);
    // The journal alone may be between two links: the next run goes on from there.
    const { problems } = await verifyWorkspace(ws, { full: true, db });
    const torn = problems.find(({ code }) => code !== "JOURNAL_DAMAGED");
    if (torn !== undefined) throw torn;
    if (currentBuild(ws) !== null && (await isThere(ws)) && readLog(ws).some(({ kind }) => kind === "erase"))
      throw new Error("the commit did not take the person out");
    return readReceipts(ws).length > 0 && !(await isThere(ws)) ? ["erased"] : [];
  },
  inspect: async (root) => {
    const ws = open(root);
    const rows = await rowsOf(ws);
    const { id: _id, self: _self, ...receipt } = readReceipts(ws)[0] ?? { id: "", self: "" };
    return {
      receipt,
      receipts: readReceipts(ws).length,
      versions: readLog(ws).map(({ kind }) => kind),
      amounts: rows.map(({ payload }) => (JSON.parse(String(payload)) as { totalPriceSet: unknown }).totalPriceSet),
      others: rows.filter(({ _key }) => _key === "2" || _key === "3"),
      isThere: await isThere(ws),
      build: currentBuild(ws),
      out: ws.files.list(ws.at("out", "2026-02-09")),
      landed: ws.files.list(ws.at("landing", "shopify", "orders")).length,
      journal: JSON.stringify(readJournal(ws, "alerts")).includes(hmac256(readSalt(ws), EMAIL)),
      tombstones: readTombstones(ws).size,
      underWay: erasureUnderWay(ws),
    };
  },
};

it("erasing is not begun, or is ended by the next run, whatever call fails in whatever way", async () => {
  const sweep = await everyFault({ scenario, root: freshRoot(), stride: Math.min(11, inject("faultStride")) });
  expect(sweep.failures).toEqual([]);
  expect(sweep.calls.length).toBeGreaterThan(50);
}, 900_000);
