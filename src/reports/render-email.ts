/**
 * ReportModel to a mail: HTML of tables and inline styles alone (no style element, script, form, link or address that leads anywhere),
 * drawings as pictures that travel with it, and the same as plain text. Below the size at which Gmail cuts a mail off.
 */
import { chartSpec, waterfallSpec } from "./charts.js";
import { type MailBlock, type MailModel, mailModel } from "./email-model.js";
import { plainText, withQuotes } from "./plain-text.js";
import type { Painter } from "./png.js";
import { renderMarkdown } from "./render-markdown.js";
import { renderSvg, type VegaLiteSpec } from "./svg.js";
import { plainModel } from "./text.js";
import type { BlockOf, Column, Figure, ReportModel, TableCell } from "./types.js";

/** A mail before it is addressed. */
export interface ReportMail {
  /** One line. */
  readonly subject: string;
  readonly html: string;
  /** The same for those who read no HTML. */
  readonly text: string;
  /** Pictures that the HTML names as `cid:<cid>`. */
  readonly images: readonly { readonly cid: string; readonly png: Uint8Array }[];
}

/**
 * What a mail is made of, in bytes: encoded for the wire (a twentieth more for text, a third for pictures) it stays below 100 kB, so that
 * no mail program cuts it off and every server takes it. Beyond it, sections are counted and drawings told in words.
 */
const MOST_BYTES = { html: 44_000, text: 9_000, images: 27_000 } as const;
/** Width of the mail's one column, pixels; what mail programs show without a bar. */
const WIDTH = 600;
const PICTURE_WIDTH = 540;

const INK = "#24211d";
const MUTED = "#655d53";
const SHADE = "#faf7f2";
const TONES = { good: "#1a6b45", bad: "#a63a24", warn: "#855a0a", neutral: MUTED } as const;
const FONT = "font-family:Inter,'Helvetica Neue',Arial,sans-serif";

/** Renders a report as a mail. */
export async function renderEmail(given: ReportModel, paint: Painter): Promise<ReportMail> {
  const model = mailModel(plainModel(given));
  const draw = pictures(paint);
  const parts: string[] = [];
  let room = MOST_BYTES.html - Buffer.byteLength(frame(model, ""));
  for (const [index, block] of model.blocks.entries()) {
    const part = await renderBlock(block, draw);
    room -= Buffer.byteLength(part);
    if (room < 0) {
      const left = model.blocks.length - index;
      parts.push(paragraph(`The report itself goes on: ${left} more ${left === 1 ? "part" : "parts"}.`, MUTED));
      break;
    }
    parts.push(part);
  }
  const html = frame(model, parts.join(""));
  // A picture of a part that was left out does not travel.
  const images = draw.images.filter(({ cid }) => html.includes(`cid:${cid}`));
  return { subject: subjectOf(model), html, text: textOf(model), images };
}

function subjectOf(model: MailModel): string {
  const [period = ""] = model.subtitle.split(/[,;]/);
  return plainText(`${model.context.shop}: ${model.title}, ${period}`, 200);
}

