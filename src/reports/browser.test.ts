import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

/** Pairs of visible texts whose boxes lie on each other. Two pixels of line height may touch. */
function overlapsOn(page: Page): Promise<readonly string[]> {
  return page.evaluate(`(${overlaps.toString()})()`) as Promise<readonly string[]>;
}

// Runs in the page; the DOM's types are not those of this program.
function overlaps(): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: the page's own globals
  const { document, NodeFilter, getComputedStyle } = globalThis as any;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const boxes: { text: string; left: number; right: number; top: number; bottom: number; parent: unknown }[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.textContent.trim() || parent.closest("script,style,.quiet,.skip,[hidden],.tabs")) continue;
    if (getComputedStyle(parent).visibility === "hidden") continue;
    // What is scrolled out of a table is not on the page.
    const clip = parent.closest(".scroll")?.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const left = clip ? Math.max(box.left, clip.left) : box.left;
      const right = clip ? Math.min(box.right, clip.right) : box.right;
      if (right - left < 1 || box.height < 1) continue;
      if (clip && getComputedStyle(parent.closest("th,td") ?? parent).position === "sticky") continue;
      boxes.push({
        text: node.textContent.trim().slice(0, 40),
        left,
        right,
        top: box.top,
        bottom: box.bottom,
        parent: node,
      });
    }
  }
  boxes.sort((a, b) => a.top - b.top);
  const found: string[] = [];
  for (const [index, a] of boxes.entries())
    for (const b of boxes.slice(index + 1)) {
      if (b.top >= a.bottom - 3) break;
      if (a.parent !== b.parent && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2)
        found.push(`"${a.text}" on "${b.text}"`);
    }
  return found;
}

const PAGES = ["wbr", "executive", "index", "wide-wbr", "wide-executive"];
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
        expect(await overlapsOn(page)).toEqual([]);
        expect(await page.evaluate("document.fonts.check('600 16px Inter')")).toBe(true);
        await page.context().close();
      }
    },
  );

  it("is readable: every text stands out from its ground by 4.5 to 1", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await visit(name, { colorScheme });
      expect(await page.evaluate(`(${lowContrast.toString()})()`)).toEqual([]);
      await page.context().close();
    }
  });
});

// Runs in the page: texts of HTML whose colour is too near to the nearest opaque background (WCAG 2, 1.4.3).
function lowContrast(): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: the page's own globals
  const { document, getComputedStyle } = globalThis as any;
  const parse = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour: readonly number[]) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => {
      const part = (colour[index] ?? 0) / 255;
      return sum + weight * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  const found: string[] = [];
  for (const element of document.querySelectorAll("body *:not(svg *):not(script)")) {
    const own = [...element.childNodes].some(
      (node: { nodeType: number; textContent: string }) => node.nodeType === 3 && node.textContent.trim(),
    );
    if (!own || element.closest("[hidden],.quiet,.skip") || element.getClientRects().length === 0) continue;
    const layers: number[][] = [];
    for (let parent = element; parent; parent = parent.parentElement) {
      const colour = parse(getComputedStyle(parent).backgroundColor);
      if ((colour[3] ?? 1) === 0) continue;
      layers.unshift(colour);
      if ((colour[3] ?? 1) === 1) break;
    }
    const ground = layers.reduce(
      (under, over) =>
        over.slice(0, 3).map((part, index) => part * (over[3] ?? 1) + (under[index] ?? 255) * (1 - (over[3] ?? 1))),
      [255, 255, 255],
    );
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${element.className} ${element.textContent.trim().slice(0, 30)}`);
  }
  return found;
}

describe("the eyes of these tests", () => {
  it("see texts on each other, in HTML and in drawings, and pale ones", async () => {
    const { page } = await visit("wbr");
    await page.evaluate("document.querySelector('h1').style.marginTop = '-3rem'");
    expect((await overlapsOn(page)).length).toBeGreaterThan(0);
    await page.evaluate("document.querySelector('h1').style.marginTop = ''");
    expect(await overlapsOn(page)).toEqual([]);
    await page.evaluate(
      "for (const text of document.querySelectorAll('.wide svg text')) text.setAttribute('transform', 'translate(50,50)')",
    );
    expect((await overlapsOn(page)).length).toBeGreaterThan(0);
    await page.evaluate("document.querySelector('h1').style.color = 'silver'");
    expect(await page.evaluate(`(${lowContrast.toString()})()`)).toHaveLength(1);
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
      expect(await overlapsOn(page)).toEqual([]);
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
    expect(await overlapsOn(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
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
