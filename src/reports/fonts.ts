/** Fonts as the package brings them, turned into what a drawing library without a browser understands. */
import { inflateSync } from "node:zlib";
import { GrowthosError } from "../base/errors.js";

const WOFF = 0x774f4646;
const HEADER_BYTES = 44;
const ENTRY_BYTES = 20;
/** No font that is shipped comes near this. */
const MOST_BYTES = 4 * 1024 * 1024;

interface Table {
  readonly tag: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

/**
 * A WOFF 1.0 file as the TrueType or OpenType font inside it: the same tables, inflated, behind an sfnt directory.
 * Source: W3C, WOFF File Format 1.0, sections 3 to 5. Throws `FONT_UNREADABLE` (a bug: the fonts are our own).
 */
export function fontOfWoff(woff: Uint8Array): Uint8Array {
  const view = new DataView(woff.buffer, woff.byteOffset, woff.byteLength);
  if (woff.byteLength < HEADER_BYTES || view.getUint32(0) !== WOFF) throw unreadable("it does not begin with wOFF");
  const count = view.getUint16(12);
  const tables = Array.from({ length: count }, (_, index) => tableAt(woff, view, HEADER_BYTES + ENTRY_BYTES * index));
  return sfnt(view.getUint32(4), tables);
}

function tableAt(woff: Uint8Array, view: DataView, at: number): Table {
  if (at + ENTRY_BYTES > woff.byteLength) throw unreadable("its directory is cut off");
  const [offset, packed, bytes] = [view.getUint32(at + 4), view.getUint32(at + 8), view.getUint32(at + 12)];
  if (offset + packed > woff.byteLength || bytes > MOST_BYTES) throw unreadable("a table lies outside of it");
  const stored = woff.subarray(offset, offset + packed);
  const data = packed === bytes ? stored : inflateSync(stored, { maxOutputLength: MOST_BYTES });
  return { tag: view.getUint32(at), checksum: view.getUint32(at + 16), data };
}

/** Tables behind a directory, each on a multiple of four bytes. */
function sfnt(flavour: number, tables: readonly Table[]): Uint8Array {
  const begins = 12 + 16 * tables.length;
  const total = tables.reduce((sum, { data }) => sum + padded(data.length), begins);
  const font = new Uint8Array(total);
  const view = new DataView(font.buffer);
  const power = 2 ** Math.floor(Math.log2(Math.max(1, tables.length)));
  view.setUint32(0, flavour);
  view.setUint16(4, tables.length);
  view.setUint16(6, 16 * power);
  view.setUint16(8, Math.log2(power));
  view.setUint16(10, 16 * (tables.length - power));
  let next = begins;
  for (const [index, { tag, checksum, data }] of tables.entries()) {
    const at = 12 + 16 * index;
    view.setUint32(at, tag);
    view.setUint32(at + 4, checksum);
    view.setUint32(at + 8, next);
    view.setUint32(at + 12, data.length);
    font.set(data, next);
    next += padded(data.length);
  }
  return font;
}

function padded(bytes: number): number {
  return bytes + ((4 - (bytes & 3)) & 3);
}

function unreadable(why: string): GrowthosError {
  return new GrowthosError({ code: "FONT_UNREADABLE", what: "a shipped font cannot be read", why, exit: "bug" });
}
