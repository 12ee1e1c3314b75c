import { inflateSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { composeMail } from "../notify/smtp.js";
import { diskFiles } from "../warehouse/disk.js";
import { MAIL_LIMITS, mailModel } from "./email-model.js";
import { fontOfWoff } from "./fonts.js";
import { palettePng } from "./palette-png.js";
import { lightColours, painter } from "./png.js";
import { type ReportMail, renderEmail } from "./render-email.js";
import { sampleFacts } from "./sample-facts.js";
import { HOSTILE, hostileModel } from "./sample-hostile.js";
import { sampleModels, TEMPLATES } from "./sample-site.js";
import { summaryText } from "./summary.js";

const ELEMENTS = "!doctype html head meta title body table tr td th h1 h2 h3 p img strong em code".split(" ");
const ATTRIBUTES =
  "lang charset name content style role width cellpadding cellspacing border align bgcolor src alt".split(" ");
const style = diskFiles.readText(`${TEMPLATES}/theme.css`);
const models = sampleModels(sampleFacts());
const [wbr, executive] = ["wbr", "executive"].map((id) => models.find((model) => model.id === id));
/** Draws nothing: what matters is where pictures stand. */
const blank = async () => palettePng({ width: 1, height: 1, rgba: Uint8Array.of(255, 255, 255, 255) });

let mail: ReportMail;
beforeAll(async () => {
  if (wbr === undefined) throw new Error("no page");
  mail = await renderEmail(wbr, painter({ files: diskFiles, style }));
});

const bytesOf = async (content: ReportMail) =>
  (await composeMail({ ...content, from: "a@b", to: "c@d", messageId: "<m@g>", at: 0 })).length;

/** Elements and attributes of a mail. */
function tagsOf(html: string): readonly (readonly [string, readonly string[]])[] {
  return [...html.matchAll(/<\/?(!?[a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>?/gi)].map(
    ([, name = "", rest = ""]) => [name.toLowerCase(), [...rest.matchAll(/([a-z-]+)="/gi)].map(([, key = ""]) => key)],
  );
}

describe("a report as a mail", () => {
  it("is below 100 kB on the wire, with pictures and text", async () => {
    expect(mail.images.length).toBeGreaterThanOrEqual(2);
    expect(await bytesOf(mail)).toBeLessThan(100_000);
    const texts = HOSTILE.slice(0, 12);
    const long = Array.from({ length: 300 }, () => wbr?.blocks.filter(({ kind }) => kind === "table") ?? []).flat();
    const longest = await renderEmail(
      { ...hostileModel(texts), blocks: [...hostileModel(texts).blocks, ...long] },
      blank,
    );
    expect(await bytesOf(longest)).toBeLessThan(100_000);
    expect(longest.html).toMatch(/The report itself goes on: \d+ more parts\./);
    expect(longest.text).toMatch(/The report itself goes on\.\n$/);
  });

  it("tells a drawing in words when the pictures are too large together", async () => {
    const chart = wbr?.blocks.find((block) => block.kind === "chart");
    if (wbr === undefined || chart?.kind !== "chart") throw new Error("no chart");
    const large = async () => new Uint8Array(20_000);
    const two = await renderEmail({ ...wbr, blocks: [chart, chart] }, large);
    expect(two.images).toHaveLength(1);
    expect(two.html.split(`${chart.alt.slice(0, 30)}`).length).toBe(3);
  });

  it("holds only what every mail program shows, and leads nowhere", async () => {
    const hostile = await renderEmail(hostileModel(HOSTILE.filter((_, index) => index % 9 === 0)), blank);
    for (const html of [mail.html, hostile.html]) {
      for (const [name, attributes] of tagsOf(html)) {
        expect(ELEMENTS).toContain(name);
        for (const attribute of attributes) expect(ATTRIBUTES).toContain(attribute);
      }
      for (const [, css] of html.matchAll(/style="([^"]*)"/g)) expect(css).toMatch(/^[a-z0-9 :;,.#%'-]*$/i);
      for (const [, source] of html.matchAll(/src="([^"]*)"/g)) expect(source).toMatch(/^cid:drawing-\d+@growthos$/);
    }
    expect(hostile.subject).not.toMatch(/[\r\n]/);
  });

  it("has words for every picture, and carries each once", () => {
    for (const [tag] of mail.html.matchAll(/<img[^>]*>/g)) expect(tag).toMatch(/alt="[^"]{20,}"/);
    const named = [...mail.html.matchAll(/cid:([^"]+)/g)].map(([, cid]) => cid);
    expect(named).toEqual(mail.images.map(({ cid }) => cid));
  });

  it("says the same figures in HTML, text and summary", async () => {
    const page = executive ?? hostileModel();
    const { html, text } = await renderEmail(page, blank);
    const kpis = mailModel(page).blocks.flatMap((block) => (block.kind === "kpis" ? block.items : []));
    expect(kpis.length).toBeGreaterThan(4);
    for (const { value } of kpis) {
      expect(html).toContain(`>${value.text}<`);
      expect(text).toContain(`| ${value.text} |`);
    }
    expect(summaryText(page)).toContain(`• ${kpis[0]?.title}: ${kpis[0]?.value.text}`);
  });

  it("cuts tables and says what was cut; shows one period of several", () => {
    const table = {
      kind: "table" as const,
      title: "T",
      columns: Array.from({ length: 8 }, (_, index) => ({ id: `${index}`, title: `${index}`, align: "left" as const })),
      rows: Array.from({ length: 13 }, () => Array.from({ length: 8 }, () => ({ text: "x", sort: null }))),
    };
    const options = [7, 30].map((days) => ({ id: `${days}d`, label: `${days} days`, blocks: [table] }));
    const cut = mailModel({ ...hostileModel(), blocks: [{ kind: "presets", selected: "30d", options }] });
    expect(cut.blocks).toMatchObject([
      { kind: "heading", text: "Last 30 days" },
      { kind: "table", note: "The report itself has 1 more row and 2 more columns." },
    ]);
    const [, short] = cut.blocks;
    if (short?.kind !== "table") throw new Error("no table");
    expect([short.rows.length, short.rows[0]?.length]).toEqual([MAIL_LIMITS.rows, MAIL_LIMITS.columns]);
  });
});

describe("a picture", () => {
  it("has the palette's colours, pixel by pixel", () => {
    const png = Buffer.from(
      palettePng({
        width: 2,
        height: 2,
        rgba: Uint8Array.from([1, 2, 3, 255, 9, 8, 7, 255, 9, 8, 7, 255, 1, 2, 3, 255]),
      }),
    );
    expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    // IHDR: 2 x 2, eight bits, palette.
    expect([...png.subarray(16, 29)]).toEqual([0, 0, 0, 2, 0, 0, 0, 2, 8, 3, 0, 0, 0]);
    expect([...png.subarray(png.indexOf("PLTE") + 4, png.indexOf("PLTE") + 10)]).toEqual([1, 2, 3, 9, 8, 7]);
    const at = png.indexOf("IDAT");
    const packed = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
    // Each line begins with its filter, none.
    expect([...inflateSync(packed)]).toEqual([0, 0, 1, 0, 1, 0]);
    // The checksum of an empty IEND, as in every PNG.
    expect(png.subarray(-4).toString("hex")).toBe("ae426082");
  });

  it("of more than 256 colours keeps the frequent one and draws the others in near ones", () => {
    const rgba = new Uint8Array(4 * 1000).fill(255);
    for (let index = 0; index < 600; index++) rgba.set([index & 255, index >> 8, 77], index * 4);
    const png = Buffer.from(palettePng({ width: 1000, height: 1, rgba }));
    const at = png.indexOf("PLTE");
    const count = png.readUInt32BE(at - 4) / 3;
    expect(count).toBeLessThanOrEqual(256);
    const palette = png.subarray(at + 4, at + 4 + count * 3).toString("hex");
    expect(palette.endsWith("ffffff")).toBe(true);
  });

  it("is drawn in the colours of light paper, with text in the shipped font", async () => {
    expect(lightColours(style).get("--series-1")).toBe("#14687d");
    const paint = painter({ files: diskFiles, style: ":root { --ink: #ff0000; --card: #ffffff; }" });
    const draw = (inner: string) =>
      paint(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">${inner}</svg>`);
    const [empty, text] = [await draw(""), await draw('<text y="15" fill="var(--ink)" font-family="Inter">Hg</text>')];
    const plte = (png: Uint8Array) => Buffer.from(png).toString("latin1").split("PLTE")[1] ?? "";
    expect(plte(empty).startsWith("\xff\xff\xff")).toBe(true);
    expect(plte(text).includes("\xff\x00\x00")).toBe(true);
    await expect(draw('<path fill="var(--nothing)"/>')).rejects.toThrow(/has no --nothing/);
  });

  it("font that is no font is refused", () => {
    const woff = diskFiles.read(`${TEMPLATES}/../node_modules/@fontsource/inter/files/inter-latin-400-normal.woff`);
    const font = fontOfWoff(woff);
    // TrueType outlines, and as many tables as the packed file has.
    expect(Buffer.from(font.subarray(0, 4)).toString("hex")).toBe("00010000");
    expect(Buffer.from(font).readUInt16BE(4)).toBe(Buffer.from(woff).readUInt16BE(12));
    expect(() => fontOfWoff(woff.subarray(0, 60))).toThrow(/cut off/);
    expect(() => fontOfWoff(new Uint8Array(100))).toThrow(/wOFF/);
  });
});
