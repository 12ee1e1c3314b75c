/**
 * The sentences of a report. Deterministic: a sentence is chosen by comparisons that stand here, and every number in it is a figure that was
 * given. What is unknown is said to be unknown.
 */
import { changeKind, changeOf, changeText } from "../metrics/change.js";
import type { ChangeExplanation } from "../metrics/explain-change.js";
import { formatValue } from "../metrics/format.js";
import type { Compared, MetricDef, MetricId, Unit } from "../metrics/types.js";
import { figure, moneyText, signedMoney, UNCHANGED } from "./figures.js";
import type { RiskReport } from "./risks.js";
import { daysText, label, listText } from "./text.js";
import type { BlockOf, ChangeSplit, DataHealth } from "./types.js";

/** A part of a split as it is named everywhere. */
export interface Driver {
  readonly id: "volume" | "price" | "mix" | "less";
  readonly label: string;
  readonly value: number;
}

type OkSplit = Extract<ChangeSplit, { status: "ok" }>;

/** Below this part of the old value a change of revenue is told as "held". */
const HELD = 0.01;

/** The parts of a split in the order in which they are shown. */
export function driversOf(split: OkSplit): readonly Driver[] {
  return [
    { id: "volume", label: "Orders", value: split.volume },
    { id: "price", label: "Order value", value: split.price },
    { id: "mix", label: "Channel mix", value: split.mix },
    { id: "less", label: "Returns", value: split.less },
  ];
}

/** The driver that did most in the direction of the change; null when nothing moved that way. */
export function mainDriver(split: OkSplit): Driver | null {
  const direction = Math.sign(split.change);
  const along = driversOf(split).filter((driver) => direction !== 0 && Math.sign(driver.value) === direction);
  return [...along].sort((a, b) => Math.abs(b.value) - Math.abs(a.value))[0] ?? null;
}

const DRIVER_PHRASES: Readonly<Record<Driver["id"], { readonly up: string; readonly down: string }>> = {
  volume: { up: "more orders", down: "fewer orders" },
  price: { up: "a higher order value", down: "a lower order value" },
  mix: { up: "a shift towards channels with larger orders", down: "a shift towards channels with smaller orders" },
  less: { up: "fewer returns", down: "more returns" },
};

/** "more orders (+$1,200.00)". */
export function driverPhrase(driver: Driver, currency: string): string {
  const phrase = DRIVER_PHRASES[driver.id][driver.value < 0 ? "down" : "up"];
  return `${phrase} (${signedMoney(driver.value, currency)})`;
}

/** What the headline is made of. */
export interface HeadlineInputs {
  readonly metric: Pick<MetricDef, "title" | "unit">;
  readonly value: Compared;
  readonly split: ChangeSplit;
  readonly currency: string;
  /** "in the week of 2–8 Feb 2026". */
  readonly when: string;
  /** "the week before". */
  readonly before: string;
}

/** One sentence: the number, its change, and the main driver when it is known. */
export function headline(inputs: HeadlineInputs): string {
  const { metric, value, currency, when } = inputs;
  if (value.value.status !== "ok") return `${metric.title} ${when} is unknown: ${value.value.detail}.`;
  const now = figure(value.value, metric.unit, currency).text;
  const change = changeOf(value, "relative");
  if (change.status !== "ok" || value.previous === undefined)
    return `${metric.title} ${when} was ${now}; a comparison with ${inputs.before} is not possible${change.status === "ok" ? "" : ` (${change.detail})`}.`;
  const before = figure(value.previous, metric.unit, currency).text;
  const size = changeText(change.value, "relative");
  if (Math.abs(change.value) < HELD)
    return `${metric.title} ${when} held at ${now} (${size} against ${before} ${inputs.before}).`;
  const verb = change.value > 0 ? "rose to" : "fell to";
  return `${metric.title} ${when} ${verb} ${now}, ${size} against ${before} ${inputs.before}${because(inputs)}.`;
}

function because(inputs: HeadlineInputs): string {
  if (inputs.split.status !== "ok") return "";
  const driver = mainDriver(inputs.split);
  return driver === null ? "" : `, mostly through ${driverPhrase(driver, inputs.currency)}`;
}

