import { afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { type SftpDouble, type SftpDoubleOptions, sftpDouble } from "../testing/doubles/sftp.js";
import { addressKind } from "./address.js";
import { seenHostKey, sftpClient } from "./sftp.js";
import type { SftpClient, SftpCredentials, SftpLimits, SftpTarget } from "./sftp-types.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(setup: SftpDoubleOptions = {}): Promise<SftpDouble> {
  const double = await sftpDouble(setup);
  closing.push(double.close);
  return double;
}

interface More {
  readonly target?: Partial<SftpTarget>;
  readonly credentials?: SftpCredentials;
  readonly limits?: Partial<SftpLimits>;
  readonly signal?: AbortSignal;
}

function optionsFor({ options, secrets }: SftpDouble, more: More = {}) {
  const target = { host: options.host, port: options.port, user: "growthos", allowPrivate: true };
  return {
    target: { ...target, hostKeys: [options.hostKey], ...more.target },
    credentials: more.credentials ?? ({ kind: "password", password: secrets["password"] as Secret } as const),
    clock: fixedClock(0),
    log: silentLog,
    ...(more.limits === undefined ? {} : { limits: more.limits }),
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  };
}

function clientFor(double: SftpDouble, more: More = {}): SftpClient {
  const client = sftpClient(optionsFor(double, more));
  closing.push(client.close);
  return client;
}

/** A sink that keeps what it gets. */
function keeping() {
  const sink = {
    restarts: 0,
    chunks: [] as Uint8Array[],
    restart: () => {
      sink.restarts += 1;
      sink.chunks = [];
    },
    write: (chunk: Uint8Array) => void sink.chunks.push(chunk),
    bytes: () => Buffer.concat(sink.chunks),
  };
  return sink;
}

async function refusal(action: Promise<unknown>): Promise<{ code: string; text: string }> {
  const thrown = await action.then(
    () => new Error("no error"),
    (error: unknown) => error,
  );
  const { code = "", message, parts } = thrown as { code?: string; message: string; parts?: object };
  return { code, text: `${message} ${JSON.stringify(parts)}` };
}

const CONTENT = Buffer.from(Array.from({ length: 700_001 }, (_, index) => index % 251));

