// A report that is written again and again while builds are published: it reads several relations and says whether they are of one build.
import { existsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { currentBuild } from "../../warehouse/publish.js";
import type { Database, Row } from "../../warehouse/types.js";
import { RELATIONS } from "./builds.js";

const [root = "", mistake = ""] = process.argv.slice(2);
const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
const open = async (): Promise<Database> => {
  const build = currentBuild(ws);
  if (build === null) throw new Error("there is no build");
  return openDatabase({ path: build.path, readOnly: true, threads: 1, memoryLimitMb: 64 });
};

async function readAll(): Promise<readonly Row[]> {
  let db = await open();
  const found: Row[] = [];
  for (const name of RELATIONS) {
    if (mistake === "opens for each relation") {
      await db.close();
      db = await open();
    }
    found.push(await db.one(`select min(build) as least, max(build) as most, count(*) as rows from ${name}`));
  }
  await db.close();
  return found;
}

while (!existsSync(join(root, "stop"))) {
  // A build that was gone before it could be opened is asked for again, as the next command would.
  const rows = await readAll().catch((thrown: Error) => `failed ${thrown.message.split("\n")[0]}`);
  if (typeof rows === "string") writeSync(1, `${rows}\n`);
  else {
    const builds = new Set(rows.flatMap(({ least, most }) => [String(least), String(most)]));
    const sizes = new Set(rows.map((row) => String(row["rows"])));
    writeSync(1, `${builds.size === 1 && sizes.size === 1 ? "read" : "mixed"} ${[...builds].join(" and ")}\n`);
  }
}
