import { describe, expect, it } from "vitest";
import { engineOf, engineSchema } from "./engine.js";

const read = (written: unknown) => {
  const parsed = engineSchema.safeParse(written);
  return parsed.success ? engineOf("acme-eu", parsed.data) : null;
};

describe("the engine of a config", () => {
  it("gives workspaces databases that never meet, nor the builds of another", () => {
    const names = ["a", "a-b", "a--b", "a-000001-ab"].map(
      (name) => engineOf(name, engineSchema.parse({}))?.motherduck.database,
    );
    expect(names).toEqual(["growthos__a", "growthos__a__b", "growthos__a____b", "growthos__a__000001__ab"]);
    expect(engineSchema.safeParse({ motherduck: { database: "growthos__a" } }).success).toBe(false);
  });

  it("is this machine unless another is named", () => {
    expect(read(undefined)).toBeUndefined();
    expect(read({})?.use).toBe("duckdb");
    expect(read({ use: "motherduck" })).toEqual({
      use: "motherduck",
      motherduck: { database: "growthos__acme__eu", host: "pg.us-east-1-aws.motherduck.com", port: 5432 },
    });
    expect(read({ motherduck: { database: "shop", region: "eu-central-1" } })?.motherduck).toEqual({
      database: "shop__acme__eu",
      host: "pg.eu-central-1-aws.motherduck.com",
      port: 5432,
    });
    expect(read({ motherduck: { endpoint: "127.0.0.1:15432" } })?.motherduck).toMatchObject({
      host: "127.0.0.1",
      port: 15432,
    });
  });

  it("names a ClickHouse by its address", () => {
    expect(read({})?.clickhouse).toBeUndefined();
    const url = "https://abc.eu-central-1.aws.clickhouse.cloud:8443";
    expect(read({ use: "clickhouse", clickhouse: { url } })?.clickhouse).toEqual({
      url,
      database: "growthos__acme__eu",
      user: "default",
      cluster: null,
    });
    const own = { url: "http://127.0.0.1:8123", database: "shop", user: "growth", cluster: "replicas" };
    expect(read({ clickhouse: own })?.clickhouse).toEqual({ ...own, database: "shop__acme__eu" });
  });

  it.each([
    [{ use: "postgres" }],
    [{ motherduck: { database: 'shop"; drop' } }],
    [{ motherduck: { region: "frankfurt" } }],
    [{ motherduck: { endpoint: "https://host" } }],
    [{ motherduck: { token: "x" } }],
    [{ use: "clickhouse" }],
    [{ clickhouse: {} }],
    [{ clickhouse: { url: "http://clickhouse.example:8123" } }],
    [{ clickhouse: { url: "https://user:secret@clickhouse.example:8443" } }],
    [{ clickhouse: { url: "https://clickhouse.example:8443/shop" } }],
    [{ clickhouse: { url: "https://clickhouse.example", cluster: 'shop" sync' } }],
  ])("refuses %j", (written) => {
    expect(read(written)).toBeNull();
  });
});
