import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import { systemRandom } from "../base/ids.js";
import { diskFiles } from "./disk.js";
import { openDatabase } from "./duckdb.js";
import { createWorkspace } from "./layout.js";
import { commit, readState, recover } from "./log.js";
import { currentBuild, publishBuild, startBuild } from "./publish.js";
import { createRawRelation, rawRelation, survivors } from "./raw-views.js";
import { newLoadId, writePart } from "./write-part.js";

describe("the walk from rows to a published build", () => {
  it("lands, commits, reads back and publishes", async () => {
    const projectRoot = mkdtempSync(join(tmpdir(), "growthos-"));
    const ws = await createWorkspace({ projectRoot, name: "shop", files: diskFiles, random: systemRandom });
    const db = await openDatabase({});
    const path = ws.at("staging", "rows.ndjson");
    const line = (key: string, value: number) => {
      const payload = JSON.stringify({ id: key, value });
      return JSON.stringify({
        _key: key,
        _slice: "",
        _run_id: "r1",
        _fetched_at: "2026-02-09T06:00:00+01:00",
        _api_version: "v1",
        _hash: sha256(payload),
        payload,
      });
    };
    for (const round of [1, 2]) {
      writeFileSync(path, `${line("a", round)}\n${line(`b${round}`, round)}\n`);
      const part = await writePart(ws, db, {
        source: "shopify",
        stream: "orders",
        loadId: newLoadId(ws, systemRandom),
        supersession: "key",
        days: null,
        origin: {},
        from: { kind: "ndjson", path },
        dedupe: "last",
      });
      commit(ws, {
        kind: "append",
        runId: "r1",
        added: [part],
        removed: [],
        cursors: { "shopify.orders": { at: round } },
        toolVersion: "0",
        configHash: "c",
        at: "2026-02-09T06:00:00Z",
      });
    }
    recover(ws);
    const state = readState(ws);
    expect(state.version).toBe(2);
    expect(state.cursors).toEqual({ "shopify.orders": { at: 2 } });
    await createRawRelation(db, { ws, source: "shopify", stream: "orders", parts: state.parts });
    expect(
      await db.all(`select _key, _load, _fetched_at from ${rawRelation("shopify", "orders")} order by all`),
    ).toEqual([
      { _key: "a", _load: 100000, _fetched_at: "2026-02-09T05:00:00.000Z" },
      { _key: "a", _load: 200000, _fetched_at: "2026-02-09T05:00:00.000Z" },
      { _key: "b1", _load: 100000, _fetched_at: "2026-02-09T05:00:00.000Z" },
      { _key: "b2", _load: 200000, _fetched_at: "2026-02-09T05:00:00.000Z" },
    ]);
    const winners = await survivors(db, { ws, source: "shopify", stream: "orders", parts: state.parts, table: "w" });
    expect(winners.kind).toBe("key");
    expect(await db.all("select * from w order by all")).toEqual([
      { _key: "a", _load: 200000 },
      { _key: "b1", _load: 100000 },
      { _key: "b2", _load: 200000 },
    ]);
    const started = startBuild(ws, systemRandom);
    const out = await openDatabase({ path: started.path });
    await out.run("create table t as select 1 as one");
    await out.close();
    publishBuild(ws, { ...started, logVersion: 2, inputHash: "h", asOf: isoDate("2026-02-09") });
    const reader = await openDatabase({ path: currentBuild(ws)?.path, readOnly: true });
    expect(await reader.one("select one from t")).toEqual({ one: 1 });
    await reader.close();
    await db.close();
  });
});
