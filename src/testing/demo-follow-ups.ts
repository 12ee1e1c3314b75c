/** What the built demo says about the answer key of tasks and branches. */
import { BOUNCE_PAGE, CAME_AGAIN, CART, FOLLOW_UPS, LEFT_PAGE, SOUGHT, VAIN } from "../demo/follow-ups.js";
import { followedPurchase } from "../demo/ga4-members.js";
import type { World } from "../demo/types.js";
import type { Database } from "../warehouse/types.js";

/** One line per task of the key: kind, user, what, how many or how much. */
export function expectedFollowUps(world: World): readonly string[] {
  const { purchase, cart, no_results, no_conversion, repeat_visits, bounced_session } = FOLLOW_UPS;
  const visits = CAME_AGAIN.daysBefore.length;
  return [
    `bounce_page - https://northpine.example${BOUNCE_PAGE} high`,
    `bounced_session ${bounced_session.who?.id} https://northpine.example${LEFT_PAGE} 1`,
    `cart ${cart.who?.id} 8 x Chunky Knit Throw, 20 x Soy Candle ${CART.leftCents}`,
    `no_conversion ${no_conversion.who?.id} ${SOUGHT.join(", ")} ${SOUGHT.length}`,
    `no_results ${no_results.who?.id} ${VAIN.term} ${VAIN.times}`,
    `purchase ${purchase.who?.id} ${followedPurchase(world)} open`,
    `repeat_visits ${repeat_visits.who?.id} ${visits} ${visits * CAME_AGAIN.pages}`,
  ];
}

/** The lines that the demo's tasks make; what else somebody of the key did is not among them. */
export async function followedUp(db: Database): Promise<readonly string[]> {
  const rows = await db.all(`
    select line from (
      select 'bounce_page - ' || subject || ' ' || priority as line from fact_tasks where task_kind = 'bounce_page'
      union all
      select 'bounced_session ' || user_id || ' ' || subject || ' ' || bounce_count from fact_tasks where task_kind = 'bounced_session'
      union all
      select 'cart ' || user_id || ' ' || items || ' ' || value_cents from fact_tasks
      where task_kind = 'cart' and user_id = '${FOLLOW_UPS.cart.who?.id}'
      union all
      select 'no_conversion ' || user_id || ' ' || subject || ' ' || search_count from fact_tasks where task_kind = 'no_conversion'
      union all
      select 'no_results ' || user_id || ' ' || subject || ' ' || search_count from fact_tasks
      where task_kind = 'no_results' and search_count > 1
      union all
      (select 'purchase ' || user_id || ' ' || subject || ' open' from fact_tasks
      where task_kind = 'purchase' and user_id = '${FOLLOW_UPS.purchase.who?.id}' order by happened_at desc limit 1)
      union all
      select 'repeat_visits ' || user_id || ' ' || session_count || ' ' || page_count from fact_tasks
      where task_kind = 'repeat_visits' and user_id = '${FOLLOW_UPS.repeat_visits.who?.id}'
    ) order by line`);
  return rows.map(({ line }) => String(line));
}

/** Web revenue and visits of the branches, the most revenue first; *Unassigned* is none. */
export async function branchFigures(
  db: Database,
): Promise<readonly { readonly branch: string; readonly visits: number }[]> {
  const rows = await db.all(`
    select l.location_name as branch, count(*) filter (where a.activity_kind = 'visit')::int as visits
    from fact_web_activity as a
    inner join dim_location as l on l.location_id = a.location_id
    group by l.location_name
    order by sum(a.revenue_cents) desc, l.location_name`);
  return rows.map(({ branch, visits }) => ({ branch: String(branch), visits: Number(visits) }));
}

/** Purchases among the events, and how many of them are no order of the same day and value. */
export async function strangePurchases(db: Database): Promise<{ readonly purchases: number; readonly other: number }> {
  const row = await db.one(`
    select count(*)::int as purchases, count(*) filter (where o.order_id is null)::int as other
    from fact_events as e
    left join fact_orders as o
      on o.order_name = '#' || e.transaction_id
      and o.order_date = e.event_date
      and o.gross_cents - o.discount_cents = e.revenue_cents
    where e.event_kind = 'purchase'`);
  return { purchases: Number(row["purchases"]), other: Number(row["other"]) };
}
