import { Agent, request } from "node:http";
import { systemClock } from "../../base/clock.js";
import { quarantined } from "../../intake/quarantined.js";
import { rollSpool } from "../../intake/roll.js";
import { withLock } from "../../warehouse/lock.js";
import { readState } from "../../warehouse/log.js";
import type { Workspace } from "../../warehouse/types.js";
import { type Asked, landContext, rawEvents, shopifyRequest } from "../intake-bench.js";
import type { Randoms } from "../randoms.js";
import { startChild } from "./bundle.js";

// SIGKILL of a receiver under load, in a process of its own; what it answered is held against what is in raw.

const SENDERS = 16;
const FILLER = "x".repeat(2_900);

/** What the receiver answered, by the id of the delivery. */
export interface Said {
  readonly accepted: Set<string>;
  readonly refused: Set<string>;
}

/** How the lives are led: the bundled `intake-entry`, and the numbers that their moments come from. */
export interface Lives {
  readonly bundle: string;
  readonly root: string;
  readonly random: Randoms;
  readonly said: Said;
}

/** One life, number `round`: load, sometimes a roll beside it, and death at a random moment. */
export async function receiverLife(ws: Workspace, round: number, { bundle, root, random, said }: Lives): Promise<void> {
  const child = startChild(bundle, [root]);
  while (child.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const [origin = ""] = child.lines;
  const senders = Array.from({ length: SENDERS }, (_, at) => sendUntilGone(origin, `${round}-${at}`, said));
  await new Promise((resolve) => setTimeout(resolve, 50 + random() * 400));
  if (round % 3 === 1) await rollAll(ws);
  child.process.kill("SIGKILL");
  await Promise.all([child.ended, ...senders]);
  if (round % 3 === 2) await rollAll(ws);
}

/** What is in raw after everything was rolled, beside what was answered. */
export interface Outcome {
  readonly landed: number;
  /** Accepted, and not in raw. */
  readonly lost: readonly string[];
  /** Rows in raw beyond one per delivery. */
  readonly repeats: number;
  /** Refused, and in raw all the same. */
  readonly stolen: readonly string[];
  readonly inQuarantine: number;
}

/** Rolls what is left and compares. */
export async function outcomeOf(ws: Workspace, said: Said): Promise<Outcome> {
  await rollAll(ws);
  const ids = (await rawEvents(ws, "shopify_webhooks")).map(({ delivery_id }) => String(delivery_id));
  const landed = new Set(ids);
  return {
    landed: ids.length,
    lost: [...said.accepted].filter((id) => !landed.has(id)),
    repeats: ids.length - landed.size,
    stolen: [...said.refused].filter((id) => landed.has(id)),
    inQuarantine: [...quarantined(ws, readState(ws))].length,
  };
}

const rollAll = (ws: Workspace) =>
  withLock(ws, "ingest", { waitMs: 10_000, clock: systemClock, owner: "roll" }, () =>
    rollSpool(landContext(ws), new AbortController().signal),
  );

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
