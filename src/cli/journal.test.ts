import { describe, expect, it } from "vitest";
import type { Files } from "../base/files.js";
import { Secret } from "../base/secret.js";
import { createJournal, type LogLine } from "./journal.js";

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
    } as unknown as Files;
    const journal = createJournal(files, { secrets: [], onLost: (reason) => lost.push(reason) });
    journal.openIn("/runs", random);
    journal.keep(line("first"));
    journal.keep(line("second"));
    expect(lost).toEqual(["no space"]);
  });
});
