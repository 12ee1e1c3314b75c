/** The way of the data: landed streams, staging, steps, marts, metrics; read from the SQL itself. */
import type { LineageRelation } from "../../transform/lineage.js";
import { textCell } from "../figures.js";
import { streamsOf } from "../metric-lineage.js";
import { plural } from "../narrative.js";
import { grouped, stamps } from "../stamps.js";
import { listText } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage, TableCell } from "../types.js";

/** Names in one cell; the rest is counted. */
const NAMED = 4;

/** Streams with what reads them, the relations by layer, and metrics with their marts and streams. */
export const lineage: ReportPage = {
  id: "lineage",
  title: "Lineage",
  reads: () => ({}),
  build: (facts) => ({
    schemaVersion: 1,
    id: lineage.id,
    title: lineage.title,
    subtitle: "From the records of the sources to the metrics, as the SQL of this build says",
    context: facts.context,
    blocks: [
      { kind: "prose", paragraphs: [leadOf(facts)], lead: true },
      ...(facts.lineage.relations.length === 0 ? [] : structure(facts)),
    ],
    stamps: stamps(facts),
  }),
};

const of = ({ lineage: { relations } }: Facts, layer: LineageRelation["layer"]): readonly LineageRelation[] =>
  relations.filter((one) => one.layer === layer);

function leadOf(facts: Facts): string {
  if (facts.lineage.relations.length === 0) return "The SQL was not read for this report.";
  const staging = plural(of(facts, "source_staging").length, "staging relation");
  const marts = plural(of(facts, "marts").length, "mart");
  return `${plural(facts.health.sources.length, "stream")} landed; ${staging} turn them into typed rows, and ${marts} feed ${plural(facts.metrics.length, "metric")}.`;
}

function structure(facts: Facts): readonly Block[] {
  return [
    heading("streams", "Streams and their staging"),
    streams(facts),
    heading("unions", "One relation per kind"),
    layer(facts, { layer: "staging", title: "Unions over the sources" }),
    heading("steps", "Steps between"),
    layer(facts, { layer: "intermediate", title: "What several marts share" }),
    heading("marts", "Marts"),
    layer(facts, { layer: "marts", title: "The public relations" }),
    heading("metrics", "Metrics"),
    metrics(facts),
  ];
}

function heading(id: string, text: string): Block {
  return { kind: "heading", id, text };
}

/** Every landed stream, and every stream that a staging relation waits for. */
function streams(facts: Facts): BlockOf<"table"> {
  const readers = new Map<string, readonly string[]>();
  for (const { relation, reads } of of(facts, "source_staging"))
    for (const read of reads.filter((name) => name.startsWith("raw."))) {
      const stream = read.replace(/^raw\./, "").replace("__", ".");
      readers.set(stream, [...(readers.get(stream) ?? []), relation]);
    }
  const landed = new Map(facts.health.sources.map((one) => [`${one.source}.${one.stream}`, one]));
  const names = [...new Set([...landed.keys(), ...readers.keys()])].sort();
  const shown = names.filter((name) => landed.has(name));
  const waiting = names.filter((name) => !landed.has(name));
  return {
    kind: "table",
    title: "Landed streams",
    columns: [
      { id: "stream", title: "Stream", align: "left" },
      { id: "rows", title: "Rows", align: "right" },
      { id: "days", title: "Up to", align: "left" },
      { id: "staging", title: "Staged by", align: "left" },
    ],
    rows: shown.map((name) => {
      const one = landed.get(name);
      return [
        textCell(name),
        textCell(grouped(one?.rows ?? 0), one?.rows ?? null),
        textCell(one?.to ?? "—", one?.to ?? null),
        namesCell(readers.get(name) ?? []),
      ];
    }),
    note:
      waiting.length === 0
        ? "Every stream that the SQL reads has landed."
        : `${plural(waiting.length, "more stream")} can be read and ${waiting.length === 1 ? "has" : "have"} not landed.`,
  };
}

function namesCell(names: readonly string[]): TableCell {
  if (names.length === 0) return textCell("—", null);
  const more = names.length > NAMED ? [`${names.length - NAMED} more`] : [];
  return textCell(listText([...names.slice(0, NAMED), ...more]));
}

function layer(
  facts: Facts,
  { layer: name, title }: { readonly layer: LineageRelation["layer"]; readonly title: string },
): BlockOf<"table"> {
  const isMart = name === "marts";
  return {
    kind: "table",
    title,
    columns: [
      { id: "relation", title: "Relation", align: "left" },
      { id: "row", title: "What a row is", align: "left" },
      { id: "reads", title: "Reads", align: "left" },
      ...(isMart
        ? [
            { id: "rows", title: "Rows", align: "right" as const },
            { id: "version", title: "Version", align: "right" as const },
          ]
        : []),
    ],
    rows: of(facts, name).map(({ relation, title: text, reads, rows, version }) => [
      textCell(relation),
      textCell(text),
      namesCell(reads),
      ...(isMart
        ? [
            rows === null ? textCell("—", null) : textCell(grouped(rows), rows),
            version === null ? textCell("—", null) : textCell(grouped(version), version),
          ]
        : []),
    ]),
  };
}

function metrics(facts: Facts): BlockOf<"table"> {
  return {
    kind: "table",
    title: "Metrics, what they are read from, and the streams behind",
    columns: [
      { id: "metric", title: "Metric", align: "left" },
      { id: "relations", title: "Read from", align: "left" },
      { id: "streams", title: "Streams that landed", align: "left" },
    ],
    rows: facts.metrics.map(({ id, title }) => [
      { ...textCell(title), link: { page: "metrics", anchor: id } },
      namesCell([...new Set(facts.columnsOf(id).map(({ relation }) => relation))]),
      namesCell(streamsOf(facts, id)),
    ]),
    note: "The passport of a metric lists the fields of each stream.",
  };
}
