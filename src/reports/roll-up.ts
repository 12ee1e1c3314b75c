/**
 * The page of an agency: one row per workspace, one table per currency. A pure function of what each workspace's own build said; no
 * customer is in it, and nobody is matched across workspaces.
 */
import { addDays, type DateRange, type ISODate } from "../base/dates.js";
import type { Catalog } from "../metrics/catalog/index.js";
import { ROLLED, type RolledTotal, rollUp } from "../metrics/roll-up.js";
import type { Compared, MetricDef, MetricId } from "../metrics/types.js";
import { changeCell, textCell, valueCell } from "./figures.js";
import { plural } from "./narrative.js";
import { definitions } from "./stamps.js";
import { dayText, listText, rangeText } from "./text.js";
import type { Block, BlockOf, Column, ReportModel, TableCell } from "./types.js";

/** What is known of one workspace. */
export interface RollUpRow {
  readonly workspace: string;
  /** Null: its config cannot be read. */
  readonly shop: string | null;
  /** The figures of its build; null: there are none. */
  readonly figures: {
    readonly currency: string;
    readonly window: DateRange;
    readonly values: Readonly<Record<MetricId, Compared>>;
    readonly buildId: string;
    readonly inputHash: string;
    readonly asOf: ISODate;
  } | null;
  /** Alerts that are not over and not muted, by severity; null: none were ever judged. */
  readonly alerts: { readonly critical: number; readonly warning: number; readonly info: number } | null;
  readonly newestDay: ISODate | null;
  /** In one or two words, as `growthos workspaces list` has it. */
  readonly state: string;
  /** True when somebody has to look. */
  readonly isWrong: boolean;
  /** The last error, or why there are no figures. */
  readonly problem: string | null;
}

/** Everything that the page is made of. */
export interface RollUpFacts {
  readonly asOf: ISODate;
  readonly rows: readonly RollUpRow[];
  readonly catalog: Catalog;
  /** SHA-256 over the builds that were read. */
  readonly inputHash: string;
}

/** Id and file name of the page. */
export const ROLL_UP_ID = "workspaces";

/** Builds the page. */
export function rollUpModel(facts: RollUpFacts): ReportModel {
  const { asOf, rows, catalog } = facts;
  const shown = rows.flatMap((row) => (row.figures === null ? [] : [{ ...row, figures: row.figures }]));
  const currencies = [...new Set(shown.map(({ figures }) => figures.currency))].sort();
  return {
    schemaVersion: 1,
    id: ROLL_UP_ID,
    title: "Workspaces",
    subtitle: `As of ${dayText(asOf)}: ${windowsText(shown)}`,
    context: {
      shop: "All workspaces",
      // Each row has its own; these stand for none of them.
      currency: "",
      timeZone: "UTC",
      asOf,
      lastCompleteDay: addDays(asOf, -1),
      buildId: plural(shown.length, "build"),
      inputHash: facts.inputHash,
    },
    blocks: [
      { kind: "prose", paragraphs: [leadOf(rows, currencies)], lead: true },
      ...currencies.map((currency) =>
        tableOf(
          currency,
          shown.filter(({ figures }) => figures.currency === currency),
          catalog,
        ),
      ),
      ...(rows.length === 0 ? [] : [standing(rows)]),
      definitions(ROLLED.map((id) => catalog.get(id))),
    ],
    stamps: stampsOf(facts, shown),
  };
}

type Shown = RollUpRow & { readonly figures: NonNullable<RollUpRow["figures"]> };

function windowsText(shown: readonly Shown[]): string {
  const windows = [...new Set(shown.map(({ figures }) => rangeText(figures.window)))];
  if (windows.length === 0) return "no workspace has figures";
  return windows.length === 1 ? (windows[0] ?? "") : "each workspace's own last complete days";
}

function leadOf(rows: readonly RollUpRow[], currencies: readonly string[]): string {
  const count = (some: readonly RollUpRow[]) => some.length;
  if (rows.length === 0) return "There is no workspace yet.";
  const known = count(rows.filter(({ figures }) => figures !== null));
  const wrong = rows.filter(({ isWrong }) => isWrong).map(({ workspace }) => workspace);
  const critical = rows.filter(({ alerts }) => (alerts?.critical ?? 0) > 0).map(({ workspace }) => workspace);
  return [
    `${known} of ${plural(rows.length, "workspace")} ${known === 1 ? "has" : "have"} figures`,
    currencies.length > 1 ? `, in ${currencies.length} currencies, which are not added` : "",
    ". ",
    wrong.length === 0 ? "None needs somebody" : `${listText(wrong)} ${wrong.length === 1 ? "needs" : "need"} somebody`,
    critical.length === 0 ? "." : `; critical alerts are open at ${listText(critical)}.`,
  ].join("");
}

