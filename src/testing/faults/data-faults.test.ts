import { afterAll, describe, expect, inject, it } from "vitest";
import { undiciTransport } from "../../http/undici.js";
import { readState } from "../../warehouse/log.js";
import type { Row } from "../../warehouse/types.js";
import type { Fault } from "../doubles/server.js";
import { removeFolders } from "../workspace.js";
import { DATA_FAULTS, type DataRow } from "./data-faults.js";
import { openRig, RIGS, type Rig } from "./rigs.js";

// Connector x data: one text of a record is what no text should be, and the rest is as it was. `npm run test:faults` does all of it.

const STRIDE = inject("faultStride") === 1 ? 1 : 29;
const network = undiciTransport({ allowLoopback: true });
afterAll(async () => {
  await network.close();
  removeFolders();
});

/** A text of a record in the answers of a rig: what follows what is looked behind for. fx speaks CSV. */
const TEXTS: Readonly<Record<string, RegExp>> = {
  "shopify paged": /(?<="name":)"#\d+"/,
  "shopify bulk": /(?<="name":)"#\d+"/,
  meta_ads: /(?<="campaign_name":)"[^"]*"/,
  google_ads: /(?<="campaign":\{[^{}]*"name":)"[^"]*"/,
  ga4: /(?<=\{"value":)"facebook"/,
  ga4_events: /(?<=\{"v":)"Northpine"/,
};

const whole = new Map<string, readonly Row[]>();

/** The rows of a sync that nothing disturbs. */
async function undisturbed(rig: Rig): Promise<readonly Row[]> {
  const known = whole.get(rig.name);
  if (known !== undefined) return known;
  const open = await openRig(rig, network);
  expect((await open.sync()).exit).toBe("ok");
  const rows = (await open.rows())[rig.stream] ?? [];
  await open.close();
  whole.set(rig.name, rows);
  return rows;
}

/** Does it to the first such text of every answer, and counts. */
function injected(text: RegExp, { json }: DataRow): { readonly faults: readonly Fault[]; readonly hits: () => number } {
  let hits = 0;
  const change = (body: string) => {
    const found = text.exec(body);
    if (found === null) return body;
    hits += 1;
    const [before, after] = [body.slice(0, found.index), body.slice(found.index + found[0].length)];
    return Buffer.concat([Buffer.from(before), Buffer.from(json), Buffer.from(after)]);
  };
  return { faults: Array.from({ length: 60 }, () => ({ kind: "edit", change })), hits: () => hits };
}

const cases = DATA_FAULTS.flatMap((row) =>
  RIGS.flatMap((rig) => {
    const text = TEXTS[rig.name];
    return text === undefined ? [] : [{ title: `${row.id} ${rig.name}: ${row.what}`, row, rig, text }];
  }),
);

const has = (text: string) => (row: Row) => String(row["payload"]).includes(text);

describe("data that no vendor should send", () => {
  it.each(cases.filter((_, index) => index % STRIDE === 0))("$title", async ({ row, rig, text }) => {
    const expected = await undisturbed(rig);
    const { double, sync, rows, ws, close } = await openRig(rig, network);
    try {
      const { faults, hits } = injected(text, row);
      double.server.fail(faults);
      const report = await sync();
      expect(hits()).toBeGreaterThan(0);
      const end = row.but?.[rig.name] ?? row.end;
      const found = (await rows())[rig.stream] ?? [];
      if (typeof end === "object") {
        expect([report.sources[0]?.error?.code, report.exit]).toEqual([end.code, end.exit]);
        expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
      } else {
        expect([report.exit, report.sources[0]?.error]).toEqual(["ok", null]);
        const isAside = end === "set aside";
        expect(found).toHaveLength(expected.length - (isAside ? hits() : 0));
        expect(report.sources[0]?.warnings.join()).toMatch(isAside ? /could not be stored/ : /^/);
        if (row.has !== undefined) expect(found.some(has(row.has))).toBe(end === "kept");
      }
      // Nothing that a record holds gets into the prototype of everything.
      expect(Object.keys(Object.prototype)).toEqual([]);
      double.server.mend();
      const again = await sync({ selection: { everything: true } });
      expect([again.exit, again.sources[0]?.error]).toEqual(["ok", null]);
      expect((await rows())[rig.stream]).toEqual(expected);
    } finally {
      await close();
    }
  });
});
