import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { publishSchema } from "../config/publish.js";
import { accountInToken, hostOf } from "./snowflake-api.js";
import { snowflakeType } from "./snowflake-sql.js";

describe("names and types", () => {
  it.each([
    ["myorg-shop", "myorg-shop.snowflakecomputing.com", "MYORG-SHOP"],
    ["MyOrg-Shop_EU", "myorg-shop-eu.snowflakecomputing.com", "MYORG-SHOP_EU"],
    ["xy12345.eu-central-1", "xy12345.eu-central-1.snowflakecomputing.com", "XY12345"],
    ["shop-x1.global", "shop-x1.global.snowflakecomputing.com", "SHOP"],
  ])("of the account %s are its host and its name in a token", (account, host, inToken) => {
    expect([hostOf(account), accountInToken(account)]).toEqual([host, inToken]);
  });

  it("has a type of its own for every one that a mart has", () => {
    const path = new URL("../../fixtures/golden/contracts.json", import.meta.url);
    const contracts: Record<string, { columns: Record<string, string> }> = JSON.parse(readFileSync(path, "utf8"));
    const types = new Set(Object.values(contracts).flatMap(({ columns }) => Object.values(columns)));
    const texts = [...types].filter((type) => snowflakeType(type) === "VARCHAR");
    expect([texts, types.size > 5]).toEqual([["VARCHAR"], true]);
  });

  it.each([
    [{ account: "myorg-shop.snowflakecomputing.com/" }, "expected an account such as myorg-shop"],
    [{ schema: 'a"b' }, "expected a schema, of letters, digits and _"],
    [{ stage: "a$$b" }, "expected a stage, of letters, digits and _"],
    [{ files: { url: "gs://bucket" } }, "expected s3://bucket"],
    [{ password: "secret" }, "Unrecognized key"],
  ])("refuses %j in a config", (more, expected) => {
    const files = { url: "s3://lake" };
    const snowflake = { account: "a-b", user: "u", warehouse: "w", database: "d", files, ...more };
    const read = publishSchema.safeParse({ snowflake });
    expect(read.error?.issues.map(({ message }) => message).join()).toContain(expected);
  });
});
