import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowserSite, browserSite } from "../testing/report-browser.js";
import { OVERLAPS } from "./sample-eyes.js";

let site: BrowserSite;
beforeAll(async () => {
  site = await browserSite();
});
afterAll(async () => {
  await site?.close();
});
const visit: BrowserSite["visit"] = (name, options) => site.visit(name, options);

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
    await page.goto(await site.address("index"));
    await page.goto(`${await site.address("executive")}#14d`);
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
    await page.goto(await site.address("index"));
    await page.goto(`${await site.address("executive")}#2026-w04+year`);
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
    await site.address("channels");
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
