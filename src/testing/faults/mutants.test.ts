import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { buildPath } from "../../warehouse/publish.js";
import type { Database, Workspace } from "../../warehouse/types.js";
import { counted } from "../proof/counts.js";
import { everyFault } from "./every-fault.js";
import { FILE_MUTANTS, FIXED_NAME, PROTOCOL_MUTANTS } from "./mutants.js";
import { warehouseScenario } from "./warehouse-scenario.js";

let db: Database;
const folders: string[] = [];
const freshRoot = () => {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "growthos-mutants-"));
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

const isOfMutant = true;
const found = (failures: readonly unknown[]) => {
  expect(failures).toHaveLength(1);
  counted("mutants");
};

describe("the harness finds every seeded mistake", () => {
  for (const [name, { mutate, mode, publish }] of Object.entries(FILE_MUTANTS)) {
    it(`in the use of files: ${name}`, async () => {
      const work = publish === true ? { before: 1, rounds: 1, publish } : { rounds: 2, publish: false };
      const scenario = warehouseScenario({ db, ...work });
      const { failures } = await everyFault({ scenario, root: freshRoot(), mutate, modes: [mode], stopAfter: 1 });
      found(failures);
    });
  }

  for (const [name, protocol] of Object.entries(PROTOCOL_MUTANTS)) {
    it(`in the order of steps: ${name}`, async () => {
      const scenario = warehouseScenario({ db, rounds: 2, publish: false, protocol });
      const { failures } = await everyFault({
        scenario,
        root: freshRoot(),
        modes: ["before"],
        stopAfter: 1,
        isOfMutant,
      });
      found(failures);
    });
  }

  it("in publishing: a fixed name beside which an older build left its .wal", async () => {
    const scenario = warehouseScenario({ db, before: 1, rounds: 1, publish: true, protocol: FIXED_NAME });
    // The older build was written in place by a process that died before it closed the file.
    const prepare = async (root: string) => {
      await scenario.prepare(root);
      await leaveWal(openWorkspace({ projectRoot: root, name: "shop", files: diskFiles }));
    };
    const { failures } = await everyFault({
      scenario: { ...scenario, prepare },
      root: freshRoot(),
      modes: ["before"],
      stopAfter: 1,
      isOfMutant,
    }).catch((thrown: Error) => ({ failures: [thrown.message] }));
    found(failures);
  });
});

async function leaveWal(ws: Workspace): Promise<void> {
  const path = buildPath(ws, "live");
  const writer = await openDatabase({ path });
  await writer.run("insert into orders values ('from-the-dead')");
  const wal = readFileSync(`${path}.wal`);
  await writer.close();
  writeFileSync(`${path}.wal`, wal);
}
