import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { filesOptions } from "../connectors/files/options.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { declaredFor, type Inspection, inspectFile } from "./files-inspect.js";

afterAll(removeFolders);

async function inspect(content: string): Promise<Inspection> {
  const folder = freshFolder();
  const path = join(folder, "file.csv");
  writeFileSync(path, content);
  const db = await openDatabase({});
  const shop = { currency: "EUR", timeZone: "Europe/Berlin" };
  const context = { files: diskFiles, db, copyPath: join(folder, "copy.txt"), shop };
  const found = await inspectFile(context, { name: "file.csv", path, declared: null });
  await db.close();
  return found;
}

describe("inspecting a file", () => {
  it("says what it is, why, and shows sums and the first bad rows", async () => {
    const found = await inspect("Day,Campaign,Cost,Clicks\n2026-01-01,Brand,1.50,2\n2026-01-02,Brand,x,2\n");
    expect(found.recognised).toMatchObject({ stream: "google_ads" });
    expect(found.findings).toMatchObject({ rows: 2, goodRows: 1, badRows: 1, totals: { spend: "1.5" } });
    expect(found.findings?.firstBad).toEqual([
      { file: "file.csv", line: 3, column: "Cost", value: "x", reason: "not an amount" },
    ]);
    expect(found.refusal).toBeNull();
  });

  it("proposes a mapping for what it does not know, tries it, and names what is near", async () => {
    const found = await inspect("date_day,campaign_id,spend,clicks,email\n2026-01-01,c1,1.50,2,a@x.com\n");
    expect(found.recognised).toBeNull();
    expect(found.refusal?.code).toBe("FILE_UNKNOWN");
    expect(found.proposal).toMatchObject({
      as: "spend",
      snippet: 'files: { imports: [{ path: "file.csv", as: "spend", columns: { spend_date: "date_day" } }] },',
    });
    expect(found.findings).toMatchObject({ goodRows: 1, totals: { spend: "1.5" } });
    expect(found.columns.at(-1)).toEqual({ header: "email", field: null, kind: null, isPersonal: true });
  });

  it("shows the sums of a file that an import would refuse", async () => {
    const found = await inspect("Week,Sessions\n1,10\n2,20\n");
    expect(found.findings?.totals).toEqual({ sessions: "30" });
    expect(found.refusal?.code).toBe("FILE_GRAIN");
  });

  it("uses the declared import that names the file", () => {
    const options = filesOptions.parse({ imports: [{ path: "data/*.csv", as: "orders" }] });
    expect(declaredFor(options, "/project", "/project/data/a.csv")?.as).toBe("orders");
    expect(declaredFor(options, "/project", "/project/other/a.csv")).toBeNull();
  });
});
