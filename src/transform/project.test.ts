import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INTAKE_SOURCES } from "../intake/types.js";
import { type Bench, openBench, SQL_FOLDER } from "../testing/evaluate.js";
import { root } from "../testing/root.js";
import { diskFiles } from "../warehouse/disk.js";
import { isStagedPerPart, rawStreamOf } from "./graph.js";
import { readModel } from "./model.js";
import { unportableCalls } from "./portability.js";
import { readSqlFiles } from "./project.js";
import { readStatement } from "./statement.js";

const files = readSqlFiles(diskFiles, SQL_FOLDER).filter((file) => file.path !== "macros.sql");

/** Last lines of select lists over several lines that do not end with a comma. */
function listsWithoutComma(code: string): readonly string[] {
  const lines = code.split("\n").map((line) => line.trim());
  return lines.filter((line, index) => lines[index + 1]?.startsWith("from ") && !/^(select\b|\*)|,$/.test(line));
}

describe("sql/", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  const published = () => bench.project.models.filter((model) => model.layer === "marts" || model.layer === "staging");
  const marts = () => bench.project.models.filter((model) => model.layer === "marts");

  it("calls only portable functions and macros in intermediate and marts", async () => {
    expect(unportableCalls(bench.project.models, bench.project.macros)).toEqual([]);
    const sql =
      "-- A row.\nselect arg_max(a, b) as a, list(c) filter (where d) as c, median(e) as e, sum(f) as f from stg_orders";
    const model = await readModel(bench.db, { path: "marts/fact_x.sql", text: sql });
    expect(unportableCalls([model], []).map(({ call }) => call)).toEqual(["arg_max", "list", "median"]);
  });

  it("unpacks JSON in the staging of a source and nowhere else", () => {
    const json = /from_json|json_extract|json_transform|->>|\bpayload\b/;
    const offenders = files.filter((file) => !/^staging\/[a-z0-9_]+\//.test(file.path) && json.test(file.text));
    expect(offenders.map((file) => file.path)).toEqual([]);
    const parses = files.map((file) => [file.path, file.text.match(/from_json|json_extract/g)?.length ?? 0] as const);
    expect(parses.filter(([, count]) => count > 1)).toEqual([]);
  });

  it("keeps ratios, rates and averages out of the marts", async () => {
    for (const model of marts()) {
      expect(
        model.functions.filter((name) => ["avg", "mean", "safe_ratio", "median"].includes(name)),
        model.path,
      ).toEqual([]);
      const names = Object.keys(bench.columns.get(model.relation) ?? {});
      expect(
        names.filter((name) => /(^|_)(rate|ratio|share|avg|average|pct|percent)(_|$)/.test(name)),
        model.path,
      ).toEqual([]);
    }
  });

  it("lists the columns of every final select", async () => {
    for (const file of files) {
      const statement = await readStatement(bench.db, file.text, file.path);
      expect(statement.endsWithStar, file.path).toBe(false);
    }
  });

  // Of a condition on the other side alone DuckDB makes a comparison of every row with every other.
  it.each(files.map((file) => [file.path, file.text] as const))(
    "%s names the joined side in all of a left join",
    (_, text) => {
      const joins = text.matchAll(/left join \S+ as (\w+)\s+on ((?:.+)(?:\n\s+and .+)*)/g);
      const strange = [...joins].flatMap(([, alias, on = ""]) =>
        on.split(/\n\s+and /).filter((one) => !one.includes(`${alias}.`)),
      );
      expect(strange).toEqual([]);
    },
  );

  it.each(files.map((file) => [file.path, file.text] as const))("%s keeps the style", (path, text) => {
    const code = text.replaceAll(/ *--[^\n]*/g, "").replaceAll(/'(?:[^']|'')*'/g, "''");
    expect(text.split("\n").length - 1, "lines").toBeLessThanOrEqual(150);
    expect(code, "keywords in lower case").not.toMatch(
      /\b(SELECT|FROM|WHERE|JOIN|GROUP|ORDER|WITH|CASE|WHEN|AND|OR)\b/,
    );
    expect(listsWithoutComma(code), "trailing commas").toEqual([]);
    expect(code, "explicit join kinds").not.toMatch(/(?<!inner|left|full outer|cross|semi|anti)\s+join\b/);
    expect(code, "no tabs or trailing blanks").not.toMatch(/\t| \n/);
    if (!path.startsWith("checks/")) expect(code, "no group by all").not.toMatch(/group by all/);
  });

  it("ends every ranking with a unique tiebreaker", () => {
    const unique = /(_id|_key|order_line_id|spend_cents)( desc)?\s*$/;
    for (const file of files) {
      const rankings = file.text.match(/row_number\(\) over \([^)]*order by ([^()]*(?:\([^()]*\)[^()]*)*)\)/g) ?? [];
      for (const ranking of rankings) expect(ranking.slice(0, -1).trimEnd(), file.path).toMatch(unique);
    }
    expect(
      files
        // Of pushed events every one stands: which version of an order is the newest is said in them, not by the order in which they were read.
        .filter((file) => !INTAKE_SOURCES.some((source) => file.path.startsWith(`staging/${source}/`)))
        .filter((file) => file.path.startsWith("staging/") && file.text.includes("row_number"))
        .map((file) => file.path),
    ).toEqual([]);
  });

  it("gives every mart a version, and every published relation a sentence", () => {
    expect(
      marts()
        .filter((model) => model.version === null)
        .map((model) => model.path),
    ).toEqual([]);
    expect(
      published()
        .filter((model) => !/\.$/.test(model.title))
        .map((model) => model.path),
    ).toEqual([]);
    expect(
      marts()
        .filter((model) => model.grain.length === 0)
        .map((model) => model.path),
    ).toEqual([]);
  });

  it("names columns by type and unit", () => {
    const kinds: readonly (readonly [RegExp, RegExp])[] = [
      [/_cents$/, /^BIGINT$/],
      [/_at$/, /^TIMESTAMP WITH TIME ZONE$/],
      [/(_date|^week_start|^week_end|cohort_month|cohort_week|_day)$/, /^DATE$/],
      [/^(is|has)_/, /^BOOLEAN$/],
      [/(_id|_key|_ref)$/, /^VARCHAR$/],
    ];
    for (const model of published()) {
      for (const [column, type] of Object.entries(bench.columns.get(model.relation) ?? {})) {
        expect(type, `${model.relation}.${column}`).not.toMatch(/^(HUGEINT|TIMESTAMP|DECIMAL.*)$/);
        for (const [name, wanted] of kinds)
          if (name.test(column)) expect(type, `${model.relation}.${column}`).toMatch(wanted);
      }
      const columns = Object.keys(bench.columns.get(model.relation) ?? {});
      const hasMoney = columns.some((column) => column.endsWith("_cents"));
      if (hasMoney && model.relation !== "cohort_months") expect(columns, model.relation).toContain("currency");
    }
  });

  it("reads every source of orders, spend and traffic into its union", () => {
    const unions = {
      spend_cents: "stg_spend",
      sessions: "stg_traffic",
      gross_cents: "stg_orders",
      spend_so_far_cents: "stg_spend_intraday",
    } as const;
    const lines = new Set(bench.project.models.find((model) => model.relation === "stg_order_lines")?.reads);
    const sources = bench.project.models.filter((model) => model.layer === "source_staging");
    const unfolded = new Set(sources.flatMap((model) => model.reads));
    for (const model of sources.filter(
      ({ relation }) => !unfolded.has(relation) || relation === "stg_shopify__orders",
    )) {
      const columns = Object.keys(bench.columns.get(model.relation) ?? {});
      const marker = (Object.keys(unions) as (keyof typeof unions)[]).find((column) => columns.includes(column));
      if (marker === undefined || lines.has(model.relation)) continue;
      const union = bench.project.models.find((candidate) => candidate.relation === unions[marker]);
      expect(union?.reads, `${unions[marker]} must read ${model.relation}`).toContain(model.relation);
    }
    const check = files.find((file) => file.path === "checks/stg_spend__every_source_present.sql")?.text ?? "";
    for (const model of bench.project.models.filter(isStagedPerPart)) {
      if (!("spend_cents" in (bench.columns.get(model.relation) ?? {}))) continue;
      const { source, stream } = rawStreamOf(model);
      expect(check, "checks/stg_spend__every_source_present.sql").toContain(`'${source}.${stream}'`);
    }
  });

  it("starts every staged relation with _key and _slice, and reads no as_of there", () => {
    for (const model of bench.project.models.filter(isStagedPerPart)) {
      expect(Object.keys(bench.columns.get(model.relation) ?? {}).slice(0, 2), model.path).toEqual(["_key", "_slice"]);
      expect(model.variables, model.path).not.toContain("as_of");
    }
  });

  it("keeps the contract of the marts: columns, types and versions", () => {
    const contract = Object.fromEntries(
      marts()
        .map(
          (model) => [model.relation, { version: model.version, columns: bench.columns.get(model.relation) }] as const,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const path = join(root, "fixtures", "golden", "contracts.json");
    if (!existsSync(path)) {
      expect(process.env["CI"], `${path} is missing: run the test locally and commit the file`).toBeUndefined();
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify(contract, null, 2)}\n`);
    }
    const golden = JSON.parse(readFileSync(path, "utf8")) as typeof contract;
    for (const [relation, { version, columns }] of Object.entries(contract)) {
      const before = golden[relation];
      if (before?.version === version)
        expect(columns, `${relation} changed: raise its version, delete ${path}, run again`).toEqual(before.columns);
    }
    expect(contract).toEqual(golden);
  });
});
