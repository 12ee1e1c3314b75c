/**
 * A report on disk: its model and what stood beside it, as canonical JSON, from which every rendering is made again byte for byte.
 * `BLOCKS` is held to the `Block` union by its type: a new kind does not compile until its members stand here.
 */
import { z } from "zod";
import { type Calendar, type DateRange, type ISODate, isISODate } from "../base/dates.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { AnswerContext } from "../metrics/types.js";
import type { CommentaryItem } from "./block-types/commentary.js";
import type { FunnelStep } from "./block-types/funnel.js";
import type { SankeyLink, SankeyNode } from "./block-types/sankey.js";
import type { ScatterPoint } from "./block-types/scatter.js";
import type { BoxCell, SixTwelvePoint } from "./block-types/six-twelve.js";
import type { XmrPoint } from "./block-types/xmr.js";
import type { NavigationItem } from "./navigation.js";
import type { FrozenReport } from "./render-html.js";
import type { Block, BlockOf, ChartSpec, Column, Figure, Kpi, PresetOption, ReportModel, TableCell } from "./types.js";

/** Text beyond this is no report of ours; it is refused before it is parsed. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** A schema for every member of `T`, none forgotten and none invented. */
type Shape<T> = { readonly [Member in keyof T]-?: z.ZodType<T[Member]> };

function object<T extends object>(shape: Shape<T>): z.ZodType<T> {
  return z.strictObject(shape) as unknown as z.ZodType<T>;
}

const text = z.string();
const number = z.number();
const flag = z.boolean();
const list = <T>(item: z.ZodType<T>): z.ZodType<readonly T[]> => z.array(item);
const day = z.custom<ISODate>((value) => typeof value === "string" && isISODate(value), "a day as YYYY-MM-DD");
const tone = z.enum(["good", "bad", "neutral"]);

const figure = object<Figure>({
  text,
  status: z.enum(["ok", "provisional", "undefined", "unknown"]),
  note: text.nullable(),
});
const kpi = object<Kpi>({
  metric: text,
  title: text,
  value: figure,
  change: figure.nullable(),
  tone,
  spark: list(number.nullable()),
  formula: text,
  yearly: object<NonNullable<Kpi["yearly"]>>({ change: figure, tone }).optional(),
  large: z.literal(true).optional(),
});
const comparison = z.enum(["previous", "year"]);
const column = object<Column>({
  id: text,
  title: text,
  align: z.enum(["left", "right"]),
  filter: z.literal(true).optional(),
  versus: comparison.optional(),
});
const cell = object<TableCell>({
  text,
  sort: z.union([number, text]).nullable(),
  exact: text.optional(),
  tone: tone.optional(),
  heat: number.optional(),
  note: text.optional(),
  link: object<NonNullable<TableCell["link"]>>({ page: text, anchor: text.optional() }).optional(),
});
const chartSpec = object<ChartSpec>({
  form: z.enum(["line", "bar", "area_and_bar", "heat_map"]),
  x: object<ChartSpec["x"]>({ title: text, kind: z.enum(["day", "category"]) }),
  y: object<ChartSpec["y"]>({ title: text, format: text }),
  series: list(
    object<ChartSpec["series"][number]>({
      name: text,
      mark: z.enum(["line", "bar", "area"]).optional(),
      points: list(object<ChartSpec["series"][number]["points"][number]>({ x: text, y: number.nullable() })),
    }),
  ),
});

const block: z.ZodType<Block> = z.lazy(() => anyBlock);
const blocks = list(block);

type Members<K extends Block["kind"]> = { readonly [Kind in K]: Shape<Omit<BlockOf<Kind>, "kind">> };

const point = object<SixTwelvePoint>({
  label: text,
  now: figure,
  value: number.nullable(),
  before: number.nullable(),
  target: number.nullable(),
  events: list(number),
});

const DRAWN: Members<"funnel" | "sankey" | "scatter" | "six_twelve" | "xmr"> = {
  funnel: {
    title: text,
    alt: text,
    steps: list(
      object<FunnelStep>({
        label: text,
        value: number.nullable(),
        figure,
        passed: figure.nullable(),
        tag: text.optional(),
      }),
    ),
  },
  sankey: {
    title: text,
    alt: text,
    columns: list(text),
    nodes: list(object<SankeyNode>({ id: text, label: text, column: number, value: number, figure })),
    links: list(object<SankeyLink>({ from: text, to: text, value: number, figure })),
  },
  scatter: {
    title: text,
    alt: text,
    x: text,
    y: text,
    ratio: text.optional(),
    points: list(
      object<ScatterPoint>({
        label: text,
        x: number.nullable(),
        y: number.nullable(),
        figures: object<ScatterPoint["figures"]>({ x: figure, y: figure, ratio: figure.optional() }),
      }),
    ),
    line: object<NonNullable<BlockOf<"scatter">["line"]>>({ label: text, slope: number }).optional(),
  },
  six_twelve: {
    title: text,
    alt: text,
    unit: text,
    weeks: list(point),
    months: list(point),
    box: list(object<BoxCell>({ label: text, figure, tone })),
    target: object<NonNullable<BlockOf<"six_twelve">["target"]>>({ text, tone }).optional(),
    events: list(object<BlockOf<"six_twelve">["events"][number]>({ number, text })),
  },
  xmr: {
    title: text,
    alt: text,
    unit: text,
    points: list(
      object<XmrPoint>({
        label: text,
        day: text,
        value: number.nullable(),
        figure,
        rule: z.union([z.literal(1), z.literal(2), z.literal(3)]).nullable(),
        means: z.enum(["better", "worse", "neither"]),
      }),
    ),
    limits: object<NonNullable<BlockOf<"xmr">["limits"]>>({
      centre: number,
      upper: number,
      lower: number,
      figures: object<NonNullable<BlockOf<"xmr">["limits"]>["figures"]>({ centre: text, upper: text, lower: text }),
      provisional: flag,
    }).nullable(),
    note: text,
  },
};

