import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { readLog, readState } from "../../warehouse/log.js";
import { createRawRelation } from "../../warehouse/raw-views.js";
import { verifyWorkspace } from "../../warehouse/verify.js";
import { type S3Double, startS3 } from "../doubles/s3.js";
import { freshFolder, removeFolders } from "../workspace.js";
import { bundleEntry, type Child, startChild } from "./bundle.js";
import { STREAMS } from "./store-slices.js";

// SIGKILL, lost answers and a busy store while three processes, each with a disk of its own, commit to one store on loopback.

const [ROUNDS, KILLS] = inject("faultStride") === 1 ? [60, 60] : [3, 3];
const MACHINES = 3;

let bundle: string;
beforeAll(async () => {
  bundle = await bundleEntry("store-entry");
});
afterAll(() => {
  rmSync(dirname(bundle), { recursive: true, force: true });
  removeFolders();
});

describe("three machines on one store", () => {
  it("make one history of what they read, whatever is killed, and nothing is lost or there twice", async () => {
    const double = await startS3({ pageSize: 4 });
    try {
      await ended(start(freshFolder(), double, "init"));
      const roots = Array.from({ length: MACHINES }, freshFolder);
      const children = roots.map((root) => start(root, double));
      const kills = await killing(double, roots, children);
      await Promise.all(children.map(ended));
      expect(kills).toBe(KILLS);
      // A machine that comes last, with an empty disk, finds all of it, as one machine alone would have written it.
      const last = freshFolder();
      await ended(start(last, double));
      const together = await contentOf(last);
      const alone = freshFolder();
      const own = await startS3();
      await ended(start(alone, own, "init"));
      await ended(start(alone, own));
      await own.close();
      expect(together.rows).toEqual((await contentOf(alone)).rows);
      expect(together.rows).toHaveLength(STREAMS.length * ROUNDS * 3);
      // Every slice was committed once: nobody read what another one had committed before.
      expect(together.commits.sort()).toEqual((await contentOf(alone)).commits.sort());
      expect([...double.objects.keys()].filter((key) => key.startsWith("shop/log/"))).toHaveLength(
        STREAMS.length * ROUNDS,
      );
      for (const root of roots)
        expect((await contentOf(root)).commits.every((one) => together.commits.includes(one))).toBe(true);
    } finally {
      await double.close();
    }
  }, 600_000);
});

function start(root: string, { server }: S3Double, role = "run"): Child {
  return startChild(bundle, [root, server.origin, String(ROUNDS), role]);
}

async function ended(child: Child): Promise<void> {
  const { code } = await child.ended;
  expect([code, child.lines.filter((line) => line.startsWith("stderr"))]).toEqual([0, []]);
}

/** Kills machines at requests of their own that change the store, before or after these took effect, and starts each again; half of them with an empty disk. */
async function killing(double: S3Double, roots: string[], children: Child[]): Promise<number> {
  let kills = 0;
  for (let turn = 0; turn < KILLS; turn++) {
    const seen = puts(double);
    const wanted = seen + 1 + (turn % 3);
    const isOver = () => children.every((child) => child.lines.includes("finished"));
    while (puts(double) < wanted && !isOver()) await new Promise((done) => setTimeout(done, 2));
    // An answer that is lost, and a store that is busy, on the way.
    double.server.fail([{ kind: "reset", when: "headers" }], ({ method }) => method === "PUT");
    double.server.fail([{ kind: "answer", answer: { status: 503, text: "<Error><Code>SlowDown</Code></Error>" } }]);
    const victim = turn % MACHINES;
    const child = children[victim];
    child?.process.kill("SIGKILL");
    await child?.ended;
    kills += 1;
    if (turn % 2 === 0) roots[victim] = freshFolder();
    children[victim] = start(roots[victim] ?? "", double);
  }
  return kills;
}

function puts({ server }: S3Double): number {
  return server.arrived.filter(({ method }) => method === "PUT").length;
}

async function contentOf(root: string): Promise<{ readonly rows: readonly unknown[]; readonly commits: string[] }> {
  const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
  const db = await openDatabase({ threads: 1, memoryLimitMb: 128 });
  try {
    expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
    const rows: unknown[] = [];
    for (const stream of STREAMS) {
      const parts = readState(ws).parts.filter((part) => part.stream === stream);
      await createRawRelation(db, { ws, source: "shopify", stream, parts });
      rows.push(...(await db.all(`select _key, payload from raw.shopify__${stream} order by all`)));
    }
    const commits = readLog(ws).map(({ cursors }) => JSON.stringify(cursors));
    return { rows, commits };
  } finally {
    await db.close();
  }
}
