/** What `bench/RESULTS.md` says about how a figure came to be. */
import { describe, expect, it } from "vitest";

const { command } = await import(new URL("../../bench/results.js", import.meta.url).href);

describe("the command of a section", () => {
  it.each([
    [[], "npm run bench:peers"],
    [["--orders", "50000", "--rounds", "1"], "npm run bench:peers -- --orders 50000 --rounds 1"],
    [["--tools", "/opt/tools", "--only=dbt"], "npm run bench:peers -- --tools <folder> --only=dbt"],
    [["--tools=/opt/tools"], "npm run bench:peers -- --tools=<folder>"],
  ])("has the arguments that were given: %j", (given, wanted) => {
    expect(command("bench:peers", given)).toBe(wanted);
  });
});