function tableOf(currency: string, rows: readonly Shown[], catalog: Catalog): Block {
  const defs = ROLLED.map((id) => catalog.get(id));
  const totals = rollUp(
    rows.map(({ workspace, figures: { values } }) => ({
      workspace,
      values: Object.fromEntries(Object.entries(values).map(([id, { value }]) => [id, value])),
    })),
    ROLLED,
    catalog,
  );
  return {
    kind: "table",
    title: `Workspaces in ${currency}`,
    columns: columnsFor(defs),
    rows: rows.map((row) => [textCell(row.workspace), ...defs.flatMap((def) => valueCells(row, def))]),
    totals: [
      textCell(`Total of ${rows.length}`, null),
      ...defs.flatMap((def) => [
        totalCell(totals[def.id], def, currency),
        ...(hasChange(def) ? [textCell("", null)] : []),
      ]),
    ],
    note: "A person who buys in two workspaces is a customer of each. Ratios of the total are divided after adding.",
  };
}

/** Of these the change against the days before is shown beside. */
function hasChange({ id }: MetricDef): boolean {
  return id === "spend" || id === "net_revenue";
}

function columnsFor(defs: readonly MetricDef[]): readonly Column[] {
  return [
    { id: "workspace", title: "Workspace", align: "left" },
    ...defs.flatMap((def): readonly Column[] => [
      // Its name is spelled out below.
      { id: def.id, title: def.id === "mer" ? "MER" : def.title, align: "right" },
      ...(hasChange(def) ? [{ id: `${def.id}_change`, title: "Change", align: "right" as const }] : []),
    ]),
  ];
}

const NO_VALUE: Compared = { value: { status: "unknown", because: "no_data", detail: "its build does not tell" } };

function valueCells({ figures: { values, currency } }: Shown, def: MetricDef): readonly TableCell[] {
  const compared = values[def.id] ?? NO_VALUE;
  return [valueCell(compared.value, def.unit, currency), ...(hasChange(def) ? [changeCell(compared, def)] : [])];
}

function totalCell(total: RolledTotal | undefined, def: MetricDef, currency: string): TableCell {
  if (total === undefined) return textCell("", null);
  const cell = valueCell(total.value, def.unit, currency);
  if (total.value.status !== "ok" || total.without.length === 0) return cell;
  return { ...cell, note: `Without ${listText(total.without)}, of whom it is not known` };
}

function alertsCell({ alerts }: RollUpRow): TableCell {
  if (alerts === null) return textCell("not judged", null);
  const told = (["critical", "warning", "info"] as const).flatMap((severity) =>
    alerts[severity] === 0 ? [] : [`${alerts[severity]} ${severity}`],
  );
  if (told.length === 0) return { ...textCell("none"), sort: 0 };
  return { text: told.join(", "), sort: alerts.critical + alerts.warning + alerts.info, tone: toneOf(alerts.critical) };
}

function toneOf(critical: number): "bad" | "neutral" {
  return critical > 0 ? "bad" : "neutral";
}

function stateCell({ state, isWrong }: RollUpRow): TableCell {
  return isWrong ? { ...textCell(state), tone: "bad" } : textCell(state);
}

/** All of them, also those without figures. */
function standing(rows: readonly RollUpRow[]): BlockOf<"table"> {
  const without = rows.filter(({ figures }) => figures === null);
  return {
    kind: "table",
    title: "How each stands",
    columns: [
      { id: "workspace", title: "Workspace", align: "left" },
      { id: "shop", title: "Shop", align: "left" },
      { id: "state", title: "State", align: "left", filter: true },
      { id: "alerts", title: "Open alerts", align: "left" },
      { id: "day", title: "Newest day", align: "left" },
      { id: "why", title: "Last error", align: "left" },
    ],
    rows: rows.map((row) => [
      textCell(row.workspace),
      textCell(row.shop ?? "—", row.shop),
      stateCell(row),
      alertsCell(row),
      textCell(row.newestDay ?? "—", row.newestDay),
      textCell(row.problem ?? "—", row.problem),
    ]),
    ...(without.length === 0
      ? {}
      : {
          note: `No figures and in no total: ${listText(without.map(({ workspace }) => workspace))}. Not known is not zero.`,
        }),
  };
}

function stampsOf({ asOf, inputHash }: RollUpFacts, shown: readonly Shown[]): ReportModel["stamps"] {
  return [
    { label: "As of", text: dayText(asOf) },
    { label: "Days", text: "complete days, of each shop in its own time zone" },
    { label: "Revenue", text: "net of discounts and returns, in each shop's own currency; currencies are never added" },
    { label: "Isolation", text: "each row is what that workspace's own published build says; no customer is in it" },
    { label: "Builds", text: `${plural(shown.length, "build")}, inputs ${inputHash.slice(0, 12)}` },
  ];
}
