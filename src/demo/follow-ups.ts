// What was hidden in the demo for sales people to find: the answer key of tasks and branches.
import { BRANCHES, type Branch, MEMBERS, type Member } from "./branches.js";

/** Entry page of the last week's paid social visits; three of four of them end there. */
export const BOUNCE_PAGE = "/pages/winter-edit";
/** Looked for by `who` of `no_results`, so many times in one visit. */
export const VAIN = { term: "conference lanyards", times: 4 };
/** What `who` of `no_conversion` looked for in one visit. */
export const SOUGHT = ["paper cups", "oat milk", "filter papers", "cup lids"];
/** Days before the last one on which `who` of `repeat_visits` came, and how many pages each visit saw. */
export const CAME_AGAIN = { daysBefore: [10, 6, 5, 4, 2], pages: 4 };
/** Put into the cart, and taken out of it again; money in cents at the catalogue's prices. */
export const CART = {
  put: [
    ["Chunky Knit Throw", 8],
    ["Soy Candle", 24],
  ],
  taken: ["Soy Candle", 4],
  leftCents: 130_400,
} as const;
/** The page that `who` of `bounced_session` left. */
export const LEFT_PAGE = "/pages/delivery-times";

/** Something that must be among the tasks. */
export interface FollowUp {
  /** `task_kind` of the task. */
  readonly kind:
    | "purchase"
    | "cart"
    | "no_results"
    | "no_conversion"
    | "repeat_visits"
    | "bounce_page"
    | "bounced_session";
  /** Null where it is about nobody. */
  readonly who: Member | null;
  readonly what: string;
}

function member(index: number): Member {
  const found = MEMBERS[index];
  if (found === undefined) throw new RangeError(`the list has no member ${index}`);
  return found;
}

/** The best buyer of the strongest branch. */
export const BEST_BUYER = member(1);

/** What tasks must hold; everybody who is named here did nothing else of that kind. */
export const FOLLOW_UPS: Readonly<Record<FollowUp["kind"], FollowUp>> = {
  purchase: { kind: "purchase", who: BEST_BUYER, what: "the newest order of the best buyer" },
  cart: { kind: "cart", who: member(6), what: "8 throws and 20 candles, $1,304, left at the desk two days ago" },
  no_results: {
    kind: "no_results",
    who: member(7),
    what: `"${VAIN.term}" ${VAIN.times} times in one visit, nothing found`,
  },
  no_conversion: {
    kind: "no_conversion",
    who: member(11),
    what: `${SOUGHT.length} different terms in one visit, nothing bought`,
  },
  repeat_visits: {
    kind: "repeat_visits",
    who: member(8),
    what: `${CAME_AGAIN.daysBefore.length} visits of ${CAME_AGAIN.pages} pages in ten days, nothing bought`,
  },
  bounce_page: {
    kind: "bounce_page",
    who: null,
    what: `${BOUNCE_PAGE}, where paid social's visits of the last week end`,
  },
  bounced_session: { kind: "bounced_session", who: member(3), what: `one look at ${LEFT_PAGE}, three days ago` },
};

/** The branch with the most web revenue, and the one with the least although as many people come. */
export const STRENGTHS: { readonly strong: Branch; readonly weak: Branch } = {
  strong: BRANCHES.seattle,
  weak: BRANCHES.austin,
};

/** The answer key of tasks and branches as a Markdown table. */
export function followUpsMarkdown(): string {
  const rows = Object.values(FOLLOW_UPS).map(
    ({ kind, who, what }) => `| \`${kind}\` | ${who === null ? "" : `${who.company}, ${who.branch.name}`} | ${what} |`,
  );
  const { strong, weak } = STRENGTHS;
  return [
    "| task | who | what must be found |",
    "|---|---|---|",
    ...rows,
    "",
    `${strong.name} is the strongest branch; ${weak.name} the weakest: its people come as often, search in vain, leave carts and hardly buy.`,
    "",
  ].join("\n");
}
