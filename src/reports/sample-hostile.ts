/** Texts that try to become something else, and a report that has one of them in every position. Imported by tests only. */
import { isoDate } from "../base/dates.js";
import { SAMPLE_CONTEXT } from "./sample-facts.js";
import type { Block, Figure, ReportModel, TableCell } from "./types.js";

/** Sets a mark on the window, which the browser test looks for; and tries to leave the page. */
const RUN = "window.__ran=1";

const SEEDS: readonly string[] = [
  `<script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `</style><script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `</svg><script>${RUN}</script>`,
  `</text></g></svg><img src=x onerror="${RUN}">`,
  `<img src=x onerror=${RUN}>`,
  `<svg onload=${RUN}>`,
  `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `<body onload=${RUN}>`,
  `<details open ontoggle=${RUN}>`,
  `<input autofocus onfocus=${RUN}>`,
  `<iframe srcdoc="<script>parent.__ran=1</script>">`,
  `<iframe src="javascript:parent.__ran=1">`,
  `<object data="javascript:${RUN}">`,
  `<meta http-equiv=refresh content="0;url=https://example.invalid/">`,
  `<base href="https://example.invalid/">`,
  `<form action="https://example.invalid/"><button autofocus>go</button></form>`,
  `<link rel=stylesheet href="https://example.invalid/x.css">`,
  `<style>@import "https://example.invalid/x.css"</style>`,
  `<img src="https://example.invalid/beacon.png">`,
  `<video src="https://example.invalid/x" autoplay>`,
  `<a href="javascript:${RUN}">x</a>`,
  `javascript:${RUN}`,
  `JaVaScRiPt&colon;${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `" onmouseover="${RUN}" x="`,
  `' onfocus='${RUN}' autofocus='`,
  `" autofocus onfocus=${RUN} "`,
  `" style="background:url(https://example.invalid/x)" x="`,
  `url(https://example.invalid/x)`,
  `expression(${RUN})`,
  `--><script>${RUN}</script>`,
  `<!--`,
  `]]><script>${RUN}</script>`,
  `{{constructor.constructor('${RUN}')()}}`,
  `{{{${RUN}}}}`,
  `\${${RUN}}`,
  `<%= ${RUN} %>`,
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `&#60;script&#62;${RUN}`,
  `\u003cscript\u003e`,
  `<scr\0ipt>${RUN}</scr\0ipt>`,
  `＜script＞${RUN}＜/script＞`,
  `=cmd|'/c calc'!A1`,
  `+1+cmd|'/c calc'!A1`,
  `-2+3+cmd|' /C calc'!A0`,
  `@SUM(1+1)*cmd|'/c calc'!A0`,
  `=HYPERLINK("https://example.invalid","x")`,
  `[x](javascript:${RUN})`,
  `![x](https://example.invalid/beacon.png)`,
  `[x]: javascript:${RUN}`,
  `<https://example.invalid>`,
  `https://example.invalid/plain and www.example.invalid`,
  "`code` ``` fence",
  `| a | b |\n| - | - |`,
  `# heading\n- list\n1. one\n---`,
  `**bold** __bold__ ~~gone~~ $x$ ^a^`,
  `line one\r\nline two\u2028line three\u2029line four`,
  `\u202Egnp.exe\u202C reversed`,
  `\u2066isolated\u2069 \u200Fmark \u061C`,
  `zero\u200Bwidth\uFEFF\u00ADsoft`,
  `tag\u{E0041}\u{E0042}`,
  `\u001b[31mred\u001b[0m\u0007`,
  `\uD800 lone`,
  `مرحبا (שלום) 123`,
  `${"Wide name ".repeat(1000)}`,
  `${"x".repeat(10_240)}`,
  `${"👩‍👩‍👧".repeat(1000)}`,
  ``,
  `   `,
];

/** The corpus: each text by itself, and after what would end an attribute, an element or a string. */
export const HOSTILE: readonly string[] = SEEDS.flatMap((seed) => [seed, `">${seed}`, `'></text>${seed}`]);

/** A report with every hostile text in every position that text can take. */
export function hostileModel(texts: readonly string[] = HOSTILE): ReportModel {
  return {
    schemaVersion: 1,
    id: "wbr",
    title: texts.join(" "),
    subtitle: texts[0] ?? "",
    context: { ...SAMPLE_CONTEXT, shop: texts.slice(0, 2).join(" ") },
    blocks: [...chunks(texts, 12).flatMap(blocksOf), presets(texts)],
    stamps: texts.map((text) => ({ label: text, text })),
  };
}

function chunks(texts: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, index) =>
    texts.slice(index * size, (index + 1) * size),
  );
}

function presets(texts: readonly string[]): Block {
  const options = texts.slice(0, 6).map((text, index) => ({
    id: text,
    label: text,
    title: `Last ${text}`,
    ...(index < 3 ? {} : { group: texts[index % 2] ?? "" }),
    blocks: [{ kind: "versus", comparison: index % 2 === 0 ? "previous" : "year", blocks: [prose(text)] } as const],
  }));
  return { kind: "presets", selected: texts[0] ?? "", options };
}

function prose(text: string): Block {
  return { kind: "prose", paragraphs: [text], lead: true };
}

function figure(text: string): Figure {
  return { text, status: "unknown", note: text };
}

