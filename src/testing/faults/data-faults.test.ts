import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { messageOf } from "../../base/errors.js";
import { undiciTransport } from "../../http/undici.js";
import { readState } from "../../warehouse/log.js";
import type { Row } from "../../warehouse/types.js";
import type { Fault } from "../doubles/server.js";
import { type Bench, openBench } from "../evaluate.js";
import { removeFolders } from "../workspace.js";
import { DATA_FAULTS, type DataPlace, type DataRow } from "./data-faults.js";
import { openRig, RIGS, type Rig } from "./rigs.js";

// Connector x data: one text of a record is what no text should be, and the rest is as it was. `npm run test:faults` does all of it.

const STRIDE = inject("faultStride") === 1 ? 1 : 29;
const network = undiciTransport({ allowLoopback: true });
afterAll(async () => {
  await bench.close();
  await network.close();
  removeFolders();
});

const ORDER = {
  name: /(?<="name":)"#\d+"/,
  amount: /(?<="totalPriceSet":\{"shopMoney":\{"amount":)"[^"]*"/,
  instant: /(?<="name":"#\d+","createdAt":"[^"]*","processedAt":)"[^"]*"/,
};
/** Values of a record in the answers of a rig: what follows what is looked behind for. fx speaks CSV, where a quoted text is a cell. */
const PLACES: Readonly<Record<string, Partial<Readonly<Record<DataPlace, RegExp>>>>> = {
  "shopify paged": ORDER,
  "shopify bulk": ORDER,
  meta_ads: {
    name: /(?<="campaign_name":)"[^"]*"/,
    amount: /(?<="spend":)"[^"]*"/,
    day: /(?<="date_start":)"[^"]*"/,
  },
  google_ads: {
    name: /(?<="campaign":\{[^{}]*"name":)"[^"]*"/,
    amount: /(?<="currencyCode":"USD".*"conversionsValue":)[\d.]+/,
    day: /(?<="segments":\{"date":)"[^"]*"/,
  },
  ga4: {
    name: /(?<=\{"value":)"facebook"/,
    amount: /(?<=\{"value":)"\d+\.\d+"(?=\}\]\})/,
    day: /(?<=\{"value":)"20\d{6}"/,
  },
  ga4_events: {
    name: /(?<=\{"v":)"Northpine"/,
    day: /(?<=\{"v":)"20\d{6}"/,
    amount: /(?<=\{"v":)"[\d.]+"(?=\},\{"v":"[\d.]+"\},\{"v":"USD"\})/,
  },
  fx: { name: /"Rate, USD\/Euro"/, amount: /(?<=,)\d\.\d{4}(?=,A,"Rate, USD)/, day: /(?<=SP00,A,)[\d-]+(?=,)/ },
};

/** The staged column of an amount or instant. */
const COLUMNS: Readonly<Record<string, readonly [amount: string, instant?: string]>> = {
  shopify__orders: ["total_cents", "processed_at"],
  meta_ads__insights: ["spend_cents"],
  google_ads__campaign_days: ["conversion_value_cents"],
  ga4__traffic_days: ["revenue_cents"],
  ga4_events__purchase: ["revenue_cents"],
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

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

/** The values that staging makes of a column, or why it makes none. */
async function staged(rig: Rig, found: readonly Row[], place: DataPlace): Promise<readonly unknown[] | string> {
  const relation = `${rig.connector.id}__${rig.stream}`;
  const column = COLUMNS[relation]?.[place === "instant" ? 1 : 0] ?? "";
  try {
    const given = { [`raw.${relation}`]: found };
    const rows = await bench.rowsOf(`stg_${relation}`, given, { timeZone: "America/New_York" });
    return rows.map((row) => row[column]);
  } catch (error) {
    return messageOf(error);
  }
}

/** Does it to the first such value of every answer, and counts. */
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
    const text = PLACES[rig.name]?.[row.place ?? "name"];
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
      const end = rig.name === "fx" ? (row.csv ?? "not stored") : (row.but?.[rig.name] ?? row.end);
      const found = (await rows())[rig.stream] ?? [];
      if (typeof end === "object") {
        expect([report.sources[0]?.error?.code, report.exit]).toEqual([end.code, end.exit]);
        expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
      } else {
        expect([report.exit, report.sources[0]?.error]).toEqual(["ok", null]);
        const isAside = end === "set aside";
        expect(found).toHaveLength(expected.length - (isAside ? hits() : 0));
        expect(report.sources[0]?.warnings.join()).toMatch(isAside ? /could not be stored/ : /^/);
        if (row.staged !== undefined && end === "kept") {
          const values = await staged(rig, found, row.place ?? "name");
          if (row.staged === "refused") expect(values).toMatch(/Conversion Error/);
          else expect(String(values)).toContain(String(row.staged));
        }
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
