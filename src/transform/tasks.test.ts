/** The eighteen bugs that were found in a predecessor's lists, each with the case that holds the corrected expectation. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "../testing/evaluate.js";
import { root } from "../testing/root.js";

const MODELS = "fixtures/models";
/** Number -> what was wrong, the file of its case, and words that stand in it. */
const BUGS: readonly (readonly [number, string, string, string])[] = [
  [1, "session numbers are unique per visitor only", `${MODELS}/fact_sessions.bug_01_session_numbers.json`, "Bug 1 "],
  [2, "anonymous people vanish", `${MODELS}/fact_visit_tasks.bug_02_anonymous_people.json`, "Bug 2 "],
  [3, "carts of events and first items", `${MODELS}/fact_cart_items.bug_03_what_is_left.json`, "Bug 3 "],
  [3, "carts that are still open, or bought", `${MODELS}/fact_cart_tasks.bug_03_quiet_and_bought.json`, "Bug 3 "],
  [4, "purchases doubled, refunds ignored", `${MODELS}/fact_purchase_tasks.bug_04_once_and_refunded.json`, "Bug 4 "],
  [5, "pages of results instead of terms", `${MODELS}/fact_search_tasks.bug_05_terms_not_pages.json`, "Bug 5 "],
  [6, "no result by an English title", `${MODELS}/fact_sessions.bug_06_searches.json`, "Bug 6 "],
  [7, "no purchase, never checked", `${MODELS}/fact_visit_tasks.bug_07_really_no_purchase.json`, "Bug 7 "],
  [8, "totals of the page, null on an empty one", "src/cli/commands/tasks.test.ts", "Bug 8 "],
  [9, "priority in the browser", `${MODELS}/fact_tasks.bug_09_priority.json`, "Bug 9 "],
  [10, "done is never stored", "src/cli/commands/tasks.test.ts", "bug 10 "],
  [11, "an error is an empty list", "src/sync/run.test.ts", "does not move the cursor on a short read"],
  [12, "days of UTC, times as text", `${MODELS}/fact_tasks.bug_12_time_zones.json`, "Bug 12 "],
  [13, "SQL by interpolation", "src/cli/commands/tasks.test.ts", "drop table fact_tasks"],
  [13, "any host key is taken", "src/http/sftp.test.ts", "refused with any host key but the pinned one"],
  [
    14,
    "a report per rep, nothing when nothing happened",
    "src/reports/pages/tasks.test.ts",
    "says so when there is nothing",
  ],
  [15, "retention is not enforced", `${MODELS}/fact_purchase_tasks.bug_04_once_and_refunded.json`, "90 days before"],
  [16, "documents and answers differ", "src/testing/readme.test.ts", "generated block"],
  [
    17,
    "blank contacts, other fields for each search",
    `${MODELS}/fact_tasks.bug_17_company_and_contact.json`,
    "Bug 17 ",
  ],
  [18, "nothing is encrypted", "src/vault/envelope.test.ts", "a second implementation opens it"],
];

describe("bugs of a predecessor", () => {
  it.each(BUGS)("%i (%s) has its case", (_number, _what, path, words) => {
    expect(existsSync(join(root, path)), path).toBe(true);
    expect(readFileSync(join(root, path), "utf8")).toContain(words);
  });

  it("are all there", () => {
    expect([...new Set(BUGS.map(([number]) => number))]).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
  });
});

describe("a task", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it("keeps its key from build to build, and when its browser gets a name", async () => {
    const add = (key: string, at: string, user: string | null) => ({
      ...{
        event_date: at.slice(0, 10),
        event_key: key,
        event_kind: "add_to_cart",
        event_name: "add_to_cart",
        event_at: at,
      },
      ...{ user_pseudo_id: "c1", ga_session_id: key, session_key: `c1.${key}`, currency: "USD", web_user_id: user },
    });
    const first = [add("a", "2026-02-01T10:00:00Z", null)];
    const [anonymous] = await bench.rowsOf("fact_cart_tasks", { stg_events: first });
    const later = [...first, add("b", "2026-02-03T10:00:00Z", "7")];
    const [named] = await bench.rowsOf("fact_cart_tasks", { stg_events: later });
    expect([anonymous?.["person_key"], named?.["person_key"]]).toEqual(["p:c1", "u:7"]);
    expect(named?.["task_key"]).toBe(anonymous?.["task_key"]);
    expect(named?.["piece_count"]).toBe(2);
  });
});
