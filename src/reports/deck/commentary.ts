/** What owners write about a week: `commentary/2026-W06/net_revenue.md`. Plain text with paragraphs and lists; everything else stays as written. */
import type { Calendar, DateRange } from "../../base/dates.js";
import type { Files } from "../../base/files.js";
import { nearest } from "../../base/ids.js";
import { periodOf, shiftPeriod } from "../../metrics/fiscal.js";
import type { MetricId } from "../../metrics/types.js";
import type { TextPart } from "../block-types/commentary.js";
import type { Commentary } from "./types.js";

/** A comment that is longer is not read: it belongs into a document of its own. */
const MOST_BYTES = 16_384;
const MOST_FILES = 200;

/** Paragraphs and lists of a text: blank lines part paragraphs, lines that begin with `-` or `*` are items. */
export function partsOf(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let paragraph: string[] = [];
  let list: string[] = [];
  const close = () => {
    if (paragraph.length > 0) parts.push({ paragraph: paragraph.join(" ") });
    if (list.length > 0) parts.push({ list });
    paragraph = [];
    list = [];
  };
  for (const line of text.split(/\r\n|\r|\n/).map((one) => one.trim())) {
    const item = /^[-*]\s+(.*)$/.exec(line)?.[1];
    if (line === "" || (item !== undefined && paragraph.length > 0)) close();
    if (item !== undefined) list.push(item);
    else if (line !== "" && list.length > 0) list.push(`${list.pop()} ${line}`);
    else if (line !== "") paragraph.push(line);
  }
  close();
  return parts;
}

/** The folder's name for a week: its label without blanks, `FY2026-W06`. */
export function weekFolder(label: string): string {
  return label.replaceAll(" ", "-");
}

/** Where comments lie, and about what. */
export interface CommentarySource {
  readonly files: Files;
  readonly projectRoot: string;
  /** Below the project: `commentary`, or `commentary/<workspace>` where there are several. */
  readonly folder: string;
  readonly week: DateRange;
  readonly calendar: Calendar;
  readonly metrics: readonly MetricId[];
}

/** The comments of a week and of the one before. What cannot be used is named, and stops nothing. */
export function readCommentary(source: CommentarySource): Commentary {
  const now = periodOf(source.week.to, "week", source.calendar);
  const before = shiftPeriod(now, -1, source.calendar);
  const problems: string[] = [];
  return {
    folder: source.folder,
    now: readFolder(source, `${source.folder}/${weekFolder(now.label)}`, problems),
    before: readFolder(source, `${source.folder}/${weekFolder(before.label)}`, problems),
    weekBefore: before.label,
    problems,
  };
}

function readFolder(
  { files, projectRoot, metrics }: CommentarySource,
  folder: string,
  problems: string[],
): Commentary["now"] {
  const found: Record<MetricId, readonly TextPart[]> = {};
  const names = files.list(`${projectRoot}/${folder}`).filter((name) => name.endsWith(".md"));
  for (const name of names.slice(0, MOST_FILES)) {
    const metric = name.slice(0, -".md".length);
    const stat = files.stat(`${projectRoot}/${folder}/${name}`);
    if (!metrics.includes(metric)) problems.push(`${folder}/${name} ${unknownMetric(metric, metrics)}`);
    else if (stat?.kind !== "file") problems.push(`${folder}/${name} is no file`);
    else if (stat.bytes > MOST_BYTES) problems.push(`${folder}/${name} is longer than 16 kB; shorten it`);
    else {
      const parts = partsOf(files.readText(`${projectRoot}/${folder}/${name}`));
      if (parts.length > 0) found[metric] = parts;
    }
  }
  if (names.length > MOST_FILES)
    problems.push(`${folder} holds more than ${MOST_FILES} files; the others were not read`);
  return found;
}

function unknownMetric(name: string, metrics: readonly MetricId[]): string {
  const near = nearest(name, metrics);
  return near === undefined ? "is called after no metric" : `is called after no metric; did you mean ${near}.md?`;
}
