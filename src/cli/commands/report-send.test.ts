/** Reports to a real mail server and a receiver on loopback, through the outbox. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { systemRandom } from "../../base/ids.js";
import { silentLog } from "../../base/log.js";
import type { Transport } from "../../http/types.js";
import { undiciTransport } from "../../http/undici.js";
import { sampleFacts } from "../../reports/sample-facts.js";
import { sampleModels } from "../../reports/sample-site.js";
import type { Block, ReportModel } from "../../reports/types.js";
import { type SmtpDouble, smtpDouble } from "../../testing/doubles/smtp.js";
import { codeOf, freshWorkspace, removeFolders } from "../../testing/workspace.js";
import { diskFiles } from "../../warehouse/disk.js";
import type { Workspace } from "../../warehouse/types.js";
import type { CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { recipientsOf, sendReport } from "./report-send.js";

const transport = undiciTransport({ allowLoopback: true });
const whole = sampleModels(sampleFacts({ mostPoints: 4 })).find(({ id }) => id === "wbr") as ReportModel;
const drawing = whole.blocks.find(({ kind }) => kind === "waterfall") as Block;
/** One drawing is enough here. */
const model: ReportModel = { ...whole, blocks: [drawing, ...whole.blocks.filter(({ kind }) => kind === "prose")] };
let ws: Workspace;
let server: SmtpDouble;
beforeEach(async () => {
  ws = await freshWorkspace();
  server = await smtpDouble();
});
afterEach(() => server.close());
afterAll(async () => {
  await transport.close();
  removeFolders();
});

/** What the command is given; `hasServer`: the config names one. */
function context(hasServer: boolean): CommandContext {
  const email = {
    host: "127.0.0.1",
    port: server.port,
    security: "none",
    user: null,
    from: "Shop <shop@example.com>",
    to: ["ada@example.com"],
    least: "info",
  };
  const own = {
    name: "shop",
    shop: { name: "Larkfield Goods", currency: "USD", timeZone: "UTC" },
    calendar: {},
    sources: [],
    alerts: { slack: null, webhook: null, email: hasServer ? email : null },
  };
  const effects = {
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    random: systemRandom,
    log: silentLog,
    files: diskFiles,
    env: {},
    secrets: [],
    transport: async () => transport,
  };
  return {
    effects,
    flags: { dryRun: false },
    packageFolder: fileURLToPath(new URL("../../..", import.meta.url)),
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    workspaceConfig: async () => own,
    workspace: async () => ws,
  } as unknown as CommandContext;
}

const deliver = { positionals: [], options: { deliver: true } };
const kept = { positionals: [], options: {} };
const to = ["ada@example.com", "ben@example.com"];

