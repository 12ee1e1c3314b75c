/** What the rules found: what is open, what somebody has taken or muted, what happened week by week. */
import type { AlertLog, OpenAlert } from "../../alerts/alert-log.js";
import type { Alert } from "../../alerts/types.js";
import { addDays } from "../../base/dates.js";
import { signedMoney, textCell } from "../figures.js";
import { thresholdText } from "../guardrails.js";
import { plural } from "../narrative.js";
import { grouped, stamps } from "../stamps.js";
import { dayText, listText, rangeText } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage, TableCell } from "../types.js";

const WEEKS_SHOWN = 26;
const OVER_SHOWN = 50;

const BADGES = {
  critical: { tone: "bad", badge: "Critical" },
  warning: { tone: "warn", badge: "Warning" },
  info: { tone: "neutral", badge: "Info" },
} as const;

/** The alert store as it stands. */
export const alerts: ReportPage = {
  id: "alerts",
  title: "Alerts",
  reads: () => ({}),
  build: (facts) => {
    const log = facts.operations.alerts;
    return {
      schemaVersion: 1,
      id: alerts.id,
      title: alerts.title,
      subtitle: log.lastDay === null ? "Nothing was judged yet" : `Judged up to ${dayText(log.lastDay)}`,
      context: facts.context,
      blocks: [
        { kind: "prose", paragraphs: [leadOf(log)], lead: true },
        heading("open", "Open"),
        ...open(log),
        heading("acknowledged", "Acknowledged"),
        ...acknowledged(log),
        heading("muted", "Muted"),
        ...muted(log),
        heading("history", "History by week"),
        ...weeks(log),
        heading("over", "What is over"),
        ...over(log),
        heading("rules", "Rules and their thresholds"),
        rules(facts),
      ],
      stamps: stamps(facts),
    };
  },
};

function heading(id: string, text: string): Block {
  return { kind: "heading", id, text };
}

function prose(text: string): readonly Block[] {
  return [{ kind: "prose", paragraphs: [text] }];
}

const isWaiting = ({ acked, muted: mute }: OpenAlert): boolean => acked === null && mute === null;

function leadOf(log: AlertLog): string {
  if (log.lastDay === null) return "No alert was judged yet: growthos alerts judges the rules and keeps what it finds.";
  const waiting = log.open.filter(isWaiting);
  const critical = waiting.filter(({ alert }) => alert.severity === "critical");
  const [acked, mutedCount] = [
    log.open.filter((one) => one.acked !== null && one.muted === null),
    log.open.filter((one) => one.muted !== null),
  ];
  const rest = [
    ...(acked.length === 0 ? [] : [`${acked.length} acknowledged`]),
    ...(mutedCount.length === 0 ? [] : [`${mutedCount.length} muted`]),
  ];
  const also = rest.length === 0 ? "" : `; beside them ${listText(rest)}`;
  if (waiting.length === 0) return `No alert waits for anybody${also}.`;
  return `${plural(waiting.length, "alert")} ${waiting.length === 1 ? "waits" : "wait"} for somebody${critical.length === 0 ? "" : `, ${critical.length} of them critical`}${also}.`;
}

function open(log: AlertLog): readonly Block[] {
  const waiting = log.open.filter(isWaiting);
  if (waiting.length === 0) return prose("None.");
  return [
    {
      kind: "findings",
      items: waiting.map(({ alert, first, last, told }) => ({
        ...BADGES[alert.severity],
        title: alert.title,
        detail: `${alert.what} ${whenText(alert, { first, last, told })}${worth(alert)}`,
        advice: alert.advice,
      })),
    },
  ];
}

function whenText({ since }: Alert, { first, last, told }: Pick<OpenAlert, "first" | "last" | "told">): string {
  const seen = first === last ? `seen on ${dayText(last)}` : `seen from ${dayText(first)} to ${dayText(last)}`;
  return `Since ${dayText(since)}, ${seen}, ${told === null ? "not told to anybody" : `last told on ${dayText(told)}`}.`;
}

function worth({ money, currency, contributor }: Alert): string {
  const amount = money === null ? "" : ` It stands for ${signedMoney(money, currency)}.`;
  return contributor === null ? amount : `${amount} Most of it: ${contributor.label}.`;
}

