import { describe, expect, it } from "vitest";
import { hmac256 } from "../base/hash.js";
import { protectBody } from "./personal.js";

const salt = "salt";
const hash = (text: string) => hmac256(salt, text);
const body = {
  name: "#1001",
  email: " Ann@Example.COM ",
  contact_email: "",
  phone: null,
  customer: { id: 1, first_name: "Ann", name: "Ann B", addresses: [{ name: "Ann B", city: "Izmir", zip: 35000 }] },
  shippingInfo: { name: "Ann", address: "Street 1", country: "TR" },
  line_items: [{ name: "Mug", company: "Maker", vendor: "V" }],
  note_attributes: [{ name: "gift", value: "For Bob" }],
  landing_site: "/?utm_source=news&e=ann%40example.com",
  client_details: { browser_ip: "10.0.0.1", accept_language: "tr" },
  checkout_token: "c1",
};

describe("personal data in a body", () => {
  it("is hashed by the names of members wherever they stand, and e-mail addresses inside other texts", () => {
    expect(protectBody(body, { pii: "hash", salt })).toEqual({
      ...body,
      email: hash("ann@example.com"),
      customer: {
        id: 1,
        first_name: hash("ann"),
        name: hash("ann b"),
        addresses: [{ name: hash("ann b"), city: "Izmir", zip: hash("35000") }],
      },
      shippingInfo: { name: hash("ann"), address: hash("street 1"), country: "TR" },
      note_attributes: [{ name: "gift", value: hash("for bob") }],
      landing_site: `/?utm_source=news&e=${hash("ann@example.com")}`,
      client_details: { browser_ip: hash("10.0.0.1"), accept_language: "tr" },
    });
  });

  it("is dropped or kept when the workspace says so", () => {
    expect(protectBody(body, { pii: "drop", salt })).toMatchObject({
      email: null,
      customer: { first_name: null },
      landing_site: "/?utm_source=news&e=",
      checkout_token: "c1",
    });
    expect(protectBody(body, { pii: "keep", salt })).toEqual(body);
  });

  it("loses characters that no database can hold, and keeps every member, whatever it is called", () => {
    const strange = JSON.parse('{"a\\u0000b":"x\\ud800y","ok":"\\ud83d\\ude00","__proto__":{"email":"a@b.co"}}');
    expect(JSON.stringify(protectBody(strange, { pii: "keep", salt }))).toBe(
      '{"a\ufffdb":"x\ufffdy","ok":"😀","__proto__":{"email":"a@b.co"}}',
    );
  });
});
