/** Mails to a real server on loopback, and what goes wrong with it, through the outbox. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenJournal, openJournal } from "../alerts/journal.js";
import { fixedClock, isoInstant } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import { sampleAlert } from "../testing/alert-sample.js";
import { type SmtpDouble, type SmtpDoubleOptions, type SmtpFault, smtpDouble } from "../testing/doubles/smtp.js";
import { faultyFiles, SimulatedCrash } from "../testing/faults/faulty-files.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import type { Workspace } from "../warehouse/types.js";
import { emailSink, type Mail } from "./email.js";
import { type Delivered, deliver, foldOutbox, messagesFor } from "./outbox.js";
import { type SmtpOptions, smtpMailer } from "./smtp.js";
import type { Message, OutboxEvent, Sink } from "./types.js";

const NOW = Date.parse("2026-02-09T06:00:00Z");
const DAY = isoDate("2026-02-08");
const FROM = "Shop alerts <alerts@example.com>";
const MAIL: Mail = {
  from: FROM,
  to: "ada@example.com",
  subject: "Tiny, 1 alert: Net revenue fell",
  text: "First line\n.\n..dots and ünicode",
  messageId: "<msg_1@growthos>",
  at: NOW,
};

let ws: Workspace;
let servers: SmtpDouble[];
beforeEach(async () => {
  servers = [];
  ws = await freshWorkspace();
});
afterEach(async () => {
  for (const server of servers) await server.close();
});
afterAll(removeFolders);

async function start(options: SmtpDoubleOptions = {}): Promise<SmtpDouble> {
  const server = await smtpDouble(options);
  servers.push(server);
  return server;
}

const optionsFor = ({ port }: SmtpDouble, more: Partial<SmtpOptions> = {}): SmtpOptions => ({
  host: "127.0.0.1",
  port,
  security: "none",
  signIn: null,
  ...more,
});
const ada = (password = "s3cret pass") => ({ signIn: { user: "ada", password: new Secret(password) } });

/** Code of the error, and whether the mail may have arrived. */
async function failure(options: SmtpOptions): Promise<readonly [string, boolean]> {
  try {
    await smtpMailer(options).send(MAIL);
  } catch (thrown) {
    if (thrown instanceof GrowthosError) return [thrown.code, thrown.parts.cause !== undefined];
    throw thrown;
  }
  return ["none", false];
}

describe("a mail", () => {
  it("arrives as written, with the headers of a machine's mail", async () => {
    const server = await start({ user: "ada", password: "s3cret pass" });
    await smtpMailer(optionsFor(server, ada())).send(MAIL);
    const [mail] = server.taken;
    expect(mail).toMatchObject({ from: "alerts@example.com", to: ["ada@example.com"], user: "ada" });
    expect(Object.fromEntries(mail?.headers ?? [])).toMatchObject({
      from: FROM,
      to: "ada@example.com",
      subject: MAIL.subject,
      "message-id": "<msg_1@growthos>",
      date: "Mon, 09 Feb 2026 06:00:00 +0000",
      "auto-submitted": "auto-generated",
      "content-type": "text/plain; charset=utf-8",
    });
    expect(mail?.source).toMatch(/\r\n\r\nFirst line\r\n\.\r\n\.\.dots and =C3=BCnicode/);
  });

  it("is one header line whatever a campaign is called", async () => {
    const server = await start();
    const title = "Fewer\r\nBcc: x@example.com\u0000\u2028\r\n\r\nbody € <b>";
    const tellings = [{ status: "new", alert: sampleAlert({ title }) }] as const;
    const message: Message = { id: "msg_2", sink: "email:ada@example.com", shop: "Tiny", day: DAY, tellings };
    await emailSink(smtpMailer(optionsFor(server)), { from: FROM, to: MAIL.to, least: "info" }).send(message, {
      at: NOW,
      mayRepeat: false,
    });
    const [mail] = server.taken;
    expect(mail?.to).toEqual(["ada@example.com"]);
    expect([...(mail?.headers.keys() ?? [])].sort()).toEqual([
      "auto-submitted",
      "content-transfer-encoding",
      "content-type",
      "date",
      "from",
      "message-id",
      "mime-version",
      "subject",
      "to",
    ]);
    expect(mail?.headers.get("subject")).toMatch(/^(=\?UTF-8\?[QB]\?[^ ]+\?= ?)+$/);
    // A header cannot be smuggled in by whoever makes the mail either.
    await smtpMailer(optionsFor(server)).send({ ...MAIL, subject: "a\r\nBcc: x@example.com" });
    expect(server.taken[1]?.headers.has("bcc")).toBe(false);
    expect(server.taken[1]?.to).toEqual(["ada@example.com"]);
  });

  it("says that it may be a repeat, and is no longer than a subject can be", async () => {
    const mails: Mail[] = [];
    const sink = emailSink({ send: async (mail) => void mails.push(mail) }, { from: FROM, to: MAIL.to, least: "info" });
    const tellings = [{ status: "new", alert: sampleAlert({ title: "x".repeat(500) }) }] as const;
    await sink.send({ id: "m", sink: sink.id, shop: "Tiny", day: DAY, tellings }, { at: NOW, mayRepeat: true });
    expect(mails[0]?.text).toContain("may be a repeat");
    expect(mails[0]?.subject).toHaveLength(200);
  });
});

