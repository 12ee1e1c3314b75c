import { currencyExponent } from "../base/money.js";
import type { MixAnswer, NamedMixChannel } from "../metrics/media-mix.js";
import {
  holdOutText,
  mixCaveats,
  mixChange,
  mixMoney,
  mixRange,
  noMixText,
  noSuggestionText,
  refusalText,
} from "../metrics/mix-words.js";
import type { AnswerContext } from "../metrics/types.js";
import type { Output } from "./command.js";

const RIGHT = { align: "right" } as const;

type Told = Extract<NamedMixChannel, { readonly status: "ok" }>;

/** A media mix for people: the channels that are told, the split that is suggested, and everything that is not told with its reason. */
export function mixText(answer: MixAnswer, context: AnswerContext, output: Output): string {
  const { verdict, window, channels } = answer;
  const head = `${context.shop}, ${verdict.weeks} weeks up to ${window.to}, ${context.currency} a week, ${context.timeZone}`;
  const told = channels.filter((channel) => channel.status === "ok");
  const reason = noMixText(answer);
  return [
    output.paint("dim", head),
    ...(reason === null
      ? [channelTable(told, context, output), ...suggestionLines(answer, context, output)]
      : ["", `no media mix: ${reason}`]),
    "",
    ...notes(answer, context).map((note) => output.paint("dim", note)),
  ].join("\n");
}

function channelTable(told: readonly Told[], { currency }: AnswerContext, output: Output): string {
  const unit = 10 ** currencyExponent(currency);
  const rows = told.map(({ label, today, smallest, largest, brings, nextUnit }) => [
    label,
    mixMoney(today ?? 0, currency),
    mixRange({ low: smallest, high: largest }, currency),
    brings === null ? "n/a" : mixMoney(brings.value, currency),
    brings === null ? "n/a" : mixRange(brings, currency),
    mixMoney(nextUnit.value * unit, currency),
    mixRange({ low: nextUnit.low * unit, high: nextUnit.high * unit }, currency),
  ]);
  const next = `the next ${mixMoney(unit, currency)} brings`;
  const titles = ["spend now", "weeks seen", "brings", "80 % between", next, "80 % between"];
  return output.table([{ title: "channel", align: "left" }, ...titles.map((title) => ({ title, ...RIGHT }))], rows);
}

function suggestionLines(answer: MixAnswer, { currency }: AnswerContext, output: Output): readonly string[] {
  const { suggestion, verdict, channels, restToday } = answer;
  if (suggestion === null || verdict.status !== "ok") return [];
  if (suggestion.status === "none")
    return ["", `no shift suggested: ${noSuggestionText(suggestion, restToday, currency)}`];
  const { change, total } = suggestion;
  const moved = total.suggested - total.today;
  const rows = suggestion.channels.map(({ id, today, suggested, isAtLargest }) => [
    channels.find((channel) => channel.id === id)?.label ?? id,
    mixMoney(today, currency),
    mixMoney(suggested, currency),
    mixChange(suggested - today, currency),
    isAtLargest ? "its largest week" : "",
  ]);
  const spend = Math.abs(moved) < 1 ? "for the same spend" : `for ${mixChange(moved, currency)} of spend`;
  return [
    "",
    output.table(
      [
        { title: "suggested", align: "left" },
        ...["now", "then", "change"].map((title) => ({ title, ...RIGHT })),
        { title: "", align: "left" },
      ],
      rows,
    ),
    "",
    `net revenue ${mixChange(change.value, currency)} a week ${spend}, 80 % between ${mixChange(change.low, currency)} and ${mixChange(change.high, currency)}; ${holdOutText(verdict.holdOut)}`,
  ];
}

function notes(answer: MixAnswer, { currency }: AnswerContext): readonly string[] {
  const { channels, verdict, suggestion } = answer;
  const label = (id: string) => channels.find((channel) => channel.id === id)?.label ?? id;
  // Where the shop's own weeks are too few, those of its channels say nothing more.
  const isShort = verdict.status === "refused" && verdict.because === "too_short";
  const refused = channels.flatMap((channel) =>
    channel.status === "refused" && !isShort
      ? [`${channel.label} n/a: ${refusalText(channel.refusal, currency, label)}`]
      : [],
  );
  const neverOff = channels.filter((channel) => channel.status === "ok" && channel.brings === null);
  const unseen = neverOff.map(
    ({ label: name }) =>
      `${name}: it was never nearly off, so what would come without it is not known; what its next spend brings is`,
  );
  const isHeld = verdict.status === "ok" && suggestion?.status !== "ok";
  return [...refused, ...unseen, ...(isHeld ? [holdOutText(verdict.holdOut)] : []), ...mixCaveats(verdict)];
}