/** The waterfall's title states what the split found. */
export function splitTitle(split: OkSplit, currency: string): string {
  const driver = mainDriver(split);
  if (split.change === 0 || driver === null)
    return `Net revenue did not move: ${moneyText(split.after, currency)} in both weeks`;
  return `Net revenue moved by ${signedMoney(split.change, currency)}, mostly through ${driverPhrase(driver, currency)}`;
}

/** The split in one sentence per part, largest first; parts of zero are left out. */
export function splitSentence(split: OkSplit, currency: string): string {
  const parts = [...driversOf(split)]
    .filter((driver) => driver.value !== 0)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .map((driver) => driverPhrase(driver, currency));
  const total = `${signedMoney(split.change, currency)} in all`;
  return parts.length === 0 ? "No part of the revenue moved." : `${capital(listText(parts))}: ${total}.`;
}

/** How much several metrics moved: "Orders +4.1%, AOV −1.0%". Unchanged ones are named at the end; unknown ones are left to the table. */
export function movements(
  metrics: readonly MetricId[],
  values: Readonly<Record<MetricId, Compared>>,
  metric: (id: MetricId) => Pick<MetricDef, "title" | "unit">,
): string {
  const moved: string[] = [];
  const unchanged: string[] = [];
  for (const id of metrics) {
    const compared = values[id];
    if (compared === undefined) continue;
    const { title, unit } = metric(id);
    const kind = changeKind(unit);
    const change = changeOf(compared, kind);
    if (change.status !== "ok") continue;
    if (Math.abs(change.value) < UNCHANGED[kind]) unchanged.push(title);
    else moved.push(`${title} ${changeText(change.value, kind)}`);
  }
  const sentences = [
    moved.length === 0 ? "" : `${moved.join(", ")}.`,
    unchanged.length === 0 ? "" : `Unchanged: ${unchanged.join(", ")}.`,
  ];
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

/**
 * Why a metric moved: the part of its formula and the group of its first breakdown that did most in the direction of the change. Null
 * when nothing moved that way, or nothing could be told.
 */
export function causeSentence(explained: ChangeExplanation, currency: string): string | null {
  const { metric, change = 0, splits, segments } = explained;
  const along = <T extends { readonly label: string; readonly effect: number }>(parts: readonly T[]): T | undefined =>
    [...parts]
      .filter(({ effect }) => effect !== 0 && Math.sign(effect) === Math.sign(change))
      .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))[0];
  const told = ({ label: name, effect }: { readonly label: string; readonly effect: number }) =>
    `${label(name)} (${effectText(effect, metric.unit, currency)})`;
  const split = splits.find(({ kind }) => kind === "factors") ?? splits[0];
  const part = split === undefined ? undefined : along(split.parts);
  const [segment] = segments;
  const group = segment === undefined ? undefined : along(segment.rows);
  const causes = [
    ...(part === undefined ? [] : [told(part)]),
    ...(segment === undefined || group === undefined ? [] : [`the ${segment.by} ${told(group)}`]),
  ];
  if (causes.length === 0) return null;
  return `${effectText(change, metric.unit, currency)} against the week before, mostly through ${listText(causes)}.`;
}

/** An effect in the metric's unit, with its sign; of a rate in points. */
function effectText(effect: number, unit: Unit, currency: string): string {
  if (unit === "ratio") return changeText(effect, "points");
  const { text } = figure({ status: "ok", value: effect }, unit, currency);
  return effect > 0 ? `+${text}` : text;
}

const BADGES = {
  critical: { tone: "bad", badge: "Critical" },
  warning: { tone: "warn", badge: "Warning" },
  info: { tone: "neutral", badge: "Info" },
} as const;

