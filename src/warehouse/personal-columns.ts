/** Columns of a build that say who somebody is, or repeat it: customers, users, browsers, visits, and what they typed or where they live. */
const PERSONAL = new Set(
  `customer_id customer_ref email_hash user_id web_user_id user_pseudo_id person_key visitor_id session_key activity_key streak_key
   task_key cart_key history_id change_id touch_id session_id ga_session_id checkout_token cart_token gclid city geo_city landing_site
   page_location page_url entry_page exit_page landing_page search_text user_name user_name_hash email contact_name`.split(
    /\s+/,
  ),
);

/** True for such a column. Held against every table of a build by `testing/forget-figures.test.ts`: erasing a person changes no other. */
export function isPersonalColumn(name: string): boolean {
  return PERSONAL.has(name) || /_phone/.test(name);
}

/** True for a relation whose rows are people, or things of one: what they are told apart by is personal. */
export function isOfPeople(columns: readonly { readonly name: string }[]): boolean {
  const [first] = columns;
  return first !== undefined && isPersonalColumn(first.name);
}
