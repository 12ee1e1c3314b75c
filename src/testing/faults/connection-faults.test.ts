import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, inject, it } from "vitest";
import { undiciTransport } from "../../http/undici.js";
import { readState } from "../../warehouse/log.js";
import { type Answer, type Arrived, type Fault, rerouted } from "../doubles/server.js";
import { removeFolders } from "../workspace.js";
import { type OpenRig, openRig, placesOf, RIGS, type Rig } from "./rigs.js";

// Rows of the fault matrix that are more than one bad answer: servers that are away or elsewhere, credentials, one stream of two.

const network = undiciTransport({ allowLoopback: true });
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await network.close();
  removeFolders();
});

async function opened(rig: Rig, streams?: readonly string[]): Promise<OpenRig> {
  const open = await openRig(rig, network, streams === undefined ? {} : { streams });
  closing.push(open.close);
  return open;
}

/** The rows of a sync of the same streams that nothing disturbs. */
async function undisturbed(rig: Rig, streams?: readonly string[]) {
  const open = await opened(rig, streams);
  expect((await open.sync()).exit).toBe("ok");
  return open.rows();
}

/** A server that only counts. */
async function stranger(): Promise<{ readonly origin: string; readonly seen: () => number }> {
  let seen = 0;
  const server = createServer((_, outgoing) => {
    seen += 1;
    outgoing.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen: () => seen };
}

const many = (fault: Fault) => Array.from({ length: 60 }, () => fault);
const answer = (one: Answer): Fault => ({ kind: "answer", answer: one });
const error = (report: Awaited<ReturnType<OpenRig["sync"]>>) => report.sources[0]?.error;
const isSweep = inject("faultStride") === 1;
let turn = 0;
/** The rigs by name: all of them in the sweep, every third in turn in the usual run. */
function named(rigs: readonly Rig[]): readonly (readonly [string, Rig])[] {
  turn += 1;
  return rigs.filter((_, index) => isSweep || (index + turn) % 3 === 0).map((rig) => [rig.name, rig] as const);
}
/** The last place of a rig that asks the vendor and not its token endpoint. */
const placeOf = (rig: Rig) => placesOf(rig)[0]?.at ?? (() => true);
const isGrant = ({ connector }: Rig) => connector.hosts.includes("oauth2.googleapis.com");

describe("N03 one stream that always fails", () => {
  const rigs = RIGS.filter(({ other }) => other !== null);
  it.each(named(rigs))("%s: the other one is committed, and the next run brings the rest", async (_, rig) => {
    const streams = [rig.stream, rig.other ?? ""];
    const whole = await undisturbed(rig, streams);
    const { double, sync, rows } = await opened(rig, streams);
    double.server.fail(many(answer({ status: 500, text: "no" })), rig.isOfStream);
    const report = await sync();
    expect([error(report)?.code, report.exit, report.state]).toEqual(["API_BROKEN", "source", "failed"]);
    expect(error(report)?.state).toContain("1 of 2 slices");
    expect(await rows()).toEqual({ [rig.other ?? ""]: whole[rig.other ?? ""] });
    double.server.mend();
    expect((await sync()).exit).toBe("ok");
    expect(await rows()).toEqual(whole);
  });
});

describe("N04 credentials that are refused in the middle of a walk", () => {
  const refusals = (rig: Rig, status: number) => async () => {
    const whole = await undisturbed(rig);
    const { double, sync, rows, ws } = await opened(rig);
    double.server.fail(many(answer({ status, text: "no" })), placeOf(rig));
    const report = await sync();
    expect([error(report)?.code, report.exit]).toEqual(["API_AUTH", "auth"]);
    expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
    const refused = double.server.arrived.filter(placeOf(rig));
    double.server.mend();
    expect((await sync()).exit).toBe("ok");
    expect(await rows()).toEqual(whole);
    return refused;
  };
  const secured = RIGS.filter(({ name }) => !["fx", "shopify bulk"].includes(name));
  it.each(named(secured))("%s: 401 for ever ends after one renewal at most, without a storm", async (_, rig) => {
    const { length } = await refusals(rig, 401)();
    // For a grant the same once more with a renewed token.
    expect(length).toBe(isGrant(rig) ? 2 : 1);
  });

  it.each(named(secured))("%s: 403 is not asked again", async (_, rig) => {
    const { length } = await refusals(rig, 403)();
    expect(length).toBe(1);
  });

  it.each(named(RIGS.filter(isGrant)))("%s: one 401 renews the token, and the walk goes on", async (_, rig) => {
    const whole = await undisturbed(rig);
    const { double, sync, rows } = await opened(rig);
    double.server.fail([answer({ status: 401, text: "{}" })], placeOf(rig));
    expect((await sync()).exit).toBe("ok");
    expect(double.server.arrived.filter(({ url }) => url.pathname === "/token")).toHaveLength(2);
    expect(await rows()).toEqual(whole);
  });
});

describe("N05 N15 a server that is away", () => {
  it.each(named(RIGS))(
    "%s: a closed port and a server without TLS are named, and the next run is whole",
    async (_, rig) => {
      const whole = await undisturbed(rig);
      const { double, source, sync, rows, ws, clock } = await opened(rig);
      const hosts = Object.keys(double.routes);
      const to = (origin: string) => ({
        sources: [{ ...source, transport: rerouted(network, Object.fromEntries(hosts.map((host) => [host, origin]))) }],
      });
      const began = clock.now();
      const closed = await sync(to("http://127.0.0.1:9"));
      expect([error(closed)?.code, closed.exit]).toEqual(["API_BROKEN", "source"]);
      expect(error(closed)?.why).toMatch(/ECONNREFUSED|nobody|refused|answer/i);
      const plain = await sync(to(double.server.origin.replace("http:", "https:")));
      expect(plain.exit).toBe("source");
      expect(["API_BROKEN", "NETWORK_REFUSED"]).toContain(error(plain)?.code);
      // Retries end within two minutes of the clock.
      expect(clock.now() - began).toBeLessThan(240_000);
      expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
      expect((await sync()).exit).toBe("ok");
      expect(await rows()).toEqual(whole);
    },
  );
});

describe("N14 N20 an answer that sends us elsewhere", () => {
  const places = (origin: string) => [
    `${origin}/x`,
    "http://portal.example/login",
    "https://other.example/",
    "file:///etc/passwd",
  ];
  it.each(named(RIGS))("%s: no byte leaves, nothing is committed, the next run is whole", async (_, rig) => {
    const whole = await undisturbed(rig);
    const portal = await stranger();
    const { double, sync, rows, ws } = await opened(rig);
    for (const [index, to] of places(portal.origin).entries()) {
      double.server.fail([{ kind: "redirect", to, status: index % 2 === 0 ? 302 : 307 }], placeOf(rig));
      const report = await sync();
      expect([to, error(report)?.code, report.exit]).toEqual([to, "NETWORK_REFUSED", "source"]);
      double.server.mend();
    }
    expect(portal.seen()).toBe(0);
    expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
    expect((await sync()).exit).toBe("ok");
    expect(await rows()).toEqual(whole);
  });
});

describe("N16 a proxy in the environment", () => {
  it.each(named(RIGS))("%s: is not asked", async (_, rig) => {
    const proxy = await stranger();
    const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"];
    for (const name of names) process.env[name] = proxy.origin;
    try {
      const { sync } = await opened(rig);
      expect((await sync()).exit).toBe("ok");
    } finally {
      for (const name of names) delete process.env[name];
    }
    expect(proxy.seen()).toBe(0);
  });
});

describe("N21 a network that is away for ten minutes", () => {
  it.each(named(RIGS))("%s: in the middle of the slice; the next run brings every row once", async (_, rig) => {
    const whole = await undisturbed(rig);
    const { double, sync, rows, clock } = await opened(rig);
    const began = clock.now();
    let broken = false;
    const isAway = (request: Arrived) => {
      broken ||= placeOf(rig)(request);
      return broken && clock.now() < began + 600_000;
    };
    double.server.fail(many({ kind: "reset", when: "body" }), isAway);
    const first = await sync();
    if (first.exit !== "ok") {
      expect(error(first)?.code).toBe("API_BROKEN");
      clock.advance(600_000);
      expect((await sync()).exit).toBe("ok");
    }
    expect(await rows()).toEqual(whole);
  });
});
