import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { GrowthosError } from "../base/errors.js";
import { type CertificateRequest, testCertificate } from "../testing/certificate.js";
import { undiciTransport } from "./undici.js";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
});

const HERE: CertificateRequest = { name: "127.0.0.1", from: new Date("2020-01-01"), to: new Date("2049-01-01") };

/** Asks a server that shows this certificate; its own signature is trusted when `isTrusted`. */
async function ask(request: CertificateRequest, isTrusted: boolean): Promise<{ said: string; asked: number }> {
  const { cert, key } = testCertificate(request);
  let asked = 0;
  const server = createServer({ cert, key }, (_request, response) => {
    asked += 1;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const network = undiciTransport({ allowLoopback: true, ...(isTrusted ? { trusted: cert } : {}) });
  closers.push(
    () => network.close(),
    () => new Promise((resolve) => server.close(() => resolve())),
  );
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    return { said: (await network.send({ method: "GET", url })).body, asked };
  } catch (thrown) {
    return { said: thrown instanceof GrowthosError ? `${thrown.code}: ${thrown.message}` : String(thrown), asked };
  }
}

describe("N15 a certificate", () => {
  it("that is trusted, in time and for this host is taken", async () => {
    expect(await ask(HERE, true)).toEqual({ said: "{}", asked: 1 });
  });

  it.each([
    ["nobody has signed", HERE, false, /NETWORK_REFUSED: .*self-signed certificate/],
    ["has run out", { ...HERE, to: new Date("2021-01-01") }, true, /NETWORK_REFUSED: .*certificate has expired/],
    [
      "is not valid yet",
      { ...HERE, from: new Date("2048-01-01") },
      true,
      /NETWORK_REFUSED: .*certificate is not yet valid/,
    ],
    ["is for another host", { ...HERE, name: "other.example" }, true, /NETWORK_REFUSED: .*(altnames|does not match)/],
  ])("that %s is refused by name, and nothing is sent", async (_, request, isTrusted, message) => {
    const { said, asked } = await ask(request, isTrusted);
    expect(said).toMatch(message);
    expect(asked).toBe(0);
  });

  it("is looked at even when the environment says that none should be", async () => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    expect((await ask(HERE, false)).said).toMatch(/self-signed/);
  });
});
