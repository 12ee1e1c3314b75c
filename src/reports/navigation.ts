/** How a reader finds a page among many: few groups, in the order in which a week is gone through. */

/** A page as the navigation lists it. */
export interface NavigationItem {
  readonly page: string;
  readonly title: string;
}

/** Pages that are looked at together. */
export interface NavigationGroup {
  readonly title: string;
  readonly items: readonly NavigationItem[];
}

/** A page that no group names stands under "More". */
const GROUPS: readonly { readonly title: string; readonly pages: readonly string[] }[] = [
  { title: "Overview", pages: ["executive", "wbr", "daily", "alerts"] },
  { title: "Marketing", pages: ["channels", "campaigns", "attribution", "funnel"] },
  { title: "Customers", pages: ["products", "cohorts", "branches"] },
  { title: "Money", pages: ["unit-economics", "pnl", "ledger"] },
  {
    title: "Tasks",
    pages: ["tasks-purchases", "tasks-carts", "tasks-searches", "tasks-visits", "tasks-performance"],
  },
  { title: "Data", pages: ["data-health", "connections", "jobs", "metrics", "lineage"] },
];
const REST = "More";

/** The groups that have pages, each in the order of its list. The index belongs to none: it is the way to all of them. */
export function groupsOf(items: readonly NavigationItem[]): readonly NavigationGroup[] {
  const known = GROUPS.map(({ title, pages }) => ({
    title,
    items: pages.flatMap((page) => items.find((item) => item.page === page) ?? []),
  }));
  const named = new Set([...GROUPS.flatMap(({ pages }) => pages), "index"]);
  const rest = { title: REST, items: items.filter((item) => !named.has(item.page)) };
  return [...known, rest].filter((group) => group.items.length > 0);
}
