import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { randoms } from "../randoms.js";
import { freshFolder, freshWorkspace, removeFolders } from "../workspace.js";
import { bundleEntry } from "./bundle.js";
import { outcomeOf, receiverLife, type Said } from "./receiver-lives.js";

// SIGKILL at random moments of a receiver under load; `npm run soak` does it for as long as it is told.

const KILLS = inject("faultStride") === 1 ? 50 : 2;
let bundle = "";

beforeAll(async () => {
  bundle = await bundleEntry("intake-entry");
});
afterAll(() => {
  removeFolders();
  rmSync(dirname(bundle), { recursive: true });
});

describe("W08 a receiver that is killed under load", () => {
  it(`${KILLS} times: everything that was answered 200 is in raw exactly once, and nothing that was refused`, async () => {
    const root = freshFolder();
    const ws = await freshWorkspace(root);
    const said: Said = { accepted: new Set(), refused: new Set() };
    const lives = { bundle, root, random: randoms(42), said };
    for (let round = 0; round < KILLS; round++) await receiverLife(ws, round, lives);
    const { landed, ...wrong } = await outcomeOf(ws, said);
    console.log(`${KILLS} kills: ${said.accepted.size} accepted, ${said.refused.size} refused, ${landed} in raw`);
    expect(said.accepted.size).toBeGreaterThan(KILLS * 10);
    expect(said.refused.size).toBeGreaterThan(0);
    expect(wrong).toEqual({ lost: [], repeats: 0, stolen: [], inQuarantine: 0 });
  }, 600_000);
});
