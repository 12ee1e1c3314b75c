import { dirname, resolve } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { Condition, FileFormat, Relation } from "../../warehouse/export.js";
import type { Cell, Database } from "../../warehouse/types.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  flagOption,
  listOption,
  stringOption,
} from "../command.js";
import { count, plural } from "../format.js";
import type { SheetCell } from "../workbook.js";

const FORMATS = ["csv", "parquet", "xlsx", "jsonl"] as const;

export const command: Command = {
  name: "export",
  summary: "write a mart or seed of the current build as CSV, Parquet, Excel or JSON lines",
  description:
    "Without a relation, lists what there is. Rows come in one fixed order: the same build gives the same file.\n" +
    "Amounts are whole minor units in columns that end in _cents, with their currency beside them. CSV and Excel, which people read, have each once more in whole units: net_cents 5990 and net 59.90. " +
    "In CSV, texts that a spreadsheet would run as formulas begin with an apostrophe. Instants are UTC.",
  arguments: [{ usage: "[relation]", description: "fact_orders, dim_customer, channel_rules …" }],
  options: [
    {
      flags: "-f, --format <format>",
      description: "what to write (default: by the name of the file, else csv)",
      choices: FORMATS,
    },
    { flags: "-o, --out <file>", description: "where to; - is standard output (default for csv and jsonl)" },
    {
      flags: "--where <condition>",
      description: "only these rows: country=DE, 'order_date>=2026-01-01', 'title~socks' (contains); repeatable",
      repeat: true,
    },
    { flags: "--force", description: "replace a file that is there" },
  ],
  examples: [
    "growthos export",
    "growthos export fact_orders --out orders.xlsx --where 'order_date>=2026-01-01'",
    "growthos export fact_spend --format parquet --out spend.parquet --force",
  ],
  async run(context, args) {
    const [typed] = args.positionals;
    const { database, build } = await context.openBuild();
    try {
      const { exportable, relationNamed } = await import("../../warehouse/export.js");
      const relations = await exportable(database);
      if (typed === undefined) return await listed(context, database, relations);
      const relation = relationNamed(relations, typed);
      const target = targetOf(context, args);
      const { outcome, rows } = await exported(context, database, { ...target, relation, args });
      return {
        exit: "ok",
        json: {
          relation: relation.name,
          build: build.buildId,
          as_of: build.asOf,
          rows,
          format: target.format,
          file: target.file,
          dry_run: context.flags.dryRun,
        },
        ...(target.file === null ? {} : { text: outcome }),
      };
    } finally {
      await database.close();
    }
  },
};

async function listed({ output }: CommandContext, database: Database, relations: readonly Relation[]) {
  const { countRows } = await import("../../warehouse/export.js");
  const rows: number[] = [];
  for (const relation of relations) rows.push(await countRows(database, relation));
  return {
    exit: "ok" as const,
    json: {
      relations: relations.map(({ name, schema, columns }, index) => ({
        relation: name,
        kind: schema === "main" ? "mart" : "seed",
        rows: rows[index],
        columns: columns.map((column) => ({
          name: column.name,
          type: column.type,
          currency_column: column.currencyColumn,
        })),
      })),
    },
    text: output.table(
      [
        { title: "relation" },
        { title: "kind" },
        { title: "rows", align: "right" },
        { title: "columns", align: "right" },
      ],
      relations.map(({ name, schema, columns }, index) => [
        name,
        schema === "main" ? "mart" : "seed",
        count(rows[index] ?? 0),
        count(columns.length),
      ]),
    ),
  };
}

interface Target {
  readonly format: (typeof FORMATS)[number];
  /** Absolute; null: standard output. */
  readonly file: string | null;
}

function targetOf({ effects, flags }: CommandContext, args: CommandArgs): Target {
  const out = stringOption(args, "out");
  const ending = FORMATS.find((one) => out?.toLowerCase().endsWith(`.${one}`));
  const format = FORMATS.find((one) => one === stringOption(args, "format")) ?? ending ?? "csv";
  const isBinary = format === "xlsx" || format === "parquet";
  if (out === undefined && isBinary)
    throw usage(`${format} goes into a file`, `add --out <name>.${format}, or --out -`);
  if (out === undefined || out === "-") {
    if (flags.json) throw usage("--json and the rows both go to standard output", "add --out <file>");
    return { format, file: null };
  }
  const file = resolve(effects.cwd, out);
  const there = effects.files.stat(file);
  if (there !== undefined && there.kind !== "file") throw usage(`${file} is there, and no file`);
  if (there !== undefined && !flagOption(args, "force"))
    throw usage(`${file} is there already`, "add --force to replace it");
  const folder = dirname(file);
  if (effects.files.stat(folder) === undefined) throw usage(`there is no folder ${folder}`, "make it first");
  return { format, file };
}

