import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { sha256 } from "../../base/hash.js";
import { Secret } from "../../base/secret.js";
import { type S3Double, startS3 } from "../../testing/doubles/s3.js";
import { countingRandom } from "../../testing/landing.js";
import { codeOf } from "../../testing/workspace.js";
import { undiciTransport } from "../undici.js";
import { s3Objects } from "./client.js";
import { readListPage } from "./list.js";
import { signed } from "./sign.js";

const NOW = Date.parse("2026-02-09T06:00:00Z");
const transport = undiciTransport({ allowLoopback: true, totalMs: 2_000, idleMs: 400, headersMs: 400 });
let double: S3Double;
beforeAll(async () => {
  double = await startS3({ clock: { now: () => NOW }, pageSize: 3 });
});
afterEach(() => double.server.mend());
afterAll(async () => {
  await transport.close();
  await double.close();
});

const open = (more: Partial<Parameters<typeof s3Objects>[0]> = {}) =>
  s3Objects({
    endpoint: double.server.origin,
    region: double.region,
    bucket: double.bucket,
    prefix: "growth os/shop",
    isPathStyle: true,
    credentials: double.credentials,
    transport,
    clock: fixedClock(NOW),
    random: countingRandom(),
    ...more,
  });
const bodyOf = (bytes: Uint8Array) => ({ bytes: bytes.length, sha256: sha256(bytes), read: () => [bytes] });
const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString("utf8"));
const slowDown = {
  kind: "answer",
  answer: {
    status: 503,
    text: "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
  },
} as const;

describe("the signature", () => {
  // The examples of AWS's own page on header-based authentication, with the keys that it prints.
  const credentials = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
  };
  const now = Date.parse("2013-05-24T00:00:00Z");
  const empty = sha256("");
  it.each([
    [
      "GET",
      "/test.txt",
      { range: "bytes=0-9" },
      empty,
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT",
      "/test%24file.text",
      { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      sha256("Welcome to Amazon S3."),
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    ["GET", "/?lifecycle", {}, empty, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["GET", "/?max-keys=2&prefix=J", {}, empty, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ] as const)("of %s %s is the one that AWS prints", (method, path, headers, bodySha256, signature) => {
    const url = new URL(`https://examplebucket.s3.amazonaws.com${path}`);
    const out = signed({ method, url, headers, bodySha256 }, { credentials, region: "us-east-1", now });
    expect(out["authorization"]).toMatch(new RegExp(`Signature=${signature}$`));
  });
});

describe("an object store", () => {
  it("gives back what was put, byte by byte, and knows what is not there", async () => {
    const store = open();
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
    await store.put("landing/a b+c/part-0000.parquet", bodyOf(bytes));
    expect(Buffer.from((await store.get("landing/a b+c/part-0000.parquet")) ?? []).equals(bytes)).toBe(true);
    const chunks: Uint8Array[] = [];
    expect(await store.download("landing/a b+c/part-0000.parquet", () => (chunk) => chunks.push(chunk))).toBe(true);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(await store.get("nothing")).toBeNull();
    await store.remove("landing/a b+c/part-0000.parquet");
    await store.remove("landing/a b+c/part-0000.parquet");
    expect(await store.list("landing/")).toEqual([]);
  });

  it("lists all pages of one prefix, in order, with ages by its own clock", async () => {
    const store = open({ clock: fixedClock(NOW + 60_000) });
    for (const name of ["7", "1", "3", "4", "2", "6", "5"]) await store.put(`log/${name}`, bodyOf(Buffer.from(name)));
    await store.put("logs", bodyOf(Buffer.from("x")));
    const found = await store.list("log/");
    expect(found.map(({ key }) => key)).toEqual(["1", "2", "3", "4", "5", "6", "7"].map((name) => `log/${name}`));
    expect(found[0]).toEqual({ key: "log/1", bytes: 1, modifiedMs: NOW, ageMs: 0 });
  });

  it("lets one of two have a key, and the same text twice", async () => {
    const store = open();
    expect(await store.putIfAbsent("commit/1", "mine")).toBe(true);
    expect(await store.putIfAbsent("commit/1", "mine")).toBe(true);
    expect(await store.putIfAbsent("commit/1", "theirs")).toBe(false);
    expect(text(await store.get("commit/1"))).toBe("mine");
    const won = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.putIfAbsent("commit/2", `runner ${index}`)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it("counts as done what arrived although the answer was lost", async () => {
    double.server.fail([{ kind: "reset", when: "headers" }], ({ method }) => method === "PUT");
    expect(await open().putIfAbsent("commit/3", "mine")).toBe(true);
    double.server.fail([{ kind: "reset", when: "headers" }], ({ method }) => method === "PUT");
    expect(await open().putIfAbsent("commit/3", "theirs")).toBe(false);
  });

  it.each([
    ["slow down", slowDown],
    ["500", { kind: "answer", answer: { status: 500, text: "" } }],
    [
      "409 to a put under way",
      { kind: "answer", answer: { status: 409, text: "<Error><Code>ConditionalRequestConflict</Code></Error>" } },
    ],
    ["a reset", { kind: "reset", when: "before" }],
    ["silence", { kind: "silence" }],
  ] as const)("is asked again after %s", async (name, fault) => {
    double.server.fail([fault, fault]);
    expect(await open().putIfAbsent(`again/${name}`, "text")).toBe(true);
    double.server.fail([fault]);
    expect(text(await open().get(`again/${name}`))).toBe("text");
  });

  it("begins a download anew when it was cut, and never hands over a part of it", async () => {
    const store = open();
    const bytes = Buffer.alloc(100_000, "x");
    await store.put("cut", bodyOf(bytes));
    double.server.fail([{ kind: "reset", when: "body" }, { kind: "short" }]);
    expect((await store.get("cut"))?.length).toBe(100_000);
  });

  it("learns the time from a store whose clock is another", async () => {
    const store = open({ clock: fixedClock(NOW - 3_600_000) });
    await store.put("skewed", bodyOf(Buffer.from("x")));
    expect(text(await store.get("skewed"))).toBe("x");
  });

  it.each([
    [
      "another key",
      { credentials: { ...{ accessKeyId: "AKIADOUBLE" }, secretAccessKey: new Secret("wrong") } },
      "STORE_AUTH",
    ],
    ["another region", { region: "us-east-1" }, "STORE_REFUSED"],
    ["another bucket", { bucket: "elsewhere" }, "STORE_REFUSED"],
  ] as const)("says at once what is wrong with %s", async (_name, more, code) => {
    const before = double.server.arrived.length;
    expect(await codeOf(() => open(more).put("x", bodyOf(Buffer.from("x"))))).toBe(code);
    expect(double.server.arrived.length).toBe(before + 1);
  });

  it("gives up after some tries, and says what it heard", async () => {
    double.server.fail(Array.from({ length: 6 }, () => slowDown));
    await expect(open().get("x")).rejects.toThrow(/does not answer: HTTP 503 SlowDown: Please reduce/);
  });

  it("takes no cut or foreign text for a listing", () => {
    const page = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    expect(readListPage(page)).toEqual({ objects: [], next: null });
    for (const bad of [
      page.slice(0, -5),
      "<html></html>",
      page.replace("false", "true"),
      page.replace("</List", "<Contents><Key>a</Key></Contents></List"),
    ])
      expect(() => readListPage(bad)).toThrow(/cannot be read/);
  });
});
