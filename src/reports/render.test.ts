import { beforeAll, describe, expect, it } from "vitest";
import { jsonIsland } from "./render-html.js";
import { escapeMarkdown, renderMarkdown } from "./render-markdown.js";
import { sampleFacts } from "./sample-facts.js";
import { HOSTILE, hostileModel } from "./sample-hostile.js";
import { NAVIGATION, sampleModels, sampleRenderer } from "./sample-site.js";

/** What our templates and the chart renderer write; anything else came from a text. */
const ELEMENTS = new Set(
  (
    "!doctype html head meta title style body a div span nav details summary header h1 h2 h3 p main footer dl dt dd script ul li table thead tbody tfoot tr th td " +
    "sup figure figcaption section button strong svg g path text tspan line rect circle defs clipPath pre code"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "http-equiv content charset name lang class href id tabindex dir aria-label aria-labelledby aria-current aria-hidden aria-controls role scope title " +
    "type focusable preserveAspectRatio hidden data-search data-presets data-selected data-preset data-group data-label data-versus data-level data-exact data-order data-filter xmlns width height viewBox transform d x y x1 x2 y1 y2 cx cy r rx ry " +
    "fill fill-opacity stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray opacity font-family " +
    "font-size font-weight text-anchor clip-path data-copy"
  ).split(" "),
);

