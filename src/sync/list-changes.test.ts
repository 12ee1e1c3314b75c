import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { hmac256 } from "../base/hash.js";
import { imports, type Project, payloads, project } from "../testing/imports.js";
import { removeFolders } from "../testing/workspace.js";
import { readSalt } from "../warehouse/layout.js";
import { readLog } from "../warehouse/log.js";

afterAll(removeFolders);

const HEADER = "USER_ID,Name,CUSTOMER_NAME,EMAIL,DEFAULT_BRANCH_ID";
const DAY = Date.parse("2026-02-09T06:00:00Z");

/** Puts the list of users of a day into the project and imports it. */
async function read(own: Project, day: number, rows: readonly string[], pii: "hash" | "keep" = "hash") {
  own.put("lists/users.csv", `${[HEADER, ...rows].join("\n")}\n`);
  const outcome = await own.sync({
    ...imports({ path: "lists/users.csv", as: "users" }),
    pii,
    clock: fixedClock(DAY + day * 86_400_000),
  });
  expect([outcome.failures, outcome.warnings]).toEqual([[], []]);
}

const changes = async (own: Project) =>
  (await payloads(own.ws, "list_changes")).map(({ key, change, rows, seen_at: seen }) => ({ key, change, rows, seen }));

describe("a list that replaces another", () => {
  it("tells who changed, came and left, with the whole row before and after; the first list tells nothing", async () => {
    const own = await project();
    await read(own, 0, ["7,Ana,Acme,ana@example.com,1", "8,Ben,Bolt,ben@example.com,1", "9,Cy,Corp,cy@example.com,2"]);
    expect(readLog(own.ws).map(({ added }) => added.length)).toEqual([1]);
    // The order of rows and the case of an e-mail are no change of anybody.
    await read(own, 1, ["10,Di,Deli,,3", "9,Cy,Corp,CY@example.com,2", "7,Ana,Acme Ltd,ana@example.com,1"]);
    expect(readLog(own.ws).map(({ added }) => added.map(({ stream }) => stream))).toEqual([
      ["users"],
      ["users", "list_changes"],
    ]);
    const hash = (text: string) => hmac256(readSalt(own.ws), text);
    const ana = { user_name: hash("ana"), email: hash("ana@example.com"), location_id: "1" };
    const seen = "2026-02-10T06:00:00.000Z";
    expect(await changes(own)).toEqual(
      expect.arrayContaining([
        {
          key: "7",
          change: "changed",
          rows: [
            { ...ana, company_name: "Acme" },
            { ...ana, company_name: "Acme Ltd" },
          ],
          seen,
        },
        { key: "8", change: "gone", rows: [expect.objectContaining({ company_name: "Bolt" }), null], seen },
        {
          key: "10",
          change: "added",
          rows: [null, { user_name: hash("di"), company_name: "Deli", location_id: "3" }],
          seen,
        },
      ]),
    );
    expect(await changes(own)).toHaveLength(3);
    await read(own, 2, ["7,Ana,Acme Ltd,ana@example.com,1", "10,Di,Deli,,3", "9,Cy,Corp,cy@example.com,2"]);
    expect(await changes(own)).toHaveLength(3);
  });

  it("does not take a hash that becomes a plain text for a change, and of two rows of one user the last one", async () => {
    const own = await project();
    await read(own, 0, ["7,Ana,Acme,ana@example.com,1", "7,Ana,Acme,ana@example.com,2"]);
    await read(own, 1, ["7,Ana,Acme,ana@example.com,2"], "keep");
    expect(await payloadsIfAny(own)).toEqual([]);
    await read(own, 2, ["7,Ana,Acme,ana@acme.example,2"], "keep");
    expect((await changes(own)).map(({ change, rows }) => [change, rows])).toEqual([
      [
        "changed",
        [expect.objectContaining({ email: "ana@example.com" }), expect.objectContaining({ email: "ana@acme.example" })],
      ],
    ]);
  });
});

const payloadsIfAny = async (own: Project) =>
  readLog(own.ws).some(({ added }) => added.some(({ stream }) => stream === "list_changes")) ? changes(own) : [];
