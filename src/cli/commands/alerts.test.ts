/** The commands in one process: a tiny world as the build, a workspace on disk, a receiver on loopback. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { type ISODate, isoDate } from "../../base/dates.js";
import { systemRandom } from "../../base/ids.js";
import { silentLog } from "../../base/log.js";
import type { AlertsConfig } from "../../config/types.js";
import { undiciTransport } from "../../http/undici.js";
import { type DoubleServer, startServer } from "../../testing/doubles/server.js";
import { codeOf, freshWorkspace, removeFolders } from "../../testing/workspace.js";
import { openWorld, readWorlds } from "../../testing/worlds.js";
import type { Workspace } from "../../warehouse/types.js";
import type { Command, CommandArgs, CommandContext, Outcome } from "../command.js";
import { connectables } from "../connection.js";
import { createOutput } from "../output.js";
import { command as alerts } from "./alerts.js";
import { command as ack } from "./alerts-ack.js";
import { command as history } from "./alerts-history.js";
import { command as mute } from "./alerts-mute.js";

const world = readWorlds().find(([name]) => name === "shop.json")?.[1];
const transport = undiciTransport({ allowLoopback: true });
let ws: Workspace;
let server: DoubleServer;
beforeEach(async () => {
  ws = await freshWorkspace();
  server = await startServer(() => ({ text: "ok" }));
});
afterEach(() => server.close());
afterAll(async () => {
  await transport.close();
  removeFolders();
});

/** Nothing but one rule, which fires as long as the world has orders. */
const config = (): AlertsConfig => ({
  off: ["signal", "stale_data", "failed_run", "refund_rate_high"],
  thresholds: {},
  rules: [
    {
      id: "many_orders",
      title: "Many orders",
      scope: "shop",
      look: { days: 7, against: "previous" },
      about: "orders",
      levels: { critical: { metric: "orders", by: "level", over: 0 } },
      repeat: "once",
      advice: "Be glad.",
    },
  ],
  watch: null,
  limits: "mean",
  dividers: [],
  staleAfterDays: 2,
  slack: null,
  webhook: { url: `${server.origin}/hook`, least: "warning" },
  email: null,
});

interface Wishes {
  readonly dryRun?: boolean;
  readonly asOf?: ISODate;
  readonly secret?: string;
}

