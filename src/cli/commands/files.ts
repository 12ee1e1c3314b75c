import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { FilesOptions } from "../../connectors/files/options.js";
import type { Inspection } from "../../sync/files-inspect.js";
import type { Command, CommandContext, Output } from "../command.js";
import { problemJson, problemText } from "../problem.js";

export const command: Command = {
  name: "files inspect",
  summary: "show what an export file is recognised as, and its first bad rows",
  description:
    "Reads the whole file as an import would and lands nothing: format, columns, rows, sums, first bad rows; for a file that is not recognised, a mapping to paste into growthos.config.ts.",
  arguments: [{ usage: "<path>", description: "a CSV, JSON lines or Parquet file" }],
  options: [],
  examples: ["growthos files inspect inbox/orders_export_1.csv", "growthos files inspect spend.csv --json"],
  async run(context, args) {
    const path = resolve(context.effects.cwd, args.positionals[0] ?? "");
    const { files, random } = context.effects;
    if (files.stat(path)?.kind !== "file") throw noFile(args.positionals[0] ?? "");
    const { shop, options, projectRoot } = await shopOf(context);
    const scratch = join(tmpdir(), `growthos-inspect-${random.hex(8)}`);
    files.makeFolder(scratch);
    const [{ openDatabase }, { declaredFor, inspectFile }, { nameOf }] = await Promise.all([
      import("../../warehouse/duckdb.js"),
      import("../../sync/files-inspect.js"),
      import("../../sync/files-find.js"),
    ]);
    const db = await openDatabase({ memoryLimitMb: 512, tempFolder: scratch });
    try {
      const declared = declaredFor(options, projectRoot, path);
      const file = { name: nameOf(projectRoot, path), path, declared };
      const inspection = await inspectFile({ files, db, copyPath: join(scratch, "table.txt"), shop }, file);
      return { exit: "ok", json: asJson(inspection), text: asText(inspection, context.output) };
    } finally {
      await db.close();
      files.remove(scratch);
    }
  },
};

/** The shop's currency and zone; a file can also be inspected where there is no config yet. */
async function shopOf(context: CommandContext): Promise<{
  readonly shop: { readonly currency: string; readonly timeZone: string };
  readonly options: FilesOptions;
  readonly projectRoot: string;
}> {
  const { filesOptions } = await import("../../connectors/files/options.js");
  try {
    const own = await context.workspaceConfig();
    const source = own.sources.find(({ id }) => id === "files");
    const { projectRoot } = await context.config();
    return { shop: own.shop, options: filesOptions.parse(source?.options ?? {}), projectRoot };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "CONFIG_MISSING") throw thrown;
    context.output.note(
      "no growthos.config.ts here: amounts without a currency are taken for USD, times without a zone for UTC",
    );
    const shop = { currency: "USD", timeZone: "UTC" };
    return { shop, options: filesOptions.parse({}), projectRoot: context.effects.cwd };
  }
}

function noFile(path: string): GrowthosError {
  return new GrowthosError({
    code: "FILES_NONE",
    what: `there is no file "${path}"`,
    hint: "give the path of a CSV, Excel (.xlsx), JSON lines or Parquet file",
    exit: "usage",
  });
}

function asJson(inspection: Inspection): Readonly<Record<string, unknown>> {
  const { head, findings, refusal, proposal } = inspection;
  return {
    file: inspection.name,
    format: head.format,
    encoding: head.encoding,
    byte_order_mark: head.bom,
    gzip: head.gzip,
    ...(head.sheet === undefined ? {} : { sheet: head.sheet }),
    delimiter: head.delimiter,
    header_line: head.headerLine,
    preamble: head.preamble,
    recognised: inspection.recognised,
    near: inspection.near,
    columns: inspection.columns.map(({ isPersonal, ...column }) => ({ ...column, is_personal: isPersonal })),
    rows: findings?.rows ?? null,
    good_rows: findings?.goodRows ?? null,
    bad_rows: findings?.badRows ?? null,
    total_rows: findings?.sumRows ?? null,
    days: findings?.days ?? null,
    totals: findings?.totals ?? null,
    first_bad: findings?.firstBad ?? null,
    refusal: refusal === null ? null : problemJson(refusal),
    proposal:
      proposal === null
        ? null
        : { as: proposal.as, columns: proposal.columns, unknown: proposal.unknown, config: proposal.snippet },
  };
}

