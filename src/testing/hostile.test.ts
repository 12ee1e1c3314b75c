/** Names that try to be something else, from an export file to every answer of the real program. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./source.js";

const NAMES = [
  `<script>window.__ran=1</script>`,
  `"><img src=x onerror=window.__ran=1>`,
  `=cmd|'/c calc'!A1`,
  `@SUM(1)`,
  `two\nlines "quoted", and a comma`,
  `right\u202Eto left`,
  `\u001b[31mred\u001b]52;c;eA==\u0007`,
  `[x](javascript:alert(1)) | \`code\` | ![y](https://example.invalid/z.png)`,
  `'; drop table fact_spend; --`,
  `\${getvariable('as_of')} {{constructor}}`,
  "long ".repeat(2000),
];
const SHOP = `Shop </title><script>window.__ran=1</script> & "Sons"`;
const folder = mkdtempSync(join(tmpdir(), "growthos-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;

function growthos(...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(ROOT, "bin/growthos.js"), ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir() },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 26,
  });
}

describe("hostile names", { timeout: 300_000 }, () => {
  let pages: readonly (readonly [string, string])[] = [];

  beforeAll(() => {
    mkdirSync(join(folder, "inbox"));
    const spend = NAMES.map((name, index) => `2026-02-0${1 + (index % 8)},${cell(name)},${index + 1}.00`);
    writeFileSync(join(folder, "inbox/spend.csv"), `Day,Campaign,Cost\n${spend.join("\n")}\n`);
    const line = (name: string, index: number) =>
      `#${index},2026-02-0${1 + (index % 8)} 10:00:00,${cell(name)},1,10.00`;
    writeFileSync(join(folder, "inbox/orders.csv"), `No,At,Product,Pieces,Price\n${NAMES.map(line).join("\n")}\n`);
    const config = {
      shop: { name: SHOP, currency: "USD", timeZone: "UTC" },
      sources: {
        files: {
          imports: [
            {
              path: "inbox/spend.csv",
              as: "spend",
              columns: { spend_date: "Day", campaign_name: "Campaign", spend: "Cost" },
            },
            {
              path: "inbox/orders.csv",
              as: "order_lines",
              columns: { order_id: "No", title: "Product", quantity: "Pieces", unit_price: "Price" },
            },
            { path: "inbox/orders.csv", as: "orders", columns: { order_id: "No", ordered_at: "At", total: "Price" } },
          ],
        },
      },
    };
    // A config in TypeScript would cost each of the processes its compiler.
    writeFileSync(join(folder, "growthos.config.json"), JSON.stringify(config));
    growthos("run", "--as-of", "2026-02-09");
    const out = join(folder, "workspaces/main/out/2026-02-09");
    pages = readdirSync(out).map((name) => [name, readFileSync(join(out, name), "utf8")] as const);
  }, 300_000);

  it("D15 are counted like any other", () => {
    const answer = JSON.parse(
      growthos("metrics", "spend", "--last", "30d", "--by", "campaign", "--json", "--as-of", "2026-02-09"),
    );
    expect(answer.rows).toHaveLength(NAMES.length);
    expect(growthos("metrics", "spend", "--last", "8d", "--as-of", "2026-02-09")).toContain("$66.00");
  });

  it("reach the pages inert", () => {
    expect(pages.map(([name]) => name)).toContain("wbr.html");
    for (const [name, text] of pages) {
      if (name.endsWith(".json")) continue;
      expect(text, name).not.toMatch(/<script>window|<img src=x|<\/title><script/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(text, name).not.toMatch(/[\u0000-\u0008\u001b\u202e]/);
    }
  });

  it("R02 R10 reach a spreadsheet as text and a terminal without control characters", () => {
    const by = (breakdown: string, format: string) =>
      growthos(
        "metrics",
        breakdown === "campaign" ? "spend" : "gross_revenue",
        "--last",
        "30d",
        "--by",
        breakdown,
        "--format",
        format,
        "--as-of",
        "2026-02-09",
      );
    for (const breakdown of ["campaign", "product"]) {
      const [table, md, csv] = [by(breakdown, "table"), by(breakdown, "md"), by(breakdown, "csv")];
      for (const text of [table, md, csv]) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(text).not.toMatch(/[\u0000-\u0008\u001b\u202e]/);
      }
      expect(csv).not.toMatch(/^"?[=@+\t\r]/m);
      expect(md).not.toMatch(/<script|!\[y\]\(|[^\\]\[x\]\(javascript/);
    }
  });

  it("R04 cannot make a workspace leave its folder", () => {
    for (const name of ["../x", "..", "a/b", "CON", "-x", "x".repeat(300), "w\u0430"]) {
      expect(() => growthos("status", "--workspace", name), name).toThrow();
    }
    expect(readdirSync(folder).sort()).toEqual(["growthos.config.json", "inbox", "workspaces"]);
    expect(readdirSync(join(folder, "workspaces"))).toEqual(["main"]);
  });
});
