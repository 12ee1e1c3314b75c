import { dayNumber, daysBetween, type ISODate, isoWeekday } from "../base/dates.js";
import { BRANCHES, type Branch, MEMBERS, type Member } from "./branches.js";
import { spread } from "./chance.js";
import { BEST_BUYER, CAME_AGAIN, CART, FOLLOW_UPS, LEFT_PAGE, SOUGHT, VAIN } from "./follow-ups.js";
import {
  arrival,
  type EventRow,
  eventRow,
  exportedDays,
  itemsRow,
  pageView,
  pathOf,
  type Visit,
  type Wanted,
} from "./ga4-rows.js";
import { localInstant } from "./shop-time.js";
import type { Product, World } from "./types.js";

/** How somebody of a branch behaves on a working day: how likely a visit is, and which share of the visits leaves a cart or searches in vain. */
interface Habit {
  readonly comes: number;
  readonly leavesCart: number;
  readonly inVain: number;
}

const USUAL: Habit = { comes: 0.5, leavesCart: 0.15, inVain: 0.08 };
const HABITS: ReadonlyMap<Branch, Habit> = new Map([
  [BRANCHES.seattle, { comes: 0.75, leavesCart: 0.08, inVain: 0.04 }],
  [BRANCHES.austin, { comes: 0.75, leavesCart: 0.3, inVain: 0.25 }],
]);

/** Members who buy, and the most orders that the customer of the shop may have who stands for them. Who is not here only looks. */
const BUYS: readonly (readonly [index: number, most: number])[] = [
  [1, 99],
  [5, 99],
  [9, 99],
  [0, 3],
  [4, 3],
  [2, 3],
  [10, 2],
  [3, 1],
];
/** Where whatever else somebody does would change what the answer key says: they only look, and do nothing else in the last days. */
const LOOKS_ONLY: readonly string[] = ["cart", "no_conversion", "repeat_visits"];
const QUIET_DAYS = 12;
const TERMS = ["truffles", "desk lamp", "coffee", "candle"];
const VAIN_TERMS = ["bulk coffee", "branded mugs", "invoice copy", "pallet price"];

/** Customers of the shop who order most often on the exported days are members: by their id, who they are. */
export function buyersOf(world: World): ReadonlyMap<number, Member> {
  const known = remembered.get(world);
  if (known !== undefined) return known;
  const counts = new Map<number, number>();
  const { from } = exportedDays(world);
  for (const { day, customer, place, tracked, entrance } of world.orders) {
    if (day < from || customer === null || place.country !== "US" || !tracked || entrance === null) continue;
    counts.set(customer.id, (counts.get(customer.id) ?? 0) + 1);
  }
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  const buyers = new Map<number, Member>();
  for (const [index, most] of BUYS) {
    const found = ranked.find(([id, count]) => count <= most && !buyers.has(id));
    const member = MEMBERS[index];
    if (found !== undefined && member !== undefined) buyers.set(found[0], member);
  }
  remembered.set(world, buyers);
  return buyers;
}

const remembered = new WeakMap<World, ReadonlyMap<number, Member>>();

/** A visit of a member; the computer and the phone of one person are two visitors. */
export function memberVisit(
  member: Member,
  { day, at, isPhone }: { readonly day: ISODate; readonly at: number; readonly isPhone: boolean },
): Visit {
  const visitor = `${isPhone ? 500_000_000 : 400_000_000}.${member.id}`;
  const device = isPhone ? "mobile" : "desktop";
  return { day, at, visitor, device, country: "United States", city: member.branch.city, member };
}

/** What members did on a day without ordering. */
export function membersDay(world: World, day: ISODate): readonly (readonly EventRow[])[] {
  const ago = daysBetween(day, world.to);
  return MEMBERS.map((member, index) => {
    const number = dayNumber(day) * MEMBERS.length + index;
    const isPhone = spread(number, "quantity") < 0.35;
    const kinds = Object.values(FOLLOW_UPS).flatMap(({ who, kind }) => (who === member ? [kind] : []));
    // After the hours in which the others come, so that it is a visit of its own.
    const evening = memberVisit(member, { day, at: localInstant(day, 18.5 * 3600), isPhone: false });
    const inKey = asInKey(world, evening, { ago, kinds });
    const looksOnly = kinds.some((kind) => LOOKS_ONLY.includes(kind));
    const habit = HABITS.get(member.branch) ?? USUAL;
    const comes = isoWeekday(day) <= 5 && spread(number, "habit") < habit.comes;
    if (!comes || (looksOnly && ago <= QUIET_DAYS)) return inKey;
    const at = localInstant(day, Math.floor((9 + 8 * spread(number, "guest")) * 3600));
    return [...usual(world, memberVisit(member, { day, at, isPhone }), { number, habit, looksOnly }), ...inKey];
  });
}

