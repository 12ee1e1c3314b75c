import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { runProgram } from "./program.js";
import { ROOT } from "./source.js";
import { freshFolder, removeFolders } from "./workspace.js";

// What leaves the process: answers over standard input and output, and answers on disk.

afterAll(removeFolders);

const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
const cwd = freshFolder();
const run = (...args: readonly string[]) => runProgram(args, { cwd, clock });

beforeAll(async () => {
  const config = {
    shop: { name: "S", currency: "USD", timeZone: "UTC" },
    intake: { webhooks: {} },
    asOf: "2026-02-09",
  };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
  const order = { id: "1", created_at: "2026-02-08T10:00:00Z", currency: "USD", status: "paid", total: "12.34" };
  writeFileSync(join(cwd, "orders.ndjson"), JSON.stringify(order));
  for (const line of ["ingest webhooks orders.ndjson --topic orders", "build"])
    expect((await run(...line.split(" "))).exit).toBe(0);
});

async function connected(folder: string): Promise<Client> {
  const client = new Client({ name: "test", version: "0.0.0" });
  const args = [join(ROOT, "bin/growthos.js"), "mcp"];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: folder, stderr: "ignore" }));
  return client;
}

describe("growthos mcp as a process", () => {
  it("says nothing but the protocol, answers with the figure, and ends with its client", async () => {
    const client = await connected(cwd);
    expect((await client.listTools()).tools).toHaveLength(6);
    const window = "2026-02-08..2026-02-08";
    const told = await client.callTool({ name: "query_metrics", arguments: { metrics: ["net_revenue"], window } });
    // As people read it, beside the minor units.
    expect(JSON.stringify(told.content)).toMatch(/\$12\.34.*1234/s);
    const strange = await client.callTool({ name: "query_metrics", arguments: { metrics: ["net_revenu"], window } });
    expect([strange.isError, JSON.stringify(strange.content)]).toEqual([true, expect.stringContaining("net_revenue")]);
    await client.close();
  });

  it("is refused where nothing was built", async () => {
    await expect(connected(freshFolder())).rejects.toThrow(/closed/i);
  });
});

describe("growthos ask --save", () => {
  it("writes the answer as a page that holds the figure, and runs no word of the question", async () => {
    const page = join(cwd, "answer.html");
    expect((await run("ask", "net revenue yesterday", "--save", page)).exit).toBe(0);
    const html = readFileSync(page, "utf8");
    expect(html).toContain("$12.34");
    expect(html).toContain("2026-02-08");
    const odd = await run("ask", "net revenue of <script>alert(1)</script>", "--save", join(cwd, "odd.html"));
    expect([odd.exit, existsSync(join(cwd, "odd.html"))]).toEqual([2, false]);
  });

  it("says where it cannot be saved", async () => {
    for (const path of [join(cwd, "answer.txt"), join(cwd, "missing/answer.html")]) {
      const { exit, stderr } = await run("ask", "net revenue yesterday", "--save", path);
      expect([exit, existsSync(path)]).toEqual([2, false]);
      expect(stderr).toMatch(/saved as \.html|there is no folder/);
    }
  });
});
