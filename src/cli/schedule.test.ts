import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import type { Config, SourceConfig, WorkspaceConfig } from "../config/types.js";
import { expectGolden } from "../testing/golden.js";
import { ROOT } from "../testing/source.js";
import { diskFiles } from "../warehouse/disk.js";
import type { CommandContext, Effects, GlobalFlags, Output } from "./command.js";
import { command, scheduleOf } from "./commands/schedule.js";
import { createContext } from "./context.js";
import { cronText, type Schedule, shellWord, systemdWord, yearOffsets } from "./schedule.js";
import { cronRecipe } from "./schedule-cron.js";
import { githubRecipe } from "./schedule-github.js";
import { systemdRecipe } from "./schedule-systemd.js";

const clock = fixedClock(Date.parse("2026-02-09T12:00:00Z"));
const network = { transport: "network", timeoutMinutes: 30, since: null } as const;

async function demoWorkspaces(): Promise<Config["workspaces"]> {
  const { loadConfig } = await import("../config/load.js");
  const [{ CONNECTORS }, { METRICS }] = await Promise.all([
    import("../connectors/index.js"),
    import("../metrics/catalog/index.js"),
  ]);
  const metrics = METRICS.map(({ id, unit }) => ({ id, isMoney: unit === "money" }));
  const { workspaces } = await loadConfig({
    cwd: ROOT,
    env: {},
    files: diskFiles,
    packageFolder: ROOT,
    sources: CONNECTORS,
    metrics,
  });
  return workspaces;
}

function contextOf(config: Config, env: Effects["env"] = {}): CommandContext {
  return createContext({
    effects: { clock, env, files: diskFiles, cwd: "/srv/shop" } as unknown as Effects,
    flags: {} as GlobalFlags,
    output: {} as Output,
    packageFolder: "/opt/growthos",
    version: "0",
    config: async () => config,
  });
}

/** A workspace of the demo's shop with other sources, and a folder whose name is a trap for every quoting rule. */
async function awkward(
  sources: readonly SourceConfig[],
  env: Effects["env"] = {},
  more: Partial<WorkspaceConfig> = {},
): Promise<Schedule> {
  const [demo] = await demoWorkspaces();
  if (demo === undefined) throw new Error("the demo has a workspace");
  const shop = { ...demo.shop, name: "Ed's\nshop", timeZone: "Europe/Berlin" };
  const config = { projectRoot: '/srv/Ed\'s 100% $HOME \\ "shop"', workspaces: [{ ...demo, shop, sources, ...more }] };
  return scheduleOf(contextOf(config, env), "/usr/bin/node");
}

const vendors: readonly SourceConfig[] = [
  { id: "shopify", options: { shop: "s" }, ...network },
  { id: "meta_ads", options: { accounts: ["1"], pageSize: 500 }, ...network },
  { id: "fx", options: { currencies: [] }, ...network },
];

