/** The server on loopback over a tiny world, asked as browsers, scripts and other sites' pages would. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
import type { DateRange } from "../base/dates.js";
import { canonicalJson } from "../base/hash.js";
import type { CommandContext } from "../cli/command.js";
import { command as metricsCommand } from "../cli/commands/metrics.js";
import { createOutput } from "../cli/output.js";
import { CATALOG } from "../metrics/catalog/index.js";
import { readCoverage } from "../metrics/coverage.js";
import { formatValue } from "../metrics/format.js";
import { runQuery } from "../metrics/run-query.js";
import type { MetricId } from "../metrics/types.js";
import { factsFrom } from "../reports/facts.js";
import { PAGES } from "../reports/pages/index.js";
import { renderMarkdown } from "../reports/render-markdown.js";
import { EMPTY_HEALTH, sampleFacts } from "../reports/sample-facts.js";
import { NAVIGATION, sampleModels, TEMPLATES } from "../reports/sample-site.js";
import { plainModel } from "../reports/text.js";
import type { Block, ReportModel } from "../reports/types.js";
import { sampleAlert } from "../testing/alert-sample.js";
import { freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { openWorld, readWorlds, type World, worldContext } from "../testing/worlds.js";
import { diskFiles } from "../warehouse/disk.js";
import type { Workspace } from "../warehouse/types.js";
import type { ApiFigure } from "./answers.js";
import { answerApi } from "./api.js";
import { ROUTES } from "./routes.js";
import { type Serving, serve } from "./server.js";
import { readReport, reportSite } from "./site.js";
import type { ApiBuild, ApiSources } from "./types.js";

const world = readWorlds().find(([name]) => name === "shop.json")?.[1];
const stop = new AbortController();
let ws: Workspace;
let build: ApiBuild;
let sources: ApiSources;
let serving: Serving;
let templates: string;

beforeAll(async () => {
  if (world === undefined) throw new Error("the world is gone");
  ws = await freshWorkspace();
  templates = freshFolder();
  for (const name of ["layout.hbs", "theme.css", "page.js"])
    diskFiles.copy(join(TEMPLATES, name), join(templates, name));
  mkdirSync(join(templates, "blocks"));
  for (const name of diskFiles.list(join(TEMPLATES, "blocks")))
    diskFiles.copy(join(TEMPLATES, "blocks", name), join(templates, "blocks", name));
  mkdirSync(ws.at("out", "2026-02-09"), { recursive: true });
  for (const model of sampleModels(sampleFacts({ mostPoints: 4 })))
    writeFileSync(
      ws.at("out", "2026-02-09", `${model.id}.json`),
      canonicalJson({ ...plainModel(model), navigation: NAVIGATION }),
    );
  writeFileSync(ws.at("out", "latest"), "2026-02-09\n");
  const db = await openWorld(world);
  build = { db, context: worldContext(world), catalog: CATALOG, coverage: await readCoverage(db) };
  const job = {
    runId: "r1",
    state: "completed",
    startedAt: "2026-02-09T05:00:00Z",
    endedAt: "2026-02-09T05:01:00Z",
    durationMs: 60_000,
    rows: 3,
  };
  sources = {
    version: "0.1.0",
    isDemo: false,
    now: () => "2026-02-09T06:00:00.000Z",
    build: async () => build,
    jobs: () => [{ ...job, runId: "r2", state: "failed" }, job],
    alerts: async () => ({ day: "2026-02-08", alerts: [sampleAlert({})] }),
    report: async (page, asOf) => readReport(ws, page, asOf),
  };
  serving = await serve({ sources, site: reportSite(ws, templates), port: 0, clock: systemClock, signal: stop.signal });
});
afterAll(async () => {
  stop.abort();
  await serving?.ended;
  await build?.db.close();
  removeFolders();
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** One request as it is, whatever its headers say. */
function get(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(serving.origin);
    const asked = request({ hostname, port, path, ...options }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

const api = async (path: string) => {
  const url = new URL(path, "http://x");
  return (await answerApi(sources, url.pathname, url.searchParams)) as { status: number; body: Record<string, never> };
};

describe("the server", () => {
  it("shows reports rendered from their JSON, with the newest at the root", async () => {
    expect(await get("/")).toMatchObject({ status: 302, headers: { location: "/index.html" } });
    const page = await get("/index.html");
    expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
    expect(page.text).toContain("connect-src &#x27;self&#x27;");
    expect(page.text).toContain('new EventSource("/events")');
    expect((await get("/2026-02-09/wbr.md")).text).toMatch(/^# Weekly business review\n/);
    for (const path of [
      "/wbr.pdf",
      "/2026-02-10/wbr.html",
      "/../workspace.json",
      "/%2e%2e/salt",
      "/nothing.html",
      "//",
      "//x:y/",
      "/%zz",
    ])
      expect((await get(path)).status, path).toBe(404);
  });

  it("answers to its own name alone, to no other site's page, and only reads", async () => {
    const rebound = await get("/api/health", { headers: { host: "evil.example:80" } });
    expect([rebound.status, rebound.text]).toEqual([421, expect.stringContaining("HOST_UNKNOWN")]);
    const foreign = await get("/api/health", { headers: { origin: "https://evil.example" } });
    expect([foreign.status, foreign.text]).toEqual([403, expect.stringContaining("ORIGIN_FOREIGN")]);
    for (const method of ["POST", "PUT", "DELETE"]) expect((await get("/api/health", { method })).status).toBe(405);
    expect((await get(`/${"a".repeat(3000)}`)).status).toBe(414);
    const head = await get("/index.html", { method: "HEAD" });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "x-frame-options": "DENY",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(head.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("tells open pages when a template was changed, and a broken one is an answer", async () => {
    const site = reportSite(ws, templates);
    const before = site.version();
    expect(site.version()).toBe(before);
    utimesSync(join(templates, "theme.css"), 1, 1);
    expect(site.version()).not.toBe(before);
    const told = await new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(serving.origin);
      const asked = request({ hostname, port, path: "/events" }, (response) => {
        let text = "";
        response.on("data", (data) => {
          text += data;
          if (text.includes("listening")) utimesSync(join(templates, "page.js"), 2, 2);
          if (text.includes("event: change")) {
            asked.destroy();
            resolve(text);
          }
        });
      });
      asked.on("error", reject);
      asked.end();
    });
    expect(told).toContain("event: change\ndata:");
  });

  it("says so when its port is taken", async () => {
    const port = Number(new URL(serving.origin).port);
    const second = serve({ sources, site: reportSite(ws, templates), port, clock: systemClock, signal: stop.signal });
    await expect(second).rejects.toMatchObject({ code: "PORT_TAKEN" });
  });
});

describe("the API", () => {
  it("lists its routes, and each of them answers", async () => {
    const { body } = await api("/");
    expect(body["routes"]).toHaveLength(ROUTES.length);
    for (const { path } of ROUTES) {
      const answer = await api(path);
      expect([path, answer.status, answer.body["error"]]).toEqual([path, 200, undefined]);
    }
    expect(JSON.parse((await get("/api/health")).text)).toMatchObject({
      schema_version: 1,
      status: "degraded",
      demoMode: false,
      lastSyncAt: "2026-02-09T05:01:00Z",
    });
    expect(await api("/jobs?status=completed&limit=1")).toMatchObject({ body: { total: 1, jobs: [{ runId: "r1" }] } });
    expect(await api("/wbr")).toMatchObject({
      body: { narrative: expect.stringMatching(/^# Weekly business review/) },
    });
  });

  it("refuses parameters with a code and the reason", async () => {
    const codes = async (path: string) => {
      const { status, body } = await api(path);
      return [status, (body["error"] as unknown as { code: string }).code];
    };
    expect(await codes("/metrics/summary?days=0")).toEqual([400, "BAD_PARAMS"]);
    expect(await codes("/metrics/summary?start=2026-02-30")).toEqual([400, "BAD_PARAMS"]);
    expect(await codes("/metrics/summary?day=7")).toEqual([400, "BAD_PARAMS"]);
    expect(await codes("/metrics/summary?days=7&days=8")).toEqual([400, "BAD_PARAMS"]);
    expect(await codes("/metrics/channels?limit=501")).toEqual([400, "BAD_PARAMS"]);
    expect(await codes("/metrics/summary?window=nonsense")).toEqual([400, "BAD_WINDOW"]);
    expect(await codes("/metrics/sumary")).toEqual([404, "ROUTE_UNKNOWN"]);
    const failing = { ...sources, build: async () => Promise.reject(new Error("boom")) };
    expect(await answerApi(failing, "/health", new URLSearchParams())).toMatchObject({ status: 500 });
  });
});

describe("one figure", () => {
  it("is the same in the pages, Markdown, the API, the command line and the metric compiler", async () => {
    const { db, context, coverage } = build;
    const pages = PAGES.filter(({ id }) => ["wbr", "executive", "channels"].includes(id));
    const results = new Map<string, Awaited<ReturnType<typeof runQuery>>>();
    for (const page of pages)
      for (const [name, query] of Object.entries(page.reads(context, { weekEndsOn: 7 })))
        results.set(name, await runQuery(db, query, context, { coverage }));
    const splits = Object.assign({}, ...pages.map((page) => page.splits ?? {}));
    const facts = factsFrom({ context, results, splits, paidChannels: new Map(), health: EMPTY_HEALTH });
    const models = new Map(pages.map((page) => [page.id, page.build(facts)]));
    const { body } = await api("/metrics/summary?window=last%20week");
    const kpis = body["kpis"] as unknown as Record<string, ApiFigure>;
    const { start, end } = body["period"] as unknown as { start: never; end: never };
    const window = { from: start, to: end };
    for (const [name, id] of [
      ["revenueNet", "net_revenue"],
      ["orders", "orders"],
      ["spend", "spend"],
    ] as const) {
      const direct = (await runQuery(db, { metrics: [id], window }, context, { coverage })).totals[id]?.value;
      const text = formatValue(
        direct ?? { status: "unknown", because: "no_data", detail: "" },
        CATALOG.get(id).unit,
        "USD",
      );
      expect(direct?.status, id).toBe("ok");
      expect(kpis[name], id).toMatchObject({ text, value: direct?.status === "ok" ? direct.value : null });
      expect(kpisOf(sevenDays(models.get("executive"))).find((kpi) => kpi.metric === id)?.value.text, id).toBe(text);
      expect(totalOf(sevenDays(models.get("channels")), id), id).toBe(text);
      expect(await printed(id, window), id).toContain(text);
      const wbr = models.get("wbr");
      expect(JSON.stringify(wbr?.blocks), id).toContain(JSON.stringify(text));
      expect(wbr && renderMarkdown(wbr).replaceAll("\\", ""), id).toContain(text);
    }
  });
});

/** The week is also the last seven days of pages with periods. */
function sevenDays(model: ReportModel | undefined): readonly Block[] {
  const periods = model?.blocks.flatMap((block) => (block.kind === "presets" ? block.options : []));
  return periods?.find((option) => option.id === "7d")?.blocks ?? [];
}

/** What the first table says below a metric. */
function totalOf(blocks: readonly Block[], id: MetricId): string | undefined {
  const table = blocks.find((block) => block.kind === "table");
  return table?.totals?.[table.columns.findIndex((column) => column.id === id)]?.text;
}

/** What `growthos metrics` answers. */
async function printed(id: MetricId, { from, to }: DateRange): Promise<string | undefined> {
  const context = {
    flags: { json: false },
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" }, calendar: { holidays: {} }, metrics: [] }),
    asOf: async () => build.context.asOf,
    openBuild: async () => ({ database: await openWorld(world as World) }),
  } as unknown as CommandContext;
  const { text } = await metricsCommand.run(context, {
    positionals: [id],
    options: { window: `${from}..${to}`, format: "table" },
  });
  return text;
}

function kpisOf(blocks: readonly Block[]) {
  return blocks.flatMap((block) => (block.kind === "kpis" ? block.items : []));
}
