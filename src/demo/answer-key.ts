import type { DateRange } from "../base/dates.js";
import type { DemoOptions } from "./types.js";
import { makeWorld } from "./world.js";

/** Where an order truly came from: the last visit before it. Demand at an entrance makes orders there; earlier visits are told, but cause nothing. */
export interface OrderKey {
  /** As the shop's orders are called in the warehouse. */
  readonly orderId: string;
  readonly channel: string;
}

/** The answer key of orders: the true channel of each that came over the web, in those days. Orders entered by staff have none. */
export function trueChannels(options: DemoOptions, days: DateRange): readonly OrderKey[] {
  return makeWorld(options).orders.flatMap((order) =>
    order.entrance !== null && order.day >= days.from && order.day <= days.to
      ? [{ orderId: `shopify:${order.id}`, channel: order.entrance.channel }]
      : [],
  );
}
