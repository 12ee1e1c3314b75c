import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock, systemClock } from "../../base/clock.js";
import { runProgram } from "../../testing/program.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";

/** One event of an export in JSON lines; times are UTC. */
function event(name: string, at: string, more: Readonly<Record<string, unknown>> = {}): string {
  const {
    client = "c1",
    session = 1,
    params = {},
    user,
    ...rest
  } = more as {
    client?: string;
    session?: number;
    user?: string;
    params?: Readonly<Record<string, string>>;
  };
  const param = (key: string, value: string | number) => ({
    key,
    value: typeof value === "string" ? { string_value: value } : { int_value: value },
  });
  return JSON.stringify({
    event_date: at.slice(0, 10).replaceAll("-", ""),
    event_timestamp: Date.parse(at) * 1000,
    event_name: name,
    user_pseudo_id: client,
    event_params: [param("ga_session_id", session), ...Object.entries(params).map(([key, value]) => param(key, value))],
    user_properties: user === undefined ? [] : [param("WebUserId", user)],
    ...rest,
  });
}

const HAT = [{ item_id: "h", item_name: '=HYPERLINK("x")', price: 400, quantity: 2 }];
const USD = { currency: "USD" };
const sale = (id: string, total: number) => ({
  params: { ...USD, transaction_id: id },
  ecommerce: { transaction_id: id, purchase_revenue: total },
  items: HAT,
});
const DAYS: Readonly<Record<string, readonly string[]>> = {
  // c1 (user 7) leaves a cart of 800.00, c2 one without a price.
  "20260205": [
    event("add_to_cart", "2026-02-05T10:00:00Z", { user: "7", params: USD, items: HAT }),
    event("add_to_cart", "2026-02-05T11:00:00Z", {
      client: "c2",
      params: USD,
      items: [{ item_id: "m", item_name: "Mug" }],
    }),
  ],
  // Purchases of 1,200.00 (35 hours old), 90.00, 300.00; and nothing found for one term.
  "20260207": [
    event("purchase", "2026-02-07T13:00:00Z", { client: "c3", ...sale("T1", 1200) }),
    event("purchase", "2026-02-07T14:00:00Z", { client: "c4", ...sale("T2", 90) }),
  ],
  "20260208": [
    event("purchase", "2026-02-08T14:00:00Z", { client: "c5", ...sale("T3", 300) }),
    event("no_search_results", "2026-02-08T15:00:00Z", {
      client: "c6",
      params: { no_search_results_term: "blue tea" },
    }),
  ],
};

let folder = "";
const growthos = (...argv: readonly string[]) => at("2026-02-09", ...argv);
const at = (day: string, ...argv: readonly string[]) =>
  runProgram(argv, {
    cwd: folder,
    env: { HOME: join(folder, "home"), USER: "ada" },
    clock: fixedClock(Date.parse(`${day}T12:00:00Z`)),
  });

