import { rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { systemClock } from "../../base/clock.js";
import { quarantined } from "../../intake/quarantined.js";
import { rollSpool } from "../../intake/roll.js";
import { withLock } from "../../warehouse/lock.js";
import { readState } from "../../warehouse/log.js";
import type { Workspace } from "../../warehouse/types.js";
import { type Asked, landContext, rawEvents, shopifyRequest } from "../intake-bench.js";
import { freshFolder, freshWorkspace, removeFolders } from "../workspace.js";
import { bundleEntry, startChild } from "./bundle.js";

// SIGKILL at random moments of a receiver under load, in a process of its own; what it answered is held against what is in raw.

const KILLS = inject("faultStride") === 1 ? 50 : 2;
const SENDERS = 16;
let bundle = "";

beforeAll(async () => {
  bundle = await bundleEntry("intake-entry");
});
afterAll(() => {
  removeFolders();
  rmSync(dirname(bundle), { recursive: true });
});

/** Numbers in [0, 1) that are the same in every run: the generator of Park and Miller. */
function randoms(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

interface Said {
  readonly accepted: Set<string>;
  readonly refused: Set<string>;
}

const FILLER = "x".repeat(2_900);

/** Sends until the receiver is gone; of ten webhooks one has a bad signature. */
async function sendUntilGone(origin: string, name: string, said: Said): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let at = 0; ; at++) {
    const id = `${name}-${at}`;
    const isBad = at % 10 === 9;
    const good = shopifyRequest(id, JSON.stringify({ id, note: FILLER, updated_at: id }));
    const asked = isBad ? { ...good, headers: { ...good.headers, "x-shopify-hmac-sha256": "bad" } } : good;
    const status = await statusOf(agent, origin, asked);
    if (status === 0) break;
    (status === 200 ? said.accepted : said.refused).add(id);
  }
  agent.destroy();
}

function statusOf(agent: Agent, origin: string, { path, headers, body = "" }: Asked): Promise<number> {
  return new Promise((resolve) => {
    const length = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const asked = request(
      `${origin}${path}`,
      { method: "POST", agent, headers: { ...headers, ...length } },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
        answer.on("error", () => resolve(0));
      },
    );
    asked.on("error", () => resolve(0));
    asked.end(body);
  });
}

const roll = (ws: Workspace) =>
  withLock(ws, "ingest", { waitMs: 10_000, clock: systemClock, owner: "roll" }, () =>
    rollSpool(landContext(ws), new AbortController().signal),
  );

/** One life: load, sometimes a roll beside it, and death at a random moment. */
async function life(
  ws: Workspace,
  root: string,
  { round, random, said }: { round: number; random: () => number; said: Said },
) {
  const child = startChild(bundle, [root]);
  while (child.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const [origin = ""] = child.lines;
  const senders = Array.from({ length: SENDERS }, (_, at) => sendUntilGone(origin, `${round}-${at}`, said));
  await new Promise((resolve) => setTimeout(resolve, 50 + random() * 400));
  if (round % 3 === 1) await roll(ws);
  child.process.kill("SIGKILL");
  await Promise.all([child.ended, ...senders]);
  if (round % 3 === 2) await roll(ws);
}

describe("W08 a receiver that is killed under load", () => {
  it(`${KILLS} times: everything that was answered 200 is in raw exactly once, and nothing that was refused`, async () => {
    const root = freshFolder();
    const ws = await freshWorkspace(root);
    const random = randoms(42);
    const said: Said = { accepted: new Set(), refused: new Set() };
    for (let round = 0; round < KILLS; round++) await life(ws, root, { round, random, said });
    await roll(ws);
    const ids = (await rawEvents(ws, "shopify_webhooks")).map(({ delivery_id }) => String(delivery_id));
    const landed = new Set(ids);
    console.log(`${KILLS} kills: ${said.accepted.size} accepted, ${said.refused.size} refused, ${ids.length} in raw`);
    expect(said.accepted.size).toBeGreaterThan(KILLS * 10);
    expect(said.refused.size).toBeGreaterThan(0);
    expect(ids).toHaveLength(landed.size);
    expect([...said.accepted].filter((id) => !landed.has(id))).toEqual([]);
    expect([...said.refused].filter((id) => landed.has(id))).toEqual([]);
    expect([...quarantined(ws, readState(ws))]).toEqual([]);
  }, 600_000);
});
