/** Pages as the server shows them, in a browser: what works from disk works here, and a page loads again when it changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
import { canonicalJson } from "../base/hash.js";
import { sampleFacts } from "../reports/sample-facts.js";
import { NAVIGATION, sampleModels, TEMPLATES } from "../reports/sample-site.js";
import { plainModel } from "../reports/text.js";
import { type BrowserSite, browserSite } from "../testing/report-browser.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import type { Workspace } from "../warehouse/types.js";
import { type Serving, serve } from "./server.js";
import { reportSite } from "./site.js";
import type { ApiSources } from "./types.js";

const stop = new AbortController();
let ws: Workspace;
let serving: Serving;
let site: BrowserSite;

function writePages(shop: string): void {
  mkdirSync(ws.at("out", "2026-02-09"), { recursive: true });
  for (const model of sampleModels(sampleFacts({ shop, mostPoints: 4 })))
    writeFileSync(
      ws.at("out", "2026-02-09", `${model.id}.json`),
      canonicalJson({ ...plainModel(model), navigation: NAVIGATION }),
    );
}

beforeAll(async () => {
  ws = await freshWorkspace();
  writePages("Larkfield Goods");
  writeFileSync(ws.at("out", "latest"), "2026-02-09\n");
  serving = await serve({
    sources: {} as ApiSources,
    site: reportSite(ws, TEMPLATES),
    port: 0,
    clock: systemClock,
    signal: stop.signal,
  });
  site = await browserSite();
});
afterAll(async () => {
  await site?.close();
  stop.abort();
  await serving?.ended;
  removeFolders();
});

const foreign = (requests: readonly string[]) =>
  requests.filter((url) => !url.startsWith("data:font/") && !url.startsWith(`${serving.origin}/`));

describe("growthos serve in a browser", () => {
  it("shows periods, opens rows and finds pages as from disk, complains of nothing and asks nobody else", async () => {
    const { page, complaints, requests } = await site.visit(`${serving.origin}/campaigns.html#7d`);
    await page.getByRole("tab", { name: "30 days", exact: true }).click();
    expect(await page.locator("#preset-30d").isVisible()).toBe(true);
    expect(await page.locator("#preset-7d").isVisible()).toBe(false);
    const rows = page.locator("#preset-30d table").first().locator("tbody tr:visible");
    const before = await rows.count();
    await page.locator("#preset-30d").getByRole("button", { name: "Open all" }).first().click();
    expect(await rows.count()).toBeGreaterThan(before);
    await page.getByRole("link", { name: "All reports" }).first().click();
    await page.getByRole("searchbox", { name: "Search" }).fill("last weeks channels");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${serving.origin}/channels.html#course`);
    expect(complaints).toEqual([]);
    expect(foreign(requests)).toEqual([]);
    await page.context().close();
  });

  it("loads an open page again when the report was written anew", async () => {
    const { page, complaints } = await site.visit(`${serving.origin}/wbr.html`);
    expect(await page.getByText("Larkfield Goods").first().isVisible()).toBe(true);
    writePages("Otherfield Goods");
    await page.getByText("Otherfield Goods").first().waitFor({ timeout: 15_000 });
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
