/** Which stretch of words means what: every recogniser is asked at every place, the longest answer holds, then the earlier one. */
import { addDays, type Calendar } from "../base/dates.js";
import { earlierDay } from "../metrics/calendar.js";
import type { Catalog } from "../metrics/catalog/index.js";
import { type HolidayDays, knownHolidays } from "../metrics/holidays.js";
import { MONTH_WORDS } from "./dates.js";
import { holidayWords } from "./holidays.js";
import { metricPhrases } from "./metric-words.js";
import { isCodeWord, isOfLevel, type Names, namesOf } from "./names.js";
import { type Phrases, phrasesOf } from "./phrases.js";
import { missingPlaces } from "./places.js";
import type { AskWorld, Span, Token } from "./types.js";
import { UNKNOWN_LEVELS } from "./unknown-levels.js";
import { type Days, WINDOW_WORDS, windowAt } from "./windows.js";
import * as words from "./words.js";

/** Everything that questions to one world are read with; made once. */
export interface Language {
  readonly world: AskWorld;
  readonly names: Names;
  readonly days: Days;
  /** Words of the language, without those of names. */
  readonly words: ReadonlySet<string>;
  /** Words that are understood, but that nothing else is taken for a typo of. */
  readonly rare: ReadonlySet<string>;
  readonly recognisers: readonly Recogniser[];
}

type Recogniser = (tokens: readonly Token[], from: number) => Span | null;

/** The tables in the order in which they win ties. */
function tablesOf(catalog: Catalog): readonly Phrases[] {
  return [
    phrasesOf(words.REFERENCES),
    phrasesOf(metricPhrases(catalog), { plurals: true }),
    phrasesOf(words.COMPARISONS),
    phrasesOf(words.CONDITIONS),
    phrasesOf(words.GRAINS),
    phrasesOf(words.PLATFORMS),
    phrasesOf(words.STATUSES),
    phrasesOf(words.LEVELS),
    phrasesOf(words.RANKS),
    phrasesOf(words.MARKERS),
    phrasesOf(words.OUTPUTS),
    phrasesOf(words.PERFORMANCE),
    phrasesOf(words.REFUSALS),
    phrasesOf(words.JOINS),
    phrasesOf(words.FILLER),
  ];
}

/** The language of a world: its tables, its names, its days. */
export function languageOf(world: AskWorld, calendar: Calendar): Language {
  const tables = tablesOf(world.catalog);
  const { lastCompleteDay } = world.context;
  const days: Days = {
    last: lastCompleteDay,
    calendar,
    holidays: holidaysOf(world, calendar),
    ...(world.firstDay === undefined ? {} : { firstDay: world.firstDay }),
  };
  // Asked behind names, and of words that are no everyday ones by it: what the warehouse has is not refused.
  const refused = phrasesOf([
    ...words.UNKNOWN_HOLIDAYS,
    ...words.GREETINGS,
    ...UNKNOWN_LEVELS,
    ...missingPlaces(world),
  ]);
  const names = namesOf(world);
  const feasts = holidayWords(days.holidays);
  const known = new Set([
    ...tables.flatMap((table) => [...table.words]),
    ...[...WINDOW_WORDS, ...MONTH_WORDS, ...feasts.filter((word) => word.length > 4)],
  ]);
  return {
    world,
    names,
    days,
    words: known,
    rare: new Set([...feasts, ...refused.words]),
    recognisers: [
      // Before a word such as "campaign" a name is a name, also where its words mean something else: "App Install campaign".
      (tokens, from) => {
        const found = names.at(tokens, from, known);
        const [first, before] = [tokens[from], tokens[from - 1]];
        const isCode = first !== undefined && isCodeWord(first, before);
        return found !== null && (isCode || isOfLevel(found, tokens[found.to])) ? found : null;
      },
      (tokens, from) => windowAt(tokens, from, days),
      ...tables.map((table) => (tokens: readonly Token[], from: number) => table.at(tokens, from)),
      (tokens, from) => names.at(tokens, from, known),
      (tokens, from) => refused.at(tokens, from),
      amountAt,
    ],
  };
}

/** Years that questions name: those of the data, and the one that comes, so that it can be refused by name. */
const YEARS_BACK = 5 * 366;

function holidaysOf({ context, firstDay, holidays = [] }: AskWorld, calendar: Calendar): readonly HolidayDays[] {
  const { lastCompleteDay: last } = context;
  const from = earlierDay(firstDay ?? last, addDays(last, -YEARS_BACK));
  return knownHolidays({ from, to: addDays(last, 366) }, calendar, holidays);
}

/** The question as spans, without gaps and overlaps. */
export function spansOf(tokens: readonly Token[], { recognisers }: Language): readonly Span[] {
  const found: Span[] = [];
  let at = 0;
  while (at < tokens.length) {
    const best = longestAt(tokens, at, recognisers);
    found.push(best);
    at = best.to;
  }
  return found;
}

function longestAt(tokens: readonly Token[], at: number, recognisers: readonly Recogniser[]): Span {
  let best: Span | null = null;
  for (const recognise of recognisers) {
    const found = recognise(tokens, at);
    if (found !== null && (best === null || found.to > best.to)) best = found;
  }
  return best ?? { from: at, to: at + 1, meaning: { kind: "unknown" } };
}

function amountAt(tokens: readonly Token[], from: number): Span | null {
  const token = tokens[from];
  if (token?.kind !== "number" || token.value === undefined) return null;
  const { value, unit } = token;
  return { from, to: from + 1, meaning: { kind: "amount", value, ...(unit === undefined ? {} : { unit }) } };
}
