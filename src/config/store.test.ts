import { describe, expect, it } from "vitest";
import { storeOf, storeSchema } from "./store.js";

const read = (written: unknown) => {
  const parsed = storeSchema.safeParse(written);
  return parsed.success ? storeOf("acme", parsed.data) : null;
};

describe("the store of a config", () => {
  it("gives every workspace a prefix of its own, at AWS or elsewhere", () => {
    expect(read(undefined)).toBeUndefined();
    expect(read({ url: "s3://lake", region: "eu-central-1" })).toEqual({
      bucket: "lake",
      prefix: "acme",
      region: "eu-central-1",
      endpoint: "https://s3.eu-central-1.amazonaws.com",
      isPathStyle: false,
    });
    expect(read({ url: "s3://lake/shops/eu/", endpoint: "https://s3.example.net" })).toMatchObject({
      prefix: "shops/eu/acme",
      endpoint: "https://s3.example.net",
      isPathStyle: true,
    });
    expect(read({ url: "s3://a.b.c" })?.isPathStyle).toBe(true);
    expect(read({ url: "s3://lake", endpoint: "http://127.0.0.1:9000" })?.endpoint).toBe("http://127.0.0.1:9000");
  });

  it.each([
    [{ url: "lake" }],
    [{ url: "s3://lake/../x" }],
    [{ url: "s3://LAKE" }],
    [{ url: "s3://lake", endpoint: "http://store.example" }],
    [{ url: "s3://lake", endpoint: "https://key:secret@store.example" }],
    [{ url: "s3://lake", endpoint: "https://store.example/path" }],
    [{ url: "s3://lake", region: "eu central" }],
    [{ url: "s3://lake", secret: "x" }],
  ])("refuses %j", (written) => {
    expect(read(written)).toBeNull();
  });
});
