import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate that signs itself, and its key, both PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says. */
export interface CertificateRequest {
  /** `127.0.0.1`, or the name of a host. */
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

/** Makes a certificate (X.509 v3, P-256, RFC 5280) for a server of a test. Node can read certificates but makes none. */
export function testCertificate({ name, from, to }: CertificateRequest): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // ecdsa-with-SHA256, 1.2.840.10045.4.3.2
  const algorithm = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  // commonName, 2.5.4.3
  const who = sequence(der(0x31, sequence(der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from(name)))));
  const tbs = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    who,
    sequence(time(from), time(to)),
    who,
    publicKey.export({ type: "spki", format: "der" }),
    // subjectAltName 2.5.29.17, basicConstraints 2.5.29.19 (an authority, so that a test can trust it)
    der(
      0xa3,
      sequence(
        extension("551d11", sequence(alternative(name))),
        extension("551d13", sequence(der(0x01, Buffer.from([0xff])))),
      ),
    ),
  );
  const signature = sign("sha256", tbs, privateKey);
  const cert = sequence(tbs, algorithm, der(0x03, Buffer.from([0]), signature));
  const body = cert.toString("base64").replace(/(.{64})/g, "$1\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

function alternative(name: string): Buffer {
  const isAddress = /^[\d.]+$/.test(name);
  return isAddress ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(der(0x06, Buffer.from(oid, "hex")), der(0x04, value));
}

function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** Tag, length, content (X.690). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}
