import { afterAll, describe, expect, inject, it } from "vitest";
import { undiciTransport } from "../../http/undici.js";
import { readState } from "../../warehouse/log.js";
import type { Row } from "../../warehouse/types.js";
import { removeFolders } from "../workspace.js";
import { type End, type FaultRow, NETWORK_FAULTS } from "./network-faults.js";
import { openRig, placesOf, RIGS, type Rig } from "./rigs.js";

// Connector x fault, from the socket to the rows that stand in the warehouse. `npm run test:faults` does every one of them.

const STRIDE = inject("faultStride") === 1 ? 1 : 29;
const network = undiciTransport({ allowLoopback: true });
afterAll(async () => {
  await network.close();
  removeFolders();
});

type Rows = Readonly<Record<string, readonly Row[]>>;
const whole = new Map<string, Promise<Rows>>();

/** The rows of a sync that nothing disturbs. */
function undisturbed(rig: Rig): Promise<Rows> {
  const known = whole.get(rig.name) ?? readWhole(rig);
  whole.set(rig.name, known);
  return known;
}

async function readWhole(rig: Rig): Promise<Rows> {
  const open = await openRig(rig, network);
  const { exit } = await open.sync();
  const rows = await open.rows();
  await open.close();
  expect([exit, rows[rig.stream]?.length]).toEqual(["ok", expect.any(Number)]);
  return rows;
}

function timesOf({ times = 1 }: FaultRow, { connector }: Rig): number {
  if (times === "always") return 60;
  return times === "all but one" ? connector.limits.tries - 1 : times;
}

const cases = NETWORK_FAULTS.flatMap((row) =>
  RIGS.flatMap((rig) =>
    placesOf(rig).map((place) => ({ title: `${row.id} ${rig.name}, ${place.name}: ${row.what}`, row, rig, place })),
  ),
);
const endOf = (row: FaultRow, rig: Rig, step: string): End =>
  row.but?.[`${rig.name}, ${step}`] ?? row.but?.[rig.name] ?? row.end;

describe("a fault of the network", () => {
  it.each(cases.filter((_, index) => index % STRIDE === 0))("$title", async ({ row, rig, place }) => {
    const expected = await undisturbed(rig);
    const impatient =
      row.patience === undefined
        ? null
        : undiciTransport({ allowLoopback: true, totalMs: row.patience, downloadMs: row.patience });
    const { double, sync, rows, ws, clock, close } = await openRig(rig, impatient ?? network);
    try {
      const began = clock.now();
      double.server.fail(
        Array.from({ length: timesOf(row, rig) }, () => row.fault),
        place.at,
      );
      const report = await sync();
      const end = endOf(row, rig, place.name);
      if (end === "heals") {
        expect([report.exit, report.sources[0]?.error]).toEqual(["ok", null]);
        expect(await rows()).toEqual(expected);
      } else {
        expect([report.sources[0]?.error?.code, report.exit]).toEqual([end.code, end.exit]);
        expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
      }
      const [atLeast, atMost] = row.waits ?? [0, Number.POSITIVE_INFINITY];
      expect(clock.now() - began).toBeGreaterThanOrEqual(atLeast);
      expect(clock.now() - began).toBeLessThanOrEqual(atMost);
      double.server.mend();
      expect((await sync()).exit).toBe("ok");
      expect(await rows()).toEqual(expected);
    } finally {
      await close();
      await impatient?.close();
    }
  });
});
