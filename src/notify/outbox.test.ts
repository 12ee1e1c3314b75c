/** The ways out against a real server on loopback, with crashes between sending and noting that it was sent. */
import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenJournal, openJournal } from "../alerts/journal.js";
import type { Telling } from "../alerts/lifecycle.js";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { createClient } from "../http/client.js";
import { undiciTransport } from "../http/undici.js";
import { sampleAlert } from "../testing/alert-sample.js";
import { type DoubleServer, startServer } from "../testing/doubles/server.js";
import { faultyFiles, SimulatedCrash } from "../testing/faults/faulty-files.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import type { Workspace } from "../warehouse/types.js";
import { deliver, foldOutbox, MOST_FAILURES, messagesFor } from "./outbox.js";
import { slackSink, slackText } from "./slack.js";
import { paragraphsOf, subjectOf } from "./text.js";
import type { Message, OutboxEvent, Sink } from "./types.js";
import { signatureOf, webhookSink } from "./webhook.js";

const DAY = isoDate("2026-02-08");
const NOW = Date.parse("2026-02-09T06:00:00Z");
const SECRET = new Secret(`whsec_${Buffer.from("a secret of both sides").toString("base64")}`);
const transport = undiciTransport({ allowLoopback: true });

let server: DoubleServer;
let ws: Workspace;
beforeEach(async () => {
  server = await startServer(() => ({ text: "ok" }));
  ws = await freshWorkspace();
});
afterEach(() => server.close());
afterAll(async () => {
  await transport.close();
  removeFolders();
});

const clock = fixedClock(NOW);
const client = () =>
  createClient({
    source: "webhook",
    title: "the webhook",
    transport,
    auth: { kind: "none" },
    limits: { concurrent: 1, tries: 1, maxBodyBytes: 65_536 },
    clock,
    random: systemRandom,
    log: silentLog,
  });
const webhook = (): Sink => webhookSink(client(), { url: `${server.origin}/hook`, secret: SECRET, least: "warning" });
const slack = (): Sink => slackSink(client(), { url: new Secret(`${server.origin}/T1/B2/xyz`), least: "critical" });

const tellings: readonly Telling[] = [
  { status: "new", alert: sampleAlert({ severity: "critical" }) },
  { status: "new", alert: sampleAlert({ key: "aov_change", title: "The order value moved" }) },
  { status: "new", alert: sampleAlert({ key: "signal:orders", severity: "info" }) },
];
const about = { workspace: "w", shop: "Tiny", day: DAY, tellings };
const journalOf = (place: Workspace = ws): OpenJournal<OutboxEvent> => openJournal(place);

/** Queues what the sinks are to tell. */
async function queue(sinks: readonly Sink[]): Promise<readonly Message[]> {
  const messages = messagesFor(sinks, about);
  await journalOf().append(
    "2026-02-09T06:00:00.000Z",
    messages.map((message) => ({ kind: "queued", message })),
  );
  return messages;
}

const pending = () =>
  foldOutbox(
    journalOf()
      .events()
      .map(({ event }) => event),
  );
const ids = () => server.arrived.map(({ headers }) => headers["webhook-id"]);

