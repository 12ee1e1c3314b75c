import { describe, expect, it } from "vitest";
import { hmac256 } from "../base/hash.js";
import { openDatabase } from "./duckdb.js";
import { hmacSql, personalSql, setHmacKey } from "./hmac.js";

describe("HMAC-SHA-256 inside DuckDB", () => {
  const texts = [
    "ana.lopez@example.com",
    "  Ana.Lopez@Example.com\t",
    "ÜNAL@example.com",
    "",
    "x".repeat(200),
    "日本@例え.jp",
  ];

  it.each([
    ["a salt of 64 hex digits", "0123456789abcdef".repeat(4)],
    ["a short key", "k"],
    ["a key longer than a block", "long key ".repeat(20)],
    ["a key beyond ASCII", "schlüssel"],
  ])("equals node:crypto for %s", async (_, key) => {
    const db = await openDatabase();
    await setHmacKey(db, key);
    for (const text of texts) {
      const row = await db.one(`select ${hmacSql(personalSql("$1::varchar"))} as hash`, [text]);
      expect(row["hash"]).toBe(hmac256(key, text.trim().toLowerCase()));
    }
    expect((await db.one(`select ${hmacSql("null::varchar")} as hash`))["hash"]).toBeNull();
    await db.close();
  });
});
