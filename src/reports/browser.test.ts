import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findBrowser, printPdf } from "../cli/print-pdf.js";
import { counted } from "../testing/proof/counts.js";
import { type BrowserSite, browserPath, browserSite } from "../testing/report-browser.js";
import { diskFiles } from "../warehouse/disk.js";
import { LOW_CONTRAST, OVERLAPS } from "./sample-eyes.js";
import { HOSTILE } from "./sample-hostile.js";
import { NAVIGATION } from "./sample-site.js";

let site: BrowserSite;
beforeAll(async () => {
  site = await browserSite();
});
afterAll(async () => {
  await site?.close();
});
const visit: BrowserSite["visit"] = (name, options) => site.visit(name, options);

const PAGES = [
  ...NAVIGATION.map(({ page }) => page),
  "workspaces",
  ...["wbr", "executive", "data-health", "channels", "campaigns", "products"].map((page) => `wide-${page}`),
];
const WIDTHS = [375, 768, 1440];
/** The width of a sheet at 96 dpi less the margins. */
const A4 = 695;
/** Tables of which a sheet would show a part. */
const CUT = `[...document.querySelectorAll("main table")]
  .filter((table) => table.getClientRects().length > 0 && table.getBoundingClientRect().right > innerWidth)
  .map((table) => table.closest(".table")?.querySelector("h3")?.textContent)`;

describe.each(PAGES)("%s from file://", (name) => {
  it("complains of nothing, asks nobody, is readable by everybody, and has no text cut off or on another", async () => {
    const { page, complaints, requests } = await visit(name);
    const heights = new Map<string, unknown>();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const at = `${colorScheme}, ${width} px`;
        expect(await page.evaluate("document.documentElement.scrollWidth"), at).toBeLessThanOrEqual(width);
        await keepPicture(page, `${name}-${width}-${colorScheme}`);
        heights.set(at, await page.evaluate("document.documentElement.scrollHeight"));
        // The dark page lies as the light one does, so texts on each other would be seen there.
        if (colorScheme === "light") expect(await page.evaluate(OVERLAPS), at).toEqual([]);
        else expect(heights.get(at)).toBe(heights.get(`light, ${width} px`));
      }
      // Every text stands out from its ground by 4.5 to 1.
      expect(await page.evaluate(LOW_CONTRAST), colorScheme).toEqual([]);
    }
    expect(await page.evaluate("document.fonts.check('600 16px Inter')")).toBe(true);
    if (!name.startsWith("wide-")) {
      expect(await barriers(page)).toEqual([]);
      await page.setViewportSize({ width: A4, height: 1000 });
      await page.emulateMedia({ media: "print" });
      expect(await page.evaluate(CUT), "on paper").toEqual([]);
      await page.emulateMedia({ media: "screen" });
    }
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("data:font/"))).toEqual([await site.address(name)]);
    await page.context().close();
  });
});

/** The whole page as somebody would see it, where pictures are kept. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = inject("pictures");
  if (folder !== "") await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** What axe-core calls serious or critical; contrast is looked at above, in both schemes. */
const SERIOUS = `axe.run(document, { rules: { "color-contrast": { enabled: false } } }).then(({ violations }) => violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(" | ")))`;

async function barriers(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return page.evaluate(SERIOUS);
}

describe("people who do not see the page", () => {
  it("would be heard: tables keep nobody out, and a picture without a text is found", async () => {
    const { page } = await visit("tables");
    expect(await barriers(page)).toEqual([]);
    await page.evaluate("document.querySelector('main').append(document.createElement('img'))");
    expect(await barriers(page)).toHaveLength(1);
    await page.context().close();
  });
});

describe("a table on a phone", () => {
  it("keeps each date on one line", async () => {
    const { page } = await visit("data-health", { viewport: { width: 375, height: 900 } });
    const heights = `[...document.querySelectorAll(".day")].map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return new Set([...range.getClientRects()].map(({ top }) => top)).size;
    })`;
    const lines = (await page.evaluate(heights)) as number[];
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines)).toEqual(new Set([1]));
    await page.context().close();
  });
});

