/** One zip that says what was reported, from which data, by which SQL, and lets anybody with DuckDB ask again. */
import { zipSync } from "fflate";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import { renderPage, siteRenderer } from "../reports/site.js";
import { plainModel } from "../reports/text.js";
import type { Facts, ReportPage } from "../reports/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import {
  exportRelation,
  exportResult,
  type NamedStatement,
  openSlice,
  relationsIn,
  rerunScript,
  SLICE,
} from "../warehouse/slice.js";
import type { Database, Workspace } from "../warehouse/types.js";

/** What a bundle is made of. */
export interface BundleOptions {
  readonly ws: Workspace;
  readonly database: Database;
  readonly facts: Facts;
  readonly pages: readonly ReportPage[];
  readonly templates: string;
  readonly version: string;
  readonly random: Random;
}

/** A file of the bundle by its path in it. */
type Entries = Readonly<Record<string, Uint8Array>>;

/** A zip is made in memory; a shop beyond this sends its workspace instead. */
const MOST_BYTES = 1024 * 1024 * 1024;
/** The first day that a zip can name: its bytes do not depend on when it was made. */
const EPOCH = new Date(1980, 0, 1);

/** The bytes of the zip; the same build and pages give the same. Throws `BUNDLE_LARGE`. */
export async function bundleOf(options: BundleOptions): Promise<Uint8Array> {
  const statements = statementsOf(options);
  const temporary = options.ws.at("out", `.tmp-${options.random.hex(8)}`);
  const { files } = options.ws;
  for (const folder of Object.values(SLICE)) files.makeFolder(`${temporary}/${folder}`);
  try {
    const relations = await relationsIn(options.database, statements);
    await exportData(options, { temporary, relations, statements });
    const entries: Entries = {
      ...(await reportFiles(options)),
      ...dataFiles(options.ws, temporary),
      ...Object.fromEntries(statements.map(({ name, sql }) => [`sql/${name}.sql`, bytes(`${sql.trim()}\n`)])),
      "rerun.sql": bytes(rerunScript(relations, statements)),
    };
    return zipped({ ...entries, "manifest.json": manifest(options, entries), SHA256SUMS: sums(entries) });
  } finally {
    files.remove(temporary);
  }
}

/** The statements behind the reads of the pages, each once and named by the first read that it answers. */
export function statementsOf({ facts, pages }: Pick<BundleOptions, "facts" | "pages">): readonly NamedStatement[] {
  const { context, own, deck } = facts;
  const rules = { weekEndsOn: context.calendar ?? context.weekEndsOn ?? 7, own, deck };
  const names = new Map<string, string>();
  for (const page of pages)
    for (const read of Object.keys(page.reads(context, rules)))
      for (const [index, sql] of facts.result(read).sql.entries())
        if (!names.has(sql)) names.set(sql, `${page.id}-${read}-${index + 1}`);
  return [...names].map(([sql, name]) => ({ name, sql }));
}

interface Data {
  readonly temporary: string;
  readonly relations: readonly string[];
  readonly statements: readonly NamedStatement[];
}

/** The marts, and what each statement gives when it is asked of those files alone. */
async function exportData({ ws, database }: BundleOptions, { temporary, relations, statements }: Data): Promise<void> {
  await ws.files.external("bundle", temporary, async () => {
    for (const relation of relations)
      await exportRelation(database, relation, `${temporary}/${SLICE.marts}/${relation}.parquet`);
    const alone = await openDatabase({ threads: 1, tempFolder: `${temporary}/spill` });
    try {
      await openSlice(alone, relations, `${temporary}/${SLICE.marts}`);
      for (const statement of statements)
        await exportResult(alone, statement, `${temporary}/${SLICE.results}/${statement.name}.parquet`);
    } finally {
      await alone.close();
    }
  });
}

async function reportFiles({ ws, facts, pages, templates }: BundleOptions): Promise<Entries> {
  const html = siteRenderer(ws.files, templates);
  const navigation = pages.map(({ id, title }) => ({ page: id, title }));
  const entries: Record<string, Uint8Array> = {};
  for (const page of pages) {
    const report = { ...plainModel(page.build(facts)), navigation };
    for (const { name, text } of await renderPage(report, ["html", "md", "json"], html))
      entries[`report/${name}`] = bytes(String(text));
  }
  return entries;
}

function dataFiles({ files }: Workspace, temporary: string): Entries {
  const paths = Object.values(SLICE).flatMap((folder) =>
    files.list(`${temporary}/${folder}`).map((name) => `${folder}/${name}`),
  );
  const size = paths.reduce((sum, path) => sum + (files.stat(`${temporary}/${path}`)?.bytes ?? 0), 0);
  if (size > MOST_BYTES)
    throw new GrowthosError({
      code: "BUNDLE_LARGE",
      what: "the data of these pages is too large for a bundle",
      why: `its Parquet files have ${size} bytes, and a bundle holds ${MOST_BYTES}`,
      state: "nothing was written",
      hint: "bundle fewer pages with --page, or hand over a backup (`growthos backup`)",
      exit: "usage",
    });
  return Object.fromEntries(paths.map((path) => [path, files.read(`${temporary}/${path}`)]));
}

function manifest({ facts, pages, version }: BundleOptions, entries: Entries): Uint8Array {
  const files = Object.fromEntries(Object.entries(entries).map(([path, data]) => [path, sha256(data)]));
  return bytes(
    `${canonicalJson({ schemaVersion: 1, growthos: version, context: facts.context, pages: pages.map(({ id }) => id), files })}\n`,
  );
}

/** As `sha256sum -c` reads it. */
function sums(entries: Entries): Uint8Array {
  const lines = Object.keys(entries)
    .sort()
    .map((path) => `${sha256(entries[path] ?? bytes(""))}  ${path}\n`);
  return bytes(lines.join(""));
}

/** Parquet is compressed already. */
function zipped(entries: Entries): Uint8Array {
  const named = Object.keys(entries)
    .sort()
    .map((path) => [path, [entries[path] ?? bytes(""), { level: path.endsWith(".parquet") ? 0 : 6, mtime: EPOCH }]]);
  return zipSync(Object.fromEntries(named));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
