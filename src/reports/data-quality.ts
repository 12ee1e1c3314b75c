/** Blocks of the data-health page that say what is there, how fresh it is, what is unusual, and how it agrees with other systems. */
import type { Availability, Freshness, Reconciliation, VolumeReport } from "../transform/data-quality.js";
import { textCell } from "./figures.js";
import { bridgeLines, cannotTell, reconciliationNotes } from "./reconciliation.js";
import { grouped } from "./stamps.js";
import { listText } from "./text.js";
import type { Block, BlockOf, Column, TableCell } from "./types.js";

function columns(...titles: readonly (readonly [id: string, title: string, align?: "right"])[]): readonly Column[] {
  return titles.map(([id, title, align]) => ({ id, title, align: align ?? "left" }));
}

function prose(text: string): BlockOf<"prose"> {
  return { kind: "prose", paragraphs: [text] };
}

/** Every relation with its rows, its days and its gaps. */
export function availabilityTable(list: readonly Availability[]): Block {
  if (list.length === 0) return prose("Nothing has been built yet.");
  return {
    kind: "table",
    title: "What there is",
    columns: columns(
      ["relation", "Table"],
      ["source", "Source"],
      ["rows", "Rows", "right"],
      ["first", "First day"],
      ["last", "Last day"],
      ["missing", "Missing days"],
      ["empty", "Days without rows"],
    ),
    rows: list.map((one) => [
      textCell(one.relation),
      textCell(one.source),
      textCell(grouped(one.rows), one.rows),
      textCell(one.first ?? "—", one.first),
      textCell(one.last ?? "—", one.last),
      gapCell(one, "missing"),
      gapCell(one, "empty"),
    ]),
    note: "Missing days have not landed: nothing is known of them. Days without rows have landed, and nothing happened.",
  };
}

const GAPS_NAMED = 3;

function gapCell(one: Availability, kind: "missing" | "empty"): TableCell {
  const days = kind === "missing" ? one.missingDays : one.emptyDays;
  if (days === null) return textCell("—", null);
  if (days === 0) return textCell("none", 0);
  const gaps = one.gaps.filter((gap) => gap.kind === kind);
  const named = gaps.slice(0, GAPS_NAMED).map(({ from, to }) => (from === to ? from : `${from} … ${to}`));
  const more = gaps.length > GAPS_NAMED ? [`${gaps.length - GAPS_NAMED} more`] : [];
  const text = `${days}: ${listText([...named, ...more])}`;
  return { ...textCell(text, days), ...(kind === "missing" ? { tone: "bad" as const } : {}) };
}

/** How freshness is told. */
export const FRESHNESS_WORDS: Readonly<Record<Freshness["status"], string>> = {
  fresh: "fresh",
  warning: "late",
  error: "too late",
  unknown: "cannot tell",
};

/** Each source with the days that it is behind and its limits. */
export function freshnessTable(list: readonly Freshness[]): Block {
  if (list.length === 0) return prose("No source that delivers days is configured.");
  return {
    kind: "table",
    title: "How fresh the sources are",
    columns: columns(
      ["source", "Source"],
      ["last", "Last day"],
      ["behind", "Days behind", "right"],
      ["limits", "Late, too late after"],
      ["status", "Freshness"],
    ),
    rows: list.map((one) => [
      textCell(one.stream === "any" ? one.source : `${one.source}.${one.stream}`),
      textCell(one.last ?? "—", one.last),
      textCell(one.behindDays === null ? "—" : grouped(one.behindDays), one.behindDays),
      textCell(one.warnAfterDays === null ? "no limits" : `${one.warnAfterDays}, ${one.errorAfterDays} days`),
      {
        ...textCell(freshnessText(one)),
        tone: one.status === "fresh" ? "good" : one.status === "unknown" ? "neutral" : "bad",
      },
    ]),
    note: "Complete days that are missing at the end, up to the last complete day. Limits are `freshness` of the source in the config.",
  };
}

/** `fresh`, `late`, … and why it cannot be told. */
export function freshnessText({ status, last }: Freshness): string {
  if (status !== "unknown") return FRESHNESS_WORDS[status];
  return `${FRESHNESS_WORDS.unknown}: ${last === null ? "nothing has landed" : "no limits are set"}`;
}

/** What is counted as a day's volume. */
const VOLUMES: Readonly<Record<string, string>> = {
  fact_orders: "orders",
  fact_spend: "ad impressions",
  fact_traffic: "sessions",
  fact_events: "events",
};

/** The method, as printed. */
const VOLUME_METHOD =
  "Usual is the median of the same weekday in the 8 weeks before. A day is low or high when it is more than 3.5 robust standard deviations (1.4826 × median distance) away, and at least a quarter less or double. Not judged: fewer than 4 weeks of history, less than 20 a day.";

/** Days that brought far less or far more than their weekday does. */
export function volumeBlocks({ days, usual, unjudged, unusual }: VolumeReport): readonly Block[] {
  if (days === 0) return [prose("Cannot tell: no day has landed in the last four weeks.")];
  const judged = `${usual} of ${days} volumes of the last 28 days are as usual${unjudged === 0 ? "" : `, of ${unjudged} nothing can be said`}.`;
  if (unusual.length === 0) return [prose(`${judged} ${VOLUME_METHOD}`)];
  return [
    prose(judged),
    {
      kind: "table",
      title: "Unusual volumes",
      columns: columns(
        ["day", "Day"],
        ["source", "Source"],
        ["what", "Volume of"],
        ["volume", "Volume", "right"],
        ["usual", "Usual", "right"],
        ["verdict", "Verdict"],
      ),
      rows: unusual.map((one) => [
        textCell(one.day),
        textCell(one.source),
        textCell(VOLUMES[one.relation] ?? one.relation),
        textCell(grouped(one.volume), one.volume),
        textCell(grouped(Math.round(one.usual)), one.usual),
        { ...textCell(one.verdict), tone: "bad" as const },
      ]),
      note: VOLUME_METHOD,
    },
  ];
}

/** A bridge from the shop to each other system. */
export function reconciliationBlocks(list: readonly Reconciliation[], currency: string): readonly Block[] {
  if (list.length === 0)
    return [prose("Nothing to compare the shop with: no traffic source and no ad platform is configured.")];
  return list.flatMap((one): readonly Block[] => {
    if (one.comparedDays === 0) return [prose(cannotTell(one))];
    return [
      {
        kind: "table",
        title: `From the shop to ${one.title}, last ${one.windowDays} days`,
        columns: columns(["step", "Step"], ["orders", "Orders", "right"], ["revenue", "Revenue", "right"]),
        rows: bridgeLines(one, currency)
          .slice(0, -1)
          .map((line) => bridgeCells(line)),
        totals: bridgeLines(one, currency).slice(-1).flatMap(bridgeCells),
      },
      ...notesOf(one, currency),
    ];
  });
}

function notesOf(one: Reconciliation, currency: string): readonly Block[] {
  const paragraphs = reconciliationNotes(one, currency);
  return paragraphs.length === 0 ? [] : [{ kind: "prose", paragraphs }];
}

function bridgeCells({ text, orders, money, claim }: ReturnType<typeof bridgeLines>[number]): readonly TableCell[] {
  return [textCell(text), textCell(orders ?? "unknown", claim.orders), textCell(money ?? "unknown", claim.cents)];
}
