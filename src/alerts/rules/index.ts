import type { AlertRule } from "../types.js";
import { MARKETING_RULES } from "./marketing.js";
import { MONEY_RULES } from "./money.js";
import { TRAFFIC_RULES } from "./traffic.js";

/** THE list of shipped rules over metrics. Each has a case in which it fires, one in which it is silent and one without a signal. */
export const RULES: readonly AlertRule[] = [...MONEY_RULES, ...MARKETING_RULES, ...TRAFFIC_RULES];

/** The rules whose window is a week against the week before: what a weekly review can judge by its own figures. */
export const WEEKLY_RULES: readonly AlertRule[] = RULES.filter(isWeekly);

/** True for a rule that looks at a week against the week before. */
export function isWeekly({ look }: AlertRule): boolean {
  return "days" in look && look.days === 7 && look.against === "previous";
}

/** The rules that hold a day against the same weekday a week before. */
export const DAILY_RULES: readonly AlertRule[] = RULES.filter(isDaily);

/** True for a rule that looks at one day against the same weekday before. */
export function isDaily({ look }: AlertRule): boolean {
  return "days" in look && look.days === 1 && look.against === "last_week";
}
