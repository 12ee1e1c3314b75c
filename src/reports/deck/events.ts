/** What happened beside the figures: the shop's own events and the holidays of its calendar. All are kept, in order of their days. */
import type { DateRange } from "../../base/dates.js";
import { calendarOf } from "../../metrics/fiscal.js";
import { occurrencesIn } from "../../metrics/holidays.js";
import { textCell } from "../figures.js";
import { dayText, listText } from "../text.js";
import type { Block, Facts } from "../types.js";
import type { DeckEvent } from "./types.js";

/** Events and holidays of a range of days, oldest first. */
export function eventsBetween(
  { deck, context }: Pick<Facts, "deck" | "context">,
  range: DateRange,
): readonly DeckEvent[] {
  const calendar = context.calendar ?? calendarOf(context.weekEndsOn ?? 7);
  const holidays = occurrencesIn(range, calendar).map(({ name, day }): DeckEvent => ({ day, text: holidayName(name) }));
  const own = deck.events.filter(({ day }) => range.from <= day && day <= range.to);
  return [...holidays, ...own].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

/** `black_friday` as `Black Friday`. */
function holidayName(name: string): string {
  return name.replace(
    /(^|_)([a-z])/g,
    (_, gap: string, letter: string) => `${gap === "" ? "" : " "}${letter.toUpperCase()}`,
  );
}

/** "3 Feb 2026: Prices raised by 5 %". */
export function eventText({ day, text }: DeckEvent): string {
  return `${dayText(day)}: ${text}`;
}

/** The events of the six weeks, of the same weeks a year before, and those that come. */
export function eventsBlock(
  facts: Facts,
  ranges: { readonly now: DateRange; readonly before: DateRange | null },
): Block {
  const coming = facts.deck.events.filter(({ day }) => day > ranges.now.to);
  const before = ranges.before === null ? [] : eventsBetween(facts, ranges.before);
  const rows = [
    ...eventsBetween(facts, ranges.now).map((event) => ({ event, when: "these six weeks" })),
    ...before.map((event) => ({ event, when: "the weeks compared with" })),
    ...[...coming].sort((a, b) => (a.day < b.day ? -1 : 1)).map((event) => ({ event, when: "to come" })),
  ];
  if (rows.length === 0)
    return {
      kind: "prose",
      paragraphs: [
        "No event in these six weeks or in those of the year before. Add some under deck.events in growthos.config.ts.",
      ],
    };
  return {
    kind: "table",
    title: "Events",
    columns: [
      { id: "day", title: "Day", align: "left" },
      { id: "event", title: "Event", align: "left" },
      { id: "metrics", title: "Concerns", align: "left" },
      { id: "when", title: "When", align: "left" },
    ],
    rows: rows.map(({ event, when }) => [
      textCell(event.day),
      textCell(event.text),
      textCell(
        event.metrics === undefined ? "everything" : listText(event.metrics.map((id) => facts.metric(id).title)),
      ),
      textCell(when),
    ]),
  };
}
