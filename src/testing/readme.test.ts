/** The README's generated blocks equal what the program says of itself. Outside CI a block that differs is rewritten: look at it, commit it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../base/errors.js";
import { COMMANDS } from "../cli/commands/index.js";
import { answerKeyMarkdown } from "../demo/anomalies.js";
import { followUpsMarkdown } from "../demo/follow-ups.js";
import { METRICS } from "../metrics/catalog/index.js";
import { projectFiles, ROOT, textOf } from "./source.js";

const BLOCKS: Readonly<Record<string, () => string>> = {
  commands: () =>
    table(
      ["command", "what it does"],
      COMMANDS.map(({ name, summary }) => [`\`${name}\``, summary]),
    ),
  "exit codes": () =>
    table(
      ["code", "meaning"],
      Object.values(EXIT).map(({ code, meaning }) => [String(code), meaning]),
    ),
  metrics: () =>
    table(
      ["metric", "formula", "unit", "elsewhere"],
      METRICS.map(({ id, formula, unit, disputed = "" }) => [`\`${id}\``, formula, unit, disputed]),
    ),
  "answer key": () => answerKeyMarkdown().trimEnd(),
  "follow-ups": () => followUpsMarkdown().trimEnd(),
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

describe("README", () => {
  it.each(Object.keys(BLOCKS))("has the generated block of %s as it is now", (name) => {
    const text = textOf("README.md");
    const [open, close] = [`<!-- ${name}: generated -->\n`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(open) + open.length, text.indexOf(close)];
    expect(from).toBeGreaterThan(open.length);
    const expected = `${BLOCKS[name]?.()}\n`;
    if (text.slice(from, to) !== expected && !process.env["CI"]) {
      writeFileSync(join(ROOT, "README.md"), text.slice(0, from) + expected + text.slice(to));
    }
    expect(text.slice(from, to)).toBe(expected);
  });

  it("names only commands and files that exist", () => {
    const text = textOf("README.md");
    const names = COMMANDS.map(({ name }) => name.split(" ")[0]);
    const used = [...text.matchAll(/(?:npx |`)growthos ([a-z]+)/g)].map((match) => match[1]);
    expect(used.filter((name) => !names.includes(name))).toEqual([]);
    const files = new Set(projectFiles());
    const linked = [...text.matchAll(/`((?:src|sql|fixtures|bench)\/[\w./-]+\.\w+)`|\]\(([\w./-]+)\)/g)].map(
      (match) => match[1] ?? match[2],
    );
    expect(linked.filter((path) => path !== undefined && !files.has(path))).toEqual([]);
  });

  it("has a map that fits on a page", () => {
    expect(textOf("src/README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(80);
  });
});

describe("every command", () => {
  it.each(COMMANDS)("$name describes itself as the list does, with an example", async ({ name, summary, load }) => {
    const { command } = await load();
    expect({ name: command.name, summary: command.summary }).toEqual({ name, summary });
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) expect(example).toContain(`growthos ${name}`);
  });
});