describe("growthos report send", () => {
  it("leaves mails in the outbox, without a server and without sending", async () => {
    const { json } = await sendReport(context(false), kept, { model, to, isSlack: true });
    const names = readdirSync(ws.at("outbox"));
    expect(names).toHaveLength(3);
    expect(
      ((json?.["files"] ?? []) as string[]).every((path) => path.startsWith(ws.at("outbox", "2026-02-08-wbr-"))),
    ).toBe(true);
    const mails = names
      .filter((name) => name.endsWith(".eml"))
      .map((name) => readFileSync(ws.at("outbox", name), "utf8"));
    expect(mails.map((text) => /^To: (.*)\r$/m.exec(text)?.[1]).sort()).toEqual(to);
    const slack = names.find((name) => name.endsWith(".slack.txt")) ?? "";
    expect(readFileSync(ws.at("outbox", slack), "utf8")).toMatch(/^\*Larkfield Goods: Weekly business review\*\n/);
    expect(server.said).toEqual([]);
  });

  it("delivers each mail once, byte for byte as it stands in the outbox", async () => {
    const first = await sendReport(context(true), deliver, { model, to, isSlack: false });
    expect(first).toMatchObject({ exit: "ok", text: "email:ada@example.com: sent\nemail:ben@example.com: sent" });
    expect(server.taken.map((mail) => mail.to)).toEqual([["ada@example.com"], ["ben@example.com"]]);
    const [mail] = server.taken;
    expect(mail?.from).toBe("shop@example.com");
    // Encoded words: the subject has a dash in it (RFC 2047).
    expect(mail?.headers.get("subject")).toMatch(/^=\?UTF-8\?Q\?Larkfield_Goods/);
    expect(mail?.source.length).toBeLessThan(100_000);
    for (const type of ["multipart/alternative", "text/plain", "text/html", "image/png"])
      expect(mail?.source).toContain(`Content-Type: ${type}`);
    expect(mail?.source).toMatch(/Content-I[dD]: <drawing-1@growthos>/);
    const files = readdirSync(ws.at("outbox")).filter((name) => name.endsWith(".eml"));
    const plain = (text: string) => text.replaceAll("\r\n", "\n").trimEnd();
    const bytes = files.map((name) => plain(readFileSync(ws.at("outbox", name), "latin1")));
    expect(bytes).toContain(plain(mail?.source ?? ""));
    const again = await sendReport(context(true), deliver, { model, to, isSlack: false });
    expect(again.text).toBe("email:ada@example.com: sent before\nemail:ben@example.com: sent before");
    expect(server.taken).toHaveLength(2);
  });

  it("tries again what did not arrive, and says so until it does", async () => {
    server.fail({ on: "RCPT", reply: "451 4.3.0 later" });
    const late = await sendReport(context(true), deliver, { model, to: ["ada@example.com"], isSlack: false });
    expect(late).toMatchObject({ exit: "source", errors: [{ code: "REPORT_NOT_DELIVERED" }] });
    const now = await sendReport(context(true), deliver, { model, to: ["ada@example.com"], isSlack: false });
    expect(now).toMatchObject({ exit: "ok", text: "email:ada@example.com: sent" });
    expect(server.taken).toHaveLength(1);
  });

  it("delivers a summary to Slack, once", async () => {
    const bodies: string[] = [];
    const slack = context(false);
    const own = {
      ...(await slack.workspaceConfig()),
      alerts: { slack: { least: "info" }, webhook: null, email: null },
    };
    const posts: Transport = {
      send: async ({ url, body }) => {
        bodies.push(`${url} ${String(body)}`);
        return { status: 200, headers: {}, body: "ok" };
      },
    };
    const given = {
      ...slack,
      effects: { ...slack.effects, transport: async () => posts },
      env: async () => ({ SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/T1/B2/xyz" }),
      config: async () => ({ projectRoot: "" }),
      workspaceConfig: async () => own,
    } as unknown as CommandContext;
    const wish = { model, to: [], isSlack: true };
    expect(await sendReport(given, deliver, wish)).toMatchObject({ exit: "ok", text: "slack: sent" });
    expect((await sendReport(given, deliver, wish)).text).toBe("slack: sent before");
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toMatch(
      /^https:\/\/hooks\.slack\.com\/services\/T1\/B2\/xyz \{"text":"\*Larkfield Goods: Weekly business review\*/,
    );
  });

  it("does not deliver without a server in the config", async () => {
    const wish = { model, to, isSlack: false };
    expect(await codeOf(() => sendReport(context(false), deliver, wish))).toBe("MAIL_UNSET");
    expect(await codeOf(() => sendReport(context(true), deliver, { ...wish, isSlack: true }))).toBe("SLACK_UNSET");
    expect(server.taken).toHaveLength(0);
  });

  it("takes addresses with commas, and none that could become something else", () => {
    expect(recipientsOf("a@b.com, c@d.com,a@b.com", [])).toEqual(["a@b.com", "c@d.com"]);
    expect(recipientsOf(undefined, ["x@y.z"])).toEqual(["x@y.z"]);
    for (const bad of ["ada", "a@b\r\nBcc: x@y.z", "Ada <a@b.com>", "a b@c.d", "a@"])
      expect(() => recipientsOf(bad, [])).toThrow(/no|not an e-mail address/);
  });
});
