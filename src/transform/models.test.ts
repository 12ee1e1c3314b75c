import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, type Given, openBench } from "../testing/evaluate.js";
import { root } from "../testing/root.js";
import type { Row } from "../warehouse/types.js";
import type { BuildSettings } from "./types.js";

/** `fixtures/models/<relation>.<case>.json`: does this SELECT do what it says? */
interface ModelCase {
  /** What the case shows, and the arithmetic of its figures. */
  readonly comment: string | readonly string[];
  readonly settings?: Partial<BuildSettings>;
  readonly given: Given;
  /** Rows in order of the grain; columns that are left out are not compared. */
  readonly expect: readonly Row[];
  /** When given, there are this many rows and only those with the grain of the expected ones are compared. */
  readonly total_rows?: number;
}

const FOLDER = join(root, "fixtures", "models");
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

describe("model cases", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it.each(files)("%s", async (file) => {
    const relation = file.split(".")[0] ?? "";
    const {
      given,
      expect: expected,
      settings,
      total_rows: total,
    } = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as ModelCase;
    const all = await bench.rowsOf(relation, given, settings);
    expect(all).toHaveLength(total ?? expected.length);
    const grain = bench.project.models.find((model) => model.relation === relation)?.grain ?? [];
    const keyOf = (row: Row) => JSON.stringify(grain.map((column) => row[column]));
    const rows =
      total === undefined ? all : all.filter((row) => expected.some((wanted) => keyOf(wanted) === keyOf(row)));
    const columns = Object.keys(expected[0] ?? rows[0] ?? {});
    expect(rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])))).toEqual(expected);
  });

  it("every mart has a case", () => {
    const covered = new Set(files.map((name) => name.split(".")[0]));
    const marts = bench.project.models.filter((model) => model.layer === "marts").map((model) => model.relation);
    expect(marts.filter((mart) => !covered.has(mart))).toEqual([]);
  });
});
