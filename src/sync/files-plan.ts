import { currencyExponent } from "../base/money.js";
import type { ImportOptions } from "../connectors/files/options.js";
import { type Grain, looksPersonal } from "../connectors/files/plan.js";
import { plainHeader } from "../connectors/files/recognise.js";
import type { FileShape, Recognition } from "../connectors/files/types.js";
import type { DayRule, FilePlan, OtherColumn, PlannedColumn, SumRowRule, WideMetrics } from "../warehouse/file-plan.js";
import type { FoundFile } from "./files-find.js";
import type { OpenedFile } from "./files-open.js";

/** The shop whose files these are. */
export interface ShopFacts {
  readonly currency: string;
  readonly timeZone: string;
}

/** Everything that was found out about a file, as one plan for DuckDB. */
export function filePlan(
  file: FoundFile,
  opened: OpenedFile,
  recognition: Recognition,
  context: { readonly shop: ShopFacts; readonly grain: Grain },
): FilePlan {
  const { shape, matches } = recognition;
  const declared = file.declared;
  const wide = wideOf(recognition, opened, declared);
  const text = opened.head.format === "csv";
  const zone = declared?.propertyTimeZone;
  const currency = declared?.currency ?? recognition.currency ?? context.shop.currency;
  return {
    name: file.name,
    path: opened.path,
    format: opened.head.format,
    delimiter: opened.head.delimiter || ",",
    skip: opened.skip,
    lineOffset: opened.lineOffset,
    header: opened.head.header,
    columns: matches.map(
      ({ field, header, index }): PlannedColumn => ({
        name: field.name,
        header,
        index,
        kind: field.kind,
        required: field.value === "required",
        pii: field.pii ?? null,
      }),
    ),
    others: wide === null ? recognition.others.map(otherColumn) : [],
    key: shape.key,
    wholeKey: shape.wholeKey,
    oncePerKey: shape.oncePerKey,
    sums: shape.exclude.flatMap((rule) => sumRule(rule, recognition, opened.head.header)),
    day: dayRule(shape, context.grain),
    wide,
    products: shape.stream === "meta_ads" ? [{ name: "purchase_value", of: ["purchase_roas", "spend"] }] : [],
    constants: {
      ...(hasOwnCurrency(shape) ? {} : { currency }),
      ...(zone === undefined ? {} : { property_time_zone: zone }),
    },
    decimal: declared?.decimal ?? (text && !shape.stream.startsWith("shopify") ? null : "."),
    decimalDefault: declared !== null || recognition.language === "en" ? "." : ",",
    dateFormat: declared?.dateFormat ?? null,
    timeZone: declared?.timeZone ?? zone ?? null,
    dayTimeZone: zone ?? context.shop.timeZone,
    amountDivisor: declared?.amounts === "minor" ? 10 ** currencyExponent(currency) : 1,
  };
}

/** Shopify's orders bear their currency on the first row of each; customers and figures have none to bear. */
function hasOwnCurrency(shape: FileShape): boolean {
  return ["shopify_orders", "shopify_customers", "customers", "daily_metrics", "users", "locations"].includes(
    shape.stream,
  );
}

function otherColumn({ index, header }: { readonly index: number; readonly header: string }): OtherColumn {
  return { index, header, pii: looksPersonal(header) };
}

function dayRule(shape: FileShape, grain: Grain): DayRule | null {
  const name = shape.dayField;
  if (name === null) return null;
  switch (grain.kind) {
    case "field":
      return { name, field: grain.field };
    case "span":
      return { name, span: grain.fields };
    case "nth":
      return { name, nth: { field: grain.field, start: grain.start } };
    case "fixed":
      return { name, fixed: grain.day };
    default:
      return null;
  }
}

const DIMENSIONS = [
  "date",
  "nth_day",
  "nth_week",
  "week",
  "month",
  "channel_group",
  "source_medium",
  "session_source",
  "session_medium",
  "session_campaign",
];

function sumRule(
  rule: FileShape["exclude"][number],
  recognition: Recognition,
  header: readonly string[],
): readonly SumRowRule[] {
  const indexOf = (name: string) =>
    recognition.matches.filter((match) => match.field.name === name).map((match) => match.index);
  const columns =
    rule.field === "*first"
      ? [0]
      : rule.field === "*any"
        ? header.map((_, index) => index)
        : rule.field === "*dimensions"
          ? DIMENSIONS.flatMap(indexOf)
          : indexOf(rule.field);
  if (columns.length === 0) return [];
  return [
    {
      columns,
      ...(rule.startsWith === undefined ? {} : { startsWith: rule.startsWith }),
      ...(rule.empty === undefined ? {} : { empty: rule.empty }),
    },
  ];
}

/** A table of figures without a column that names them: every other column is a metric, unless its values are words. */
function wideOf(recognition: Recognition, opened: OpenedFile, declared: ImportOptions | null): WideMetrics | null {
  if (recognition.shape.stream !== "daily_metrics") return null;
  if (recognition.matches.some((match) => match.field.name === "metric")) return null;
  const header = opened.head.header;
  const date = recognition.matches.find((match) => match.field.name === "metric_date")?.index;
  const named = (name: string) => header.findIndex((text) => plainHeader(text) === plainHeader(name));
  const by = (declared?.by ?? []).flatMap((name) => (named(name) >= 0 ? [{ index: named(name), header: name }] : []));
  const wanted = declared?.metrics?.map(named).filter((index) => index >= 0);
  const candidates = wanted ?? header.map((_, index) => index).filter((index) => !isWords(opened, index));
  const columns = candidates
    .filter((index) => index !== date && !by.some((column) => column.index === index))
    .map((index) => ({
      index,
      header: header[index] ?? "",
      metric: metricName(header[index] ?? `column_${index + 1}`),
    }));
  return { columns, by };
}

function isWords(opened: OpenedFile, index: number): boolean {
  const values = opened.head.sample.map((row) => (row[index] ?? "").trim()).filter((value) => value !== "");
  return values.length > 0 && values.every((value) => !/^[^\p{L}]*\d[^\p{L}]*$/u.test(value));
}

/** `Defects/Million` -> `defects_million`; letters of every script are kept. */
export function metricName(header: string): string {
  const name = header
    .normalize("NFKC")
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_+|_+$/g, "");
  return name === "" ? "figure" : name;
}