interface Listed {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly totals: readonly unknown[];
  readonly tasks: readonly {
    readonly id: string;
    readonly type: string;
    readonly value_minor: number | null;
    readonly state: string;
  }[];
}
const list = async (...argv: readonly string[]): Promise<Listed> => {
  const { stdout, stderr } = await growthos("tasks", "list", "--json", ...argv);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Listed;
};
const values = ({ tasks }: Listed) => tasks.map(({ type, value_minor: value }) => `${type} ${value}`);
const idOf = async (type: string, value: number | null) =>
  (await list("--state", "all")).tasks.find((task) => task.type === type && task.value_minor === value)?.id ?? "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "growthos-tasks-"));
  mkdirSync(join(folder, "export"));
  for (const [day, lines] of Object.entries(DAYS))
    writeFileSync(join(folder, "export", `events_${day}.json`), `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "users.csv"), "id,company,name,mail,cell\n7,Acme,Ann Lee,ann@acme.example,+1 555\n");
  const columns = { user_id: "id", company_name: "company", user_name: "name", email: "mail", cell_phone: "cell" };
  const config = {
    shop: { name: "Tiny", currency: "USD", timeZone: "UTC" },
    pii: "keep",
    sources: {
      ga4_events: { folder: "export" },
      files: { imports: [{ path: "users.csv", as: "users", columns }] },
    },
  };
  writeFileSync(join(folder, "growthos.config.ts"), `export default ${JSON.stringify(config)};\n`);
  for (const step of ["sync", "build"]) {
    const { exit, stderr } = await growthos(step, "--quiet");
    expect(exit, stderr).toBe(0);
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("growthos tasks list", () => {
  it("sorts, filters, pages, counts and sums the whole set", async () => {
    const all = await list();
    // High: 1,200.00 and the cart of 800.00. Medium: 300.00, the cart of unknown value (85 hours: low). Low: 90.00, one search.
    expect(values(all)).toEqual([
      "purchase 120000",
      "cart 80000",
      "purchase 30000",
      "purchase 9000",
      "search null",
      "cart null",
    ]);
    expect(all).toMatchObject({
      total: 6,
      page: 1,
      pages: 1,
      facets: {
        type: { purchase: 3, cart: 2, search: 1 },
        priority: { high: 2, low: 3, medium: 1 },
        state: { open: 6 },
        branch: { none: 6 },
      },
      totals: [{ currency: "USD", tasks: 4, value_minor: 239_000 }],
    });
    expect(values(await list("--sort", "value", "--order", "asc", "--limit", "2"))).toEqual([
      "purchase 9000",
      "purchase 30000",
    ]);
    expect(values(await list("--sort", "age", "--type", "cart"))).toEqual(["cart 80000", "cart null"]);
    const second = await list("--limit", "4", "--page", "2");
    expect([second.total, second.pages, ...values(second)]).toEqual([6, 2, "search null", "cart null"]);
    // Bug 8 of the predecessor: an empty page had no totals.
    expect(await list("--limit", "4", "--page", "9")).toMatchObject({
      total: 6,
      tasks: [],
      facets: all.facets,
      totals: all.totals,
    });
    expect(values(await list("--search", "TEA blue"))).toEqual(["search null"]);
    expect(values(await list("--search", "acme"))).toEqual(["cart 80000"]);
    expect(values(await list("--search", "'; drop table fact_tasks; --"))).toEqual([]);
    expect(values(await list("--priority", "low,medium", "--from", "2026-02-08"))).toEqual([
      "purchase 30000",
      "search null",
    ]);
    expect((await list("--branch", "none", "--to", "2026-02-05")).total).toBe(2);
  });

  it("tells people the same, and says what is wrong", async () => {
    const shown = await growthos("tasks", "list", "--type", "cart");
    expect(shown.stdout).toContain("800.00 USD  Acme");
    expect(shown.stdout).toContain("2 tasks, page 1 of 1: 2 cart; 1 high, 1 low\nworth $800.00 in 1 task");
    const { tasks } = JSON.parse((await growthos("tasks", "list", "--type", "cart", "--json")).stdout);
    const other = tasks.find(({ person }: { readonly person: string }) => person === "p:c2");
    expect((await growthos("tasks", "show", other.id)).stdout).toContain(
      "person    anonymous visitor (growthos timeline --user p:c2)",
    );
    expect((await growthos("timeline", "--user", "p:c2")).stdout).toContain(
      "nobody that the shop's list knows: anonymous visitor",
    );
    expect(shown.stdout).toMatch(/unknown {2}anonymous visitor .*left in the cart: 1 x Mug; 1 item without a price/);
    // Contact data are in no list.
    expect((await growthos("tasks", "list", "--json")).stdout).not.toContain("ann@acme.example");
    expect((await growthos("tasks", "list", "--type", "basket")).stderr).toContain('not "basket"');
    expect((await growthos("tasks", "list", "--limit", "0")).stderr).toContain("--limit takes a whole number from 1");
    expect((await growthos("tasks", "list", "--from", "2026-02-31")).stderr).toContain("--from takes a day");
    expect((await growthos("tasks", "list", "--search", "nothing")).stdout).toContain("No task is like that");
  });
});

describe("what is said about tasks", () => {
  it("holds at once and for good: done stays done, re-opened is open (bug 10 of the predecessor)", async () => {
    const id = await idOf("purchase", 30_000);
    const said = await growthos("tasks", "done", id.slice(0, 16), "--note", "called");
    expect([said.exit, said.stdout], said.stderr).toEqual([0, `done: ${id}`]);
    expect((await list()).total).toBe(5);
    // A new build, and a day later, changes nothing.
    expect((await at("2026-02-10", "build", "--quiet")).exit).toBe(0);
    expect((await list("--state", "done")).tasks.map((task) => task.id)).toEqual([id]);
    expect((await growthos("tasks", "reopen", id, "--by", "bob")).exit).toBe(0);
    expect((await list()).total).toBe(6);
    const { history, task } = JSON.parse((await growthos("tasks", "show", id, "--json")).stdout) as {
      history: readonly Record<string, unknown>[];
      task: Record<string, unknown>;
    };
    expect(history).toMatchObject([
      { change: "done", by: "ada", note: "called", at: "2026-02-09T12:00:00.000Z" },
      { change: "reopened", by: "bob", note: null },
    ]);
    expect(task).toMatchObject({ state: "open", value_minor: 30_000 });
  });

  it("lets a snoozed task return on its day, and knows whose it is", async () => {
    const [cart, other] = [await idOf("cart", 80_000), await idOf("cart", null)];
    expect((await growthos("tasks", "snooze", cart, "--until", "2026-02-12")).exit).toBe(0);
    expect((await growthos("tasks", "assign", cart, other, "--to", "ada@example.com")).exit).toBe(0);
    expect((await list("--type", "cart")).tasks.map((task) => task.id)).toEqual([other]);
    expect((await list("--state", "snoozed", "--assignee", "ADA@example.com")).total).toBe(1);
    const on = async (day: string) =>
      JSON.parse((await at(day, "tasks", "list", "--type", "cart", "--json")).stdout).total;
    expect([await on("2026-02-11"), await on("2026-02-12")]).toEqual([1, 2]);
    await growthos("tasks", "assign", other, "--to", "nobody");
    expect((await list("--assignee", "nobody", "--type", "cart")).tasks.map((task) => task.id)).toEqual([other]);
    const shown = (await growthos("tasks", "show", cart.slice(5, 12))).stdout;
    expect(shown).toContain("snoozed until 2026-02-12, assigned to ada@example.com");
    expect(shown).toContain("Ann Lee, ann@acme.example, +1 555");
    expect(shown).toMatch(/2026-02-09 12:00 {2}ada {2}snoozed until 2026-02-12/);
    expect((await growthos("tasks", "snooze", cart, "--until", "2026-02-09")).stderr).toContain(
      "is not after 2026-02-09",
    );
  });

  it("is heard while a build runs, and waits for a sync when told to", async () => {
    const ws = openWorkspace({ projectRoot: folder, name: "main", files: diskFiles });
    const lock = { waitMs: 0, clock: systemClock, owner: "a test" };
    const id = await idOf("search", null);
    const said = await withLock(ws, "build", lock, () => growthos("tasks", "done", id));
    expect([said.exit, said.stdout], said.stderr).toEqual([0, `done: ${id}`]);
    expect((await withLock(ws, "ingest", lock, () => growthos("tasks", "reopen", id))).exit).toBe(6);
    expect((await list("--state", "done")).tasks.map((task) => task.id)).toEqual([id]);
    expect((await growthos("tasks", "reopen", id)).exit).toBe(0);
  });

  it("asks back when several are meant, says what is near when none is, and then says nothing about any", async () => {
    const many = await growthos("tasks", "done", "purchase-");
    expect([many.exit, many.stderr]).toEqual([
      2,
      expect.stringMatching(/TASK_AMBIGUOUS.*\n.*purchase-[0-9a-f]{16} \(purchase, 2026/),
    ]);
    const id = await idOf("purchase", 9000);
    const typo = await growthos("tasks", "done", id, `${id.slice(0, -2)}zz`);
    expect([typo.exit, typo.stderr]).toEqual([2, expect.stringContaining(`did you mean ${id}`)]);
    expect((await list("--state", "done")).total).toBe(0);
    expect((await growthos("tasks", "done", id, "--dry-run")).exit).toBe(0);
    expect((await list("--state", "done")).total).toBe(0);
    expect((await growthos("tasks", "assign", id, "--to", " ")).stderr).toContain("--to takes one line");
  });
});

describe("growthos tasks export", () => {
  it("writes CSV in which nothing is a formula, with contact data because the shop keeps them", async () => {
    const { exit, stdout, stderr } = await growthos("tasks", "export", "--type", "cart", "--state", "all");
    expect(exit).toBe(0);
    expect(stderr).toContain("Contains names, e-mail addresses and phone numbers");
    const [head = "", first = "", second = ""] = stdout.split("\n");
    expect(head).toContain("company,contact,email,cell_phone,office_phone,user_id,value,refund,currency");
    expect(first).toContain("Acme,Ann Lee,ann@acme.example,'+1 555,,7,800.00,,USD");
    expect(first).toContain('"2 x =HYPERLINK(""x"")"');
    expect(second).toContain(",,1 x Mug,1,1,");
  });

  it("writes JSON lines and workbooks", async () => {
    const lines = (await growthos("tasks", "export", "--format", "jsonl", "--type", "search")).stdout.split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { type: "search", subject: "blue tea", search_count: 1 },
    ]);
    expect((await growthos("tasks", "export", "--format", "xlsx")).stderr).toContain("add --out tasks.xlsx");
    const out = join(folder, "tasks.xlsx");
    const { stdout } = await growthos(
      "tasks",
      "export",
      "--format",
      "xlsx",
      "--out",
      out,
      "--type",
      "cart",
      "--state",
      "all",
    );
    expect(stdout).toContain("tasks.xlsx: 2 tasks. Contains names");
    const sheets = await readWorkbook(out);
    expect(sheets[0]?.slice(0, 4)).toEqual(["id", "type", "kind", "priority"]);
    expect(sheets[1]).toEqual(expect.arrayContaining(["Acme", "+1 555", 800, '2 x =HYPERLINK("x")']));
  });
});

/** The rows of a workbook's first sheet, read by a reader that did not write it. */
async function readWorkbook(path: string): Promise<readonly (readonly unknown[])[]> {
  const parts = unzipSync(readFileSync(path));
  expect(Object.keys(parts)).toContain("xl/workbook.xml");
  const { readSheet } = await import("read-excel-file/node");
  return readSheet(path);
}

describe("growthos timeline", () => {
  it("shows a visit and a person with who it was, in order", async () => {
    const visit = (await growthos("timeline", "--session", "c1.1")).stdout;
    expect(visit).toContain("user 7, Acme, Ann Lee, ann@acme.example, +1 555");
    expect(visit).toMatch(/2026-02-05 10:00:00 {2}add to cart {2}c1\.1 {5}2 x =HYPERLINK/);
    const { users, events, total } = JSON.parse(
      (await growthos("timeline", "--user", "Ann@acme.example", "--json")).stdout,
    );
    expect([total, users[0].company, events[0].items[0].price_minor]).toEqual([1, "Acme", 40_000]);
    expect((await growthos("timeline", "--user", "c5")).stdout).toContain(
      "transaction T3, 300.00 USD paid, 2 x =HYPERLINK",
    );
    const wrong = await growthos("timeline", "--session", "1");
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining("TIMELINE_UNKNOWN")]);
    expect((await growthos("timeline")).stderr).toContain("whose timeline?");
  });
});
