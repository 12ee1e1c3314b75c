/**
 * ReportModel to one self-contained HTML file: no request leaves it, and it is complete without its script.
 * Text is escaped by handlebars at the last step; the only raw inserts are our own style, script, drawings and finished blocks.
 */
import { createHash } from "node:crypto";
import Handlebars from "handlebars";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson } from "../base/hash.js";
import { coverageView } from "./block-types/coverage.js";
import { lightsView } from "./block-types/lights.js";
import { chartSpec, waterfallBars, waterfallGround, waterfallSpec } from "./charts.js";
import { drawFunnel } from "./drawings/funnel.js";
import { drawSankey } from "./drawings/sankey.js";
import { drawScatter, unlabelledNote } from "./drawings/scatter.js";
import { drawSixTwelve } from "./drawings/six-twelve.js";
import { drawXmr, rulesNote } from "./drawings/xmr.js";
import { figureText } from "./figures.js";
import { levelsOf } from "./levels.js";
import { groupsOf, type NavigationItem } from "./navigation.js";
import { withQuotes } from "./plain-text.js";
import { type SparkPaths, sparkPaths } from "./spark.js";
import { renderSvg } from "./svg.js";
import { plainModel, slug } from "./text.js";
import type { Block, BlockOf, ReportModel, TableCell } from "./types.js";

/** Rows beyond this are not printed (R08): the page stays readable and the file small. */
const MOST_ROWS = 500;

/** Everything that a page is made with, read once from `templates/` and the font package. */
export interface Theme {
  readonly layout: string;
  readonly blocks: Readonly<Record<Block["kind"], string>>;
  /** CSS with the font inside. */
  readonly style: string;
  readonly script: string;
}

/** What `<page>.json` holds: the model, and the pages that the navigation beside it leads to. */
export interface FrozenReport extends ReportModel {
  readonly navigation: readonly NavigationItem[];
}

/** Renders pages with one theme; templates are compiled once. */
export interface HtmlRenderer {
  render(model: ReportModel, navigation: readonly NavigationItem[]): Promise<string>;
}

type Template = (view: unknown) => string;

const engine = Handlebars.create();
// Escaped like any text; only what it quotes between backticks stands in an element.
engine.registerHelper("sentence", (text: unknown) => {
  const plain = (part: string): string => engine.escapeExpression(part);
  const html = withQuotes(String(text ?? ""), { plain, code: (part) => `<code>${plain(part)}</code>` });
  return new engine.SafeString(html);
});