describe("encryption", () => {
  it.each(["tls", "starttls"] as const)("%s: name and password are said inside it only", async (security) => {
    const server = await start({ user: "ada", password: "s3cret pass", security });
    await smtpMailer(optionsFor(server, { security, trusted: server.certificate, ...ada() })).send(MAIL);
    expect(server.taken).toMatchObject([{ user: "ada", isEncrypted: true }]);
  });

  it.each(["tls", "starttls"] as const)("%s: a certificate that nobody vouches for ends it", async (security) => {
    const server = await start({ user: "ada", password: "s3cret pass", security });
    expect(await failure(optionsFor(server, { security, ...ada() }))).toEqual(["MAIL_TLS", false]);
    expect(server.said).not.toContain("AUTH");
  });

  it("starttls: a server that does not offer it gets neither password nor mail", async () => {
    const server = await start({ user: "ada", password: "s3cret pass" });
    expect(await failure(optionsFor(server, { security: "starttls", ...ada() }))).toEqual(["MAIL_TLS", false]);
    expect(server.said.filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([]);
  });
});

describe("what goes wrong", () => {
  it("a wrong password is told, without it", async () => {
    const server = await start({ user: "ada", password: "s3cret pass" });
    const sent = smtpMailer(optionsFor(server, ada("guess"))).send(MAIL);
    await expect(sent).rejects.toMatchObject({ code: "MAIL_AUTH", parts: { exit: "auth" } });
    await expect(sent).rejects.not.toThrow(/guess/);
  });

  it.each<readonly [string, SmtpFault, string, boolean]>([
    ["a sender put off", { on: "MAIL", reply: "451 4.7.1 greylisted" }, "MAIL_DEFERRED", false],
    ["a recipient put off", { on: "RCPT", reply: "450 4.2.1 busy" }, "MAIL_DEFERRED", false],
    ["content put off", { on: "CONTENT", reply: "452 4.3.1 disk full" }, "MAIL_DEFERRED", false],
    ["an unknown recipient", { on: "RCPT", reply: "550 5.1.1 no such user" }, "MAIL_REFUSED", false],
    ["content refused", { on: "CONTENT", reply: "554 5.7.1 spam" }, "MAIL_REFUSED", false],
    ["a line cut before the mail", { on: "MAIL", cut: true }, "MAIL_BROKEN", false],
    ["a line cut before its content", { on: "DATA", cut: true }, "MAIL_BROKEN", false],
    ["a line cut after its content", { on: "CONTENT", cut: true }, "MAIL_BROKEN", true],
    ["silence after its content", { on: "CONTENT", silence: true }, "MAIL_BROKEN", true],
    ["silence from the start", { on: "EHLO", silence: true }, "MAIL_BROKEN", false],
  ])("%s", async (_, fault, code, mayHaveArrived) => {
    const server = await start();
    server.fail(fault);
    expect(await failure(optionsFor(server, { limits: { idleMs: 200 } }))).toEqual([code, mayHaveArrived]);
  });

  it("no server there", async () => {
    const server = await start();
    await server.close();
    expect(await failure(optionsFor(server))).toEqual(["MAIL_BROKEN", false]);
  });

  it("a server that never ends", async () => {
    const server = await start();
    server.fail({ on: "MAIL", silence: true });
    expect(await failure(optionsFor(server, { limits: { totalMs: 100 } }))).toEqual(["MAIL_BROKEN", false]);
  });
});

const journalOf = (place: Workspace = ws): OpenJournal<OutboxEvent> => openJournal(place);
const pending = (place: Workspace = ws) =>
  foldOutbox(
    journalOf(place)
      .events()
      .map(({ event }) => event),
  );

/** Queues one alert for the recipients. */
async function queue(sinks: readonly Sink[], place: Workspace = ws): Promise<readonly Message[]> {
  const tellings = [{ status: "new", alert: sampleAlert({}) }] as const;
  const messages = messagesFor(sinks, { workspace: "w", shop: "Tiny", day: DAY, tellings });
  await journalOf(place).append(
    isoInstant(NOW),
    messages.map((message) => ({ kind: "queued", message })),
  );
  return messages;
}

const sinksOf = (server: SmtpDouble, ...to: readonly string[]): readonly Sink[] => {
  const mailer = smtpMailer(optionsFor(server, { limits: { idleMs: 200 } }));
  return (to.length === 0 ? [MAIL.to] : to).map((one) => emailSink(mailer, { from: FROM, to: one, least: "warning" }));
};
const run = async (sinks: readonly Sink[], place: Workspace = ws): Promise<readonly Delivered["outcome"][]> =>
  (await deliver(journalOf(place), sinks, fixedClock(NOW))).map(({ outcome }) => outcome);
const idsOf = ({ taken }: SmtpDouble) => taken.map(({ headers }) => headers.get("message-id"));

describe("the outbox by mail", () => {
  it("keeps what is put off for the next run, under the same id", async () => {
    const server = await start();
    const [message] = await queue(sinksOf(server));
    server.fail({ on: "RCPT", reply: "450 4.2.0 greylisted, come back" });
    expect(await run(sinksOf(server))).toEqual(["failed"]);
    expect(pending()).toMatchObject([{ failures: 1, isOpen: false }]);
    expect(await run(sinksOf(server))).toEqual(["sent"]);
    expect(idsOf(server)).toEqual([`<${message?.id}@growthos>`]);
    expect(server.taken[0]?.source).not.toContain("may be a repeat");
  });

  it("gives up what is refused three times, and says why", async () => {
    const server = await start();
    await queue(sinksOf(server));
    const refused: SmtpFault = { on: "RCPT", reply: "550 5.1.1 no such user" };
    server.fail(refused, refused, refused);
    expect(await run(sinksOf(server))).toEqual(["failed"]);
    expect(await run(sinksOf(server))).toEqual(["failed"]);
    const [last] = await deliver(journalOf(), sinksOf(server), fixedClock(NOW));
    expect(last).toMatchObject({ outcome: "given_up", why: expect.stringContaining("550 5.1.1 no such user") });
    expect(await run(sinksOf(server))).toEqual([]);
    expect(server.said.filter((line) => line.startsWith("RCPT"))).toHaveLength(3);
  });

  it("one recipient's refusal keeps no mail from the other, and gives nobody two", async () => {
    const server = await start();
    const both = ["typo@example.com", "bob@example.com"];
    await queue(sinksOf(server, ...both));
    server.fail({ on: "RCPT", reply: "550 5.1.1 no such user" });
    expect(await run(sinksOf(server, ...both))).toEqual(["failed", "sent"]);
    expect(await run(sinksOf(server, ...both))).toEqual(["sent"]);
    expect(server.taken.map(({ to }) => to)).toEqual([["bob@example.com"], ["typo@example.com"]]);
  });

  it("tries a server that is away again, and loses nothing", async () => {
    const gone = await start();
    const sinks = sinksOf(gone);
    await queue(sinks);
    await gone.close();
    expect(await run(sinks)).toEqual(["failed"]);
    // Three attempts of one run; nothing can have arrived.
    expect(pending()).toMatchObject([{ failures: 3, isOpen: false }]);
    const back = await start();
    expect(await run(sinksOf(back))).toEqual(["sent"]);
    expect(back.taken[0]?.source).not.toContain("may be a repeat");
  });

  it("after a line that broke behind the content sends the same id, and says so", async () => {
    const server = await start();
    const [message] = await queue(sinksOf(server));
    server.fail({ on: "CONTENT", cut: true });
    expect(await run(sinksOf(server))).toEqual(["sent"]);
    expect(idsOf(server)).toEqual([`<${message?.id}@growthos>`, `<${message?.id}@growthos>`]);
    expect(server.taken.map(({ source }) => source.includes("may be a repeat"))).toEqual([false, true]);
  });

  it("the same events make the same message, others another", async () => {
    const server = await start();
    const other = await freshWorkspace();
    const ids = (messages: readonly Message[]) => messages.map(({ id }) => id);
    const [one] = ids(await queue(sinksOf(server)));
    expect(ids(await queue(sinksOf(server), other))).toEqual([one]);
    const [bob] = ids(await queue(sinksOf(server, "bob@example.com"), other));
    expect(bob).not.toBe(one);
    const tellings = [{ status: "still", alert: sampleAlert({}) }] as const;
    expect(ids(messagesFor(sinksOf(server), { workspace: "w", shop: "Tiny", day: DAY, tellings }))).not.toContain(one);
  });

  it("killed between sending and noting: one id, never a mail that is not known to be a repeat", async () => {
    const server = await start();
    const sinks = sinksOf(server);
    const counted = faultyFiles(ws.files, { at: 0, mode: "before" });
    await queue(sinks);
    await run(sinks, { ...ws, files: counted.files });
    // Every call is tried against the webhook; here a third of them, each mode of failing included.
    for (let at = 1; at <= counted.calls.length; at += 3) {
      const place = await freshWorkspace();
      const [message] = await queue(sinks, place);
      const before = server.taken.length;
      const { files } = faultyFiles(place.files, { at, mode: at % 2 === 0 ? "before" : "torn" });
      await expect(run(sinks, { ...place, files })).rejects.toThrow(SimulatedCrash);
      await run(sinks, place);
      const mails = server.taken.slice(before);
      expect(mails.length, `call ${at}`).toBeGreaterThan(0);
      expect(new Set(mails.map(({ headers }) => headers.get("message-id")))).toEqual(
        new Set([`<${message?.id}@growthos>`]),
      );
      expect(
        mails.slice(1).every(({ source }) => source.includes("may be a repeat")),
        `call ${at}`,
      ).toBe(true);
      expect(pending(place)).toEqual([]);
    }
  });
});