describe("growthos schedule print", () => {
  it("writes the recipes of the demo", async () => {
    const config = { projectRoot: "/srv/shop", workspaces: await demoWorkspaces() };
    const schedule = await scheduleOf(contextOf(config), "/usr/bin/node");
    expectGolden("schedule/demo.cron", `${cronRecipe(schedule)}\n`);
    expectGolden("schedule/demo.systemd", `${systemdRecipe(schedule)}\n`);
    expectGolden("schedule/demo.github.yml", `${githubRecipe(schedule)}\n`);
  });

  it("asks for exactly one of them", async () => {
    const context = contextOf({ projectRoot: "/srv/shop", workspaces: await demoWorkspaces() });
    for (const options of [{}, { cron: true, github: true }]) {
      await expect(command.run(context, { positionals: [], options })).rejects.toThrow(/recipe/);
    }
    const { text = "", json } = await command.run(context, { positionals: [], options: { cron: true } });
    expect(text).toContain("CRON_TZ=");
    expect(json).toMatchObject({ format: "cron", jobs: ["reread", "daily", "today"], variables: [] });
  });

  it("names what the configured sources want, and no value", async () => {
    // Nothing is set: the ways of signing in that are recommended.
    const wanted = ["SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET", "META_ADS_TOKEN"];
    expect((await awkward(vendors)).variables).toEqual(wanted);
    // One of two is set: the other one is still wanted.
    expect((await awkward(vendors, { SHOPIFY_CLIENT_ID: "x" })).variables).toEqual(wanted);
    const chosen = await awkward(vendors, { SHOPIFY_TOKEN: "SECRET1", GA4_TOKEN: "SECRET3" });
    expect(chosen.variables).toEqual(["SHOPIFY_TOKEN", "META_ADS_TOKEN"]);
    const all = [cronRecipe, systemdRecipe, githubRecipe].map((recipe) => recipe(chosen)).join("\n");
    expect(all).not.toContain("SECRET1");
    expect(all).not.toContain("GA4_TOKEN");
    expect(githubRecipe(chosen)).toContain(`META_ADS_TOKEN: \${{ secrets.META_ADS_TOKEN }}`);
  });

  it("names what alerts, engine and store want", async () => {
    const server = { host: "mail.example", port: 587, tls: "required", from: "a@shop.example", to: ["b@shop.example"] };
    const alerts = {
      slack: { least: "warning" },
      webhook: { url: "https://hook.example/", least: "info" },
      email: { ...server, user: "a", least: "warning" },
    } as unknown as NonNullable<WorkspaceConfig["alerts"]>;
    const motherduck = { database: "growthos", host: "pg.example", port: 5432 };
    const engine = { use: "clickhouse", motherduck } as NonNullable<WorkspaceConfig["engine"]>;
    const store = { bucket: "b" } as unknown as NonNullable<WorkspaceConfig["store"]>;
    const schedule = await awkward([], {}, { alerts, engine, store });
    const ways = ["SLACK_WEBHOOK_URL", "WEBHOOK_SECRET", "EMAIL_PASSWORD"];
    const bucket = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GROWTHOS_SALT"];
    expect(schedule.variables).toEqual([...ways, "CLICKHOUSE_PASSWORD", ...bucket]);
    for (const recipe of [cronRecipe, systemdRecipe, githubRecipe])
      for (const name of schedule.variables) expect(recipe(schedule)).toContain(name);
    // Reports to reps are sent from one machine only: the job would fail.
    expect(schedule.jobs.map(({ name }) => name)).not.toContain("branches");
    const there = await awkward([], {}, { engine: { ...engine, use: "motherduck" } });
    expect(there.variables).toEqual(["MOTHERDUCK_TOKEN"]);
    const plain = await awkward([], {}, { engine: { ...engine, use: "duckdb" } });
    expect(plain.variables).toEqual([]);
  });

  it("leaves the frequent job out where no source has figures of today", async () => {
    const names = ({ jobs }: Schedule) => jobs.map(({ name }) => name);
    expect(names(await awkward(vendors))).toContain("today");
    expect(names(await awkward(vendors.filter(({ id }) => id !== "meta_ads")))).not.toContain("today");
    const accounts = vendors.map((source) =>
      source.id === "meta_ads" ? { ...source, streams: ["accounts"] } : source,
    );
    expect(names(await awkward(accounts))).not.toContain("today");
  });
});