describe("the eyes of these tests", () => {
  it("see texts on each other, in HTML and in drawings, and pale ones", async () => {
    const { page } = await visit("wbr");
    await page.evaluate("document.querySelector('h1').style.marginTop = '-5rem'");
    expect(await page.evaluate(OVERLAPS)).not.toEqual([]);
    await page.evaluate("document.querySelector('h1').style.marginTop = ''");
    expect(await page.evaluate(OVERLAPS)).toEqual([]);
    await page.evaluate(
      "for (const text of document.querySelectorAll('.wide svg text')) text.setAttribute('transform', 'translate(50,50)')",
    );
    expect(await page.evaluate(OVERLAPS)).not.toEqual([]);
    await page.evaluate("document.querySelector('h1').style.color = 'silver'");
    expect(await page.evaluate(LOW_CONTRAST)).toHaveLength(1);
    await page.context().close();
  });
});

describe("printing", () => {
  it.each(["wbr", "executive"])("%s becomes a PDF of a few pages, with the phone's drawings left out", async (name) => {
    const { page, complaints } = await visit(name);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThanOrEqual(1);
    // The review has a chart per metric; the summary is a summary.
    expect(pages).toBeLessThanOrEqual(name === "wbr" ? 24 : 8);
    await page.setViewportSize({ width: A4, height: 1000 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(A4);
    expect(await page.evaluate(OVERLAPS)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe("growthos report --format pdf", () => {
  const there = { stat: (path: string) => (path.startsWith("/there/") ? { kind: "file" } : undefined) };
  const find = (env: Record<string, string>, platform: string) =>
    findBrowser({ env, files: there as unknown as typeof diskFiles, machine: { platform, user: 1 } });

  it("has the headings as bookmarks, and tables that remain tables", async () => {
    const pdf = await printPdf(fileURLToPath(await site.address("data-health")), {
      browser: await browserPath(),
      env: process.env,
      files: diskFiles,
      profile: join(site.folder, "profile"),
      isRoot: true,
    });
    const text = Buffer.from(pdf).toString("latin1");
    expect(text.slice(0, 5)).toBe("%PDF-");
    expect(text).toContain("/Outlines");
    expect(text.match(/\/Type \/TR\b|\/S \/TR\b/g)?.length ?? 0).toBeGreaterThan(10);
    expect(diskFiles.stat(join(site.folder, "profile"))).toBeUndefined();
  });

  it("finds a browser by name or in the usual places, and says what to do without one", () => {
    expect(find({ PATH: "/bin:/there" }, "linux")).toBe("/there/google-chrome-stable");
    expect(find({ GROWTHOS_BROWSER: "/there/mine" }, "linux")).toBe("/there/mine");
    expect(() => find({ GROWTHOS_BROWSER: "/gone" }, "linux")).toThrow(
      /no browser was found.*GROWTHOS_BROWSER is \/gone/,
    );
    expect(() => find({ PATH: "/bin" }, "linux")).toThrow(/no browser was found/);
    expect(() => find({}, "darwin")).toThrow(/no browser was found/);
  });
});

describe("R01 a page full of hostile texts", () => {
  it("runs nothing, asks nobody and stays where it is", async () => {
    const { page, complaints, requests } = await visit("hostile");
    await page.mouse.move(400, 300);
    await page.mouse.wheel(0, 4000);
    for (let presses = 0; presses < 20; presses++) await page.keyboard.press("Tab");
    await page.waitForTimeout(300);
    expect(await page.evaluate("window.__ran")).toBeUndefined();
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("data:font/"))).toEqual([await site.address("hostile")]);
    expect(page.url()).toBe(await site.address("hostile"));
    expect(await page.evaluate("document.querySelectorAll('script').length")).toBe(2);
    expect(
      await page.evaluate(
        "document.querySelectorAll('iframe,img,object,embed,form,input:not(.search-box input),base,link,video').length",
      ),
    ).toBe(0);
    // Each text stands in each of these: heading, prose, tile, table, finding, result of a search, link, code, coverage, light, stamp.
    counted("injection", HOSTILE.length * 11);
    await page.context().close();
  });

  it("keeps its shape on a phone", async () => {
    const { page } = await visit("hostile", { viewport: { width: 375, height: 900 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(375);
    await page.context().close();
  });
});