function blocksOf(texts: readonly string[]): readonly Block[] {
  const [first = "", second = ""] = texts;
  const cells: readonly (readonly TableCell[])[] = texts.map((text) => [
    { text, sort: text, note: text, tone: "good" },
    { text, sort: text, exact: first, link: { page: text, anchor: text } },
  ]);
  const columns = [first, second].map(
    (title, index) => ({ id: title, title, align: index ? "right" : "left", filter: true }) as const,
  );
  return [
    ...texts.map((text) => ({ kind: "heading", id: text, text }) as const),
    { kind: "prose", paragraphs: texts },
    {
      kind: "kpis",
      items: texts.map((text, index) => ({
        metric: text,
        title: text,
        value: index % 2 === 0 ? figure(text) : { ...figure(text), status: "ok" as const },
        change: figure(text),
        tone: "bad" as const,
        spark: [1, 2, null, 3, 4],
        formula: text,
      })),
    },
    {
      kind: "table",
      title: first,
      columns,
      rows: cells,
      parents: cells.map((_, index) => (index === 0 ? null : 0)),
      totals: cells[0] ?? [],
      note: second,
    },
    {
      kind: "chart",
      title: first,
      alt: second,
      spec: {
        form: "bar",
        x: { title: first, kind: "category" },
        y: { title: second, format: "~s" },
        series: texts.slice(0, 4).map((name, index) => ({
          name,
          points: texts.map((x, position) => ({ x, y: position + index })),
        })),
      },
    },
    {
      kind: "waterfall",
      title: first,
      alt: second,
      steps: texts.slice(0, 6).map((label, index) => ({ label, value: 10 + index, figure: figure(label) })),
    },
    {
      kind: "findings",
      items: texts.map((text) => ({ tone: "bad", badge: text, title: text, detail: text, advice: text })),
    },
    {
      kind: "search",
      items: texts.map((text) => ({ what: "section", title: text, detail: text, page: text, anchor: text }) as const),
    },
    { kind: "links", items: texts.map((text) => ({ page: text, title: text, detail: text })) },
    ...drawnBlocks(texts),
    ...evidenceOf(texts),
  ];
}

const TWO_DAYS = { from: isoDate("2026-01-31"), to: isoDate("2026-02-06") };

function evidenceOf(texts: readonly string[]): readonly Block[] {
  const [first = "", second = ""] = texts;
  return [
    ...texts.map(
      (text) => ({ kind: "code", title: text, language: "sql", text: `${text.slice(0, 300)}\n${first}` }) as const,
    ),
    {
      kind: "coverage",
      title: first,
      alt: second,
      days: TWO_DAYS,
      rows: texts.map((text) => ({ label: text, runs: [{ state: "missing", days: TWO_DAYS }], text, tone: "bad" })),
      note: second,
    },
    {
      kind: "lights",
      title: first,
      items: texts.map((text) => ({ label: text, value: text, state: "red", word: text, threshold: text, note: text })),
      note: second,
    },
  ];
}

function sankey(texts: readonly string[]): Block {
  const [first = "", second = ""] = texts;
  return {
    kind: "sankey",
    title: first,
    alt: second,
    columns: [first, second],
    nodes: texts.slice(0, 6).map((label, index) => ({
      id: `${index}${label}`,
      label,
      column: index % 2,
      value: 10 + index,
      figure: figure(label),
    })),
    links: texts.slice(0, 1).map((label) => ({ from: `0${label}`, to: `1${second}`, value: 5, figure: figure(label) })),
  };
}

/** Blocks with drawings of our own. */
function drawnBlocks(texts: readonly string[]): readonly Block[] {
  const [first = "", second = ""] = texts;
  const words = { title: first, alt: second };
  return [
    {
      kind: "funnel",
      ...words,
      steps: texts.slice(0, 5).map((label, index) => ({
        label,
        value: 100 - index,
        figure: figure(label),
        passed: figure(label),
        tag: label,
      })),
    },
    sankey(texts),
    {
      kind: "scatter",
      ...words,
      x: first,
      y: second,
      ratio: first,
      points: texts.map((label, index) => ({
        label,
        x: index,
        y: (index * 7) % 11,
        figures: { x: figure(label), y: figure(label), ratio: figure(label) },
      })),
      line: { label: first, slope: 1 },
    },
    {
      kind: "six_twelve",
      ...words,
      unit: first,
      weeks: texts.slice(0, 6).map(pointOf),
      months: texts.map(pointOf),
      box: texts.slice(0, 3).map((label) => ({ label, figure: figure(label), tone: "good" as const })),
      target: { text: first, tone: "bad" },
      events: texts.map((text, index) => ({ number: index, text })),
    },
    {
      kind: "xmr",
      ...words,
      unit: first,
      points: texts.map((label, index) => ({
        label,
        day: label,
        value: index,
        figure: figure(label),
        rule: 1 as const,
        means: "worse" as const,
      })),
      limits: {
        centre: 3,
        upper: 6,
        lower: 1,
        figures: { centre: first, upper: first, lower: second },
        provisional: false,
      },
      note: second,
    },
    {
      kind: "commentary",
      items: texts.slice(0, 4).map((text) => ({
        tone: "bad" as const,
        badge: text,
        title: text,
        details: [text],
        owner: text,
        advice: text,
        said: [{ paragraph: text }, { list: [text, text] }],
        missing: text,
        before: { week: text, parts: [{ paragraph: text }] },
      })),
    },
  ];
}

function pointOf(label: string, index: number) {
  return { label, now: figure(label), value: index, before: index, target: index, events: [index] };
}
