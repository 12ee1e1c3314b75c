/** The first page of the review: what is more than noise, what misses its target; who answers for it, what to do, and what was said. */
import { watchMetric } from "../../alerts/signals.js";
import type { Judgement } from "../../alerts/types.js";
import { periodOf } from "../../metrics/fiscal.js";
import type { MetricDef, MetricId } from "../../metrics/types.js";
import type { CommentaryItem } from "../block-types/commentary.js";
import { causeSentence, plural } from "../narrative.js";
import { listText } from "../text.js";
import type { Block } from "../types.js";
import { aroundOf, xmrBlock } from "./charts.js";
import { weekFolder } from "./commentary.js";
import { metricsOf } from "./layout.js";
import { type AgainstTarget, againstTarget, boxOf, type Review } from "./review.js";

/** A metric that has to be spoken about. */
export interface Exception {
  readonly metric: MetricId;
  /** Its weeks are more than noise; null: only the target is missed. */
  readonly signal: Judgement | null;
  readonly missed: AgainstTarget | null;
}

/** Bad news first, then what is neither, then good news; within each in the order of the deck. */
export function exceptionsOf(review: Review): readonly Exception[] {
  const { deck, metric } = review.facts;
  const around = aroundOf(review);
  const found = metricsOf(deck).flatMap((id): readonly Exception[] => {
    const judgement = deck.watch.includes(id) ? watchMetric(metric(id), review.weeks, around).judgement : null;
    const signal = judgement?.verdict.kind === "fires" ? judgement : null;
    const target = againstTarget(review, id);
    const missed = target?.onTrack === false ? target : null;
    return signal === null && missed === null ? [] : [{ metric: id, signal, missed }];
  });
  return [...found].sort((a, b) => RANK[toneOf(a)] - RANK[toneOf(b)]);
}

const RANK = { bad: 0, warn: 1, neutral: 2, good: 3 } as const;

function toneOf({ signal, missed }: Exception): CommentaryItem["tone"] {
  if (signal?.means === "worse") return "bad";
  if (missed !== null) return "warn";
  return signal?.means === "better" ? "good" : "neutral";
}

const BADGES = { bad: "Worse", warn: "Off target", neutral: "Changed", good: "Better" } as const;

/** The exceptions with their words, and the chart of each signal. */
export function exceptionBlocks(review: Review): readonly Block[] {
  const exceptions = exceptionsOf(review);
  const { problems } = review.facts.deck.commentary;
  const unread = problems.length === 0 ? [] : [`Not read: ${listText(problems)}.`];
  if (exceptions.length === 0) {
    const watched = plural(review.facts.deck.watch.length, "metric");
    const quiet = `Nothing to see here: ${watched} stayed within their usual noise, and no target was missed.`;
    return [{ kind: "prose", paragraphs: [quiet, ...unread] }];
  }
  const signals = exceptions.filter(({ signal }) => signal !== null).length;
  const misses = exceptions.filter(({ missed }) => missed !== null).length;
  const told = [
    ...(signals === 0 ? [] : [`${plural(signals, "metric")} moved beyond the usual noise`]),
    ...(misses === 0 ? [] : [`${plural(misses, "target")} ${misses === 1 ? "is" : "are"} missed`]),
  ];
  return [
    { kind: "prose", paragraphs: [`${listText(told)}. Everything else is routine.`, ...unread] },
    { kind: "commentary", items: exceptions.map((one) => itemOf(review, one)) },
    ...exceptions.flatMap(({ metric, signal }) => (signal === null ? [] : [xmrBlock(review, metric)])),
  ];
}

function itemOf(review: Review, exception: Exception): CommentaryItem {
  const { facts } = review;
  const { metric: id, signal, missed } = exception;
  const def = facts.metric(id);
  const [last, wow] = boxOf(review, id);
  const tone = toneOf(exception);
  const explained = facts.explanation(`deck_${id}`);
  const cause = explained === undefined ? null : causeSentence(explained, facts.context.currency);
  return {
    tone,
    badge: BADGES[tone],
    // A week above its usual level may lie below the week before: the badge speaks of the first.
    title: `${signal === null ? def.title : `${signal.title},`} ${last?.figure.text ?? ""}${wow?.figure.status === "ok" ? `, ${wow.figure.text} on the week` : ""}`,
    details: [
      ...(signal === null ? [] : [signal.what]),
      ...(missed === null ? [] : [`${missed.text}.`]),
      ...(cause === null ? [] : [cause]),
    ],
    advice: signal?.advice ?? missAdvice(def),
    ...words(review, id, true),
  };
}

/** What a review has to decide about each missed target, as next steps. */
export function missedSteps(
  exceptions: readonly Exception[],
  { facts }: Review,
): readonly { title: string; detail: string }[] {
  return exceptions.flatMap(({ metric: id, missed }) => {
    if (missed === null) return [];
    const owner = facts.deck.owners[id];
    const { title } = facts.metric(id);
    const who = owner === undefined ? "Name an owner who brings" : `${owner}: bring`;
    return [{ title: `${who} ${title} back to its target`, detail: missed.text }];
  });
}

/** What to do about a missed target without a signal: the metric is in its usual range, so it is the range that is too low. */
function missAdvice({ title, id }: MetricDef): string {
  return `${title} is within its usual range, so waiting will not reach the target: change what drives it, or the target under targets.${id}.`;
}

/** Owner, this week's words and last week's. Words are required for an exception. */
function words(
  { facts, week, calendar }: Review,
  id: MetricId,
  required: boolean,
): Pick<CommentaryItem, "owner" | "said" | "missing" | "before"> {
  const { owners, commentary } = facts.deck;
  const { label } = periodOf(week.to, "week", calendar);
  const owner = owners[id];
  const said = commentary.now[id] ?? [];
  const before = commentary.before[id];
  return {
    owner: owner === undefined ? `No owner: name one in deck.owners.${id}.` : `Owner: ${owner}`,
    said,
    missing:
      required && said.length === 0
        ? `Commentary missing: write ${commentary.folder}/${weekFolder(label)}/${id}.md.`
        : null,
    before: before === undefined ? null : { week: commentary.weekBefore, parts: before },
  };
}

/** The comment on a metric that is no exception; nothing when nobody wrote one. Exceptions have theirs on the first page. */
export function commentBlocks(review: Review, id: MetricId, exceptions: readonly Exception[]): readonly Block[] {
  const { facts } = review;
  const own = words(review, id, false);
  if (own.said.length === 0 || exceptions.some(({ metric }) => metric === id)) return [];
  const item = { tone: "neutral" as const, badge: "Comment", title: facts.metric(id).title, details: [], advice: null };
  return [{ kind: "commentary", items: [{ ...item, ...own }] }];
}
