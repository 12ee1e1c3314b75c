import { describe, expect, it } from "vitest";
import type { Files } from "../base/files.js";
import { Secret } from "../base/secret.js";
import { createJournal, type LogLine, noticingChanges, safeLine } from "./journal.js";

const line = (event: string): LogLine => ({
  at: "2026-02-09T12:00:00.000Z",
  level: "info",
  event,
  fields: { token: "canary-1" },
});
const random = { hex: () => "abcd" };

describe("the log on disk", () => {
  it("begins with what was said before it was opened, and holds no secret", () => {
    const written: Record<string, string> = {};
    const append = (path: string, text: string | Uint8Array) => {
      written[path] = `${written[path] ?? ""}${text}`;
    };
    const files = { append } as Files;
    const journal = createJournal(files, { secrets: [new Secret("canary-1")], onLost: () => {} });
    journal.keep(line("first"));
    journal.openIn("/runs", random);
    journal.openIn("/elsewhere", random);
    journal.keep(line("second"));
    expect(Object.keys(written)).toEqual(["/runs/20260209t120000z-abcd.jsonl"]);
    const lines = Object.values(written)
      .join("")
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as LogLine);
    expect(lines.map(({ event, fields }) => [event, fields["token"]])).toEqual([
      ["first", "[redacted]"],
      ["second", "[redacted]"],
    ]);
  });

  it("says once that it is lost, and lets the run go on", () => {
    const lost: string[] = [];
    const files = {
      append: () => {
        throw new Error("no space");
      },
      stat: () => ({ kind: "folder" }),
    } as unknown as Files;
    const journal = createJournal(files, { secrets: [], onLost: (reason) => lost.push(reason) });
    journal.openIn("/runs", random);
    journal.keep(line("first"));
    journal.keep(line("second"));
    expect(lost).toEqual(["no space"]);
  });

  it("is silent about a workspace that was deleted with its log", () => {
    const lost: string[] = [];
    const files = {
      append: () => {
        throw new Error("no such folder");
      },
      stat: () => undefined,
    } as unknown as Files;
    const journal = createJournal(files, { secrets: [], onLost: (reason) => lost.push(reason) });
    journal.openIn("/runs", random);
    journal.keep(line("first"));
    expect(lost).toEqual([]);
  });

  it("begins a new file at a size, and keeps the newest four", () => {
    const written = new Map<string, number>();
    const files = {
      append: (path: string) => written.set(path, (written.get(path) ?? 0) + 1),
      remove: (path: string) => written.delete(path),
    } as unknown as Files;
    const journal = createJournal(files, { secrets: [], onLost: () => {}, mostBytes: 250 });
    journal.openIn("/runs", random);
    // Each line has 104 bytes: two fit.
    for (let count = 0; count < 13; count++) journal.keep(line("event"));
    expect([...written]).toEqual([
      ["/runs/-abcd-4.jsonl", 2],
      ["/runs/-abcd-5.jsonl", 2],
      ["/runs/-abcd-6.jsonl", 2],
      ["/runs/-abcd-7.jsonl", 1],
    ]);
  });
});

describe("a line of the log", () => {
  it("tells fields of the list alone, without secrets, e-mail addresses or texts without end", () => {
    const fields = {
      rows: 3,
      customer: "Ann Lee",
      payload: "{}",
      why: "HTTP 400: canary-1 of ann.lee@example.com and ann%40example.org",
      message: "x".repeat(2000),
      code: undefined,
    };
    const safe = safeLine({ ...line("http"), fields }, [new Secret("canary-1")]);
    expect(safe.fields).toEqual({
      rows: 3,
      why: "HTTP 400: [redacted] of [e-mail] and [e-mail]",
      message: "x".repeat(500),
    });
  });

  it("stays one line, whatever its texts hold", () => {
    const written: string[] = [];
    const journal = createJournal({ append: (_: string, text: string) => written.push(text) } as unknown as Files, {
      secrets: [],
      onLost: () => {},
    });
    journal.openIn("/runs", random);
    const fields = { why: 'a\nb\u2028"}\r\n{"level":"info"' };
    journal.keep(safeLine({ ...line("forged"), fields }, []));
    expect(written.join("").trimEnd().split(/\r?\n/)).toHaveLength(1);
  });
});

describe("a change of a workspace", () => {
  it("is noticed once for each, by whatever call it is made, and reading is none", () => {
    const inside = "/workspaces/repo/workspaces/acme";
    const changed: string[] = [];
    const calls: string[] = [];
    const call = (name: string) => (path: string) => void calls.push(`${name} ${path}`);
    const names = ["makeFolder", "write", "append", "rename", "remove", "openLog", "link", "copy", "external", "read"];
    const real = Object.fromEntries(names.map((name) => [name, call(name)]));
    const stat = (path: string) =>
      /\/repo\/workspaces\/\w+\/workspace\.json$/.test(path) ? { kind: "file" } : undefined;
    const noticing = () => noticingChanges({ ...real, stat } as unknown as Files, (root) => changed.push(root));
    const files = noticing();
    files.read(`${inside}/salt`);
    files.write("/workspaces/repo/growthos.config.ts", "");
    files.write("/workspaces/repo/workspaces/.new-beta-01/salt", "");
    expect(changed).toEqual([]);
    files.write(`${inside}/out/x`, "");
    files.remove(`${inside}/out/x`);
    files.write("/workspaces/repo/workspaces/beta/salt", "");
    expect(changed).toEqual([inside, "/workspaces/repo/workspaces/beta"]);
    const others: readonly ((one: Files) => unknown)[] = [
      (one) => one.makeFolder(`${inside}/a`),
      (one) => one.append(`${inside}/a`, ""),
      (one) => one.rename(`${inside}/a`, "/b"),
      (one) => one.remove(`${inside}/a`),
      (one) => one.openLog(`${inside}/a`),
      (one) => one.link("/b", `${inside}/a`),
      (one) => one.copy("/b", `${inside}/a`),
      (one) => one.external("copy", `${inside}/a`, async () => 1),
    ];
    for (const other of others) {
      changed.length = 0;
      other(noticing());
      expect(changed).toEqual([inside]);
    }
  });
});
