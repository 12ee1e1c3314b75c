/** What the browser tests share: a browser, and pages of the sample shop that are rendered when they are visited first. Imported by tests only. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { rollUpModel } from "../reports/roll-up.js";
import { sampleFacts } from "../reports/sample-facts.js";
import { hostileModel } from "../reports/sample-hostile.js";
import { sampleRollUp } from "../reports/sample-roll-up.js";
import { NAVIGATION, sampleModels, sampleRenderer } from "../reports/sample-site.js";
import { tablesModel } from "../reports/sample-tables.js";
import { plainModel } from "../reports/text.js";
import type { ReportModel } from "../reports/types.js";

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

/** A page with what it complained about and whom it asked. */
export interface Visit {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

/** Pages in a browser. */
export interface BrowserSite {
  readonly folder: string;
  /** The address of a page, which is written when it is not yet there. */
  address(name: string): Promise<string>;
  /** Opens a page of the sample shop by its name, of the wide one as `wide-<page>`; or any address. */
  visit(name: string, options?: BrowserContextOptions): Promise<Visit>;
  close(): Promise<void>;
}

/** Starts a browser beside a folder for the pages. */
export async function browserSite(): Promise<BrowserSite> {
  const folder = mkdtempSync(join(tmpdir(), "growthos-browser-"));
  const render = pageWriter();
  const browser = await launch();
  const address = async (name: string): Promise<string> => {
    const path = join(folder, `${name}.html`);
    if (!existsSync(path)) writeFileSync(path, await render(name));
    return pathToFileURL(path).href;
  };
  return {
    folder,
    address,
    visit: async (name, options = {}) => open(browser, name.includes("://") ? name : await address(name), options),
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The program of the browser, unpacked into a folder of this process: another one that unpacked over it would find it running.
 * The package looks where temporary files go, when it is loaded and when it is asked.
 */
export async function browserPath(): Promise<string> {
  process.env["AWS_LAMBDA_JS_RUNTIME"] ??= "nodejs20.x";
  const usual = tmpdir();
  const own = join(usual, `chromium-${process.pid}`);
  mkdirSync(own, { recursive: true });
  process.env["TMPDIR"] = own;
  try {
    const { default: sparticuz } = await import("@sparticuz/chromium");
    return await sparticuz.executablePath();
  } finally {
    process.env["TMPDIR"] = usual;
  }
}

/** A browser; close it. */
export async function launch(): Promise<Browser> {
  const [executablePath, { chromium }] = await Promise.all([browserPath(), import("playwright-core")]);
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

async function open(browser: Browser, address: string, options: BrowserContextOptions): Promise<Visit> {
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
  await page.goto(address);
  return { page, complaints, requests };
}

/** The navigation of a full site. */
const MANY_PAGES = (
  "executive wbr daily alerts channels campaigns funnel products cohorts unit-economics pnl ledger " +
  "data-health connections jobs metrics lineage index"
)
  .split(" ")
  .map((page) => ({ page, title: page.slice(0, 1).toUpperCase() + page.slice(1) }));

function pageWriter(): (name: string) => Promise<string> {
  const renderer = sampleRenderer();
  const sites = new Map<boolean, readonly ReportModel[]>();
  const modelOf = (name: string): ReportModel => {
    const isWide = name.startsWith("wide-");
    const models = sites.get(isWide) ?? sampleModels(isWide ? wideFacts() : sampleFacts());
    sites.set(isWide, models);
    const id = name.replace(/^wide-/, "");
    const found = models.find((model) => model.id === id);
    if (found === undefined) throw new Error(`no page ${id}`);
    return found;
  };
  return (name) => {
    if (name === "tables") return renderer.render(tablesModel(), NAVIGATION);
    if (name === "many") return renderer.render({ ...tablesModel(), id: "channels" }, MANY_PAGES);
    if (name === "workspaces") return renderer.render(plainModel(rollUpModel(sampleRollUp())), []);
    if (name === "hostile") return renderer.render(hostileModel(), NAVIGATION);
    return renderer.render(modelOf(name), NAVIGATION);
  };
}

/** Figures of a large shop, long names and missing values: where texts would run into each other. */
function wideFacts(): ReturnType<typeof sampleFacts> {
  const gone = {
    status: "unknown",
    because: "days_missing",
    detail: "ga4: 2026-02-05 … 2026-02-07, 2026-01-09",
  } as const;
  return sampleFacts({
    scale: 900,
    labels: { meta: `Performance ${"maximal ".repeat(9)}`, google: "X".repeat(60), email: "Ünïcödé & Söhne <b>" },
    override: (id) => (id === "sessions" || id === "cvr" ? gone : undefined),
  });
}
