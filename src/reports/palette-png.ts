/** PNG with a palette: a drawing of few colours takes a third of what it takes with four bytes for each pixel. */
import { crc32, deflateSync } from "node:zlib";

/** Pixels of an opaque picture, four bytes each (red, green, blue, and one that is left out), row by row from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MOST_COLOURS = 256;

/**
 * The picture as an indexed PNG (W3C, PNG, third edition, 11.2). Where there are more than 256 colours, neighbours are drawn in the one
 * of them that is seen most; the large areas keep theirs exactly.
 */
export function palettePng(pixels: Pixels): Uint8Array {
  const { width, height } = pixels;
  const { palette, indexes } = indexed(pixels);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) lines.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, palette, deflate, no filter, not interlaced.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

function indexed({ rgba }: Pixels): { readonly palette: readonly number[]; readonly indexes: Uint8Array } {
  const colours = new Uint32Array(rgba.length / 4);
  const seen = new Map<number, number>();
  for (let index = 0; index < colours.length; index++) {
    const at = index * 4;
    const colour = ((rgba[at] ?? 0) << 16) | ((rgba[at + 1] ?? 0) << 8) | (rgba[at + 2] ?? 0);
    colours[index] = colour;
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  const drawnAs = merged(seen);
  const palette = [...new Set(drawnAs.values())].sort((a, b) => a - b);
  const places = new Map(palette.map((colour, index) => [colour, index]));
  const indexes = Uint8Array.from(colours, (colour) => places.get(drawnAs.get(colour) ?? colour) ?? 0);
  return { palette, indexes };
}

/** Every colour with the one that it is drawn in: the most frequent of those that agree in their upper bits. */
function merged(seen: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const frequent = [...seen].sort(([a, often], [b, rarely]) => rarely - often || a - b).map(([colour]) => colour);
  for (let bits = 8; ; bits--) {
    const mask = ((0xff << (8 - bits)) & 0xff) * 0x010101;
    const first = new Map<number, number>();
    for (const colour of frequent) if (!first.has(colour & mask)) first.set(colour & mask, colour);
    if (first.size <= MOST_COLOURS)
      return new Map(frequent.map((colour) => [colour, first.get(colour & mask) ?? colour]));
  }
}