describe("an SFTP server", () => {
  it("is listed and read whole, and nothing is written there", async () => {
    const double = await start();
    double.put("/drop/b.csv", "b", { modified: 12 });
    double.put("/drop/a.bin", CONTENT);
    double.put("/drop/empty.csv", "");
    double.link("/drop/l");
    double.put("/drop/deep/c.csv", "");
    const client = clientFor(double);
    expect((await client.list("/drop")).map(({ name, kind, bytes }) => [name, kind, bytes])).toEqual([
      ["a.bin", "file", CONTENT.length],
      ["b.csv", "file", 1],
      ["deep", "folder", 0],
      ["empty.csv", "file", 0],
      ["l", "link", 0],
    ]);
    const sink = keeping();
    expect(await client.download("/drop/a.bin", sink)).toMatchObject({ bytes: CONTENT.length });
    expect(sink.bytes().equals(CONTENT)).toBe(true);
    const empty = keeping();
    expect(await client.download("/drop/empty.csv", empty)).toMatchObject({ bytes: 0 });
    expect(await client.stat("/drop/b.csv")).toMatchObject({ path: "/drop/b.csv", bytes: 1, modifiedSeconds: 12 });
    expect(await client.stat("/drop/none.csv")).toBeNull();
    expect(double.asked.filter((line) => /WRITE|REMOVE|RENAME|MKDIR|SETSTAT/.test(line))).toEqual([]);
  });

  it.each(["ed25519", "ecdsa", "rsa"] as const)("proves itself with an %s key", async (hostKey) => {
    const double = await start({ hostKey });
    double.put("/a.csv", "a");
    expect(await clientFor(double).stat("/a.csv")).toMatchObject({ bytes: 1 });
  });

  it("seed bug 3.7-13: is refused with any host key but the pinned one, before a credential is sent", async () => {
    const double = await start();
    const other = `SHA256:${"A".repeat(43)}`;
    for (const hostKeys of [[other], []]) {
      const { code, text } = await refusal(clientFor(double, { target: { hostKeys } }).list("/"));
      expect(code).toBe("NETWORK_REFUSED");
      expect(text).toContain(double.fingerprint);
      expect(text).toContain("ssh-keygen");
    }
    expect(double.signedIn()).toBe(0);
    expect(double.asked).toEqual([]);
  });

  it("shows its host key to a person who asks, and signs nobody in", async () => {
    const double = await start({ hostKey: "rsa" });
    expect(await seenHostKey(optionsFor(double))).toEqual({ type: "ssh-rsa", fingerprint: double.fingerprint });
    expect(double.signedIn()).toBe(0);
  });

  it("takes an encrypted private key, and a password also as the answer of a dialogue", async () => {
    const double = await start();
    const { keyFile: privateKey, passphrase } = double.keySecrets as Record<"keyFile" | "passphrase", Secret>;
    expect(await clientFor(double, { credentials: { kind: "key", privateKey, passphrase } }).list("/")).toEqual([]);
    expect(await clientFor(await start({ keyboardOnly: true })).list("/")).toEqual([]);
  });

  it("says what to do about wrong credentials, and prints none of them (K07)", async () => {
    const double = await start();
    const { keyFile: privateKey } = double.keySecrets as { keyFile: Secret };
    const wrong: readonly SftpCredentials[] = [
      { kind: "password", password: new Secret("CANARY-wrong") },
      { kind: "key", privateKey },
      { kind: "key", privateKey, passphrase: new Secret("CANARY-wrong") },
      { kind: "key", privateKey: new Secret("CANARY-no-key") },
    ];
    for (const credentials of wrong) {
      const { code, text } = await refusal(clientFor(double, { credentials }).list("/"));
      expect(code).toBe("API_AUTH");
      expect(text).toMatch(/SFTP_KEY_FILE|SFTP_PASSWORD/);
      expect(text).not.toMatch(/CANARY|PRIVATE KEY-----/);
    }
    expect((await refusal(clientFor(double, { target: { user: "nobody" } }).list("/"))).code).toBe("API_AUTH");
  });

  it("says what may not be read and what is not there", async () => {
    const double = await start();
    double.put("/secret.csv", "x", { denied: true });
    const denied = await refusal(clientFor(double).download("/secret.csv", keeping()));
    expect(denied).toMatchObject({ code: "API_AUTH", text: expect.stringContaining("/secret.csv") });
    expect(await refusal(clientFor(double).list("/nowhere"))).toMatchObject({ code: "API_REFUSED" });
  });

  it("refuses cryptography of long ago", async () => {
    const double = await start({ algorithms: { cipher: ["aes128-cbc"] } });
    expect(await refusal(clientFor(double).list("/"))).toMatchObject({
      code: "NETWORK_REFUSED",
      text: expect.stringContaining("outdated"),
    });
  });

  it("refuses more names and more bytes than the limits", async () => {
    const double = await start();
    for (let index = 0; index < 250; index++) double.put(`/d/${index}.csv`, "xx");
    expect((await refusal(clientFor(double, { limits: { maxEntries: 249 } }).list("/d"))).code).toBe("NETWORK_REFUSED");
    expect(await clientFor(double, { limits: { maxEntries: 250 } }).list("/d")).toHaveLength(250);
    const small = clientFor(double, { limits: { maxFileBytes: 1 } });
    expect((await refusal(small.download("/d/1.csv", keeping()))).code).toBe("NETWORK_REFUSED");
  });

  it("marks names that could leave a folder", async () => {
    const double = await start();
    double.put("/d/a\\..\\b.csv", "");
    double.put("/d/a\u0007.csv", "");
    expect((await clientFor(double).list("/d")).map(({ kind }) => kind)).toEqual(["unusable", "unusable"]);
  });
});

