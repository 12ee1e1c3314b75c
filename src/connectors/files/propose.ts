import { MAPPED_STREAMS, type MappedStream, mappedShape } from "./mapped.js";
import { matchColumns, nearestHeader, plainHeader } from "./recognise.js";
import type { ColumnMatch, HeadFacts } from "./types.js";

/** A mapping that a user may paste into the config and correct. */
export interface Proposal {
  readonly as: MappedStream;
  /** Field -> header. */
  readonly columns: Readonly<Record<string, string>>;
  /** Required fields for which no column was found. */
  readonly unknown: readonly string[];
}

const DATE_LIKE = /^\s*(\w{3},? )?(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/. ][A-Za-z\d]{1,9}[-/. ]\d{2,4}|\d{8})/;

/** The most plausible mapping of an unknown file: the entity with the largest share of its required fields, then most fields. */
export function proposeMapping(head: HeadFacts): Proposal {
  const ranked = MAPPED_STREAMS.filter((stream) => stream !== "daily_metrics")
    .map((as) => proposalFor(as, head))
    .sort((a, b) => a.unknown.length - b.unknown.length || count(b) - count(a));
  const best = ranked.find((proposal) => proposal.unknown.length === 0 && count(proposal) >= 2);
  const metrics = metricsProposal(head);
  return best ?? metrics ?? ranked[0] ?? { as: "daily_metrics", columns: {}, unknown: ["metric_date"] };
}

/** The lines to paste under `sources` in growthos.config.ts. */
export function configSnippet(path: string, proposal: Proposal): string {
  const columns = [
    // A header that already bears the field's name needs no entry.
    ...Object.entries(proposal.columns)
      .filter(([name, header]) => plainHeader(header) !== name)
      .map(([name, header]) => `${name}: ${JSON.stringify(header)}`),
    ...proposal.unknown.map((name) => `${name}: "?"`),
  ];
  const mapping = columns.length === 0 ? "" : `, columns: { ${columns.join(", ")} }`;
  return `files: { imports: [{ path: ${JSON.stringify(path)}, as: "${proposal.as}"${mapping} }] },`;
}

function count(proposal: Proposal): number {
  return Object.keys(proposal.columns).length;
}

function proposalFor(as: MappedStream, head: HeadFacts): Proposal {
  const shape = mappedShape(as);
  const exact = matchColumns(head.header, shape);
  const used = new Set(exact.map((match) => match.index));
  const free = head.header.filter((_, index) => !used.has(index));
  const columns: Record<string, string> = {};
  const unknown: string[] = [];
  for (const field of shape.fields) {
    const match: ColumnMatch | undefined = exact.find((candidate) => candidate.field.name === field.name);
    if (match !== undefined) columns[field.name] = match.header;
    else if (field.column === "required") {
      const near = nearestHeader(field.headers, free);
      if (near === undefined) unknown.push(field.name);
      else columns[field.name] = near;
    }
  }
  return { as, columns, unknown };
}

/** A file with one date column whose other columns are mostly numbers is a table of dated figures. */
function metricsProposal(head: HeadFacts): Proposal | undefined {
  const date = head.header.findIndex((_, index) => {
    const values = head.sample.map((row) => row[index] ?? "").filter((value) => value !== "");
    return values.length > 0 && values.every((value) => DATE_LIKE.test(value));
  });
  if (date < 0) return undefined;
  const header = head.header[date] ?? "";
  const columns: Record<string, string> = ["date", "day"].includes(plainHeader(header)) ? {} : { metric_date: header };
  return { as: "daily_metrics", columns, unknown: [] };
}
