/**
 * vega-lite to SVG text. The only importer of vega.
 * The result holds no style attribute, script, link or reference: `plainSvg` refuses whatever is not on its list.
 */
import { GrowthosError } from "../base/errors.js";

/** A vega-lite specification, as `charts.ts` makes it. */
export type VegaLiteSpec = Readonly<Record<string, unknown>>;

/** What vega may draw with here. Anything else is refused, so that a new version of it cannot smuggle in an active element. */
const ELEMENTS = new Set(["svg", "g", "path", "text", "tspan", "line", "rect", "circle", "defs", "clipPath"]);
const ATTRIBUTES = new Set(
  (
    "id class width height viewBox transform d x y x1 x2 y1 y2 cx cy r rx ry dx dy fill fill-opacity stroke stroke-width stroke-opacity " +
    "stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit opacity font-family font-size font-weight " +
    "text-anchor clip-path xmlns"
  ).split(" "),
);
/** Written by vega for its own interaction or for screen readers; the figure around the chart speaks instead. */
const DROPPED = new Set([
  "aria-hidden",
  "aria-label",
  "aria-roledescription",
  "class",
  "display",
  "pointer-events",
  "role",
  "version",
  "xmlns:xlink",
]);

let measuring: Promise<typeof import("vega")> | undefined;

/** Renders one chart. Ids inside begin with `prefix`, so that several charts can stand on one page. Deterministic in every time zone. */
export async function renderSvg(spec: VegaLiteSpec, prefix: string): Promise<string> {
  measuring ??= loadVega();
  const vega = await measuring;
  const { compile } = await import("vega-lite");
  const view = new vega.View(vega.parse(compile(spec as unknown as Parameters<typeof compile>[0]).spec), {
    renderer: "none",
    logLevel: vega.Error,
  });
  try {
    return plainSvg(await view.toSVG(), prefix);
  } finally {
    view.finalize();
  }
}

async function loadVega(): Promise<typeof import("vega")> {
  const vega = await import("vega");
  // Without a canvas vega guesses 0.8 em per character and with one it depends on the host's fonts; this does neither.
  const metrics = vega as unknown as { textMetrics: { width: (item: TextItem, text: unknown) => number } };
  metrics.textMetrics.width = (item, text) => textWidth(String(text ?? "")) * (item.fontSize ?? 11);
  return vega;
}

interface TextItem {
  readonly fontSize?: number;
}

/** Width of a text in Inter, in em; a little generous. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

// Advances of Inter at weight 500, rounded up per class of characters; everything beyond Latin counts as a full square.
function characterWidth(character: string): number {
  if (/[iljI.,:;'|!()[\] ]/.test(character)) return 0.32;
  if (/[ftr\-–/]/.test(character)) return 0.4;
  if (/[mwMW@%—]/.test(character)) return 0.92;
  if (/[A-Z0-9$€£+−]/.test(character)) return 0.68;
  return character < "\u0250" ? 0.6 : 1;
}

/**
 * Strips what a picture inside a page does not need, and throws `SVG_UNEXPECTED` for an element, attribute or reference that is not known.
 * Invisible labels (opacity 0: vega hides overlapping ones so) go too.
 */
export function plainSvg(svg: string, prefix: string): string {
  const parts = svg.split(/(<[^>]*>)/);
  let hidden = false;
  const kept: string[] = [];
  for (const part of parts) {
    if (!part.startsWith("<")) {
      if (!hidden) kept.push(part);
      continue;
    }
    if (/^<text\b[^>]*\sopacity="0"/.test(part)) hidden = true;
    if (!hidden && !isEmptyPath(part)) kept.push(plainTag(part, prefix));
    if (part.startsWith("</text")) hidden = false;
  }
  return kept.join("");
}

function isEmptyPath(tag: string): boolean {
  return /^<path\b[^>]*\sd="(M0,0h0v0h0Z)?"[^>]*\/>$/.test(tag);
}

function plainTag(tag: string, prefix: string): string {
  const match = /^<(\/?)([A-Za-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>$/.exec(tag);
  if (match === null) throw unexpected(tag);
  const [, closing = "", name = "", attributes = "", empty = ""] = match;
  if (!ELEMENTS.has(name)) throw unexpected(tag);
  if (closing) return `</${name}>`;
  const kept = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].flatMap(([, key = "", value = ""]) =>
    plainAttribute(key, value, prefix),
  );
  const extra = name === "svg" ? [' aria-hidden="true"', ' focusable="false"'] : [];
  return `<${name}${[...kept, ...extra].join("")}${empty ? "/" : ""}>`;
}

function plainAttribute(key: string, value: string, prefix: string): readonly string[] {
  if (DROPPED.has(key) || (key === "opacity" && value === "1")) return [];
  if (!ATTRIBUTES.has(key)) throw unexpected(`${key}="${value}"`);
  if (key === "id") return [` id="${prefix}-${value}"`];
  const reference = /^url\(#([\w-]+)\)$/.exec(value);
  if (reference) return [` ${key}="url(#${prefix}-${reference[1]})"`];
  if (/url\s*\(|javascript:|expression/i.test(value)) throw unexpected(`${key}="${value}"`);
  return [` ${key}="${key === "d" || key === "transform" ? rounded(value) : value}"`];
}

/** Two decimals are less than a device pixel on any screen; it halves the size and hides last-digit noise. */
function rounded(path: string): string {
  return path.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
}

function unexpected(what: string): GrowthosError {
  return new GrowthosError({
    code: "SVG_UNEXPECTED",
    what: "the chart renderer drew something that reports do not allow",
    why: what.slice(0, 200),
    exit: "bug",
  });
}