/** Prepares a renderer; `isServed`: the page may ask the server that it comes from, and nobody else. Throws `THEME_UNSAFE` when the style or script could end its own element. */
export function htmlRenderer(theme: Theme, { isServed = false }: { readonly isServed?: boolean } = {}): HtmlRenderer {
  if (/<\/(style|script)/i.test(theme.style + theme.script) || theme.style.includes("<!--"))
    throw new GrowthosError({
      code: "THEME_UNSAFE",
      what: "templates/theme.css or page.js holds a closing tag",
      hint: "remove it: it would end the element that the text stands in",
      exit: "usage",
    });
  const compile = (text: string): Template =>
    engine.compile(text, { strict: false, knownHelpersOnly: true, knownHelpers: { sentence: true } });
  const layout = compile(theme.layout);
  const blocks = new Map(Object.entries(theme.blocks).map(([kind, text]) => [kind, compile(text)]));
  const policy = [
    "default-src 'none'",
    `script-src '${integrity(theme.script)}'`,
    `style-src '${integrity(theme.style)}'`,
    "img-src data:",
    "font-src data:",
    ...(isServed ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return {
    render: async (given, navigation) => {
      const model = plainModel(given);
      const page: Page = { template: (kind) => blocks.get(kind) ?? missing(kind), count: 0 };
      return layout({
        model,
        policy,
        style: theme.style,
        script: theme.script,
        navigation: navigationView(navigation, model.id),
        content: await renderBlocks(model.blocks, page),
        island: jsonIsland({ schemaVersion: model.schemaVersion, id: model.id, context: model.context }),
      });
    },
  };
}

/** A group of one page needs no list of its own. */
function navigationView(items: readonly NavigationItem[], current: string): object | null {
  const linkOf = ({ page, title }: NavigationItem) => ({ page: slug(page), title, current: page === current });
  if (items.length === 0) return null;
  const index = items.find((item) => item.page === "index");
  return {
    index: index === undefined ? null : linkOf(index),
    groups: groupsOf(items).map((group) => ({
      title: group.title,
      only: group.items.length === 1 && group.items[0] !== undefined ? linkOf(group.items[0]) : null,
      current: group.items.some((item) => item.page === current),
      items: group.items.map(linkOf),
    })),
  };
}

function integrity(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** JSON that cannot leave a script element, in any parser; its members are sorted, so that a report read back from disk is the same. */
export function jsonIsland(value: unknown): string {
  const escapes: Record<string, string> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };
  return canonicalJson(value)
    .replace(/[<>&]/g, (character) => escapes[character] ?? "")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

/** What the blocks of one page share: the templates, and a count that makes ids unique. */
interface Page {
  readonly template: (kind: Block["kind"]) => Template;
  count: number;
}

async function renderBlocks(blocks: readonly Block[], page: Page): Promise<string> {
  const parts: string[] = [];
  for (const block of blocks) parts.push(page.template(block.kind)(await viewOf(block, page)));
  return parts.join("");
}

/** What a template of a kind is given. */
async function viewOf(block: Block, page: Page): Promise<unknown> {
  switch (block.kind) {
    case "heading":
    case "prose":
    case "links":
    case "search":
    case "commentary":
      return block;
    case "kpis":
      return { items: block.items.map(kpiView) };
    case "table":
      page.count += 1;
      return { ...tableView(block), id: `table-${page.count}` };
    case "chart":
      return {
        ...block,
        wide: await draw(chartSpec(block.spec, "wide"), page),
        narrow: await draw(chartSpec(block.spec, "narrow"), page),
      };
    case "waterfall":
      return {
        ...block,
        wide: await draw(waterfallSpec(block, "wide"), page),
        narrow: await draw(waterfallSpec(block, "narrow"), page),
        note: waterfallGround(waterfallBars(block)) > 0 ? "The outer columns are cut at the foot." : null,
      };
    case "code":
      page.count += 1;
      return { ...block, id: `code-${page.count}` };
    case "coverage":
      page.count += 1;
      return { ...coverageView(block), id: `table-${page.count}` };
    case "lights":
      return lightsView(block);
    case "findings":
      return { items: block.items, numbered: block.items.every((item) => /^\d$/.test(item.badge)) };
    case "presets":
      return {
        selected: block.selected,
        options: await inOrder(block.options, async ({ id, label, title, group, blocks }) => ({
          id,
          label,
          title: title ?? `Last ${label}`,
          group,
          content: await renderBlocks(blocks, page),
        })),
      };
    case "funnel":
      return {
        ...block,
        wide: drawFunnel(block, "wide", nextId(page)),
        narrow: drawFunnel(block, "narrow", nextId(page)),
      };
    case "sankey":
      return {
        ...block,
        wide: drawSankey(block, "wide", nextId(page)),
        narrow: drawSankey(block, "narrow", nextId(page)),
      };
    case "scatter":
      return scatterView(block, page);
    case "six_twelve":
      return sixTwelveView(block, page);
    case "xmr":
      return {
        ...block,
        wide: drawXmr(block, "wide", nextId(page)),
        narrow: drawXmr(block, "narrow", nextId(page)),
        rules: rulesNote(block),
      };
    case "versus":
      return { comparison: block.comparison, content: await renderBlocks(block.blocks, page) };
  }
}

function sixTwelveView(block: BlockOf<"six_twelve">, page: Page): object {
  return {
    ...block,
    wide: drawSixTwelve(block, "wide", nextId(page)),
    narrow: drawSixTwelve(block, "narrow", nextId(page)),
    box: block.box.map(({ label, figure, tone }) => ({
      label,
      text: figureText(figure),
      tone,
      judgement: JUDGEMENTS[tone],
    })),
  };
}

function scatterView(block: BlockOf<"scatter">, page: Page): object {
  const [wide, narrow] = [drawScatter(block, "wide", nextId(page)), drawScatter(block, "narrow", nextId(page))];
  return {
    ...block,
    wide: wide.svg,
    narrow: narrow.svg,
    wideNote: unlabelledNote(wide.unlabelled),
    narrowNote: unlabelledNote(narrow.unlabelled),
  };
}

function draw(spec: Parameters<typeof renderSvg>[0], page: Page): Promise<string> {
  return renderSvg(spec, nextId(page));
}

/** What ids of a drawing begin with. */
function nextId(page: Page): string {
  page.count += 1;
  return `chart-${page.count}`;
}

/** One after the other, so that ids are numbered in reading order. */
async function inOrder<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await action(item));
  return results;
}

const JUDGEMENTS = { good: "better", bad: "worse", neutral: null } as const;

type Card = BlockOf<"kpis">["items"][number];

function kpiView(item: Card): unknown {
  const spark: SparkPaths | null = sparkPaths(item.spark);
  const { yearly } = item;
  return {
    ...item,
    missing: item.value.status === "undefined" || item.value.status === "unknown",
    changes: [
      ...(item.change === null
        ? []
        : [{ ...changeView(item.change, item.tone), ...(yearly === undefined ? {} : { versus: "previous" }) }]),
      ...(yearly === undefined
        ? []
        : [{ ...changeView(yearly.change, yearly.tone), versus: "year", than: "a year ago" }]),
    ],
    ...spark,
  };
}

function changeView(change: NonNullable<Card["change"]>, tone: Card["tone"]): object {
  const changed = change.status === "ok" || change.status === "provisional";
  return {
    text: change.text,
    tone,
    direction: changed ? directionOf(change.text) : null,
    judgement: JUDGEMENTS[tone],
    note: changed ? null : change.note,
  };
}

function directionOf(text: string): "up" | "down" | null {
  if (!/[1-9]/.test(text)) return null;
  return text.startsWith("+") ? "up" : text.startsWith("−") ? "down" : null;
}

/** A footnote's number, and the comparison whose columns alone refer to it: it is hidden with them. */
interface Mark {
  readonly mark: number;
  readonly versus: string | undefined;
}

function tableView(block: BlockOf<"table">): object {
  const marks = new Map<string, Mark>();
  const markOf = (note: string, versus: string | undefined) => {
    const known = marks.get(note);
    const mark = known?.mark ?? marks.size + 1;
    marks.set(note, { mark, versus: known === undefined || known.versus === versus ? versus : undefined });
    return mark;
  };
  const rowView = (row: readonly TableCell[]) =>
    row.map((cell, index) => ({
      text: cell.text,
      isFirst: index === 0,
      versus: block.columns[index]?.versus,
      classes: cellClasses(cell, block.columns[index]?.align ?? "left"),
      judgement: cell.tone === undefined ? null : JUDGEMENTS[cell.tone],
      mark: cell.note === undefined ? null : markOf(cell.note, block.columns[index]?.versus),
      ...exactView(cell, block.columns[index]?.align ?? "left"),
      href: cell.link === undefined ? null : hrefOf(cell.link),
    }));
  const levels = levelsOf(block);
  const rows = block.rows.slice(0, MOST_ROWS).map((row, index) => ({ cells: rowView(row), level: levels?.[index] }));
  const totals = block.totals === undefined ? null : rowView(block.totals);
  const hidden = block.rows.length - rows.length;
  const notes = [
    ...[...marks].map(([text, mark]) => ({ text: `${text}.`.replace(/\.\.$/, "."), ...mark })),
    ...(block.note === undefined ? [] : [{ text: block.note, mark: null }]),
    ...(hidden > 0 ? [{ text: `${hidden} more rows are in the JSON file beside this page.`, mark: null }] : []),
  ];
  return { title: block.title, columns: block.columns, rows, totals, notes, hasNotes: notes.length > 0 };
}

/** What copies and CSV take instead of the text, and what sorts instead of that, where they differ. Numbers beside words only sort. */
function exactView({ text, sort, exact: given }: TableCell, align: string): object {
  const isWord = typeof sort === "number" && align === "left";
  const exact = given ?? (isWord ? text : String(sort ?? ""));
  return {
    ...(exact === text ? {} : { hasExact: true, exact }),
    ...(isWord && given === undefined ? { hasOrder: true, order: sort } : {}),
  };
}

function hrefOf({ page, anchor }: NonNullable<TableCell["link"]>): string {
  return `${page}.html${anchor === undefined ? "" : `#${anchor}`}`;
}

const LONG_TEXT = 24;
/** A day (2026-02-08, 8 Feb 2026) or an instant: it stays on one line, which would else be broken at its hyphens and blanks. */
const DAY = /^(\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?|\d{1,2} [A-Z][a-z]{2} \d{4})$/;

function cellClasses(cell: TableCell, align: string): string {
  const classes = [align];
  if (cell.tone === "good" || cell.tone === "bad") classes.push(cell.tone);
  if (cell.heat !== undefined) classes.push(`heat-${Math.min(5, Math.max(1, Math.trunc(cell.heat)))}`);
  if (cell.sort === null) classes.push("absent");
  if (cell.text.length > LONG_TEXT) classes.push("long");
  if (DAY.test(cell.text)) classes.push("day");
  return classes.join(" ");
}

function missing(kind: string): never {
  throw new GrowthosError({ code: "TEMPLATE_MISSING", what: `templates/blocks/${kind}.hbs is not there`, exit: "bug" });
}