async function run(command: Command, args: Partial<CommandArgs> = {}, wishes: Wishes = {}): Promise<Outcome> {
  if (world === undefined) throw new Error("the world is gone");
  const { dryRun = false, asOf, secret = "a secret of both sides" } = wishes;
  const effects = {
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    random: systemRandom,
    log: silentLog,
    secrets: [],
    transport: async () => transport,
    files: ws.files,
  };
  const context = {
    effects,
    flags: { dryRun, asOf },
    output: createOutput({ talk: () => {}, quiet: false, color: { answer: false, talk: false } }),
    config: async () => ({ projectRoot: ws.root }),
    env: async () => (secret === "" ? {} : { WEBHOOK_SECRET: secret }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" }, alerts: config() }),
    workspace: async () => ws,
    asOf: async () => isoDate("2026-02-09"),
    openBuild: async () => ({ database: await openWorld(world) }),
  } as unknown as CommandContext;
  return command.run(context, { positionals: [], options: {}, ...args });
}

const failOn = (severity: string) => ({ options: { failOn: severity } });
async function whatHappened(): Promise<readonly string[]> {
  const { json = {} } = await run(history);
  return (json["events"] as readonly { readonly what: string }[]).map(({ what }) => what);
}

describe("growthos alerts", () => {
  it("tells once, keeps it, and sends it", async () => {
    const first = await run(alerts);
    expect(first).toMatchObject({ exit: "ok", json: { day: "2026-02-08", delivered: [{ outcome: "sent" }] } });
    expect(first.text).toMatch(/^CRITICAL {2}Many orders {2}\[many_orders; new, since 2026-02-02\]\n {2}Orders was \d/);
    expect(first.text).toMatch(/no signal:\n {2}retention_drop \(/);
    expect(JSON.parse(server.arrived[0]?.body ?? "")).toMatchObject({ data: { alerts: [{ key: "many_orders" }] } });
    expect((await run(alerts)).json).toMatchObject({ delivered: [] });
    expect(server.arrived).toHaveLength(1);
    expect(await whatHappened()).toEqual(["sent", "queued", "new"]);
  });

  it("exits by --fail-on; muted alerts do not count", async () => {
    expect((await run(alerts, failOn("critical"))).exit).toBe("alert");
    await run(mute, { positionals: ["many_orders"], options: { reason: "a sale", until: "2026-02-10" } });
    const muted = await run(alerts, failOn("info"));
    expect(muted.exit).toBe("ok");
    expect(muted.text).toContain("muted until 2026-02-10 (a sale)");
    await run(mute, { positionals: ["many_orders"], options: { off: true } });
    expect((await run(alerts, failOn("info"))).exit).toBe("alert");
  });

  it("a failure of the receiver is told, and the message waits", async () => {
    server.fail([{ kind: "answer", answer: { status: 404 } }]);
    const failed = await run(alerts);
    expect(failed.exit).toBe("source");
    expect(failed.errors?.map(({ code }) => code)).toEqual(["ALERTS_NOT_DELIVERED"]);
    expect((await run(alerts)).json).toMatchObject({ delivered: [{ outcome: "sent" }] });
    expect(new Set(server.arrived.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("keeps and sends nothing with --dry-run, nor for an earlier day", async () => {
    await run(alerts, {}, { dryRun: true });
    const early = await run(alerts, {}, { asOf: isoDate("2026-02-08") });
    expect(early.json).toMatchObject({ day: "2026-02-07", delivered: [] });
    expect(await whatHappened()).toEqual([]);
    expect(server.arrived).toEqual([]);
    expect(await codeOf(() => run(alerts, {}, { asOf: isoDate("2026-02-10") }))).toBe("STALE_BUILD");
  });

  it("judges no customers' ages on a day before the build's, and goes on with the others", async () => {
    const reasons = async (asOf?: ISODate) => {
      const { json = {} } = await run(alerts, {}, asOf === undefined ? {} : { asOf });
      const silent = json["no_signal"] as readonly { readonly key: string; readonly detail: string }[];
      return silent.filter(({ detail }) => detail.startsWith("customers' ages are those of 2026-02-09"));
    };
    expect(await reasons()).toEqual([]);
    const early = await reasons(isoDate("2026-02-08"));
    expect(early.map(({ key }) => key)).toEqual(["retention_drop"]);
    expect(early[0]?.detail).toContain("run `growthos build --as-of 2026-02-08` first");
    const told = await run(alerts, {}, { asOf: isoDate("2026-02-08") });
    expect(told.json).toMatchObject({ alerts: [{ key: "many_orders" }] });
  });

  it("with --no-send the message stays in the outbox", async () => {
    await run(alerts, { options: { send: false } });
    expect(server.arrived).toEqual([]);
    expect((await run(alerts)).json).toMatchObject({ delivered: [{ outcome: "sent" }] });
  });

  it("asks for the credential of a way out before it keeps anything", async () => {
    expect(await codeOf(() => run(alerts, {}, { secret: "" }))).toBe("SECRETS_MISSING");
    expect(await whatHappened()).toEqual([]);
  });
});

describe("the ways out", () => {
  it("can be connected like a source, when the config names them", async () => {
    const connected = async (own: AlertsConfig | undefined) => {
      const context = { workspaceConfig: async () => ({ sources: [], alerts: own }) } as unknown as CommandContext;
      return (await connectables(context)).map(({ source }) => source.id);
    };
    expect(await connected(undefined)).toEqual([]);
    expect(await connected(config())).toEqual(["webhook"]);
    expect(await connected({ ...config(), slack: { least: "info" } })).toEqual(["slack", "webhook"]);
  });
});

describe("mute and ack", () => {
  it("know the keys of rules and of alerts that are there", async () => {
    const codes = async (command: Command, key: string, options = {}) =>
      codeOf(() => run(command, { positionals: [key], options }));
    expect(await codes(mute, "many_order", { reason: "x" })).toBe("ALERT_UNKNOWN");
    expect(await codes(mute, "many_orders")).toBe("USAGE");
    expect(await codes(mute, "many_orders", { reason: "x", until: "tomorrow" })).toBe("USAGE");
    expect(await codes(mute, "many_orders", { reason: "x" })).toBe("none");
    expect(await codes(ack, "many_orders")).toBe("ALERT_UNKNOWN");
    await run(alerts);
    expect(await codes(ack, "many_orders", { note: "Ada" })).toBe("none");
    expect(await whatHappened()).toEqual(["acknowledged", "new", "muted"]);
    expect((await run(alerts)).text).toContain("acknowledged: Ada");
  });

  it("the history can be asked about one alert", async () => {
    await run(alerts);
    const one = await run(history, { positionals: ["many_orders"] });
    expect(one.json).toMatchObject({ total: 1, events: [{ what: "new", key: "many_orders", day: "2026-02-08" }] });
    expect((await run(history, { positionals: ["other"] })).text).toBe(
      "nothing yet: `growthos alerts` writes the history",
    );
  });
});