/** The tags of a page, read like a browser does outside of style and script. */
function tagsOf(html: string): readonly { name: string; attributes: readonly (readonly [string, string])[] }[] {
  const plain = html.replace(/(<(style|script)[^>]*>)[\s\S]*?(?=<\/\2>)/g, "$1");
  return [...plain.matchAll(/<([^>]*)>?/g)].map(([, inside = ""]) => {
    const match = /^\/?(!?[A-Za-z][A-Za-z0-9]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?$/.exec(inside);
    if (match === null) throw new Error(`not one of our tags: <${inside.slice(0, 80)}`);
    const attributes = [...(match[2] ?? "").matchAll(/([\w:-]+)(?:="([^"]*)")?/g)];
    return { name: match[1] ?? "", attributes: attributes.map(([, key = "", value = ""]) => [key, value] as const) };
  });
}

describe("a page", () => {
  let pages: readonly string[] = [];
  const models = sampleModels(sampleFacts());
  const [sample = hostileModel()] = models;
  beforeAll(async () => {
    const renderer = sampleRenderer();
    const rendered: string[] = [];
    for (const model of models) rendered.push(await renderer.render(model, NAVIGATION));
    pages = rendered;
  });

  it("begins its head with a policy that allows exactly its own style and script", () => {
    for (const html of pages) {
      expect(html).toMatch(
        /^<!doctype html>\n<html lang="en">\n<head>\n<meta http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;; script-src &#x27;sha256-/,
      );
      const policy = /content="(default-src[^"]*)"/.exec(html)?.[1] ?? "";
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      for (const part of ["img-src data:", "font-src data:", "base-uri", "form-action"]) expect(policy).toContain(part);
    }
  });

  it("asks nobody for anything: no address leads outside", () => {
    for (const html of pages) {
      const attributes = tagsOf(html).flatMap((tag) => tag.attributes);
      const hrefs = attributes.flatMap(([key, value]) => (key === "href" ? [value] : []));
      expect(hrefs.length).toBeGreaterThan(10);
      for (const href of new Set(hrefs)) expect(href).toMatch(/^(#content|[a-z0-9-]+\.html(#[a-z0-9-]+)?)$/);
      const keys = new Set(attributes.map(([key]) => key));
      for (const key of ["src", "srcset", "action", "style"]) expect(keys).not.toContain(key);
      expect(html.match(/url\((?!data:font\/woff2)/g)?.length ?? 0).toBe(0);
    }
  });

  it("has one heading of the first level, unique ids, and words for every picture", () => {
    for (const html of pages) {
      expect(html.match(/<h1>/g)).toHaveLength(1);
      const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { attributes } of tagsOf(html).filter((tag) => tag.attributes.some(([, value]) => value === "img")))
        expect(attributes.find(([key]) => key === "aria-label")?.[1]).toMatch(/.{20}/);
    }
  });

  it("is the same text when it is rendered again", async () => {
    const [model] = sampleModels(sampleFacts());
    if (model === undefined) throw new Error("no page");
    expect(await sampleRenderer().render(JSON.parse(JSON.stringify(model)), NAVIGATION)).toBe(pages[0]);
  });

  it("hides a footnote with the comparison that alone refers to it", async () => {
    const versus = ["previous", "year"] as const;
    const cell = (text: string, note?: string) => ({ text, sort: null, ...(note === undefined ? {} : { note }) });
    const table = {
      kind: "table" as const,
      title: "Channels",
      columns: [
        { id: "channel", title: "Channel", align: "left" as const },
        ...versus.map((one) => ({ id: one, title: "Change", align: "right" as const, versus: one })),
      ],
      rows: [
        [cell("meta"), cell("n/a", "no day before"), cell("n/a", "no year before")],
        [cell("google"), cell("n/a", "not connected"), cell("n/a", "not connected")],
      ],
    };
    const html = await sampleRenderer().render({ ...sample, blocks: [table] }, []);
    const notes = [...html.matchAll(/<li( data-versus="[a-z]+")?><sup>(\d)<\/sup> ([^<]+)<\/li>/g)];
    expect(notes.map(([, hidden = "", mark, text]) => [hidden.trim(), mark, text])).toEqual([
      ['data-versus="previous"', "1", "no day before."],
      ['data-versus="year"', "2", "no year before."],
      ["", "3", "not connected."],
    ]);
  });

  it("draws as code what a sentence quotes, and escapes the rest", async () => {
    const paragraphs = ["Run `growthos run --quiet`, or `<b>` & `a", "`"];
    const html = await sampleRenderer().render({ ...sample, blocks: [{ kind: "prose", paragraphs }] }, []);
    expect(html).toContain(
      "<p>Run <code>growthos run --quiet</code>, or &#x60;&lt;b&gt;&#x60; &amp; &#x60;a</p>\n<p>&#x60;</p>",
    );
  });

  it("R08 prints no row beyond 500 and says how many there are (10,000 here)", async () => {
    const columns = [{ id: "a", title: "A", align: "left" }] as const;
    const rows = Array.from({ length: 10_000 }, (_, index) => [{ text: `row ${index}`, sort: index }]);
    const [first] = sampleModels(sampleFacts());
    if (first === undefined) throw new Error("no page");
    const model = { ...first, blocks: [{ kind: "table", title: "Many", columns, rows } as const] };
    const html = await sampleRenderer().render(model, []);
    expect(html).toContain("9500 more rows are in the JSON file beside this page.");
    expect(html.length).toBeLessThan(5_000_000);
    expect(renderMarkdown(model)).toContain("9500 more rows");
  });
});

/** Of the hostile report: its title, one per text, the titles of nine blocks per dozen of texts, and six presets. */
const HEADINGS = 1 + HOSTILE.length + 9 * Math.ceil(HOSTILE.length / 12) + 6;

describe("hostile texts", () => {
  it("cover the corpus that the goals ask for", () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(200);
  });

  it("R09 become no element and no attribute in HTML and SVG", async () => {
    const html = await sampleRenderer().render(hostileModel(), [{ page: "../x", title: HOSTILE[0] ?? "" }]);
    const tags = tagsOf(html);
    const attributes = tags.flatMap((tag) => (tag.name === "!doctype" ? [] : tag.attributes));
    const values = (name: string) => [...new Set(attributes.flatMap(([key, value]) => (key === name ? [value] : [])))];
    expect([...new Set(tags.map((tag) => tag.name))].filter((name) => !ELEMENTS.has(name))).toEqual([]);
    expect([...new Set(attributes.map(([key]) => key))].filter((key) => !ATTRIBUTES.has(key))).toEqual([]);
    expect(values("http-equiv")).toEqual(["Content-Security-Policy"]);
    for (const href of values("href")) expect(href).toMatch(/^(#content|[a-z0-9-]+\.html(#[a-z0-9-]+)?)$/);
    expect(html).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/);
    // Names are cut: the 10 kB ones cannot push a page over its size.
    expect(html).not.toContain("x".repeat(700));
  });

  it("cannot leave a JSON island", () => {
    for (const text of HOSTILE) {
      const island = jsonIsland({ text });
      expect(island).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.parse(island).text).toBe(text);
    }
  });

  it("R03 become nothing but text in Markdown", () => {
    // Statements stand between fences that they cannot end.
    const markdown = renderMarkdown(hostileModel()).replace(/^(`{3,})sql\n[\s\S]*?\n\1$/gm, "");
    expect(markdown).not.toMatch(/<[a-z!/]/i);
    // Every bracket and backtick is escaped, but for the links between our own pages and what sentences quote: plain words as code.
    const withoutLinks = markdown
      .replace(/(?<!\\)`[\w .,:=/-]+`/g, "")
      .replace(/^- \[.*\]\([a-z0-9-]+\.md\): /gm, "")
      .replace(/(?<!\\)\[((?:\\.|[^\]\\])*)\]\([a-z0-9-]+\.md#[a-z0-9-]+\)/g, "$1");
    expect(withoutLinks).not.toMatch(/(?<!\\)(?:\\\\)*[`[\]]/);
    expect(withoutLinks).not.toMatch(/https?:\/\/|www\.[a-z]/i);
    // A text cannot add a line, so no line begins with something that we did not write.
    for (const line of markdown.split("\n")) expect(line).not.toMatch(/^\s*([+*]\s|>|~~~|```|=+\s*$|\d+[.)]\s|#{4,})/);
    expect(markdown.match(/^#{1,3} /gm)).toHaveLength(HEADINGS);
    const columns = markdown.split("\n").filter((line) => line.startsWith("| "));
    for (const line of columns) expect([2, 3, 4]).toContain(line.split(/(?<!\\)\|/).length - 2);
  });

  it("are escaped for what they would mean in Markdown", () => {
    expect(escapeMarkdown("a|b")).toBe("a\\|b");
    expect(escapeMarkdown("[x](javascript:1)")).toBe("\\[x\\](javascript:1)");
    expect(escapeMarkdown("![x](https://e.invalid)")).toBe("!\\[x\\](https\\://e.invalid)");
    expect(escapeMarkdown("<img src=x>")).toBe("&lt;img src=x&gt;");
    expect(escapeMarkdown("# no")).toBe("\\# no");
    expect(escapeMarkdown("1. no")).toBe("1\\. no");
    expect(escapeMarkdown("--- no")).toBe("\\--- no");
    expect(escapeMarkdown("$1,234.56 and +2.3%")).toBe("$1,234.56 and +2.3%");
    expect(escapeMarkdown("$x$")).toBe("\\$x\\$");
    expect(escapeMarkdown("\\")).toBe("\\\\");
  });
});
