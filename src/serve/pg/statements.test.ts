import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { translated } from "./catalog.js";
import { openSettings } from "./settings.js";
import { commandOf, plainText, splitStatements } from "./statements.js";

describe("a text", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["select 1; select 2;", ["select 1", "select 2"]],
    ["select ';' ; select \"a;b\"", ["select ';'", 'select "a;b"']],
    ["select 'it''s; fine'", ["select 'it''s; fine'"]],
    ["select E'\\'; drop' ; x", ["select E'\\'; drop'", "x"]],
    // Without the E a backslash is a backslash.
    ["select '\\'; x", ["select '\\'", "x"]],
    ["select $$;$$; select $q$ $$ ; $q$", ["select $$;$$", "select $q$ $$ ; $q$"]],
    ["select $1; select a$b", ["select $1", "select a$b"]],
    ["-- a; b\nselect 1", ["-- a; b\nselect 1"]],
    ["/* ; /* ; */ ; */ select 1; /* nothing */ ; -- end", ["/* ; /* ; */ ; */ select 1"]],
    [" ;; ", []],
    ["select 'open; end", ["select 'open; end"]],
  ];
  it.each(cases)("%s", (text, statements) => {
    expect(splitStatements(text)).toEqual(statements);
  });

  it("of any signs is taken apart without loss, in linear time", () => {
    const sign = fc.constantFrom("'", '"', "$", "$a$", ";", "--", "\n", "/*", "*/", "\\", "e", " ", "1");
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 60 }), (signs) => {
        const joined = splitStatements(signs.join("")).join("");
        expect(signs.join("").length).toBeGreaterThanOrEqual(joined.length);
      }),
      { numRuns: 500 },
    );
    const nasty = ["'", "$", "/*", "--\n", "$$", '"', "e'"].map((one) => one.repeat(300_000 / one.length));
    const started = performance.now();
    for (const text of nasty) splitStatements(text);
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  it("is one line without comments", () => {
    expect(plainText("select\n  1 -- one\n, ' a  b '")).toBe("select 1 , ' a  b '");
  });
});

describe("a statement", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["BEGIN READ ONLY", { kind: "begin" }],
    ["start transaction isolation level serializable", { kind: "begin" }],
    ["commit", { kind: "commit" }],
    ["END", { kind: "commit" }],
    ["rollback", { kind: "rollback" }],
    ["rollback to savepoint a", { kind: "nothing", tag: "ROLLBACK" }],
    ["savepoint a", { kind: "nothing", tag: "SAVEPOINT" }],
    ["SET extra_float_digits = 3", { kind: "set", name: "extra_float_digits", value: "3", tag: "SET" }],
    ["set session DateStyle to 'ISO, MDY'", { kind: "set", name: "datestyle", value: "ISO, MDY", tag: "SET" }],
    ["set time zone 'UTC'", { kind: "set", name: "timezone", value: "UTC", tag: "SET" }],
    ["SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", { kind: "nothing", tag: "SET" }],
    ["set threads=1", { kind: "set", name: "threads", value: "1", tag: "SET" }],
    ["/* c */ SHOW TRANSACTION ISOLATION LEVEL", { kind: "show", name: "transaction_isolation" }],
    ["show tables", { kind: "read", sql: "show tables" }],
    ["discard all", { kind: "deallocate", name: null, tag: "DISCARD ALL" }],
    ['deallocate "S_1"', { kind: "deallocate", name: "S_1", tag: "DEALLOCATE" }],
    ["-- nothing", { kind: "empty" }],
    ["select 1 -- begin", { kind: "read", sql: "select 1 -- begin" }],
  ];
  it.each(cases)("%s", (sql, command) => {
    expect(commandOf(sql)).toEqual(command);
  });

  it("that is not spoken here says so", () => {
    expect(() => commandOf("declare c cursor for select 1")).toThrow(/DECLARE/);
    expect(() => commandOf("copy fact_orders to stdout")).toThrow(/COPY/);
  });
});

describe("settings", () => {
  const settings = openSettings(new Map([["user", "ada"]]), "1.2.3");
  const set = (name: string, value: string | null) => settings.set({ kind: "set", name, value, tag: "SET" });

  it("are what clients expect, and change nothing else", () => {
    expect(settings.get("server_version")).toBe("15.0 (growthos 1.2.3)");
    expect(set("application_name", "bi")).toBeNull();
    expect(settings.get("application_name")).toBe("bi");
    expect(set("timezone", "Europe/Berlin")).toMatch(/timezone stays UTC/);
    expect(settings.get("TimeZone")).toBe("UTC");
    expect(() => set("threads", "1")).toThrow(/not known here/);
    expect(() => set("server_version", "16")).toThrow(/not known here/);
    expect(() => settings.get("nothing")).toThrow(/not known here/);
  });

  it("hold a client to a shorter time", () => {
    expect(settings.statementMs()).toBe(0);
    set("statement_timeout", "2s");
    expect(settings.statementMs()).toBe(2_000);
    expect(() => set("statement_timeout", "soon")).toThrow(/no duration/);
    set("all", null);
    expect(settings.statementMs()).toBe(0);
  });
});

describe("a question about the catalog", () => {
  it("is put into words that the engine has, quoted text excepted", () => {
    expect(translated("select 'pg_catalog.x' from pg_catalog.pg_class c")).toBe(
      "select 'pg_catalog.x' from pg_class c",
    );
    expect(translated("where c.relname OPERATOR(pg_catalog.~) '^a$' COLLATE pg_catalog.default")).toBe(
      "where c.relname ~ '^a$' ",
    );
    expect(translated("d.classoid = 'pg_class'::regclass")).toBe("d.classoid = 0");
    expect(translated("a.attnum = ANY (i.indkey) and pg_x")).toBe("a.attnum in (i.indkey) and pg_x");
    expect(translated("select a = any(b.c)")).toBe("select a = any(b.c)");
  });
});
