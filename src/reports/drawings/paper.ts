/**
 * Drawings of our own, where places matter more than a grammar of graphics gives: SVG text with the look of the vega theme.
 * Colours are variables of the page, texts are escaped here, and `plainSvg` refuses what is not on its list.
 */
import { plainSvg, textWidth } from "../svg.js";

/** The sizes of a page; in a mail these drawings are tables. */
export type PaperSize = "wide" | "narrow";

/** Width of a drawing in its own units; the same as that of charts. */
export const WIDTHS: Readonly<Record<PaperSize, number>> = { wide: 880, narrow: 300 };

/** Look of a text. Default: 12 units high, ink, beginning at x. */
export interface TextLook {
  readonly size?: number;
  readonly weight?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly fill?: string;
}

/** Look of a line or an outline. */
export interface LineLook {
  readonly stroke: string;
  readonly width?: number;
  readonly dash?: string;
}

type Point = readonly [x: number, y: number];

/** A text whose base line is at y. */
export function text([x, y]: Point, content: string, look: TextLook = {}): string {
  const { size = 12, weight = 400, anchor = "start", fill = "var(--ink)" } = look;
  return `<text x="${short(x)}" y="${short(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${fill}">${escaped(content)}</text>`;
}

/** A line through points. */
export function line(points: readonly Point[], { stroke, width = 1, dash }: LineLook): string {
  if (points.length < 2) return "";
  const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
  return `<path d="${pathOf(points)}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${dashes}/>`;
}

/** A filled polygon; `opacity` below 1 lets what it crosses shine through. */
export function shape(points: readonly Point[], fill: string, opacity = 1): string {
  return `<path d="${pathOf(points)}Z" fill="${fill}"${opacity === 1 ? "" : ` fill-opacity="${opacity}"`}/>`;
}

/** A bar from a corner. Nothing is drawn of one without width or height. */
export function bar([x, y]: Point, [width, height]: Point, fill: string): string {
  if (width <= 0 || height <= 0) return "";
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" rx="2" fill="${fill}"/>`;
}

/** A dot; hollow ones are filled with the colour of the card. */
export function dot([x, y]: Point, radius: number, look: { readonly fill: string; readonly stroke?: string }): string {
  const outline = look.stroke === undefined ? "" : ` stroke="${look.stroke}" stroke-width="2"`;
  return `<circle cx="${short(x)}" cy="${short(y)}" r="${radius}" fill="${look.fill}"${outline}/>`;
}

/** The whole drawing. `prefix` makes its ids unique on the page. */
export function drawing([width, height]: Point, parts: readonly string[], prefix: string): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Inter">`;
  return plainSvg(`${head}${parts.join("")}</svg>`, prefix);
}

/** Where a text lies: its box around the base line. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The box of a text of that size, a little generous. */
export function boxOf([x, y]: Point, content: string, { size = 12, anchor = "start" }: TextLook = {}): Box {
  const width = textWidth(content) * size;
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - size, bottom: y + size * 0.3 };
}

/** Whether two boxes share more than an edge. */
export function collides(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** The text, cut at the end where it is wider than `width` units. */
export function fitted(content: string, width: number, size = 12): string {
  if (textWidth(content) * size <= width) return content;
  const characters = Array.from(content);
  while (characters.length > 1 && textWidth(`${characters.join("")}…`) * size > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

function pathOf(points: readonly Point[]): string {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${short(x)},${short(y)}`).join("");
}

function short(value: number): string {
  return String(Number(value.toFixed(2)));
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "");
}
