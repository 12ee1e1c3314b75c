/**
 * Drawings as pictures, for mail programs that show no SVG. The only importer of resvg, which is one WebAssembly file for every
 * platform; it knows no style sheet, so the page's colours are put into the drawing before.
 */
import { createRequire } from "node:module";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { fontOfWoff } from "./fonts.js";
import { palettePng } from "./palette-png.js";

/** Turns SVG text of `svg.ts` into the bytes of a PNG; the same drawing always gives the same bytes. */
export type Painter = (svg: string) => Promise<Uint8Array>;

/** Pixels per unit of the drawing: sharp on most screens, and small enough to be sent. */
const ZOOM = 1.5;
const FONTS = ["latin-400", "latin-500", "latin-600", "latin-ext-400"];

/** What a painter is made of. */
export interface PainterOptions {
  readonly files: Files;
  /** The style sheet of the pages: its first `:root` holds the colours of light paper. */
  readonly style: string;
}

/** A painter with the pages' font and colours. The library is loaded with the first picture. */
export function painter({ files, style }: PainterOptions): Painter {
  const colours = lightColours(style);
  let fonts: Uint8Array[] | undefined;
  return async (svg) => {
    const { Resvg } = await loaded(files);
    fonts ??= FONTS.map((name) =>
      fontOfWoff(files.read(packaged(`@fontsource/inter/files/inter-${name}-normal.woff`))),
    );
    const drawing = new Resvg(coloured(svg, colours), {
      background: colours.get("--card") ?? "#fff",
      fitTo: { mode: "zoom", value: ZOOM },
      font: { fontBuffers: fonts, defaultFontFamily: "Inter" },
    });
    try {
      const image = drawing.render();
      try {
        return palettePng({ width: image.width, height: image.height, rgba: image.pixels });
      } finally {
        image.free();
      }
    } finally {
      drawing.free();
    }
  };
}

type Library = typeof import("@resvg/resvg-wasm");
let library: Promise<Library> | undefined;

/** The library can be begun once in a process. */
function loaded(files: Files): Promise<Library> {
  library ??= import("@resvg/resvg-wasm").then(async (found) => {
    await found.initWasm(files.read(packaged("@resvg/resvg-wasm/index_bg.wasm")) as Uint8Array<ArrayBuffer>);
    return found;
  });
  return library;
}

function packaged(name: string): string {
  return createRequire(import.meta.url).resolve(name);
}

/** The custom properties of the first `:root`. */
export function lightColours(style: string): ReadonlyMap<string, string> {
  const [, body = ""] = /:root\s*\{([^}]*)\}/.exec(style) ?? [];
  return new Map(
    [...body.matchAll(/(--[\w-]+)\s*:\s*([^;]+);/g)].map(([, name = "", value = ""]) => [name, value.trim()]),
  );
}

function coloured(svg: string, colours: ReadonlyMap<string, string>): string {
  return svg.replace(/var\((--[\w-]+)\)/g, (_, name: string) => {
    const value = colours.get(name);
    if (value !== undefined) return value;
    throw new GrowthosError({
      code: "COLOUR_MISSING",
      what: `templates/theme.css has no ${name}`,
      why: "a drawing uses it",
      hint: "add it to the first :root of the style sheet",
      exit: "usage",
    });
  });
}