/** A visit of an ordinary day; who is in the answer key only looks, so that nothing is added to what the key says. */
function usual(
  world: World,
  visit: Visit,
  { number, habit, looksOnly }: { readonly number: number; readonly habit: Habit; readonly looksOnly: boolean },
): readonly EventRow[] {
  const way = spread(number, "lines");
  const first = productAt(world, number);
  const second = productAt(world, number + 7);
  const looked = [...entered(visit), pageView(visit, 30, pathOf(first)), seen(visit, 30, first)];
  if (looksOnly) return looked;
  const piece = (product: Product, quantity: number): Wanted => ({ product, quantity });
  if (way < habit.leavesCart) {
    const cart = [piece(first, 2 + (number % 5)), piece(second, 1 + (number % 3))];
    const put = itemsRow(visit, "add_to_cart", 60, cart);
    if (number % 3 === 0) return [...looked, put, itemsRow(visit, "remove_from_cart", 90, [piece(second, 1)])];
    const desk = [itemsRow(visit, "view_cart", 80, cart), itemsRow(visit, "begin_checkout", 95, cart)];
    return [...looked, put, ...(number % 2 === 0 ? desk : [])];
  }
  const search = (name: string, seconds: number, term: string) =>
    eventRow(visit, name, seconds, { [name === "no_search_results" ? "no_search_results_term" : "search_term"]: term });
  if (way < habit.leavesCart + habit.inVain) {
    return [...entered(visit), search("no_search_results", 40, VAIN_TERMS[number % VAIN_TERMS.length] ?? "")];
  }
  const found = number % 4 === 0 ? [search("view_search_results", 20, TERMS[number % TERMS.length] ?? "")] : [];
  return [...looked, ...found, pageView(visit, 70, pathOf(second)), seen(visit, 70, second)];
}

/** What the answer key says of this day, `ago` days before the last. */
function asInKey(
  world: World,
  visit: Visit,
  { ago, kinds }: { readonly ago: number; readonly kinds: readonly string[] },
): readonly EventRow[] {
  const named = (title: string) => world.products.find((product) => product.title === title) ?? productAt(world, 0);
  if (kinds.includes("cart") && ago === 2) {
    const put = CART.put.map(([title, quantity]): Wanted => ({ product: named(title), quantity }));
    const [title, quantity] = CART.taken;
    return [
      ...entered(visit),
      ...put.map((wanted, place) => itemsRow(visit, "add_to_cart", 60 + 30 * place, [wanted])),
      itemsRow(visit, "remove_from_cart", 120, [{ product: named(title), quantity }]),
      itemsRow(visit, "view_cart", 130, put),
      itemsRow(visit, "begin_checkout", 150, put),
    ];
  }
  if (kinds.includes("no_results") && ago === 3) {
    const tries = Array.from({ length: VAIN.times }, (_, place) =>
      eventRow(visit, "no_search_results", 30 + 25 * place, { no_search_results_term: VAIN.term }),
    );
    return [...entered(visit), ...tries];
  }
  if (kinds.includes("no_conversion") && ago === 4) {
    const searches = SOUGHT.map((search_term, place) =>
      eventRow(visit, "view_search_results", 30 + 40 * place, { search_term }),
    );
    return [...entered(visit), ...searches];
  }
  if (kinds.includes("repeat_visits") && CAME_AGAIN.daysBefore.includes(ago)) {
    const products = Array.from({ length: CAME_AGAIN.pages - 1 }, (_, place) => productAt(world, place * 5 + ago));
    const looks = products.flatMap((product, place) => [
      pageView(visit, 30 + 60 * place, pathOf(product)),
      seen(visit, 30 + 60 * place, product),
    ]);
    return [...entered(visit), ...looks];
  }
  return kinds.includes("bounced_session") && ago === 3 ? arrival(visit, LEFT_PAGE) : [];
}

/** The first page is seen before signing in. */
function entered(visit: Visit): readonly EventRow[] {
  const begin = arrival({ ...visit, member: null }, "/");
  return [...begin, eventRow(visit, "view_item_list", 12)];
}

function seen(visit: Visit, seconds: number, product: Product): EventRow {
  return itemsRow(visit, "view_item", seconds, [{ product, quantity: 1 }]);
}

function productAt({ products }: World, number: number): Product {
  const found = products[number % products.length];
  if (found === undefined) throw new RangeError("the catalogue is empty");
  return found;
}

/** The number of the order that the answer key names. */
export function followedPurchase(world: World): number | null {
  const buyers = buyersOf(world);
  const orders = world.orders.filter(
    ({ customer, tracked, entrance }) =>
      customer !== null && buyers.get(customer.id) === BEST_BUYER && tracked && entrance !== null,
  );
  return orders.at(-1)?.number ?? null;
}