function asText(inspection: Inspection, output: Output): string {
  const { recognised, findings, refusal, proposal } = inspection;
  const title = recognised === null ? "not recognised" : `${recognised.title}  (raw.files__${recognised.stream})`;
  const lines = [
    `${inspection.name}: ${output.paint("strong", title)}`,
    `  ${formatText(inspection)}`,
    ...(recognised === null ? [] : [`  because ${recognised.because}`]),
    ...inspection.near.map(
      ({ title: name, found, missing }) =>
        `  near: ${name} (has ${found.slice(0, 4).join(", ")}; lacks ${missing.join(", ")})`,
    ),
  ];
  const known = inspection.columns.filter(({ field }) => field !== null);
  if (known.length > 0) {
    const header = [{ title: "column" }, { title: "taken for" }, { title: "kind" }, { title: "" }];
    const rows = known.map((column) => [
      column.header,
      column.field ?? "",
      column.kind ?? "",
      column.isPersonal ? "personal" : "",
    ]);
    lines.push("", output.table(header, rows));
    const others = inspection.columns.length - known.length;
    if (others > 0) lines.push(`${others} other columns are kept under their own names`);
  }
  if (findings !== null) lines.push("", ...findingsText(findings, output));
  // "Not recognised" is said already, and the answer is the mapping below.
  if (refusal !== null && refusal.code !== "FILE_UNKNOWN") lines.push("", problemText(refusal, output.paint));
  if (proposal !== null) {
    lines.push(
      "",
      "to import it, put this under `sources` in growthos.config.ts and correct it:",
      `  ${proposal.snippet}`,
    );
  }
  return lines.join("\n");
}

const DELIMITERS: Readonly<Record<string, string>> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" };

function formatText({ head }: Inspection): string {
  if (head.sheet !== undefined) {
    return `Excel workbook, sheet ${JSON.stringify(head.sheet)}, ${head.header.length} columns`;
  }
  if (head.format !== "csv")
    return `${head.format === "jsonl" ? "JSON lines" : "Parquet"}, ${head.header.length} columns`;
  const words = [
    head.gzip ? "CSV in gzip" : "CSV",
    `${head.encoding.toUpperCase()}${head.bom ? " with byte order mark" : ""}`,
    `separated by ${DELIMITERS[head.delimiter] ?? JSON.stringify(head.delimiter)}`,
    `header on line ${head.headerLine}`,
    `${head.header.length} columns`,
  ];
  return words.join(", ");
}

function findingsText(findings: NonNullable<Inspection["findings"]>, output: Output): readonly string[] {
  const days = findings.days === null ? "" : `, ${findings.days.from} to ${findings.days.to}`;
  const totals = Object.entries(findings.totals).map(([name, sum]) => [name, sum]);
  const bad = findings.firstBad.map(({ line, column, value, reason }) => [String(line), column, value ?? "", reason]);
  return [
    `${findings.rows} rows: ${findings.goodRows} good, ${findings.badRows} bad, ${findings.sumRows} total rows left out${days}`,
    ...(totals.length === 0
      ? []
      : ["", output.table([{ title: "sum of" }, { title: "good rows", align: "right" }], totals)]),
    ...(bad.length === 0
      ? []
      : [
          "",
          "first bad rows:",
          output.table(
            [{ title: "line", align: "right" }, { title: "column" }, { title: "value" }, { title: "reason" }],
            bad,
          ),
        ]),
  ];
}
