/** Where the month lands if it goes on as it did: complete days and days to come, against the target (D-57). */
import { type Landing, type MetricForecast, targetVerdict } from "../metrics/forecast.js";
import { varianceOf } from "../metrics/targets.js";
import { figure, textCell, valueCell } from "./figures.js";
import { plural } from "./narrative.js";
import type { Block, BlockOf, Facts, TableCell } from "./types.js";

/** The last ones, which a shop without targets does not need. */
const TARGET_COLUMNS = 3;

/** A heading with the landing of every metric that is forecast; nothing where nobody asked. */
export function landingBlocks(facts: Facts): readonly Block[] {
  const { forecasts } = facts;
  if (forecasts.length === 0) return [];
  const heading = { kind: "heading", id: "landing", text: "Where the month lands" } as const;
  const [first] = forecasts.flatMap((forecast) => landingsOf(forecast));
  const missing = forecasts.flatMap(missingOf);
  if (first === undefined) return [heading, { kind: "prose", paragraphs: missing }];
  return [
    heading,
    landingTable(facts, first),
    ...(missing.length === 0 ? [] : [{ kind: "prose", paragraphs: missing } as const]),
  ];
}

function landingsOf(forecast: MetricForecast): readonly Landing[] {
  return forecast.status === "ok" && forecast.landing !== null ? [forecast.landing] : [];
}

function missingOf(forecast: MetricForecast): readonly string[] {
  const { title } = forecast.metric;
  if (forecast.status !== "ok") return [`${title}: ${forecast.detail}.`];
  return forecast.landingMissing === null
    ? []
    : [`${title}: where the month lands is unknown, ${forecast.landingMissing}.`];
}

function offCell(expected: number, target: number): TableCell {
  const cell = valueCell(varianceOf({ status: "ok", value: expected }, target), "ratio", "");
  return expected > target ? { ...cell, text: `+${cell.text}` } : cell;
}

function landingTable({ forecasts, context }: Facts, { period, expectedDays }: Landing): BlockOf<"table"> {
  const { currency } = context;
  const hasTarget = forecasts.flatMap(landingsOf).some(({ target }) => target !== null);
  const shown = <T>(cells: readonly T[]): readonly T[] => (hasTarget ? cells : cells.slice(0, -TARGET_COLUMNS));
  const rows = forecasts.flatMap((forecast) =>
    landingsOf(forecast).map((landing): readonly TableCell[] => {
      const { metric } = forecast;
      const cell = (value: number) => valueCell({ status: "ok", value }, metric.unit, currency);
      const text = (value: number) => figure({ status: "ok", value }, metric.unit, currency).text;
      const { target } = landing;
      return shown([
        textCell(metric.title),
        cell(landing.soFar),
        cell(landing.value),
        textCell(`${text(landing.low80)} – ${text(landing.high80)}`, landing.low80),
        target === null ? textCell("—", null) : cell(target),
        target === null ? textCell("—", null) : offCell(landing.value, target),
        textCell(target === null ? "—" : targetVerdict(landing, target, metric.better), null),
      ]);
    }),
  );
  return {
    kind: "table",
    title: `${period.label}: ${plural(expectedDays, "day")} to come`,
    columns: shown([
      { id: "metric", title: "Metric", align: "left" },
      { id: "so_far", title: "So far", align: "right" },
      { id: "expected", title: "Expected", align: "right" },
      { id: "band", title: "80 % between", align: "right" },
      { id: "target", title: "Target", align: "right" },
      { id: "off", title: "Off target", align: "right" },
      { id: "verdict", title: "Told by the band", align: "left" },
    ]),
    rows,
    note: "Exponential smoothing of the last 180 complete days, without holidays; bands are as wide as it was off on the shop's own past. It knows nothing of what somebody plans. `growthos forecast` tells every day.",
  };
}
