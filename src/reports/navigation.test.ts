import { describe, expect, it } from "vitest";
import { groupsOf } from "./navigation.js";
import { PAGES } from "./pages/index.js";

describe("groups of pages", () => {
  it("keep their own order, leave out what is not there, and list what nobody knows at the end", () => {
    const items = ["own-page", "lineage", "funnel", "index", "channels", "jobs"].map((page) => ({ page, title: page }));
    expect(groupsOf(items).map(({ title, items: own }) => [title, own.map(({ page }) => page)])).toEqual([
      ["Marketing", ["channels", "funnel"]],
      ["Data", ["jobs", "lineage"]],
      ["More", ["own-page"]],
    ]);
    expect(groupsOf([])).toEqual([]);
  });

  it("know every page of the program", () => {
    const groups = groupsOf(PAGES.map(({ id, title }) => ({ page: id, title })));
    expect(groups.map(({ title }) => title)).not.toContain("More");
  });
});
