import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBrowser, printPdf } from "../cli/print-pdf.js";
import { diskFiles } from "../warehouse/disk.js";
import { LOW_CONTRAST, OVERLAPS } from "./sample-eyes.js";
import { sampleFacts } from "./sample-facts.js";
import { hostileModel } from "./sample-hostile.js";
import { NAVIGATION, sampleModels, sampleRenderer } from "./sample-site.js";

// A browser from the package registry that needs no library of the host: it unpacks its own when it believes to be in such a place.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), "growthos-browser-"));
const address = (name: string) => pathToFileURL(join(folder, `${name}.html`)).href;

async function launch(): Promise<Browser> {
  process.env["AWS_LAMBDA_JS_RUNTIME"] ??= "nodejs20.x";
  const [{ default: sparticuz }, { chromium }] = await Promise.all([
    import("@sparticuz/chromium"),
    import("playwright-core"),
  ]);
  return chromium.launch({ executablePath: await sparticuz.executablePath(), headless: true, args: FLAGS });
}

async function writePages(): Promise<void> {
  const renderer = sampleRenderer();
  mkdirSync(folder, { recursive: true });
  const write = (name: string, html: string) => writeFileSync(join(folder, `${name}.html`), html);
  for (const model of sampleModels(sampleFacts())) write(model.id, await renderer.render(model, NAVIGATION));
  // Figures of a large shop, long names and missing values: where texts would run into each other.
  const labels = { meta: `Performance ${"maximal ".repeat(9)}`, google: "X".repeat(60), email: "Ünïcödé & Söhne <b>" };
  const gone = {
    status: "unknown",
    because: "days_missing",
    detail: "ga4: 2026-02-05 … 2026-02-07, 2026-01-09",
  } as const;
  const wide = sampleFacts({
    scale: 900,
    labels,
    override: (id) => (id === "sessions" || id === "cvr" ? gone : undefined),
  });
  for (const model of sampleModels(wide)) write(`wide-${model.id}`, await renderer.render(model, NAVIGATION));
  write("hostile", await renderer.render(hostileModel(), NAVIGATION));
}

beforeAll(async () => {
  await writePages();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page with what it complained about and whom it asked. */
interface Visit {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

async function visit(name: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address(name));
  return { page, complaints, requests };
}

const PAGES = ["wbr", "executive", "data-health", "index", "wide-wbr", "wide-executive", "wide-data-health"];
const WIDTHS = [375, 768, 1440];

describe.each(PAGES)("%s from file://", (name) => {
  it.each(WIDTHS)(
    "at %i px: no complaint, no request, nothing cut off, no text on another, light and dark",
    async (width) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, complaints, requests } = await visit(name, { viewport: { width, height: 900 }, colorScheme });
        expect(complaints).toEqual([]);
        expect(requests.filter((url) => !url.startsWith("data:font/"))).toEqual([address(name)]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        expect(await page.evaluate(OVERLAPS)).toEqual([]);
        expect(await page.evaluate("document.fonts.check('600 16px Inter')")).toBe(true);
        await page.context().close();
      }
    },
  );

  it("is readable: every text stands out from its ground by 4.5 to 1", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await visit(name, { colorScheme });
      expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
      await page.context().close();
    }
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

describe("presets", () => {
  const shown = (page: Page) =>
    page.evaluate(
      "[...document.querySelectorAll('.preset')].filter((p) => p.getClientRects().length).map((p) => p.id)",
    );

  it("show one period at a time, by click", async () => {
    const { page, complaints } = await visit("executive");
    expect(await shown(page)).toEqual(["preset-30d"]);
    for (const days of [7, 14, 90]) {
      await page.getByRole("tab", { name: `${days} days`, exact: true }).click();
      expect(await shown(page)).toEqual([`preset-${days}d`]);
      expect(await page.evaluate(OVERLAPS)).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("work with the keyboard alone, and by address", async () => {
    const { page } = await visit("executive");
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.id")) === "tab-30d") break;
    }
    expect(await page.evaluate("document.activeElement.id")).toBe("tab-30d");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await page.keyboard.press("ArrowRight");
    expect(await shown(page)).toEqual(["preset-90d"]);
    await page.keyboard.press("ArrowRight");
    expect(await shown(page)).toEqual(["preset-7d"]);
    await page.keyboard.press("End");
    expect(await shown(page)).toEqual(["preset-90d"]);
    await page.goto(`${address("index")}`);
    await page.goto(`${address("executive")}#14d`);
    expect(await shown(page)).toEqual(["preset-14d"]);
    await page.context().close();
  });

  it("are all there, one after the other, without script", async () => {
    const { page } = await visit("executive", { javaScriptEnabled: false });
    for (const days of [7, 14, 30, 90]) {
      expect(await page.locator(`#preset-${days}d`).isVisible()).toBe(true);
      expect(await page.getByRole("heading", { name: `Last ${days} days`, exact: true }).isVisible()).toBe(true);
    }
    expect(await page.getByRole("tab").count()).toBe(0);
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
    expect(pages).toBeLessThanOrEqual(8);
    // A4 at 96 dpi less the margins.
    await page.setViewportSize({ width: 695, height: 1000 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(695);
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
    const { default: sparticuz } = await import("@sparticuz/chromium");
    const pdf = await printPdf(join(folder, "data-health.html"), {
      browser: await sparticuz.executablePath(),
      env: process.env,
      files: diskFiles,
      profile: join(folder, "profile"),
      isRoot: true,
    });
    const text = Buffer.from(pdf).toString("latin1");
    expect(text.slice(0, 5)).toBe("%PDF-");
    expect(text).toContain("/Outlines");
    expect(text.match(/\/Type \/TR\b|\/S \/TR\b/g)?.length ?? 0).toBeGreaterThan(10);
    expect(diskFiles.stat(join(folder, "profile"))).toBeUndefined();
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

describe("a page full of hostile texts", () => {
  it("runs nothing, asks nobody and stays where it is", async () => {
    const { page, complaints, requests } = await visit("hostile");
    await page.mouse.move(400, 300);
    await page.mouse.wheel(0, 4000);
    for (let presses = 0; presses < 20; presses++) await page.keyboard.press("Tab");
    await page.waitForTimeout(300);
    expect(await page.evaluate("window.__ran")).toBeUndefined();
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("data:font/"))).toEqual([address("hostile")]);
    expect(page.url()).toBe(address("hostile"));
    expect(await page.evaluate("document.querySelectorAll('script').length")).toBe(2);
    expect(
      await page.evaluate("document.querySelectorAll('iframe,img,object,embed,form,input,base,link,video').length"),
    ).toBe(0);
    await page.context().close();
  });

  it("keeps its shape on a phone", async () => {
    const { page } = await visit("hostile", { viewport: { width: 375, height: 900 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(375);
    await page.context().close();
  });
});