describe("a connection that fails", () => {
  it("goes on where it was after a cut and a short answer (N06, N07), and gives the whole file", async () => {
    for (const fault of ["cut", "short"] as const) {
      const double = await start();
      double.put("/a.bin", CONTENT);
      double.fail(fault, { after: 9 });
      const sink = keeping();
      await clientFor(double).download("/a.bin", sink);
      expect(sink.bytes().equals(CONTENT)).toBe(true);
      expect([fault, sink.restarts, double.signedIn()]).toEqual([fault, 1, 2]);
      // Eight questions of 28,672 bytes are under way at a time: at most those are asked twice.
      expect(double.served()).toBeLessThan(CONTENT.length + 8 * 28_672);
    }
  });

  it("goes on again and again, also when only the end of the file is missing", async () => {
    const double = await start();
    double.put("/a.bin", CONTENT);
    double.fail("cut", { after: 17 });
    // 25 READs bring the bytes, the 26th asks whether there are more.
    double.fail("cut", { after: 9 });
    const sink = keeping();
    await clientFor(double).download("/a.bin", sink);
    expect(sink.bytes().equals(CONTENT)).toBe(true);
    expect([sink.restarts, double.signedIn()]).toEqual([1, 3]);
    expect(double.served()).toBeLessThan(CONTENT.length + 8 * 28_672);
  });

  it.each([
    ["another size", CONTENT.subarray(0, 500_000), 1_000],
    ["another time", Buffer.from(CONTENT).reverse(), 1_001],
  ])("begins anew when the file has %s after the cut", async (_, content, modified) => {
    const double = await start();
    double.put("/a.bin", CONTENT, { modified: 1_000 });
    double.fail("cut", { after: 9 });
    double.onRequest((name) => {
      if (name === "OPEN" && double.signedIn() === 2) double.put("/a.bin", content, { modified });
    });
    const sink = keeping();
    expect(await clientFor(double).download("/a.bin", sink)).toEqual({
      bytes: content.length,
      modifiedSeconds: modified,
    });
    expect(sink.bytes().equals(content)).toBe(true);
    expect(sink.restarts).toBe(2);
  });

  it("begins anew when the sink failed, because what it holds is not known", async () => {
    const double = await start();
    double.put("/a.bin", CONTENT);
    const sink = keeping();
    const failing = {
      restart: sink.restart,
      write: (chunk: Uint8Array) => {
        sink.write(chunk);
        if (sink.restarts === 1 && sink.chunks.length === 10) throw new Error("EIO: i/o error, write");
      },
    };
    await clientFor(double).download("/a.bin", failing);
    expect(sink.bytes().equals(CONTENT)).toBe(true);
    expect(sink.restarts).toBe(2);
  });

  it("gives up after three tries", async () => {
    const double = await start();
    double.put("/a.bin", CONTENT);
    double.fail("cut", { times: 99 });
    expect((await refusal(clientFor(double).download("/a.bin", keeping()))).code).toBe("NETWORK");
    expect(double.signedIn()).toBe(3);
  });

  it("does not take a file that is said to be longer than it is (N08)", async () => {
    const double = await start();
    double.put("/a.csv", "1234", { claims: 10 });
    expect((await refusal(clientFor(double).download("/a.csv", keeping()))).code).toBe("NETWORK");
  });

  it("does not take a file that grows while it is read", async () => {
    const double = await start();
    double.put("/a.csv", "1234");
    double.fail("grow");
    expect((await refusal(clientFor(double).download("/a.csv", keeping()))).code).toBe("SFTP_CHANGED");
  });

  it("ends on silence and on a server that drags on (N12, N13)", async () => {
    const double = await start();
    double.put("/a.bin", CONTENT);
    double.fail("silence", { times: 99 });
    const limits = { idleMs: 60, tries: 1 };
    expect((await refusal(clientFor(double, { limits }).download("/a.bin", keeping()))).text).toContain("within 60 ms");
    const slow = await start();
    slow.put("/a.bin", CONTENT);
    slow.fail("drip", { times: 1e9 });
    const total = { totalMs: 150, tries: 1 };
    const dripping = await refusal(clientFor(slow, { limits: total }).download("/a.bin", keeping()));
    expect(dripping.text).toContain("not finished within 150 ms");
    const mute = await start({ mute: true });
    const shy = { connectMs: 50, handshakeMs: 50, tries: 1 };
    expect((await refusal(clientFor(mute, { limits: shy }).list("/"))).code).toBe("NETWORK");
  });

  it("names a closed port and an unknown host (N05)", async () => {
    const double = await start();
    await double.close();
    closing.pop();
    expect((await refusal(clientFor(double).list("/"))).code).toBe("NETWORK");
    const lost = await refusal(clientFor(double, { target: { host: "no-such-host.invalid" } }).list("/"));
    expect(lost).toMatchObject({ code: "NETWORK", text: expect.stringContaining("no-such-host.invalid") });
  });

  it("stops when it is told to", async () => {
    const double = await start();
    double.put("/a.bin", CONTENT);
    const stop = new AbortController();
    double.onRequest((name) => name === "READ" && stop.abort(new Error("enough")));
    const client = clientFor(double, { signal: stop.signal });
    expect((await refusal(client.download("/a.bin", keeping()))).text).toContain("enough");
  });
});

describe("addresses (G05)", () => {
  it.each<[string, string]>([
    ["93.184.216.34", "public"],
    ["2606:2800:220:1::1", "public"],
    ["10.1.2.3", "private"],
    ["172.31.0.1", "private"],
    ["172.32.0.1", "public"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "private"],
    ["127.0.0.1", "private"],
    ["::1", "private"],
    ["fd12::1", "private"],
    ["::ffff:127.0.0.1", "private"],
    ["169.254.169.254", "never"],
    ["::ffff:169.254.169.254", "never"],
    ["::ffff:a9fe:a9fe", "never"],
    ["fd00:ec2::254", "never"],
    ["fe80::1%eth0", "never"],
    ["0.0.0.0", "never"],
    ["::", "never"],
    ["224.0.0.1", "never"],
    ["255.255.255.255", "never"],
    ["nonsense", "never"],
  ])("%s is %s", (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });

  it("of this machine are asked only when that is meant, however they are written", async () => {
    const double = await start();
    for (const host of ["127.0.0.1", "2130706433", "localhost"]) {
      const { code } = await refusal(clientFor(double, { target: { host, allowPrivate: false } }).list("/"));
      expect(code).toBe("NETWORK_REFUSED");
    }
    expect(double.signedIn()).toBe(0);
  });
});
