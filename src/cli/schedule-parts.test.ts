/** Recipes for several machines: what they say is read by a YAML parser and by shells, and started as it would be. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { fixedClock } from "../base/clock.js";
import { valueAt } from "../connectors/shape.js";
import { expectGolden } from "../testing/golden.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import type { CommandContext, Effects, GlobalFlags, Output } from "./command.js";
import { command, fleetSchedule, scheduleOf } from "./commands/schedule.js";
import { createContext } from "./context.js";
import type { Schedule } from "./schedule.js";
import { cronRecipe } from "./schedule-cron.js";
import { githubRecipe } from "./schedule-github.js";
import { kubernetesRecipe } from "./schedule-kubernetes.js";
import { systemdRecipe } from "./schedule-systemd.js";

afterAll(removeFolders);

const network = { transport: "network", timeoutMinutes: 30, since: null } as const;

/** Two clients with a store, or none. */
function contextOf(
  more: { readonly timeZone?: string; readonly store?: boolean; readonly root?: string } = {},
): CommandContext {
  const client = (name: string, timeZone: string) => ({
    name,
    shop: { name: `Shop ${name}`, timeZone, currency: "EUR" },
    sources: [
      { id: "shopify", options: { shop: "s" }, ...network },
      { id: "meta_ads", options: { accounts: ["1"], pageSize: 500 }, ...network },
    ],
    ...(more.store === false
      ? {}
      : { store: { bucket: "b", prefix: name, region: "r", endpoint: "https://e", isPathStyle: true } }),
  });
  const workspaces = [client("acme", "Europe/Berlin"), client("beta", more.timeZone ?? "Europe/Berlin")];
  return createContext({
    effects: {
      clock: fixedClock(Date.parse("2026-02-09T12:00:00Z")),
      env: {},
      files: diskFiles,
      cwd: "/srv/shop",
    } as unknown as Effects,
    flags: { workspace: "acme" } as GlobalFlags,
    output: {} as Output,
    packageFolder: "/opt/growthos",
    version: "0",
    config: async () => ({ projectRoot: more.root ?? "/srv/shop", workspaces }) as never,
  });
}

const fleet = (parts: number, more: Parameters<typeof contextOf>[0] = {}): Promise<Schedule> =>
  fleetSchedule(contextOf(more), { node: "/usr/bin/node", parts });

