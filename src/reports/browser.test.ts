import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
import { tablesModel } from "./sample-tables.js";

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
  write("tables", await renderer.render(tablesModel(), NAVIGATION));
  write("many", await renderer.render({ ...tablesModel(), id: "channels" }, MANY_PAGES));
  write("hostile", await renderer.render(hostileModel(), NAVIGATION));
}

/** The navigation of a full site. */
const MANY_PAGES = (
  "executive wbr daily alerts channels campaigns funnel products cohorts unit-economics pnl " +
  "data-health connections jobs metrics lineage index"
)
  .split(" ")
  .map((page) => ({ page, title: page.slice(0, 1).toUpperCase() + page.slice(1) }));

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

const PAGES = [
  ...NAVIGATION.map(({ page }) => page),
  ...["wbr", "executive", "data-health", "channels", "campaigns", "products"].map((page) => `wide-${page}`),
];
const WIDTHS = [375, 768, 1440];

describe.each(PAGES)("%s from file://", (name) => {
  it("complains of nothing, asks nobody, is readable, and has no text cut off or on another", async () => {
    const { page, complaints, requests } = await visit(name);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const at = `${colorScheme}, ${width} px`;
        expect(await page.evaluate("document.documentElement.scrollWidth"), at).toBeLessThanOrEqual(width);
        expect(await page.evaluate(OVERLAPS), at).toEqual([]);
      }
      // Every text stands out from its ground by 4.5 to 1.
      expect(await page.evaluate(LOW_CONTRAST), colorScheme).toEqual([]);
    }
    expect(await page.evaluate("document.fonts.check('600 16px Inter')")).toBe(true);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("data:font/"))).toEqual([address(name)]);
    await page.context().close();
  });
});