/** Markdown without its escapes: nothing reads it as markup here. */
function textOf(model: MailModel): string {
  const text = renderMarkdown(model)
    .replace(/\\([\\`*_[\]|~^$:.@#=+)-])/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
  if (Buffer.byteLength(text) <= MOST_BYTES.text) return text;
  const kept = Buffer.from(text).subarray(0, MOST_BYTES.text).toString("utf8");
  return `${kept.slice(0, kept.lastIndexOf("\n"))}\n\nThe report itself goes on.\n`;
}

interface Pictures {
  readonly images: { readonly cid: string; readonly png: Uint8Array }[];
  /** HTML of a drawing, or of its words. */
  picture(spec: VegaLiteSpec, alt: string): Promise<string>;
}

function pictures(paint: Painter): Pictures {
  const images: { cid: string; png: Uint8Array }[] = [];
  let bytes = 0;
  return {
    images,
    picture: async (spec, alt) => {
      const cid = `drawing-${images.length + 1}@growthos`;
      const png = await paint(await renderSvg(spec, "drawing"));
      if (bytes + png.length > MOST_BYTES.images) return paragraph(alt, MUTED);
      bytes += png.length;
      images.push({ cid, png });
      const style = `display:block;width:100%;max-width:${PICTURE_WIDTH}px;height:auto;border:0;color:${MUTED};${FONT};font-size:13px`;
      return row(`<img src="cid:${cid}" width="${PICTURE_WIDTH}" alt="${escaped(alt)}" style="${style}">`);
    },
  };
}

/** HTML rows of the mail's one column. */
async function renderBlock(block: MailBlock, draw: Pictures): Promise<string> {
  switch (block.kind) {
    case "heading":
      return row(
        `<h2 style="margin:20px 0 0;font-size:19px;line-height:1.3;color:${INK};${FONT}">${escaped(block.text)}</h2>`,
      );
    case "prose":
      return block.paragraphs.map((text) => paragraph(text, INK, block.lead === true)).join("");
    case "kpis":
      return kpis(block);
    case "table":
      return `${title(block.title)}${grid(block.columns, block.rows, block.totals)}${notes(block)}`;
    case "chart":
      return `${title(block.title)}${await draw.picture(chartSpec(block.spec, "mail"), block.alt)}`;
    case "waterfall":
      return `${title(block.title)}${await draw.picture(waterfallSpec(block, "mail"), waterfallWords(block))}`;
    case "findings":
      return block.items.map(finding).join("");
    case "links":
      return block.items.map((item) => paragraph(`${item.title}: ${item.detail}`, INK)).join("");
  }
}

function waterfallWords(block: BlockOf<"waterfall">): string {
  return `${block.alt} ${block.steps.map(({ label, figure }) => `${label} ${figure.text}`).join("; ")}.`;
}

function kpis(block: BlockOf<"kpis">): string {
  const columns: readonly Column[] = [
    { id: "metric", title: "Metric", align: "left" },
    { id: "value", title: "Value", align: "right" },
    { id: "change", title: "Change", align: "right" },
  ];
  const rows = block.items.map((item): readonly TableCell[] => [
    { text: item.title, sort: null },
    cellOf(item.value),
    item.change === null ? { text: "—", sort: null } : { ...cellOf(item.change), tone: item.tone },
  ]);
  return grid(columns, rows);
}

function cellOf(figure: Figure): TableCell {
  const isAbsent = figure.status === "unknown" || figure.status === "undefined";
  return { text: figure.text, sort: null, ...(isAbsent && figure.note !== null ? { note: figure.note } : {}) };
}

/** A table of data; what a cell's note says stands behind its text. Every second row is shaded. */
function grid(
  columns: readonly Column[],
  rows: readonly (readonly TableCell[])[],
  totals?: readonly TableCell[],
): string {
  const line = (cells: readonly TableCell[], index: number) => {
    const inner = columns.map((column, place) => dataCell(column, cells[place], "td"));
    return `<tr${index % 2 === 0 ? ` bgcolor="${SHADE}"` : ""}>${inner.join("")}</tr>`;
  };
  const head = columns.map((column) => dataCell(column, { text: column.title, sort: null }, "th"));
  const last = totals === undefined ? [] : columns.map((column, place) => dataCell(column, totals[place], "th"));
  const foot = totals === undefined ? "" : `<tr>${last.join("")}</tr>`;
  const style = `border-collapse:collapse;font-size:13px;line-height:1.35;color:${INK};${FONT}`;
  return row(
    `<table width="100%" cellpadding="5" cellspacing="0" border="0" style="${style}"><tr>${head.join("")}</tr>${rows.map(line).join("")}${foot}</table>`,
  );
}

function dataCell({ align }: Column, cell: TableCell | undefined, name: "td" | "th"): string {
  const tone = cell?.tone === "good" || cell?.tone === "bad" ? ` style="color:${TONES[cell.tone]}"` : "";
  // A heading is centred unless it says otherwise, a cell stands on the left.
  const side = align === "right" || name === "th" ? ` align="${align}"` : "";
  return `<${name}${side}${tone}>${wordsOf(cell)}</${name}>`;
}

function wordsOf(cell: TableCell | undefined): string {
  if (cell === undefined) return "";
  return escaped(cell.note === undefined ? cell.text : `${cell.text} (${cell.note})`);
}

function notes({ note }: BlockOf<"table">): string {
  return note === undefined ? "" : paragraph(note, MUTED);
}

function finding(item: BlockOf<"findings">["items"][number]): string {
  const colour = TONES[item.tone];
  const advice = item.advice === undefined ? "" : ` <em>${sentence(item.advice)}</em>`;
  const words = `<strong style="color:${colour}">${escaped(item.badge)}: ${escaped(item.title)}.</strong> ${sentence(item.detail)}${advice}`;
  return row(
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td style="border-left:3px solid ${colour};padding:2px 0 2px 10px;font-size:14px;line-height:1.5;color:${INK};${FONT}">${words}</td></tr></table>`,
  );
}

function title(text: string): string {
  return row(`<h3 style="margin:8px 0 0;font-size:15px;line-height:1.35;color:${INK};${FONT}">${escaped(text)}</h3>`);
}

function paragraph(text: string, colour: string, isLead = false): string {
  const size = isLead ? "font-size:17px;font-weight:600" : colour === MUTED ? "font-size:12px" : "font-size:14px";
  return row(`<p style="margin:0;${size};line-height:1.5;color:${colour};${FONT}">${sentence(text)}</p>`);
}

function row(html: string): string {
  return `<tr><td style="padding:6px 24px">${html}</td></tr>\n`;
}

function frame(model: MailModel, rows: string): string {
  const stamps = model.stamps.map(({ label, text }) => paragraph(`${label}: ${text}`, MUTED)).join("");
  const head = [
    paragraph(model.context.shop, MUTED),
    row(`<h1 style="margin:0;font-size:25px;line-height:1.2;color:${INK};${FONT}">${escaped(model.title)}</h1>`),
    paragraph(model.subtitle, MUTED),
  ].join("");
  return [
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<meta name="color-scheme" content="light"><title>${escaped(model.title)}</title></head>`,
    `<body style="margin:0;padding:0;background:#faf7f2">`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#faf7f2"><tr><td align="center" style="padding:16px 0">`,
    `<table role="presentation" width="${WIDTH}" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:${WIDTH}px;background:#fffdfa">\n`,
    head,
    rows,
    stamps,
    `<tr><td style="padding:8px"></td></tr></table></td></tr></table></body></html>\n`,
  ].join("");
}

function sentence(text: string): string {
  return withQuotes(text, { plain: escaped, code: (part) => `<code>${part}</code>` });
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
