/** What is read of an event: the members of a landed record, and where each of them is in the export's schema. */

/** One member of a record; all are texts, so that nothing is rounded on the way. */
export type Column = { readonly name: string } & (
  | {
      readonly from: "text" | "integer" | "money" | "json" /** Dotted path in the export's row. */;
      readonly path: string;
    }
  | { readonly from: "param" | "property" /** Key in `event_params` or `user_properties`. */; readonly key: string }
);

/** One kind of event, with the names under which shops send it. */
export interface EventKind {
  /** Name of the stream. */
  readonly name: string;
  readonly eventNames: readonly string[];
  readonly columns: readonly Column[];
}

const COMMON: readonly Column[] = [
  text("event_date"),
  integer("event_timestamp"),
  text("event_name"),
  integer("event_bundle_sequence_id"),
  // Newer than most exports: the order of events that share a time stamp.
  integer("batch_page_id"),
  integer("batch_ordering_id"),
  integer("batch_event_index"),
  text("user_id"),
  text("user_pseudo_id"),
  { name: "user_prop_webuserid", from: "property", key: "WebUserId" },
  { name: "user_prop_default_branch_id", from: "property", key: "default_branch_id" },
  { name: "user_prop_webcustomerid", from: "property", key: "WebCustomerId" },
  { name: "ga_session_id", from: "param", key: "ga_session_id" },
  param("page_title"),
  param("page_location"),
  text("device.category"),
  text("device.operating_system"),
  text("geo.country"),
  text("geo.city"),
];

const ITEMS: readonly Column[] = [param("currency"), { name: "items", from: "json", path: "items" }];

/** The events that become streams: six kinds of their own, and the rest of the funnel together. */
export const EVENT_KINDS: readonly EventKind[] = [
  {
    name: "purchase",
    eventNames: ["purchase"],
    columns: [
      ...COMMON,
      param("transaction_id"),
      text("ecommerce.transaction_id"),
      money("ecommerce.purchase_revenue"),
      money("ecommerce.purchase_revenue_in_usd"),
      ...ITEMS,
    ],
  },
  { name: "add_to_cart", eventNames: ["add_to_cart"], columns: [...COMMON, ...ITEMS] },
  { name: "page_view", eventNames: ["page_view"], columns: [...COMMON, param("page_referrer")] },
  { name: "view_item", eventNames: ["view_item"], columns: [...COMMON, ...ITEMS] },
  { name: "view_search_results", eventNames: ["view_search_results"], columns: [...COMMON, param("search_term")] },
  {
    name: "no_search_results",
    eventNames: ["no_search_results", "view_search_results_no_results"],
    // Shops that use the other name put the words where a successful search has them.
    columns: [...COMMON, param("no_search_results_term"), param("search_term")],
  },
  {
    // One stream for all of them: a statement is charged for the columns it reads, so that nine would cost nine times as much.
    name: "funnel",
    eventNames: [
      "session_start",
      "view_item_list",
      "select_item",
      "remove_from_cart",
      "view_cart",
      "begin_checkout",
      "add_shipping_info",
      "add_payment_info",
      "refund",
    ],
    columns: [
      ...COMMON,
      param("transaction_id"),
      text("ecommerce.transaction_id"),
      money("ecommerce.refund_value"),
      ...ITEMS,
    ],
  },
];

/** Columns at the top of an export's row that any stream reads; `event_name` and `event_timestamp` are in every export. */
export const TOP_COLUMNS: readonly string[] = [
  ...new Set(EVENT_KINDS.flatMap(({ columns }) => columns.map(topColumn))),
];

/** The column of the export's row in which a member is found. */
export function topColumn(column: Column): string {
  if ("key" in column) return column.from === "param" ? "event_params" : "user_properties";
  return column.path.split(".")[0] ?? "";
}

/** Members by which two events are told apart: all but the items, which may be long and print differently elsewhere. */
export function keyColumns({ columns }: EventKind): readonly string[] {
  return columns.filter(({ from }) => from !== "json").map(({ name }) => name);
}

function text(path: string): Column {
  return { name: path.replace(".", "_"), from: "text", path };
}

function integer(path: string): Column {
  return { name: path, from: "integer", path };
}

function money(path: string): Column {
  return { name: path.replace(".", "_"), from: "money", path };
}

function param(key: string): Column {
  return { name: `param_${key}`, from: "param", key };
}