describe("what is sent", () => {
  it("a signed, timestamped webhook that its receiver can check", async () => {
    const [message] = await queue([webhook()]);
    const [delivered] = await deliver(journalOf(), [webhook()], clock);
    expect(delivered).toMatchObject({ outcome: "sent" });
    const [request] = server.arrived;
    const { headers, body = "" } = request ?? { headers: {} as Readonly<Record<string, string>> };
    expect(headers["webhook-id"]).toBe(message?.id);
    expect(headers["webhook-timestamp"]).toBe(String(NOW / 1000));
    const own = createHmac("sha256", "a secret of both sides").update(`${message?.id}.${NOW / 1000}.${body}`);
    expect(headers["webhook-signature"]).toBe(`v1,${own.digest("base64")}`);
    // From warning on: the info stays here.
    expect(JSON.parse(body)).toMatchObject({
      type: "growthos.alerts",
      timestamp: "2026-02-09T06:00:00.000Z",
      data: { shop: "Tiny", day: DAY, alerts: [{ status: "new", key: "cac_increase" }, { key: "aov_change" }] },
    });
  });

  it("the signature of the specification's own example", () => {
    // standardwebhooks.com, reference libraries' test vector.
    const signed = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    };
    const secret = new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    expect(signatureOf(signed, secret)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("a Slack message with entities, from its own severity on", async () => {
    await queue([slack()]);
    await deliver(journalOf(), [slack()], clock);
    expect(server.arrived[0]?.url.pathname).toBe("/T1/B2/xyz");
    const { text } = JSON.parse(server.arrived[0]?.body ?? "") as { text: string };
    expect(text).toMatch(/^\*Tiny, 1 alert: A new customer became more expensive\*\n\nCRITICAL: A new customer/);
    expect(text).toContain("Costs about $4,000.00; Meta (channel) had 80 % of the change.");
    const hostile = sampleAlert({ title: "<!channel> & co" });
    const message: Message = {
      id: "m",
      sink: "slack",
      shop: "Tiny",
      day: DAY,
      tellings: [{ status: "new", alert: hostile }],
    };
    expect(slackText(message, false)).toContain("&lt;!channel&gt; &amp; co");
  });

  it("counts what began and what is over", () => {
    const message: Message = {
      id: "m",
      sink: "slack",
      shop: "Tiny",
      day: DAY,
      tellings: [
        ...Array.from({ length: 13 }, () => tellings[0] as Telling),
        { status: "recovered", alert: sampleAlert({}) },
      ],
    };
    expect(subjectOf(message)).toBe("Tiny, 13 alerts, 1 recovered: A new customer became more expensive");
    expect(paragraphsOf(message)).toHaveLength(13);
    expect(paragraphsOf(message).at(-1)).toBe("and 2 more: `growthos alerts` lists them all");
  });

  it("nothing when nothing is severe enough", () => {
    expect(messagesFor([slack()], { ...about, tellings: tellings.slice(1) })).toEqual([]);
  });
});

describe("the outbox", () => {
  it("sends once: what was taken is not sent again", async () => {
    await queue([webhook()]);
    await deliver(journalOf(), [webhook()], clock);
    expect(await deliver(journalOf(), [webhook()], clock)).toEqual([]);
    expect(server.arrived).toHaveLength(1);
  });

  it("R11 tries again under the same id when the server fails, and waits in between", async () => {
    server.fail([
      { kind: "answer", answer: { status: 503 } },
      { kind: "reset", when: "before" },
    ]);
    const before = clock.now();
    const [message] = await queue([webhook()]);
    expect(await deliver(journalOf(), [webhook()], clock)).toMatchObject([{ outcome: "sent" }]);
    expect(ids()).toEqual([message?.id, message?.id, message?.id]);
    expect(clock.now() - before).toBe(2500);
  });

  it("keeps what a server refuses, until it takes it", async () => {
    server.fail([{ kind: "answer", answer: { status: 404 } }]);
    await queue([webhook()]);
    expect(await deliver(journalOf(), [webhook()], clock)).toMatchObject([{ outcome: "failed" }]);
    expect(server.arrived).toHaveLength(1);
    expect(pending()).toMatchObject([{ failures: 1, isOpen: false }]);
    expect(await deliver(journalOf(), [webhook()], clock)).toMatchObject([{ outcome: "sent" }]);
    expect(pending()).toEqual([]);
  });

  it("one sink that fails does not keep another from its own", async () => {
    server.fail([{ kind: "answer", answer: { status: 404 } }], ({ url }) => url.pathname === "/hook");
    await queue([webhook(), slack()]);
    const outcomes = (await deliver(journalOf(), [webhook(), slack()], clock)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["failed", "sent"]);
  });

  it("keeps the messages of a sink that is not configured any more", async () => {
    await queue([webhook()]);
    expect(await deliver(journalOf(), [], clock)).toMatchObject([{ outcome: "no_sink" }]);
    expect(pending()).toHaveLength(1);
  });

  it("gives up in the end, and says so", async () => {
    const [message] = await queue([webhook()]);
    const failed: OutboxEvent = { kind: "failed", id: message?.id ?? "", why: "HTTP 404", isOpen: false };
    await journalOf().append(
      "2026-02-09T06:00:00.000Z",
      Array.from({ length: MOST_FAILURES - 1 }, () => failed),
    );
    server.fail([{ kind: "answer", answer: { status: 404 } }]);
    expect(await deliver(journalOf(), [webhook()], clock)).toMatchObject([{ outcome: "given_up" }]);
    expect(pending()).toEqual([]);
  });

  it("a Slack message whose first attempt got no answer says that it may be a repeat", async () => {
    server.fail([{ kind: "reset", when: "before" }]);
    await queue([slack()]);
    await deliver(journalOf(), [slack()], clock);
    const texts = server.arrived.map(({ body }) => body.includes("may be a repeat"));
    expect(texts).toEqual([false, true]);
  });
});

describe("a crash", () => {
  it("at any call between sending and noting it loses nothing, and the receiver sees one id", async () => {
    const [message] = await queue([webhook()]);
    const counted = faultyFiles(ws.files, { at: 0, mode: "before" });
    const first = await freshWorkspace();
    const copy = journalOf(first);
    await copy.append("2026-02-09T06:00:00.000Z", [{ kind: "queued", message: message as Message }]);
    await deliver(journalOf({ ...first, files: counted.files }), [webhook()], clock);
    const calls = counted.calls.length;
    expect(calls).toBeGreaterThan(10);
    for (let at = 1; at <= calls; at++) {
      const place = await freshWorkspace();
      await journalOf(place).append("2026-02-09T06:00:00.000Z", [{ kind: "queued", message: message as Message }]);
      const sentBefore = server.arrived.length;
      const { files } = faultyFiles(place.files, { at, mode: at % 2 === 0 ? "before" : "torn" });
      const crash = deliver(journalOf({ ...place, files }), [webhook()], clock);
      await expect(crash).rejects.toThrow(SimulatedCrash);
      await deliver(journalOf(place), [webhook()], clock);
      const arrived = ids().slice(sentBefore);
      expect(arrived.length, `call ${at}`).toBeGreaterThan(0);
      expect(arrived.length, `call ${at}`).toBeLessThanOrEqual(2);
      expect(new Set(arrived)).toEqual(new Set([message?.id]));
      expect(
        foldOutbox(
          journalOf(place)
            .events()
            .map(({ event }) => event),
        ),
      ).toEqual([]);
    }
  });

  it("before anything was sent it is sent once and without a word of repeats", async () => {
    await queue([slack()]);
    await deliver(journalOf(), [slack()], clock);
    expect(server.arrived).toHaveLength(1);
    expect(server.arrived[0]?.body).not.toContain("repeat");
  });
});