const range = object<DateRange>({ from: day, to: day });
const textPart = z.union([z.strictObject({ paragraph: text }), z.strictObject({ list: list(text) })]);

const EVIDENCE: Members<"code" | "coverage" | "lights" | "commentary"> = {
  code: { title: text, language: z.enum(["sql", "text"]), text },
  coverage: {
    title: text,
    alt: text,
    days: range,
    rows: list(
      object<BlockOf<"coverage">["rows"][number]>({
        label: text,
        runs: list(
          object<BlockOf<"coverage">["rows"][number]["runs"][number]>({
            state: z.enum(["landed", "empty", "missing"]),
            days: range,
          }),
        ),
        text,
        tone,
      }),
    ),
    note: text.optional(),
  },
  lights: {
    title: text,
    items: list(
      object<BlockOf<"lights">["items"][number]>({
        label: text,
        value: text,
        state: z.enum(["green", "amber", "red", "unknown"]),
        word: text,
        threshold: text,
        note: text.optional(),
      }),
    ),
    note: text.optional(),
  },
  commentary: {
    items: list(
      object<CommentaryItem>({
        tone: z.enum(["good", "bad", "warn", "neutral"]),
        badge: text,
        title: text,
        details: list(text),
        owner: text,
        advice: text.nullable(),
        said: list(textPart),
        missing: text.nullable(),
        before: object<NonNullable<CommentaryItem["before"]>>({ week: text, parts: list(textPart) }).nullable(),
      }),
    ),
  },
};

/** The members of each kind of block beside `kind`. */
const BLOCKS: Members<Block["kind"]> = {
  heading: { id: text, text },
  prose: { paragraphs: list(text), lead: flag.optional() },
  kpis: { items: list(kpi) },
  table: {
    title: text,
    columns: list(column),
    rows: list(list(cell)),
    parents: list(number.nullable()).optional(),
    totals: list(cell).optional(),
    note: text.optional(),
  },
  chart: { title: text, alt: text, spec: chartSpec },
  findings: {
    items: list(
      object<BlockOf<"findings">["items"][number]>({
        tone: z.enum(["good", "bad", "warn", "neutral"]),
        badge: text,
        title: text,
        detail: text,
        advice: text.optional(),
      }),
    ),
  },
  waterfall: {
    title: text,
    alt: text,
    steps: list(
      object<BlockOf<"waterfall">["steps"][number]>({ label: text, value: number, figure, total: flag.optional() }),
    ),
  },
  presets: {
    options: list(
      object<PresetOption>({ id: text, label: text, title: text.optional(), group: text.optional(), blocks }),
    ),
    selected: text,
  },
  links: { items: list(object<BlockOf<"links">["items"][number]>({ page: text, title: text, detail: text })) },
  versus: { comparison, blocks },
  search: {
    items: list(
      object<BlockOf<"search">["items"][number]>({
        what: z.enum(["page", "section", "metric"]),
        title: text,
        detail: text,
        page: text.optional(),
        anchor: text.optional(),
      }),
    ),
  },
  ...DRAWN,
  ...EVIDENCE,
};

const anyBlock = z.discriminatedUnion(
  "kind",
  Object.entries(BLOCKS).map(([kind, shape]) => z.strictObject({ kind: z.literal(kind), ...shape })) as never,
) as unknown as z.ZodType<Block>;

const calendar = object<Calendar>({
  weekEndsOn: number,
  fiscalYearEndMonth: number,
  periods: z.enum(["months", "4-4-5", "4-5-4", "5-4-4"]),
  lastWeek: z.enum(["last", "nearest"]),
  yearNamedBy: z.enum(["end", "start"]),
  holidays: z.record(text, list(day)),
});
const context = object<AnswerContext>({
  shop: text,
  currency: text,
  timeZone: text,
  asOf: day,
  lastCompleteDay: day,
  buildId: text,
  inputHash: text,
  weekEndsOn: number.optional(),
  calendar: calendar.optional(),
});
const frozen = object<FrozenReport>({
  schemaVersion: z.literal(1),
  id: text.regex(/^[a-z0-9][a-z0-9-]{0,59}$/),
  title: text,
  subtitle: text,
  context,
  blocks,
  stamps: list(object<ReportModel["stamps"][number]>({ label: text, text })),
  navigation: list(object<NavigationItem>({ page: text, title: text })),
});

/** Reads a report back. Throws `REPORT_INVALID` (what is wrong, and where) and `REPORT_VERSION` for one of another schema. */
export function readFrozen(content: string, name: string): FrozenReport {
  const value = parsed(content, name);
  const version = (value as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version !== 1)
    throw new GrowthosError({
      code: "REPORT_VERSION",
      what: `${name} is a report of schema ${version}`,
      why: "this version of growthos reads schema 1",
      hint: "render it with the version of growthos that wrote it",
      exit: "badData",
    });
  const result = frozen.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(name, `${(issue?.path ?? []).join(".") || "the report"}: ${issue?.message ?? "not as expected"}`);
}

function parsed(content: string, name: string): unknown {
  if (content.length > MOST_CHARACTERS) throw invalid(name, "it is larger than any report");
  try {
    return JSON.parse(content);
  } catch (thrown) {
    throw invalid(name, messageOf(thrown).slice(0, 200));
  }
}

function invalid(name: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "REPORT_INVALID",
    what: `${name} is no report that can be read`,
    why,
    hint: "give the JSON file that `growthos report` wrote, unchanged",
    exit: "badData",
  });
}
