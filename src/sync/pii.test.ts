import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { protect } from "./pii.js";

const hmac = (text: string) => createHmac("sha256", "salt").update(text).digest("hex");

describe("protect", () => {
  const payload = {
    id: 1,
    email: "  Mara.Lind@Example.com ",
    customer: {
      phone: null,
      addresses: [
        { street: "1 Main St", city: "Portland" },
        { street: "", city: "Salem" },
      ],
    },
  };
  const paths = ["email", "customer.phone", "customer.addresses.*.street", "not.there"];

  it("hashes what was trimmed and lower-cased, at every path, and leaves null and empty alone", () => {
    expect(protect(payload, paths, "hash", "salt")).toEqual({
      id: 1,
      email: hmac("mara.lind@example.com"),
      customer: {
        phone: null,
        addresses: [
          { street: hmac("1 main st"), city: "Portland" },
          { street: "", city: "Salem" },
        ],
      },
    });
  });

  it("finds e-mail addresses inside of other texts, in every list and member", () => {
    const visit = {
      page: "https://x.example/?e=Ann.Lee%40example.com&u=1",
      tags: ["vip", "ann.lee@example.com"],
      properties: { contact: { mail: "to Ann.Lee@example.com, now" } },
      twitter: "@ann",
      amount: 12,
    };
    const hash = hmac("ann.lee@example.com");
    expect(protect(visit, [], "hash", "salt")).toEqual({
      page: `https://x.example/?e=${hash}&u=1`,
      tags: ["vip", hash],
      properties: { contact: { mail: `to ${hash}, now` } },
      twitter: "@ann",
      amount: 12,
    });
    expect(protect(visit, [], "drop", "salt")["tags"]).toEqual(["vip", ""]);
    expect(protect(visit, [], "keep", "salt")).toEqual(visit);
  });

  it("keeps or drops", () => {
    expect(protect(payload, paths, "keep", "salt")).toEqual(payload);
    expect(protect(payload, ["email"], "drop", "salt")["email"]).toBeNull();
  });

  it("changes neither its argument nor a prototype, and hashes what is not a text", () => {
    const hostile = JSON.parse('{"__proto__":{"x":1},"email":42}') as Record<string, unknown>;
    const safe = protect(hostile, ["email", "__proto__.x"], "hash", "salt");
    expect(safe["email"]).toBe(hmac("42"));
    expect(hostile["email"]).toBe(42);
    expect(Object.getPrototypeOf(safe)).toBe(Object.prototype);
  });
});