describe("quoting", () => {
  it("gives the shell the very words, also through cron's percent signs", async () => {
    const words = ["plain", "two words", "Ed's", "100%", "$HOME", "`id`", "\\", '"', "a;b&c|d", "*", ""];
    const line = cronText(`printf '%s\\n' ${words.map(shellWord).join(" ")}`);
    // What cron does before it hands the line to sh: an escaped percent sign loses its backslash, a bare one would end the line.
    expect(line.replaceAll("\\%", "")).not.toContain("%");
    const said = execFileSync("/bin/sh", ["-c", line.replaceAll("\\%", "%")], { encoding: "utf8" });
    expect(said).toBe(`${words.join("\n")}\n`);
  });

  it("makes cron lines that run and tell of failures, but not of a lock", async () => {
    const schedule = await awkward(vendors);
    const folder = join(ROOT, "src");
    const ran = (status: number) => {
      const program = ["/bin/sh", "-c"] as const;
      const job = { name: "daily", title: "", at: { hour: 6, minute: 20 }, words: [`echo said; exit ${status}`] };
      const recipe = cronRecipe({
        ...schedule,
        program,
        projectRoot: folder,
        jobs: [job],
        workspace: "../../dev/null/x",
      });
      const line = recipe.split("\n").at(-1)?.replace("20 6 * * * ", "").replaceAll("\\%", "%") ?? "";
      return execFileSync("/bin/sh", ["-c", line.replaceAll(`${folder}/growthos-../../dev/null/x.log`, "/dev/null")], {
        encoding: "utf8",
      });
    };
    expect(ran(0)).toBe("");
    expect(ran(6)).toBe("");
    expect(ran(3)).toBe("growthos daily: exit 3, see /dev/null\n");
  });

  it("has five fields of time before each command, and nothing that a crontab cannot hold", async () => {
    const lines = cronRecipe(await awkward(vendors)).split("\n");
    const jobs = lines.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("CRON_TZ="));
    expect(jobs.map((line) => /^((?:[\d*/]+ ){5})cd /.exec(line)?.[1]?.trim())).toEqual([
      "10 3 * * *",
      "20 6 * * *",
      "*/15 * * * *",
    ]);
    expect(Math.max(...jobs.map((line) => line.length))).toBeLessThan(1000);
  });

  it("escapes words and paths of units", async () => {
    expect(systemdWord('a "b" \\ 100% $HOME', 1)).toBe('"a \\"b\\" \\\\ 100%% $$HOME"');
    expect(systemdWord("/opt/$node", 0)).toBe('"/opt/$node"');
    const units = systemdRecipe(await awkward(vendors));
    expect(units).toContain('WorkingDirectory=/srv/Ed\'s 100%% $HOME \\ "shop"\n');
    expect(units).toContain("OnCalendar=*-*-* 03:10:00 Europe/Berlin\n");
  });

  it("refuses paths with line breaks, and keeps names on one line", async () => {
    const schedule = await awkward(vendors);
    for (const recipe of [cronRecipe, systemdRecipe]) {
      expect(() => recipe({ ...schedule, projectRoot: "/srv/a\n* * * * * rm" })).toThrow(/line break/);
      expect(recipe(schedule)).toContain("(Ed's shop)");
    }
  });
});

describe("time zones", () => {
  it("gives GitHub the hours of the smaller offset and says what daylight saving makes of them", async () => {
    const workflow = githubRecipe(await awkward(vendors));
    // Berlin is 1 h ahead in winter, 2 h in summer: 03:10 there is 02:10 UTC in winter, and 02:10 UTC is 04:10 there in summer.
    expect(workflow).toContain('- cron: "10 2 * * *"');
    expect(workflow).toContain("02:10 UTC is 03:10 by the shop's clock, 04:10 with daylight saving");
    expect(workflow).toContain('"10 2 * * *") npx growthos sync --refresh 7');
  });

  it("takes hours over midnight and zones without daylight saving", () => {
    expect(yearOffsets(clock.now(), "America/New_York")).toEqual({ least: -300, most: -240 });
    expect(yearOffsets(clock.now(), "Australia/Adelaide")).toEqual({ least: 570, most: 630 });
    const tokyo = yearOffsets(clock.now(), "Asia/Tokyo");
    expect(tokyo).toEqual({ least: 540, most: 540 });
    const job = { name: "daily", title: "t", at: { hour: 6, minute: 20 }, words: ["run"] };
    const schedule = {
      workspace: "m",
      shop: "s",
      timeZone: "Asia/Tokyo",
      projectRoot: "/p",
      chosen: [],
      variables: [],
      parts: null,
      hasStore: false,
    };
    const text = githubRecipe({ ...schedule, program: ["n", "g"], jobs: [job], offsets: tokyo });
    // 06:20 in Tokyo is 21:20 UTC of the day before.
    expect(text).toContain('- cron: "20 21 * * *"');
    expect(text).not.toContain("daylight");
  });
});