function acknowledged(log: AlertLog): readonly Block[] {
  const taken = log.open.filter((one) => one.acked !== null && one.muted === null);
  if (taken.length === 0) return prose("None.");
  return [
    {
      kind: "table",
      title: "Alerts that somebody has taken",
      columns: [...ALERT_COLUMNS, { id: "note", title: "Note", align: "left" }],
      rows: taken.map((one) => [...alertCells(one), textCell(one.acked ?? "")]),
    },
  ];
}

const ALERT_COLUMNS: BlockOf<"table">["columns"] = [
  { id: "alert", title: "Alert", align: "left" },
  { id: "severity", title: "Severity", align: "left" },
  { id: "first", title: "First seen", align: "left" },
  { id: "last", title: "Last seen", align: "left" },
];

function alertCells({ alert, first, last }: Pick<OpenAlert, "alert" | "first" | "last">): readonly TableCell[] {
  return [textCell(alert.title), textCell(BADGES[alert.severity].badge), textCell(first), textCell(last)];
}

function muted(log: AlertLog): readonly Block[] {
  if (log.mutes.length === 0) return prose("None.");
  const silenced = (key: string) => log.open.filter((one) => one.muted?.key === key);
  return [
    {
      kind: "table",
      title: "Silences",
      columns: [
        { id: "key", title: "Alert or rule", align: "left" },
        { id: "until", title: "Until", align: "left" },
        { id: "reason", title: "Reason", align: "left" },
        { id: "open", title: "Silences now", align: "left" },
      ],
      rows: log.mutes.map(({ key, until, reason }) => [
        textCell(key),
        textCell(until ?? "taken back", until),
        textCell(reason),
        textCell(listText(silenced(key).map(({ alert }) => alert.title)) || "nothing"),
      ]),
    },
  ];
}

function weeks(log: AlertLog): readonly Block[] {
  if (log.weeks.length === 0) return prose("Nothing was judged yet.");
  const count = (number: number) => textCell(grouped(number), number);
  return [
    {
      kind: "table",
      title: "Alerts by the week in which they began",
      columns: [
        { id: "week", title: "Week", align: "left" },
        { id: "critical", title: "Critical", align: "right" },
        { id: "warning", title: "Warning", align: "right" },
        { id: "info", title: "Info", align: "right" },
        { id: "over", title: "Over", align: "right" },
        { id: "judged", title: "Days judged", align: "right" },
        { id: "silent", title: "Most without a signal", align: "right" },
      ],
      rows: log.weeks
        .slice(0, WEEKS_SHOWN)
        .map(({ from, begun, recovered, judgedDays, noSignal }) => [
          textCell(rangeText({ from, to: addDays(from, 6) }), from),
          ...[begun.critical, begun.warning, begun.info, recovered, judgedDays, noSignal].map(count),
        ]),
      note: "Without a signal: judgements that an unknown figure made impossible, on the worst day of the week.",
    },
  ];
}

function over(log: AlertLog): readonly Block[] {
  if (log.over.length === 0) return prose("None.");
  return [
    {
      kind: "table",
      title: "Alerts that are over",
      columns: ALERT_COLUMNS,
      rows: log.over.slice(0, OVER_SHOWN).map(alertCells),
    },
  ];
}

function rules(facts: Facts): Block {
  return {
    kind: "table",
    title: "What is judged every week",
    columns: [
      { id: "rule", title: "Rule", align: "left" },
      { id: "title", title: "What it finds", align: "left" },
      { id: "scope", title: "Of", align: "left" },
      { id: "threshold", title: "Thresholds", align: "left" },
    ],
    rows: facts.guardrails.map((rule) => [
      textCell(rule.id),
      textCell(rule.scope === "shop" ? rule.title : `${rule.title} …`),
      textCell(rule.scope === "shop" ? "the shop" : `each ${rule.scope.replaceAll("_", " ")}`),
      textCell(thresholdText(facts, rule)),
    ]),
    note: "Rules over a week against the week before; others look at single days and at cohorts. Change them under `alerts` in growthos.config.ts.",
  };
}