describe("the navigation", () => {
  it("opens one group at a time, closes on Escape and elsewhere, and fits on a phone", async () => {
    const { page, complaints } = await visit("many", { viewport: { width: 375, height: 900 } });
    expect((await page.locator(".bar").boundingBox())?.height).toBeLessThan(150);
    const open = () =>
      page.evaluate("[...document.querySelectorAll('details[open] summary')].map((s) => s.textContent)");
    await page.getByText("Marketing", { exact: true }).click();
    expect(await open()).toEqual(["Marketing"]);
    expect(await page.getByRole("link", { name: "Campaigns" }).isVisible()).toBe(true);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(375);
    await page.getByText("Data", { exact: true }).focus();
    await page.keyboard.press("Enter");
    expect(await open()).toEqual(["Data"]);
    await page.keyboard.press("Escape");
    expect(await open()).toEqual([]);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Data");
    await page.getByText("Money", { exact: true }).click();
    await page.getByRole("heading", { name: "Names / hostile" }).click();
    expect(await open()).toEqual([]);
    expect(complaints).toEqual([]);
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

  it("offer weeks and months beside the days, by list and by address", async () => {
    const { page, complaints } = await visit("executive");
    await page.getByRole("combobox", { name: "Week" }).selectOption({ index: 2 });
    expect(await shown(page)).toEqual(["preset-2026-w05"]);
    expect(
      await page
        .getByText(/in the week 26 Jan – 1 Feb 2026/)
        .first()
        .isVisible(),
    ).toBe(true);
    await page.getByRole("combobox", { name: "Month" }).selectOption("Jan 2026");
    expect(await shown(page)).toEqual(["preset-2026-01"]);
    expect(await page.getByRole("combobox", { name: "Week" }).inputValue()).toBe("");
    await page.getByRole("tab", { name: "7 days", exact: true }).click();
    expect(await shown(page)).toEqual(["preset-7d"]);
    await page.goto(address("index"));
    await page.goto(`${address("executive")}#2026-w04+year`);
    expect(await shown(page)).toEqual(["preset-2026-w04"]);
    expect(await page.getByRole("button", { name: "Year before" }).getAttribute("aria-pressed")).toBe("true");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("are held against the days before or the year before, one at a time", async () => {
    const { page } = await visit("executive");
    const [before, year] = [/in the 30 days before/, /on the same weekdays a year earlier/];
    const sees = (text: RegExp) => page.locator("#preset-30d").getByText(text).isVisible();
    const columns = () => page.locator("#preset-30d th[data-versus]:visible").allTextContents();
    expect([await sees(before), await sees(year), await columns()]).toEqual([true, false, ["Change"]]);
    await page.getByRole("button", { name: "Year before" }).click();
    expect([await sees(before), await sees(year), await columns()]).toEqual([false, true, ["Change on the year"]]);
    expect(await page.evaluate(OVERLAPS)).toEqual([]);
    // The choice holds for every period.
    await page.getByRole("tab", { name: "7 days", exact: true }).click();
    expect(await page.locator("#preset-7d").getByText(year).isVisible()).toBe(true);
    await page.context().close();
  });

  it("are all there, one after the other, without script", async () => {
    const { page } = await visit("executive", { javaScriptEnabled: false });
    for (const days of [7, 14, 30, 90]) {
      expect(await page.locator(`#preset-${days}d`).isVisible()).toBe(true);
      expect(await page.getByRole("heading", { name: `Last ${days} days`, exact: true }).isVisible()).toBe(true);
    }
    expect(await page.getByRole("tab").count()).toBe(0);
    expect(await page.locator("#preset-2025-08").isVisible()).toBe(true);
    for (const text of [/in the 30 days before/, /on the same weekdays a year earlier/])
      expect(await page.locator("#preset-30d").getByText(text).isVisible()).toBe(true);
    await page.context().close();
  });
});

describe("tables", () => {
  const names = (page: Page, title: string) =>
    page.evaluate(`[...[...document.querySelectorAll(".table")].find((box) => box.querySelector("h3").textContent === ${JSON.stringify(title)})
      .querySelectorAll("tbody tr")].filter((row) => row.getClientRects().length).map((row) => row.cells[0].textContent)`);
  const closed = ["Account A", "Account B"];

  it("open row by row, and sort with the parts beside their whole", async () => {
    const { page, complaints } = await visit("tables");
    expect(await names(page, "Campaigns")).toEqual(closed);
    const open = page.getByRole("button", { name: "Parts of Account A" });
    expect(await open.getAttribute("aria-expanded")).toBe("false");
    await open.click();
    expect(await open.getAttribute("aria-expanded")).toBe("true");
    expect(await names(page, "Campaigns")).toEqual(["Account A", "Winter", "Always on", "Account B"]);
    await page.getByRole("button", { name: "Spend" }).click();
    expect(await names(page, "Campaigns")).toEqual(["Account B", "Account A", "Always on", "Winter"]);
    await page.getByRole("button", { name: "Open all" }).click();
    const whole = ["Account B", "Shopping", "Brand", "Account A", "Always on", "Winter", "Broad", "Narrow"];
    expect(await names(page, "Campaigns")).toEqual(whole);
    const head = page.getByRole("columnheader", { name: "Spend" });
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    await page.getByRole("button", { name: "Spend" }).click();
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    // What has no value comes last in both directions.
    expect(((await names(page, "Campaigns")) as string[]).slice(-3)).toEqual(["Account B", "Shopping", "Brand"]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("work with the keyboard alone", async () => {
    const { page } = await visit("tables");
    const press = async (label: string, key: string) => {
      for (let presses = 0; presses < 30; presses++) {
        await page.keyboard.press("Tab");
        const own = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";
        if ((await page.evaluate(own)) === label) return page.keyboard.press(key);
      }
      throw new Error(`no way to ${label}`);
    };
    await press("Name", "Enter");
    await press("Parts of Account A", "Space");
    expect(await names(page, "Campaigns")).toEqual(["Account A", "Always on", "Winter", "Account B"]);
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await page.context().close();
  });

  it("keep the rows of one value, without a total that is of all", async () => {
    const { page } = await visit("tables");
    expect(await page.getByRole("row", { name: "Total" }).isVisible()).toBe(true);
    await page.getByRole("combobox", { name: "Platform" }).selectOption({ label: "Google Ads" });
    expect(await names(page, "Campaigns")).toEqual(["Account B"]);
    expect(await page.getByRole("row", { name: "Total" }).isVisible()).toBe(false);
    await page.getByRole("combobox", { name: "Platform" }).selectOption({ index: 0 });
    expect(await names(page, "Campaigns")).toEqual(closed);
    await page.context().close();
  });

  it("are copied as tab-separated exact values", async () => {
    const { page, complaints } = await visit("tables", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByRole("button", { name: "Copy: Campaigns" }).click();
    await page.getByText("Copied 9 rows").waitFor();
    const lines = String(await page.evaluate("navigator.clipboard.readText()")).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "Level\tPart of\tName\tPlatform\tSpend",
      "1\t\tAccount A\tMeta Ads\t300.00",
      "2\tAccount A\tWinter\tMeta Ads\t99.00",
      "3\tWinter\tBroad\tMeta Ads\t60.00",
    ]);
    expect(lines.slice(-3)).toEqual([
      "2\tAccount B\tBrand\tGoogle Ads\t",
      "2\tAccount B\tShopping\tGoogle Ads\t1000.00",
      "\t\tTotal\t\t1300.00",
    ]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("are saved as CSV in which no text becomes a formula", async () => {
    const { page, complaints, requests } = await visit("tables");
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "CSV: Names / hostile" }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe("tables-2026-02-09-names-hostile.csv");
    expect(readFileSync(await download.path(), "utf8")).toBe(
      '\uFEFFName,Change\r\n\'=HYPERLINK(1),-0.05\r\n\'+1+1,0.05\r\n"\'@sum, with comma",0\r\n"\'-2 ""quoted""",\r\n',
    );
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => /^(https?|wss?):/.test(url))).toEqual([]);
    await page.context().close();
  });

  it("are whole and without buttons when there is no script", async () => {
    const { page } = await visit("tables", { javaScriptEnabled: false });
    for (const name of ["Account A", "Narrow", "Shopping"])
      expect(await page.getByRole("rowheader", { name, exact: true }).isVisible()).toBe(true);
    expect(await page.getByRole("button").count()).toBe(0);
    await page.context().close();
  });
});

describe("the index", () => {
  it("finds pages, sections and metrics by their words, with the keyboard alone", async () => {
    const { page, complaints } = await visit("index");
    await page.getByRole("searchbox", { name: "Search" }).focus();
    await page.keyboard.type("last WEEKS channels");
    const found = page.locator(".found-item:visible");
    expect((await found.allTextContents())[0]).toBe("section The last weeks Channels");
    expect(await page.getByText("2 found").isVisible()).toBe(true);
    await page.keyboard.press("Enter");
    await page.waitForURL(/channels\.html#course$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("is a whole list without script", async () => {
    const { page } = await visit("index", { javaScriptEnabled: false });
    expect(await page.getByRole("searchbox").count()).toBe(0);
    await page.getByText("Everything in these reports").click();
    expect(await page.locator(".found-item:visible").count()).toBeGreaterThan(100);
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
      await page.evaluate(
        "document.querySelectorAll('iframe,img,object,embed,form,input:not(.search-box input),base,link,video').length",
      ),
    ).toBe(0);
    await page.context().close();
  });

  it("keeps its shape on a phone", async () => {
    const { page } = await visit("hostile", { viewport: { width: 375, height: 900 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(375);
    await page.context().close();
  });
});