/** The findings of the rules as blocks; without any, it is said how many rules looked. */
export function riskFindings(report: RiskReport, looked = "this week and the week before"): BlockOf<"findings"> {
  const risks = report.risks.map((risk) => ({
    ...BADGES[risk.severity],
    title: risk.title,
    detail: risk.detail,
    advice: risk.advice,
  }));
  const complete = report.noSignal.length === 0;
  const quiet = {
    tone: complete ? ("good" as const) : ("neutral" as const),
    badge: complete ? "All clear" : "Quiet",
    title: "No threshold was crossed",
    detail: `${plural(report.rules, "rule")} looked at ${looked}.`,
  };
  const silent = report.noSignal.map((gap) => `${gap.metric} (${gap.detail})`);
  const noSignal = {
    tone: "neutral" as const,
    badge: "No signal",
    title: "Some rules could not judge",
    detail: `No signal on ${listText(silent)}.`,
  };
  const judged = risks.length === 0 ? [quiet] : risks;
  return { kind: "findings", items: silent.length === 0 ? judged : [...judged, noSignal] };
}

const MOST_STEPS = 5;

/**
 * What to do next week: data problems first, since nothing else can be trusted before; then the advice of the
 * findings, then targets that were missed. At most five.
 */
export function nextSteps(
  report: RiskReport,
  health: DataHealth,
  missed: readonly { readonly title: string; readonly detail: string }[] = [],
): BlockOf<"findings"> {
  const steps = [...dataSteps(health), ...report.risks.map(adviceStep), ...missed];
  if (steps.length === 0)
    steps.push({
      title: "Spend the meeting on the inputs that the team controls",
      detail: "Nothing crossed a threshold and the data is complete",
    });
  const items = steps.slice(0, MOST_STEPS).map((step, index) => ({
    tone: "neutral" as const,
    badge: `${index + 1}`,
    title: step.title,
    detail: `Because: ${lowerFirst(step.detail)}.`,
  }));
  return { kind: "findings", items };
}

function adviceStep({ advice, title }: RiskReport["risks"][number]): { title: string; detail: string } {
  return { title: advice.replace(/\.$/, ""), detail: title };
}

function dataSteps(health: DataHealth): { title: string; detail: string }[] {
  const failed = health.checks.filter((check) => isFailed(check) && check.severity === "critical");
  const gaps = health.sources.filter((source) => source.gaps.length > 0);
  const rows = health.quarantined.filter((file) => file.rows > 0);
  return [
    ...failed.map((check) => ({ title: "Repair the data before using these numbers", detail: check.message })),
    ...gaps.map((source) => ({
      title: `Run growthos sync --source ${source.source} to fill the gap`,
      detail: `${source.source}.${source.stream} lacks ${daysText(source.gaps)}`,
    })),
    ...rows.slice(0, 1).map((file) => ({
      title: "Correct the quarantined rows and import the file again",
      detail: `rows of ${file.file} were refused: ${file.reason}`,
    })),
  ];
}

/** A check that failed, or that cannot be run: something is to be done. One that had nothing to look at is neither passed nor failed. */
export function isFailed({ status, passed, broken }: DataHealth["checks"][number]): boolean {
  return broken === true || (status === undefined ? !passed : status === "failed");
}

/** Whether the data can be trusted, in one sentence. */
export function healthSentence(health: DataHealth): string {
  const failed = health.checks.filter(isFailed);
  const passed = health.checks.filter((check) => check.passed).length;
  const gaps = health.sources.filter((source) => source.gaps.length > 0);
  const rows = health.quarantined.filter((file) => file.rows > 0);
  if (health.checks.length === 0 && health.sources.length === 0) return "Nothing was loaded yet.";
  const problems = [
    failed.length === 0 ? "" : `${failed.length} of ${health.checks.length} checks failed`,
    gaps.length === 0 ? "" : `${listText(gaps.map((source) => `${source.source}.${source.stream}`))} lacks days`,
    rows.length === 0 ? "" : `rows of ${plural(rows.length, "file")} were refused`,
  ].filter((problem) => problem !== "");
  if (problems.length > 0) return `${capital(listText(problems))}.`;
  const unknown = health.checks.length - passed;
  if (unknown === 0) return `All ${passed} checks passed, and no day is missing.`;
  return `${plural(passed, "check")} passed, ${unknown} had nothing to look at, and no day is missing.`;
}

/** `1 file`, `3 files`. */
export function plural(count: number, noun: string): string {
  return `${formatValue({ status: "ok", value: count }, "count", "")} ${noun}${count === 1 ? "" : "s"}`;
}

/** With its first letter in upper case. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
