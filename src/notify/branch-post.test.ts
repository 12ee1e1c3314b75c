/** Daily branch reports to a server that is slow, or stops in the middle of a word. Nothing waits longer than its limits. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenJournal, openJournal } from "../alerts/journal.js";
import { fixedClock, isoInstant } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { type SmtpDouble, type SmtpFault, smtpDouble } from "../testing/doubles/smtp.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { branchMessage, foldPost, hasRested, linedWays, type PostEvent, postJournal } from "./branch-post.js";
import { deliver } from "./outbox.js";
import { type SmtpLimits, smtpMailer } from "./smtp.js";

const NOW = Date.parse("2026-02-09T08:00:00Z");
const DAY = isoDate("2026-02-08");
const REPS = ["ada@example.com", "ben@example.com", "cyd@example.com"];
/** An attempt that is answered late is still within them. */
const LIMITS: SmtpLimits = { connectMs: 1_000, idleMs: 200, totalMs: 600 };
/** As often as one run tries. */
const ALL_TRIES = 3;

let server: SmtpDouble;
let journal: OpenJournal<PostEvent>;
beforeEach(async () => {
  server = await smtpDouble();
  journal = openJournal<PostEvent>(await freshWorkspace(), postJournal(DAY));
  const messages = REPS.map((email) =>
    branchMessage({ workspace: "w", shop: "Tiny", day: DAY, branch: "1", code: "001", email, subject: "Report" }),
  );
  await journal.append(
    isoInstant(NOW),
    messages.map((message): PostEvent => ({ kind: "queued", message })),
  );
});
afterEach(() => server.close());
afterAll(removeFolders);

/** A run of the command some minutes after the first one. */
async function send(minutes = 0): Promise<readonly string[]> {
  const clock = fixedClock(NOW + minutes * 60_000);
  const line = smtpMailer({
    host: "127.0.0.1",
    port: server.port,
    security: "none",
    signIn: null,
    limits: LIMITS,
  }).line();
  const read = (name: string) => Buffer.from(`Message-ID: <${name}>\r\n\r\nthe report\r\n`);
  try {
    const ways = linedWays(line, { from: "shop@example.com", recipients: REPS }, read);
    const done = await deliver(journal, ways, clock, {
      isRefusalFinal: true,
      mayTry: (pending) => hasRested(pending, journal.events(), clock.now()),
    });
    return done.map(({ outcome }) => outcome);
  } finally {
    line.close();
  }
}

const history = () => foldPost(journal.events());
const to = () => server.taken.map((mail) => mail.to[0]).sort();
const ids = () => new Set(server.taken.map(({ headers }) => headers.get("message-id")));

describe("a slow mail server", { timeout: 20_000 }, () => {
  it("is waited for, and gets each mail once over one connection", async () => {
    const late = (on: SmtpFault["on"]): SmtpFault => ({ on, lateMs: 40 });
    server.fail(late("EHLO"), late("MAIL"), late("RCPT"), late("DATA"), late("CONTENT"));
    expect(await send()).toEqual(["sent", "sent", "sent"]);
    expect(to()).toEqual(REPS);
    expect(server.said.filter((line) => line.startsWith("EHLO"))).toHaveLength(1);
    expect(history().map(({ attempts, mayRepeat }) => [attempts, mayRepeat])).toEqual(Array(3).fill([1, false]));
  });

  const stalled = [
    ["before its greeting is over", { on: "EHLO", stalls: "250-dou" }, false],
    ["at the sender", { on: "MAIL", stalls: "250 2." }, false],
    ["at the recipient", { on: "RCPT", stalls: "25" }, false],
    ["before the content", { on: "DATA", stalls: "354" }, false],
    ["when it has the mail", { on: "CONTENT", stalls: "250 2.0" }, true],
    ["when it has the mail, with endless lines", { on: "CONTENT", dripsMs: 40 }, true],
  ] as const satisfies readonly (readonly [string, SmtpFault, boolean])[];

  it.each(stalled)("that stalls once %s is asked again in the same run", async (_, fault, hasArrived) => {
    server.fail(fault);
    expect(await send()).toEqual(["sent", "sent", "sent"]);
    expect(server.taken).toHaveLength(hasArrived ? 4 : 3);
    expect([...new Set(to())]).toEqual(REPS);
    expect(ids().size).toBe(3);
    expect(history().map(({ mayRepeat }) => mayRepeat)).toEqual([hasArrived, false, false]);
  });

  it.each(stalled)(
    "that stalls on and on %s is left alone, and gets each mail at the retry",
    async (_, fault, hasArrived) => {
      server.fail(...Array<SmtpFault>(ALL_TRIES).fill(fault));
      const began = performance.now();
      expect(await send()).toEqual(["failed", "failed", "failed"]);
      // Three tries of one mail; the others are put off without a word to the server.
      expect(performance.now() - began).toBeLessThan(ALL_TRIES * LIMITS.totalMs + 5_000);
      expect(server.said.filter((line) => line.startsWith("EHLO"))).toHaveLength(ALL_TRIES);
      expect(history().map(({ state }) => state)).toEqual(["deferred", "deferred", "deferred"]);
      expect(server.taken).toHaveLength(hasArrived ? ALL_TRIES : 0);
      const before = server.taken.length;
      expect(await send(1)).toEqual(["waits", "waits", "waits"]);
      expect(await send(60)).toEqual(["sent", "sent", "sent"]);
      expect(server.taken.slice(before).map((mail) => mail.to[0])).toEqual(REPS);
      expect(ids().size).toBe(3);
      expect(history().map(({ state, mayRepeat }) => [state, mayRepeat])).toEqual([
        ["sent", hasArrived],
        ["sent", false],
        ["sent", false],
      ]);
      expect(await send(120)).toEqual([]);
    },
  );
});
