import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import { everyFault } from "../testing/faults/every-fault.js";
import { countingRandom, temporaryWorkspace } from "../testing/landing.js";
import { diskFiles } from "../warehouse/disk.js";
import { createWorkspace } from "../warehouse/layout.js";
import type { Workspace } from "../warehouse/types.js";
import { dataHealth } from "./pages/data-health.js";
import { PAGES } from "./pages/index.js";
import { wbr } from "./pages/wbr.js";
import { sampleFacts } from "./sample-facts.js";
import { TEMPLATES } from "./sample-site.js";
import { FORMATS, type Format, writeReports } from "./site.js";
import type { ReportPage } from "./types.js";

interface Wish {
  readonly shop?: string;
  readonly pages?: readonly ReportPage[];
  readonly formats?: readonly Format[];
}

const facts = new Map<string | undefined, ReturnType<typeof sampleFacts>>();

/** Facts of a shop, made once: the faults ask for them hundreds of times. */
function factsOf(shop: string | undefined) {
  const known = facts.get(shop) ?? sampleFacts({ shop, mostPoints: 3 });
  facts.set(shop, known);
  return known;
}

function write(ws: Workspace, wish: Wish = {}) {
  return writeReports({
    ws,
    facts: factsOf(wish.shop),
    pages: wish.pages ?? PAGES,
    formats: wish.formats ?? ["json", "md"],
    templates: TEMPLATES,
    random: countingRandom(),
    clock: systemClock,
  });
}

/** Pages that say nothing: what is tried with them is the writing, hundreds of times. */
const SMALL: readonly ReportPage[] = ["one", "two"].map((id) => ({
  id,
  title: id,
  reads: () => ({}),
  build: ({ context }) => ({ schemaVersion: 1, id, title: id, subtitle: "", context, blocks: [], stamps: [] }),
}));

describe("writeReports", () => {
  it("writes every page in every format with an index, and points to it", async () => {
    const ws = await temporaryWorkspace();
    const paths = await write(ws, { formats: FORMATS });
    const folder = ws.at("out", "2026-02-09");
    const names = [...PAGES.map(({ id }) => id), "index"].flatMap((id) => FORMATS.map((format) => `${id}.${format}`));
    expect(paths).toEqual(names.map((name) => `${folder}/${name}`));
    expect(readdirSync(folder).sort()).toEqual([...names].sort());
    expect(readdirSync(ws.at("out")).sort()).toEqual(["2026-02-09", "latest"]);
    expect(readFileSync(ws.at("out", "latest"), "utf8")).toBe("2026-02-09\n");
    expect(statSync(`${folder}/wbr.html`).mode & 0o777).toBe(0o600);
    const model = JSON.parse(readFileSync(`${folder}/wbr.json`, "utf8"));
    expect([model.schemaVersion, model.id, model.context.shop]).toEqual([1, "wbr", "Larkfield Goods"]);
  });

  it("writes the same bytes again", async () => {
    const ws = await temporaryWorkspace();
    const read = async () =>
      (await write(ws, { pages: [dataHealth, wbr], formats: FORMATS })).map((path) => readFileSync(path, "utf8"));
    expect(await read()).toEqual(await read());
  });

  it("writes one page alone and lists the others that are there", async () => {
    const ws = await temporaryWorkspace();
    const paths = await write(ws, { pages: [wbr], formats: ["html"] });
    expect(paths.map((path) => path.split("/").at(-1))).toEqual(["wbr.html", "index.html"]);
    expect(readFileSync(paths[0] ?? "", "utf8")).not.toContain("data-health.html");
    await write(ws, { pages: [dataHealth], formats: ["html"] });
    expect(readFileSync(ws.at("out", "2026-02-09", "data-health.html"), "utf8")).toContain('href="wbr.html"');
  });

  it("clears what a dead run left, but not what a living one writes", async () => {
    const ws = await temporaryWorkspace();
    for (const name of [".tmp-dead", ".tmp-alive"]) mkdirSync(ws.at("out", name), { recursive: true });
    utimesSync(ws.at("out", ".tmp-dead"), 1, 1);
    await write(ws, { pages: SMALL });
    expect(existsSync(ws.at("out", ".tmp-dead"))).toBe(false);
    expect(existsSync(ws.at("out", ".tmp-alive"))).toBe(true);
  });
});

describe("faults while a report is written", () => {
  const pages = ["one.json", "two.json", "index.json"];
  const open = (root: string, files: Files) =>
    createWorkspace({ projectRoot: root, name: "shop", files, random: countingRandom() });
  const shopOf = (ws: Workspace, name: string) =>
    JSON.parse(readFileSync(ws.at("out", "2026-02-09", name), "utf8")).context.shop as string;

  it("leave every page whole, old or new, and the next run ends as if nothing had been", async () => {
    const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
    const sweep = await everyFault({
      root: mkdtempSync(join(memory, "growthos-report-")),
      scenario: {
        prepare: async (root) => {
          await write(await open(root, diskFiles), { shop: "Old", pages: SMALL, formats: ["json"] });
        },
        run: async (files, root, acknowledge) => {
          await write({ ...(await open(root, diskFiles)), files }, { shop: "New", pages: SMALL, formats: ["json"] });
          acknowledge("New");
        },
        visible: async (root) => {
          const ws = await open(root, diskFiles);
          const shops = pages.map((name) => shopOf(ws, name));
          for (const shop of shops) expect(["Old", "New"]).toContain(shop);
          expect(readFileSync(ws.at("out", "latest"), "utf8")).toBe("2026-02-09\n");
          return shops.every((shop) => shop === "New") ? ["New"] : [];
        },
        inspect: async (root) => {
          const ws = await open(root, diskFiles);
          return pages.map((name) => readFileSync(ws.at("out", "2026-02-09", name), "utf8"));
        },
      },
    });
    expect(sweep.failures).toEqual([]);
    expect(sweep.calls.length).toBeGreaterThan(10);
  });
});