/** The documents of a recipe, as a strict parser reads them. */
function documents(text: string): readonly unknown[] {
  const all = parseAllDocuments(text, { strict: true, uniqueKeys: true });
  expect(all.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  return all.map((one) => one.toJS());
}

/** What a program is told when a shell runs `line` in a folder in which growthos is a script that prints its words. */
function started(line: string, env: Readonly<Record<string, string>>, name = "growthos"): readonly string[] {
  const cwd = freshFolder();
  mkdirSync(join(cwd, "node_modules/.bin"), { recursive: true });
  const script = join(cwd, "node_modules/.bin", name);
  writeFileSync(script, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(script, 0o755);
  const path = `${join(cwd, "node_modules/.bin")}:${process.env["PATH"]}`;
  return execFileSync("/bin/sh", ["-c", line], { cwd, env: { ...env, PATH: path }, encoding: "utf8" })
    .trim()
    .split("\n");
}

const MATRIX = `\${{ matrix.shard }}`;
const DAILY = ["--command", "run --wait 3600", "--quiet"];

describe("schedule print --kubernetes", () => {
  it("makes a pod of each part, which counts from 1 where Kubernetes counts from 0", async () => {
    const recipe = kubernetesRecipe(await fleet(3));
    expectGolden("schedule/fleet.kubernetes.yaml", `${recipe}\n`);
    const jobs = documents(recipe);
    expect(
      jobs.map((job) => [valueAt(job, "kind"), valueAt(job, "metadata.name"), valueAt(job, "spec.schedule")]),
    ).toEqual([
      ["CronJob", "growthos-all-reread", "10 3 * * *"],
      ["CronJob", "growthos-all-daily", "20 6 * * *"],
      ["CronJob", "growthos-all-today", "*/15 * * * *"],
    ]);
    const spec = valueAt(jobs[1], "spec.jobTemplate.spec") as Record<string, unknown>;
    expect(spec).toMatchObject({ completionMode: "Indexed", completions: 3, parallelism: 3, backoffLimitPerIndex: 0 });
    const [container] = valueAt(spec, "template.spec.containers") as readonly Record<string, unknown>[];
    expect(container?.["command"]).toEqual(["/bin/sh", "-c"]);
    const line = String(valueAt(container, "args.0"));
    // Kubernetes itself would put values into $(NAME), and this is none.
    expect(line.match(/\$\(\w+\)|\$\$/)).toBeNull();
    const parts = ["0", "1", "2"].map((index) => started(line, { JOB_COMPLETION_INDEX: index }));
    expect(parts).toEqual(
      ["1/3", "2/3", "3/3"].map((part) => ["workspaces", "run", "--all", "--shard", part, ...DAILY]),
    );
  });

  it("is for one workspace as well, and names what an empty machine needs", async () => {
    const recipe = kubernetesRecipe(await scheduleOf(contextOf(), "/usr/bin/node"));
    const [, daily] = documents(recipe);
    expect(valueAt(daily, "metadata.name")).toBe("growthos-acme-daily");
    expect(valueAt(daily, "spec.jobTemplate.spec.completions")).toBe(1);
    const [{ args = [] } = {}] = valueAt(daily, "spec.jobTemplate.spec.template.spec.containers") as readonly {
      args?: readonly string[];
    }[];
    expect(started(args[0] ?? "", {})).toEqual(["run", "--quiet", "--wait", "3600", "--workspace", "acme"]);
    for (const name of ["META_ADS_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GROWTHOS_SALT"])
      expect(recipe).toContain(`#   ${name}\n`);
  });

  it("refuses workspaces that live on one disk", async () => {
    const schedule = await fleet(2, { store: false });
    expect(() => kubernetesRecipe(schedule)).toThrow(expect.objectContaining({ code: "SCHEDULE_NEEDS_STORE" }));
  });
});

describe("schedule print --shards", () => {
  it("wants the ways of signing in that each client's own variables have begun", async () => {
    const root = freshFolder();
    writeFileSync(join(root, ".env"), "SHOPIFY_TOKEN=SECRET1\nAWS_SESSION_TOKEN=SECRET2\n");
    writeFileSync(join(root, ".env.beta"), "SHOPIFY_TOKEN=\nSHOPIFY_CLIENT_ID=SECRET3\n");
    const { variables } = await fleet(2, { root });
    const bucket = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GROWTHOS_SALT"];
    const signIns = ["SHOPIFY_TOKEN", "META_ADS_TOKEN"];
    expect(variables).toEqual([...signIns, ...bucket, "SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET"]);
  });

  it("makes a matrix on GitHub, without a cache where there is a store", async () => {
    const recipe = githubRecipe(await fleet(3));
    expectGolden("schedule/fleet.github.yml", `${recipe}\n`);
    const workflow = parse(recipe, { strict: true });
    expect(valueAt(workflow, "jobs.growthos.strategy")).toEqual({ "fail-fast": false, matrix: { shard: [1, 2, 3] } });
    const steps = valueAt(workflow, "jobs.growthos.steps") as readonly Record<string, unknown>[];
    expect(steps.some(({ uses }) => String(uses).startsWith("actions/cache"))).toBe(false);
    const { run, env } = steps.find(({ name }) => name === "growthos") ?? {};
    expect(Object.keys(env as object)).toContain("GROWTHOS_SALT");
    const line = String(run).replaceAll(MATRIX, "2");
    expect(line).not.toContain("${{");
    // `npx growthos` is a program of the name npx here.
    const told = ["growthos", "workspaces", "run", "--all", "--shard", "2/3", ...DAILY];
    expect(started(line, { SCHEDULE: "" }, "npx")).toEqual(told);
    expect(started(line, { SCHEDULE: "10 2 * * *" }, "npx")).toContain("sync --refresh 7 --wait 3600");
  });

  it("keeps a cache for each part where there is no store", async () => {
    const workflow = parse(githubRecipe(await fleet(2, { store: false })), { strict: true });
    const steps = valueAt(workflow, "jobs.growthos.steps") as readonly {
      readonly uses?: string;
      readonly with?: unknown;
    }[];
    const caches = steps.filter(({ uses }) => uses?.startsWith("actions/cache"));
    expect(caches.map((step) => valueAt(step, "with.path"))).toEqual(["workspaces", "workspaces"]);
    expect(valueAt(caches[0], "with.restore-keys")).toBe(`growthos/all/2-${MATRIX}/`);
  });

  it("gives cron and systemd the part of a machine, and says where it stands", async () => {
    const cron = cronRecipe(await fleet(3));
    expect(cron).toContain("--all --shard 1/3 --command 'run --wait 3600' --quiet");
    expect(cron).toContain("on the other machines 2/3 to 3/3 stands in the place of 1/3");
    const units = systemdRecipe(await fleet(3));
    expect(units).toContain('"--shard" "%i/3" "--command" "run --wait 3600"');
    expect(units).toContain("# file: growthos-all-daily@.service\n");
    expect(units).toContain("enable --now growthos-all-reread@1.timer growthos-all-daily@1.timer");
    // On one machine there are no parts.
    for (const recipe of [cronRecipe, systemdRecipe, githubRecipe, kubernetesRecipe])
      expect(recipe(await fleet(1))).not.toMatch(/--shard|@1|matrix:/);
  });

  it("takes the time zone that all have, else UTC, and says so", async () => {
    expect((await fleet(2)).timeZone).toBe("Europe/Berlin");
    const mixed = await fleet(2, { timeZone: "America/New_York" });
    expect(mixed).toMatchObject({ timeZone: "Etc/UTC", offsets: { least: 0, most: 0 } });
    expect(kubernetesRecipe(mixed)).toContain("  timeZone: Etc/UTC\n");
  });

  it.each(["0", "65", "three", "1.5", "-1"])("refuses %s parts", async (shards) => {
    const asked = command.run(contextOf(), { positionals: [], options: { cron: true, shards } });
    await expect(asked).rejects.toMatchObject({ code: "USAGE" });
  });
});
