import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { Log, LogFields } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { type ClientOptions, createClient } from "./client.js";
import type { HttpRequest, HttpResponse, Limits } from "./types.js";

const request: HttpRequest = { method: "GET", url: "https://api.example/orders", label: "orders" };
const limits: Limits = { concurrent: 1, tries: 4, maxBodyBytes: 1_000_000 };
const ok: HttpResponse = { status: 200, headers: {}, body: '{"id":1}' };
const status = (code: number, headers: Record<string, string> = {}, body = "{}"): HttpResponse => ({
  status: code,
  headers,
  body,
});

/** A client over a script of answers; a thrown answer is a failed connection. */
function scripted(answers: readonly (HttpResponse | Error)[], over: Partial<ClientOptions> = {}) {
  const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const sent: HttpRequest[] = [];
  const lines: { event: string; fields: LogFields | undefined }[] = [];
  const note = (event: string, fields?: LogFields) => void lines.push({ event, fields });
  const log: Log = { debug: note, info: note, warn: note };
  const client = createClient({
    source: "example",
    title: "Example",
    auth: { kind: "bearer", token: new Secret("s3cret-token") },
    limits,
    clock,
    // Half of every jitter.
    random: { hex: () => "7fffffff" },
    log,
    transport: {
      send: async (asked) => {
        sent.push(asked);
        const answer = answers[sent.length - 1] ?? ok;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    ...over,
  });
  return { client, clock, sent, lines, run: () => client.ask(request) };
}

const failure = async (run: () => Promise<unknown>): Promise<GrowthosError> => {
  const thrown = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof GrowthosError) return thrown;
  throw new Error(`expected a GrowthosError, got ${String(thrown)}`);
};

describe("client", () => {
  it("sends the credentials in a header and never prints them", async () => {
    const { run, sent, lines } = scripted([]);
    const answer = await run();
    expect(answer.body).toEqual({ id: 1 });
    expect(sent[0]?.headers).toEqual({ authorization: "Bearer s3cret-token" });
    answer.log(3);
    const call = { source: "example", label: "orders", host: "api.example", status: 200, ms: 0, bytes: 8 };
    expect(lines).toEqual([{ event: "http", fields: { ...call, records: 3 } }]);
    expect(JSON.stringify(lines)).not.toContain("s3cret");
  });

  it("does not send what a request only carries", async () => {
    const { client, sent } = scripted([]);
    await client.ask({ ...request, carry: { waiting: [] } });
    expect(sent[0]).not.toHaveProperty("carry");
  });

  it("hands back a request that does something when its answer is lost, and never asks it twice", async () => {
    const instead = { ...request, label: "list" };
    const lost = scripted([status(429), status(502)]);
    const answer = await lost.client.ask({ ...request, ifLost: instead });
    expect(answer).toMatchObject({ outcome: "lost", body: null, reason: expect.stringContaining("HTTP 502") });
    // A refusal is an answer: 429 is waited for as ever.
    expect(lost.sent).toHaveLength(2);
    expect(lost.sent[0]).not.toHaveProperty("ifLost");
    const cut = scripted([new Error("other side closed")]);
    expect((await cut.client.ask({ ...request, ifLost: instead })).outcome).toBe("lost");
    const end = scripted([new Error("other side closed"), ok]);
    const error = await failure(() => end.client.ask({ ...request, ifLost: null }));
    expect([error.code, end.sent.length]).toEqual(["API_BROKEN", 1]);
    expect(error.message).toContain("other side closed");
  });

  it("N02 retries 500, 502, 503, 504 and cut connections with growing jittered pauses", async () => {
    const { run, clock, sent } = scripted([status(500), new Error("other side closed"), status(504), ok]);
    const start = clock.now();
    expect((await run()).body).toEqual({ id: 1 });
    expect(sent).toHaveLength(4);
    // Half of 1, 2 and 4 seconds.
    expect(clock.now() - start).toBe(500 + 1000 + 2000);
  });

  it("gives up a permanent 500 after the vendor's number of tries", async () => {
    const { run, sent } = scripted([status(500), status(500), status(500), status(500), ok]);
    const error = await failure(run);
    expect(sent).toHaveLength(4);
    expect(error.code).toBe("API_BROKEN");
    expect(error.message).toContain("gave up after 4 tries");
    expect(error.exitCode).toBe(3);
  });

  it.each([
    ["5", 5_000],
    ["Mon, 09 Feb 2026 06:00:20 GMT", 20_000],
    ["1000000000", 900_000],
  ])("obeys Retry-After %s", async (header, ms) => {
    const { run, clock } = scripted([status(429, { "retry-after": header }), ok]);
    const start = clock.now();
    await run();
    expect(clock.now() - start).toBe(ms + 500);
  });

  it("N01 waits 15 minutes of a longer wait and asks again, then gives up and says when to come back", async () => {
    const asked = (seconds: number) => status(429, { "retry-after": String(seconds) });
    const soon = scripted([asked(1800), asked(900), ok]);
    const start = soon.clock.now();
    expect((await soon.run()).body).toEqual({ id: 1 });
    expect(soon.clock.now() - start).toBe(2 * 900_500);
    const late = scripted([asked(86_400), asked(85_500), ok]);
    const error = await failure(late.run);
    expect(late.sent).toHaveLength(2);
    expect([error.code, error.exitCode]).toEqual(["API_THROTTLED", 3]);
    // 06:00 plus the 15 minutes that were waited, plus 85,500 seconds.
    expect(error.parts.hint).toBe(
      "run the same command again after 2026-02-10 06:00 UTC: nothing of this slice was written",
    );
  });

  it("does not count waits as failures, but ends them", async () => {
    const busy = status(429, { "retry-after": "1" });
    const twelve = scripted(Array.from({ length: 12 }, () => busy));
    expect((await twelve.run()).body).toEqual({ id: 1 });
    const endless = scripted(Array.from({ length: 40 }, () => busy));
    const error = await failure(endless.run);
    expect(error.code).toBe("API_THROTTLED");
    expect(endless.sent).toHaveLength(13);
  });

  it("waits in the last try as in every other", async () => {
    const broken = [status(500), status(500), status(500)];
    const throttled = status(429, { "retry-after": "1" });
    expect((await scripted([...broken, throttled, ok]).run()).body).toEqual({ id: 1 });
    const error = await failure(scripted([...broken, throttled, status(500)]).run);
    expect(error.code).toBe("API_BROKEN");
    expect(error.message).toContain("gave up after 4 tries");
  });

  it("stops at once when the credentials are refused", async () => {
    const { run, sent } = scripted([status(401), ok]);
    const error = await failure(run);
    expect(sent).toHaveLength(1);
    expect([error.code, error.exitCode]).toEqual(["API_AUTH", 7]);
  });

  it("N17 N18 tries again when the answer is not JSON: a maintenance page, a cut body, an empty body", async () => {
    const html = status(200, {}, "<html>maintenance</html>");
    const { run, sent } = scripted([html, status(200, {}, '{"id":'), status(204, {}, ""), ok]);
    expect((await run()).body).toEqual({ id: 1 });
    expect(sent).toHaveLength(4);
    const error = await failure(scripted([html, html, html, html]).run);
    expect(error.message).toContain("<html>maintenance</html>");
  });

  it("does not retry what the transport refused", async () => {
    const refusal = new GrowthosError({ code: "NETWORK_REFUSED", what: "the answer was refused", exit: "source" });
    const { run, sent } = scripted([refusal, ok]);
    expect((await failure(run)).code).toBe("NETWORK_REFUSED");
    expect(sent).toHaveLength(1);
  });

  it("keeps the token out of messages that repeat it", async () => {
    const { run } = scripted([
      new Error("bad s3cret-token"),
      ...Array.from({ length: 9 }, () => new Error("s3cret-token")),
    ]);
    expect((await failure(run)).message).not.toContain("s3cret");
  });

  it("lets the connector read a throttled answer with status 200", async () => {
    const throttled = status(200, {}, '{"errors":[]}');
    const { run, clock } = scripted([throttled, ok], {
      classify: ({ body }) => (body.includes("errors") ? { next: "wait", seconds: 3, reason: "cost" } : undefined),
    });
    const start = clock.now();
    await run();
    expect(clock.now() - start).toBe(3_500);
  });

  it("stays under every limit of the vendor", async () => {
    const { client, clock } = scripted([], { limits: { ...limits, perSecond: 2, perMinute: 10 } });
    const starts: number[] = [];
    for (let count = 0; count < 21; count++) {
      await client.ask(request);
      starts.push(clock.now());
    }
    const first = starts[0] ?? 0;
    const seconds = starts.map((at) => (at - first) / 1000);
    // Two a second until ten are used up, then the next ten a minute later.
    expect(seconds.slice(0, 12)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 60, 60]);
    expect(seconds[20]).toBe(120);
  });

  it("ends a wait when the signal is aborted", async () => {
    const abort = new AbortController();
    const { client } = scripted([status(429, { "retry-after": "5" }), ok], {
      clock: {
        now: () => 0,
        elapsed: () => 0,
        sleep: async (_ms, signal) => {
          abort.abort(new Error("stop"));
          signal?.throwIfAborted();
        },
      },
    });
    await expect(client.ask(request, abort.signal)).rejects.toThrow("stop");
  });
});
