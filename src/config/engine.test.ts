import { describe, expect, it } from "vitest";
import { engineOf, engineSchema } from "./engine.js";

const read = (written: unknown) => {
  const parsed = engineSchema.safeParse(written);
  return parsed.success ? engineOf(parsed.data) : null;
};

describe("the engine of a config", () => {
  it("is this machine unless another is named", () => {
    expect(read(undefined)).toBeUndefined();
    expect(read({})?.use).toBe("duckdb");
    expect(read({ use: "motherduck" })).toEqual({
      use: "motherduck",
      motherduck: { database: "growthos", host: "pg.us-east-1-aws.motherduck.com", port: 5432 },
    });
    expect(read({ motherduck: { database: "shop", region: "eu-central-1" } })?.motherduck).toEqual({
      database: "shop",
      host: "pg.eu-central-1-aws.motherduck.com",
      port: 5432,
    });
    expect(read({ motherduck: { endpoint: "127.0.0.1:15432" } })?.motherduck).toMatchObject({
      host: "127.0.0.1",
      port: 15432,
    });
  });

  it.each([
    [{ use: "postgres" }],
    [{ motherduck: { database: 'shop"; drop' } }],
    [{ motherduck: { region: "frankfurt" } }],
    [{ motherduck: { endpoint: "https://host" } }],
    [{ motherduck: { token: "x" } }],
  ])("refuses %j", (written) => {
    expect(read(written)).toBeNull();
  });
});