interface Wanted extends Target {
  readonly relation: Relation;
  readonly args: CommandArgs;
}

async function exported(context: CommandContext, database: Database, { relation, args, format, file }: Wanted) {
  const { countRows, readConditions } = await import("../../warehouse/export.js");
  const { files, random } = context.effects;
  const conditions = await readConditions(database, relation, listOption(args, "where"));
  const rows = await countRows(database, relation, conditions);
  if (format === "xlsx") await refuseLong(relation, rows);
  const summary = `${relation.name}: ${plural(rows, "row")}`;
  if (context.flags.dryRun) return { rows, outcome: `${summary} would go to ${file ?? "standard output"}` };
  const ws = await context.workspace({ mustExist: true });
  const name = `.export-${random.hex(6)}`;
  // Beside its place, so that the last step is one rename; what is only passed on rests in the workspace.
  const path = file === null ? ws.at("staging", name) : resolve(dirname(file), name);
  try {
    const note = await written(context, database, { relation, conditions, format, path });
    if (file === null) await passOn(context, path);
    else {
      files.sync(path);
      files.rename(path, file);
    }
    if (note !== null) context.output.warn(note);
    if (rows === 0) context.output.note(`${relation.name} has no ${conditions.length === 0 ? "rows" : "such rows"}`);
    return { rows, outcome: `${file}: ${summary}` };
  } finally {
    files.remove(path);
  }
}

async function refuseLong(relation: Relation, rows: number): Promise<void> {
  const { SHEET_ROWS } = await import("../workbook.js");
  if (rows < SHEET_ROWS) return;
  throw usage(
    `${relation.name} has ${rows} rows, and a sheet of Excel takes ${SHEET_ROWS - 1} below its head`,
    "narrow them by --where, or write csv or parquet",
  );
}

interface Writing {
  readonly relation: Relation;
  readonly conditions: readonly Condition[];
  readonly format: FileFormat | "xlsx";
  readonly path: string;
}

/** Writes the file; a sentence when something in it is not as it was. */
async function written(
  { effects: { files } }: CommandContext,
  database: Database,
  { relation, conditions, format, path }: Writing,
): Promise<string | null> {
  if (format !== "xlsx") {
    const { copyRelation } = await import("../../warehouse/export.js");
    await files.external("export", path, () => copyRelation(database, relation, { path, format, conditions }));
    return null;
  }
  const [{ sheetRows }, { openWorkbook }] = await Promise.all([
    import("../../warehouse/export.js"),
    import("../workbook.js"),
  ]);
  const { titles, pages } = await sheetRows(database, relation, conditions);
  files.write(path, "");
  const book = openWorkbook(relation.name, (piece) => files.append(path, piece));
  book.add([titles]);
  const types = new Map(relation.columns.map(({ name, type }) => [name, type]));
  for await (const rows of pages)
    book.add(rows.map((row) => titles.map((title) => sheetCell(row[title] ?? null, types.get(title) ?? ""))));
  const { cut } = book.end();
  return cut === 0 ? null : `${plural(cut, "text")} ended early: Excel takes 32,767 characters in a cell`;
}

function sheetCell(value: Cell, type: string): SheetCell {
  if (value === null || typeof value === "number") return value;
  if (typeof value === "boolean") return String(value);
  const text = String(value);
  if (type === "DATE") return { day: text };
  return type.startsWith("TIMESTAMP") ? { instant: text } : text;
}

async function passOn({ effects }: CommandContext, path: string): Promise<void> {
  for (const chunk of effects.files.chunks(path)) {
    effects.signal.throwIfAborted();
    await effects.pass(chunk);
  }
}

function usage(what: string, hint?: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, ...(hint === undefined ? {} : { hint }), exit: "usage" });
}
