/**
 * Pages on disk: `out/<as-of>/<page>.{html,md,json}`, and `out/latest` that names the newest folder.
 * Everything is written and made durable in a folder of its own and then renamed file by file, so that at any moment each file
 * is either the old one or the new one, whole.
 */
import { createRequire } from "node:module";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import { canonicalJson } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import type { Workspace } from "../warehouse/types.js";
import type { NavigationItem } from "./navigation.js";
import { indexModel } from "./pages/contents.js";
import { PAGES } from "./pages/index.js";
import { type FrozenReport, type HtmlRenderer, htmlRenderer, type Theme } from "./render-html.js";
import { renderMarkdown } from "./render-markdown.js";
import { plainModel } from "./text.js";
import type { Block, Facts, ReportModel, ReportPage } from "./types.js";

/** A rendering of a report. */
export type Format = "html" | "md" | "json";

/** All of them, in the order in which they are written. */
export const FORMATS: readonly Format[] = ["html", "md", "json"];

/** All kinds of blocks, each of which has a template of its own. */
export const BLOCK_KINDS: readonly Block["kind"][] = [
  "heading",
  "prose",
  "kpis",
  "table",
  "chart",
  "findings",
  "waterfall",
  "presets",
  "versus",
  "search",
  "links",
  "funnel",
  "sankey",
  "scatter",
  "six_twelve",
  "xmr",
  "code",
  "coverage",
  "lights",
  "commentary",
];
const FONTS = [400, 500, 600, 700];
const INDEX = "index";
/** A temporary folder older than this was left by a run that died. */
const STALE_MS = 3_600_000;

/** What `writeReports` is given. */
export interface WriteOptions {
  readonly ws: Workspace;
  readonly facts: Facts;
  readonly pages: readonly ReportPage[];
  readonly formats: readonly Format[];
  /** Folder with `layout.hbs`, `theme.css`, `page.js` and `blocks/`. */
  readonly templates: string;
  readonly random: Random;
  readonly clock: Clock;
}

/** Builds, renders and writes pages with their index. Returns the absolute paths in the order of the pages, the index last. */
export async function writeReports(options: WriteOptions): Promise<readonly string[]> {
  const { ws, facts } = options;
  const files = ws.files;
  const models = options.pages.map((page) => plainModel(page.build(facts)));
  const folder = ws.at("out", facts.context.asOf);
  const navigation = navigationOf(files, folder, models);
  const index = indexModel(facts, navigation, models);
  const rendered = await render([...models, index], options, [...navigation, { page: INDEX, title: "All reports" }]);
  clearStale(options);
  files.makeFolder(folder);
  replaceFiles(files, folder, { rendered, random: options.random, beside: ws.at("out") });
  point(options);
  return rendered.map((file) => `${folder}/${file.name}`);
}

/** What `replaceFiles` is given. */
export interface Replacement {
  readonly rendered: readonly RenderedFile[];
  readonly random: Random;
  /** Where the temporary folder is made, on the same volume; default: inside the folder. */
  readonly beside?: string;
}

/** Writes files durably in a folder of their own, and then renames each into place: a reader sees the old one or the new one, whole. */
export function replaceFiles(files: Files, folder: string, { rendered, random, beside = folder }: Replacement): void {
  const temporary = `${beside}/.tmp-${random.hex(8)}`;
  files.makeFolder(temporary);
  for (const { name, text } of rendered) {
    files.write(`${temporary}/${name}`, text);
    files.sync(`${temporary}/${name}`);
  }
  for (const { name } of rendered) files.rename(`${temporary}/${name}`, `${folder}/${name}`);
  files.sync(folder);
  files.remove(temporary);
}

/** `out/latest` moves only when all pages are there. */
function point({ ws, facts, random }: WriteOptions): void {
  const rendered = [{ name: "latest", text: `${facts.context.asOf}\n` }];
  replaceFiles(ws.files, ws.at("out"), { rendered, random });
}

function clearStale({ ws, clock }: WriteOptions): void {
  for (const name of ws.files.list(ws.at("out"))) {
    if (!name.startsWith(".tmp-")) continue;
    const stat = ws.files.stat(ws.at("out", name));
    if (stat !== undefined && clock.now() - stat.modifiedMs > STALE_MS) ws.files.remove(ws.at("out", name));
  }
}

/** The pages that are written now, and those that a former run left in the folder. */
function navigationOf(files: Files, folder: string, models: readonly ReportModel[]): readonly NavigationItem[] {
  return PAGES.filter(
    (page) => models.some((model) => model.id === page.id) || files.stat(`${folder}/${page.id}.html`)?.kind === "file",
  ).map((page) => ({ page: page.id, title: page.title }));
}

async function render(
  models: readonly ReportModel[],
  options: WriteOptions,
  navigation: readonly NavigationItem[],
): Promise<readonly RenderedFile[]> {
  const html = options.formats.includes("html") ? siteRenderer(options.ws.files, options.templates) : null;
  const rendered: RenderedFile[] = [];
  for (const model of models) rendered.push(...(await renderPage({ ...model, navigation }, options.formats, html)));
  return rendered;
}

/** A file of the reports' folder before it is written. */
export interface RenderedFile {
  readonly name: string;
  readonly text: string | Uint8Array;
}

/** The renderer with the theme in a folder. */
export function siteRenderer(files: Files, templates: string): HtmlRenderer {
  return htmlRenderer(readTheme(files, templates));
}

/** A report in each of the formats. `html` may be null when that is not one of them. */
export async function renderPage(
  { navigation, ...model }: FrozenReport,
  formats: readonly Format[],
  html: HtmlRenderer | null,
): Promise<readonly RenderedFile[]> {
  const rendered: RenderedFile[] = [];
  for (const format of FORMATS.filter((candidate) => formats.includes(candidate))) {
    const name = `${model.id}.${format}`;
    if (format === "html" && html !== null) rendered.push({ name, text: await html.render(model, navigation) });
    if (format === "md") rendered.push({ name, text: renderMarkdown(model) });
    if (format === "json") rendered.push({ name, text: `${canonicalJson({ ...model, navigation })}\n` });
  }
  return rendered;
}

/** Reads templates, style and script, and puts the font into the style. */
export function readTheme(files: Files, folder: string): Theme {
  const blocks = Object.fromEntries(BLOCK_KINDS.map((kind) => [kind, files.readText(`${folder}/blocks/${kind}.hbs`)]));
  return {
    layout: files.readText(`${folder}/layout.hbs`),
    blocks: blocks as Theme["blocks"],
    style: `${fontFaces(files)}\n${files.readText(`${folder}/theme.css`)}`,
    script: files.readText(`${folder}/page.js`),
  };
}

/** Inter's Latin letters as data: a report has no file beside it, and the same widths everywhere. */
function fontFaces(files: Files): string {
  const { resolve } = createRequire(import.meta.url);
  return FONTS.map((weight) => {
    const path = resolve(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`);
    const data = Buffer.from(files.read(path)).toString("base64");
    return `@font-face{font-family:Inter;font-style:normal;font-weight:${weight};src:url(data:font/woff2;base64,${data}) format("woff2")}`;
  }).join("\n");
}
