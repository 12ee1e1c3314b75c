import { nearest } from "../../base/ids.js";
import { GOOGLE_ADS, META_ADS } from "./ads.js";
import { GA4 } from "./ga4.js";
import { SHOPIFY_CUSTOMERS, SHOPIFY_ORDERS, SHOPIFY_PRODUCTS } from "./shopify.js";
import type { ColumnMatch, FileShape, NearMiss, Recognition } from "./types.js";

/** Shapes that are recognised without a mapping, most telling first. */
export const KNOWN_SHAPES: readonly FileShape[] = [
  SHOPIFY_ORDERS,
  SHOPIFY_PRODUCTS,
  SHOPIFY_CUSTOMERS,
  META_ADS,
  GOOGLE_ADS,
  GA4,
];

const CURRENCY = /\s*\(([A-Z]{3})\)\s*$/;

/** One spelling of a header: no currency in brackets, no accents of case, one kind of apostrophe, single spaces. */
export function plainHeader(header: string): string {
  return header
    .replace(CURRENCY, "")
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("\u0307", "")
    .replaceAll("ı", "i")
    .replaceAll(/[’‘´`]/g, "'")
    .replaceAll(/[\s\u00a0\u202f]+/g, " ")
    .trim();
}

/** Which columns of a header a shape knows. The first column of a field wins; a column serves one field. */
export function matchColumns(header: readonly string[], shape: FileShape): readonly ColumnMatch[] {
  const plain = header.map(plainHeader);
  const taken = new Set<number>();
  return shape.fields.flatMap((field) => {
    // The first listed spelling wins, so that "Purchases" is preferred to "Website purchases".
    const index = field.headers
      .map((word) => plain.findIndex((name, at) => name === plainHeader(word) && !taken.has(at)))
      .find((at) => at >= 0);
    if (index === undefined) return [];
    taken.add(index);
    return [{ index, header: header[index] ?? "", field }];
  });
}

/** How many columns the best known shape finds in a record: a record with two or more is a header. */
export function bestHeaderScore(cells: readonly string[]): number {
  return Math.max(...KNOWN_SHAPES.map((shape) => matchColumns(cells, shape).length));
}

/** The shape of a header, or undefined. A shape is recognised when its whole signature is there. */
export function recognise(header: readonly string[]): Recognition | undefined {
  const complete = KNOWN_SHAPES.map((shape) => ({ shape, matches: matchColumns(header, shape) })).filter(
    ({ shape, matches }) => missingOf(shape, matches).length === 0,
  );
  const best = complete.sort((a, b) => b.matches.length - a.matches.length)[0];
  if (best === undefined) return undefined;
  return recognitionOf(header, best.shape, best.matches);
}

/** A recognition from matches, also of a declared mapping. */
export function recognitionOf(
  header: readonly string[],
  shape: FileShape,
  matches: readonly ColumnMatch[],
): Recognition {
  const used = new Set(matches.map((match) => match.index));
  const words = shape.signature.map((name) => matches.find((match) => match.field.name === name)?.header ?? name);
  const english = matches.filter(
    ({ header: text, field }) => plainHeader(text) === plainHeader(field.headers[0] ?? ""),
  );
  return {
    shape,
    matches,
    others: header.flatMap((text, index) => (used.has(index) ? [] : [{ index, header: text }])),
    because: `${matches.length} of ${header.length} columns are those of a ${shape.title}, among them ${words
      .map((word) => `"${word}"`)
      .join(", ")}`,
    currency: shape.currencyInHeaders ? currencyOf(matches) : null,
    language: english.length * 2 >= matches.length ? "en" : "other",
  };
}

/** Shapes that are nearly there, best first: what was found and what is missing. */
export function nearMisses(header: readonly string[]): readonly NearMiss[] {
  return KNOWN_SHAPES.map((shape) => {
    const matches = matchColumns(header, shape);
    return { shape, found: matches.map((match) => match.header), missing: missingOf(shape, matches) };
  })
    .filter((miss) => miss.found.length >= 2)
    .sort((a, b) => b.found.length - a.found.length)
    .slice(0, 2);
}

/** A header that looks like what was wanted, for the hint of an error. */
export function nearestHeader(wanted: readonly string[], header: readonly string[]): string | undefined {
  for (const word of wanted) {
    const found = nearest(plainHeader(word), header.map(plainHeader));
    if (found !== undefined) return header.find((text) => plainHeader(text) === found);
    const containing = header.find((text) => plainHeader(text).includes(plainHeader(word)));
    if (containing !== undefined) return containing;
  }
  return undefined;
}

function missingOf(shape: FileShape, matches: readonly ColumnMatch[]): readonly string[] {
  return shape.signature.filter((name) => !matches.some((match) => match.field.name === name));
}

function currencyOf(matches: readonly ColumnMatch[]): string | null {
  const found = matches.map((match) => CURRENCY.exec(match.header)?.[1]).find((code) => code !== undefined);
  return found ?? null;
}
