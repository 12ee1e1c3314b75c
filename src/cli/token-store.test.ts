import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock, systemClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import { createClient } from "../http/client.js";
import type { Transport } from "../http/types.js";
import { faultyFiles } from "../testing/faults/faulty-files.js";
import { codeOf, freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { parseKey } from "../vault/keys.js";
import { readRecord, removeRecord, type Vault, writeRecord } from "../vault/records.js";
import { diskFiles } from "../warehouse/disk.js";
import { withCredentialsLock } from "../warehouse/lock.js";
import { vaultTokens } from "./token-store.js";

afterAll(removeFolders);

const NOON = Date.parse("2026-02-09T12:00:00Z");

function vaultIn(folder: string, files = diskFiles): Vault {
  const current = parseKey("0f".repeat(32), "a test");
  const keys = { current, next: null, previous: null, place: null };
  return { files, folder, workspaceId: "ab".repeat(16), keys, random: systemRandom, now: () => "2026-02-09T12:00:00Z" };
}

function connect(folder: string): Vault {
  const vault = vaultIn(folder);
  writeRecord(vault, "shopify", {
    method: "refresh_token",
    connectedAt: "2026-02-09T12:00:00Z",
    members: { refreshToken: new Secret("refresh-0") },
    token: null,
  });
  return vault;
}

/** A vendor whose refresh tokens work once; the one before works until the newest was used, as Shopify does it. */
function vendor(onCall: (accessToken: string) => void = () => {}) {
  const seen = { refreshes: 0, calls: 0 };
  let [newest, older] = ["refresh-0", ""];
  const transport: Transport = {
    send: async ({ url, body, headers }) => {
      if (url.endsWith("/data")) {
        seen.calls += 1;
        onCall(String(headers?.["Authorization"] ?? headers?.["authorization"]).replace("Bearer ", ""));
        return { status: 200, headers: {}, body: "{}" };
      }
      const given = new URLSearchParams(body).get("refresh_token");
      if (given !== newest && given !== older) return { status: 400, headers: {}, body: '{"error":"invalid_grant"}' };
      seen.refreshes += 1;
      if (given === newest) [newest, older] = [`refresh-${seen.refreshes}`, newest];
      const token = { access_token: `access-${seen.refreshes}`, refresh_token: newest, expires_in: 3600 };
      return { status: 200, headers: {}, body: JSON.stringify(token) };
    },
  };
  return { transport, seen };
}

function clientOf(
  vault: Vault,
  transport: Transport,
  lock: <T>(action: () => Promise<T>) => Promise<T>,
  clock = fixedClock(NOON),
) {
  const grant = {
    kind: "refresh_token",
    tokenUrl: "https://vendor.example/token",
    clientId: "us",
    refreshToken: readRecord(vault, "shopify")?.members["refreshToken"] ?? new Secret("none"),
  } as const;
  return createClient({
    source: "shopify",
    title: "Shopify",
    transport,
    auth: { kind: "grant", grant },
    limits: { concurrent: 2, tries: 2, maxBodyBytes: 1_000_000 },
    tokens: vaultTokens({ vault, source: "shopify", learned: () => {}, lock }),
    clock,
    random: systemRandom,
    log: { debug: () => {}, info: () => {}, warn: () => {} },
  });
}

const unlocked = <T>(action: () => Promise<T>) => action();
const DATA = { method: "GET", url: "https://vendor.example/data", label: "data" } as const;

describe("tokens in the vault", () => {
  it("K05 are durable before they are used for the first time", async () => {
    const folder = freshFolder();
    const vault = connect(folder);
    const { transport, seen } = vendor((used) => {
      const held = readRecord(vaultIn(folder), "shopify")?.token;
      expect(held?.accessToken.reveal()).toBe(used);
      expect(held?.refreshToken?.reveal()).toBe("refresh-1");
    });
    await clientOf(vault, transport, unlocked).ask(DATA);
    expect(seen).toEqual({ refreshes: 1, calls: 1 });
  });

  it("K05 survive an end at any step of saving: nothing was used that is not kept, and the next run signs in", async () => {
    const probe = faultyFiles(diskFiles, { at: 0, mode: "eio" });
    const first = freshFolder();
    connect(first);
    await clientOf(vaultIn(first, probe.files), vendor().transport, unlocked).ask(DATA);
    expect(probe.calls.length).toBeGreaterThan(3);
    for (const mode of ["before", "after", "torn", "eio", "enospc-once"] as const) {
      for (let at = 1; at <= probe.calls.length; at++) {
        const folder = freshFolder();
        connect(folder);
        const { transport, seen } = vendor();
        const faulty = faultyFiles(diskFiles, { at, mode });
        const failure = await clientOf(vaultIn(folder, faulty.files), transport, unlocked)
          .ask(DATA)
          .then(() => null)
          .catch((thrown: unknown) => thrown);
        expect(faulty.fired()).toBe(true);
        if (failure !== null) expect(seen.calls).toBe(0);
        await clientOf(vaultIn(folder), transport, unlocked).ask(DATA);
        expect(seen.calls).toBe(failure === null ? 2 : 1);
      }
    }
  });

  it("keep the refresh token that was replaced for one run, and renew when the token has run out", async () => {
    const vault = connect(freshFolder());
    const { transport, seen } = vendor();
    const clock = fixedClock(NOON);
    const client = clientOf(vault, transport, unlocked, clock);
    await client.ask(DATA);
    clock.advance(3_600_000);
    await client.ask(DATA);
    const token = readRecord(vault, "shopify")?.token;
    expect(token?.refreshToken?.reveal()).toBe("refresh-2");
    expect(token?.previousRefreshToken?.reveal()).toBe("refresh-1");
    expect(seen).toEqual({ refreshes: 2, calls: 2 });
  });

  it("K06 are renewed by one of several who want to at once; the others read what it got", async () => {
    const ws = await freshWorkspace();
    const folder = join(ws.root, "credentials");
    const lock = <T>(action: () => Promise<T>) =>
      withCredentialsLock(ws, { waitMs: 10_000, clock: systemClock, owner: "a test", random: systemRandom }, action);
    // The folder is made by the lock, as at the first connect.
    await lock(async () => connect(folder));
    const { transport, seen } = vendor();
    const clients = Array.from({ length: 4 }, () => clientOf(vaultIn(folder), transport, lock));
    await Promise.all(clients.map((client) => client.ask(DATA)));
    expect(seen).toEqual({ refreshes: 1, calls: 4 });
  });

  it("are not brought back when the connection was removed meanwhile", async () => {
    const vault = connect(freshFolder());
    const { transport, seen } = vendor();
    const client = clientOf(vault, transport, async (action) => {
      removeRecord(vault, "shopify");
      return action();
    });
    expect(await codeOf(() => client.ask(DATA))).toBe("CONNECTION_GONE");
    expect(readRecord(vault, "shopify")).toBeNull();
    expect(seen.calls).toBe(0);
  });
});
