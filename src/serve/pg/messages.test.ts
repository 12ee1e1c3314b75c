import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataRow, MOST_MESSAGE, REPLIES, readMessage, readSaslFirst, readStartup } from "./messages.js";
import { beginScram, verifierOf } from "./scram.js";

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function int(size: 2 | 4, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeIntBE(value, 0, size);
  return bytes;
}

describe("a first message", () => {
  it("asks for encryption, for a cancellation, or begins", () => {
    expect(readStartup(int(4, 80_877_103))).toEqual({ kind: "ssl" });
    expect(readStartup(int(4, 80_877_104))).toEqual({ kind: "gss" });
    expect(readStartup(Buffer.concat([int(4, 80_877_102), int(4, 7), int(4, -9)]))).toEqual({
      kind: "cancel",
      process: 7,
      secret: -9,
    });
    const body = Buffer.concat([
      int(4, 196_608),
      text("user"),
      text("ada"),
      text("database"),
      text("demo"),
      Buffer.from([0]),
    ]);
    expect(readStartup(body)).toEqual({
      kind: "start",
      minor: 0,
      settings: new Map([
        ["user", "ada"],
        ["database", "demo"],
      ]),
    });
  });

  it("of another protocol is refused", () => {
    expect(() => readStartup(int(4, 2 << 16))).toThrow(/protocol 2.0/);
    expect(() => readStartup(Buffer.concat([int(4, 196_608), text("user")]))).toThrow(/no end/);
  });
});

describe("a later message", () => {
  it("says what it wants", () => {
    expect(readMessage("Q", text("select 1"))).toEqual({ kind: "query", sql: "select 1" });
    const parse = Buffer.concat([text("s"), text("select $1"), int(2, 1), int(4, 20)]);
    expect(readMessage("P", parse)).toEqual({ kind: "parse", name: "s", sql: "select $1", types: [20] });
    const bind = Buffer.concat([
      ...[text(""), text("s"), int(2, 1), int(2, 1), int(2, 2), int(4, 2), Buffer.from("ab"), int(4, -1)],
      ...[int(2, 1), int(2, 0)],
    ]);
    expect(readMessage("B", bind)).toEqual({
      ...{ kind: "bind", portal: "", statement: "s", formats: [1], values: [Buffer.from("ab"), null] },
      resultFormats: [0],
    });
    expect(readMessage("D", text("Ss"))).toEqual({ kind: "describe", what: "statement", name: "s" });
    expect(readMessage("E", Buffer.concat([text("p"), int(4, 10)]))).toEqual({
      kind: "execute",
      portal: "p",
      most: 10,
    });
  });

  const broken: readonly (readonly [string, string, Buffer, RegExp])[] = [
    ["ends too early", "E", text("p"), /too early/],
    ["is too long", "S", Buffer.from([0]), /longer than what it says/],
    [
      "has a value that leaves it",
      "B",
      Buffer.concat([text(""), text(""), int(2, 0), int(2, 1), int(4, 99)]),
      /too early/,
    ],
    ["has a negative length", "B", Buffer.concat([text(""), text(""), int(2, 0), int(2, 1), int(4, -2)]), /too early/],
    ["has too many parameters", "P", Buffer.concat([text(""), text(""), int(2, 1_001)]), /longer than 1000/],
    [
      "has an unknown format",
      "B",
      Buffer.concat([text(""), text(""), int(2, 1), int(2, 2)]),
      /neither text nor binary/,
    ],
    ["has an unknown type", "?", Buffer.alloc(0), /unknown type/],
    ["is not UTF-8", "Q", Buffer.from([0xff, 0]), /UTF-8/],
  ];
  it.each(broken)("that %s is refused", (_what, type, body, message) => {
    expect(() => readMessage(type, body)).toThrow(message);
  });

  it("of any bytes is a message or an error of ours, and takes no more memory than it has bytes", () => {
    const type = fc.constantFrom(..."QPBDCESHXdcfFp?");
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 200 }), (sign, bytes) => {
        for (const read of [(body: Buffer) => readMessage(sign, body), readStartup, readSaslFirst]) {
          try {
            read(Buffer.from(bytes));
          } catch (thrown) {
            expect((thrown as Error).name).toBe("PgError");
          }
        }
      }),
      { numRuns: 2_000 },
    );
    expect(MOST_MESSAGE).toBe(1_048_576);
  });
});

describe("an answer", () => {
  it("has its type, its length and its parts", () => {
    expect(REPLIES.ready("T").toString("hex")).toBe("5a0000000554");
    expect(REPLIES.complete("SELECT 2").toString("latin1")).toBe("C\0\0\0\rSELECT 2\0");
    const columns = [
      { name: "n", kind: "int4" },
      { name: "t", kind: "text" },
    ] as const;
    // One in binary, none.
    expect(dataRow([258, null], columns, [1]).toString("hex")).toBe("4400000012000200000004" + "00000102" + "ffffffff");
    const error = REPLIES.error({ severity: "ERROR", sqlState: "42601", message: "no\0", hint: "so" }).toString(
      "latin1",
    );
    expect(error.slice(5)).toBe("SERROR\0VERROR\0C42601\0Mno\0Hso\0\0");
  });
});

describe("SCRAM-SHA-256", () => {
  // The example of RFC 7677, section 3.
  const verifier = verifierOf("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"));
  const begin = () => beginScram(verifier, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  const final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

  it("is what the RFC has it be", () => {
    const exchange = begin();
    expect(exchange.serverFirst).toBe(
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    );
    expect(exchange.finish(`${final},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)).toBe(
      "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    );
  });

  it.each([
    ["another proof", `${final},p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`],
    ["a short proof", `${final},p=dHzb`],
    ["another nonce", "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="],
    ["another channel", `${final.replace("biws", "eSws")},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`],
    ["no proof", final],
    ["nothing", ""],
  ])("refuses %s", (_what, answer) => {
    expect(() => begin().finish(answer)).toThrow(/password authentication failed/);
  });

  it.each(["", "n,,n=user", "p=tls-unique,,n=user,r=abc", `n,,n=user,r=${"a".repeat(300)}`])(
    "does not begin with %s",
    (first) => {
      expect(() => beginScram(verifier, first, "n")).toThrow(/malformed/);
    },
  );
});
