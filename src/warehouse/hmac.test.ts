import { describe, expect, it } from "vitest";
import { hmac256 } from "../base/hash.js";
import { replaceEmails } from "../base/secret.js";
import { openDatabase } from "./duckdb.js";
import { hmacSql, personalSql, setHmacKey, withoutEmailsSql } from "./hmac.js";

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

describe("e-mail addresses inside of a text", () => {
  it("are taken out, and nothing else is", async () => {
    const db = await openDatabase();
    const texts = {
      "https://x.example/?e=Ann.Lee%40example.com&u=1": "https://x.example/?e=[e-mail]&u=1",
      "ask ann@example.co.uk or BOB@X.ORG": "ask [e-mail] or [e-mail]",
      "@ann at 5@home, 10%40 off": "@ann at 5@home, 10%40 off",
      "": "",
    };
    for (const [text, clean] of Object.entries(texts)) {
      const row = await db.one(`select ${withoutEmailsSql("$1::varchar")} as text`, [text]);
      expect([row["text"], replaceEmails(text, () => "[e-mail]")]).toEqual([clean, clean]);
    }
    expect((await db.one(`select ${withoutEmailsSql("null::varchar")} as text`))["text"]).toBeNull();
    await db.close();
  });
});
