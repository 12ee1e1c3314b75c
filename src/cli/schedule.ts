/** What is to run when: the same jobs for every scheduler, and the rules of quoting. The recipes are in `schedule-*.ts`. */
import { zoneOffset } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";

/** What the recipes are written from. Paths are absolute. */
export interface Schedule {
  readonly workspace: string;
  readonly shop: string;
  /** In which times are meant, IANA. */
  readonly timeZone: string;
  readonly projectRoot: string;
  /** Node and growthos's entry, so that nothing depends on a PATH. */
  readonly program: readonly [node: string, entry: string];
  /** Words that choose config and workspace, after the command's own. */
  readonly chosen: readonly string[];
  /** Environment variables with what sources, ways out for alerts, engine and store of the config want; names only. */
  readonly variables: readonly string[];
  readonly jobs: readonly Job[];
  /** Minutes that the zone is ahead of UTC over the year: the smallest and the largest, the same without daylight saving. */
  readonly offsets: { readonly least: number; readonly most: number };
  /** All workspaces, in so many parts, each on a machine of its own; null: the one that is named. */
  readonly parts: number | null;
  /** The history is in an object store: what a machine keeps between runs is of no account. */
  readonly hasStore: boolean;
}

/** One thing to run, by the shop's clock. */
export interface Job {
  readonly name: string;
  readonly title: string;
  readonly at: { readonly hour: number; readonly minute: number } | { readonly everyMinutes: number };
  readonly words: readonly string[];
}

/** Seconds that a job waits for another to finish; the frequent one gives way instead, its next turn is near. */
const PATIENCE = "3600";

/** Both are away from 00:00, when days are not complete everywhere, and from 02:00, which is missing on one day of the year. */
const REREAD: Job = {
  name: "reread",
  title: "every night: read the last 7 days again, platforms restate them",
  at: { hour: 3, minute: 10 },
  words: ["sync", "--refresh", "7", "--quiet", "--wait", PATIENCE],
};
const DAILY: Job = {
  name: "daily",
  title: "every morning: sync, build, check, report",
  at: { hour: 6, minute: 20 },
  words: ["run", "--quiet", "--wait", PATIENCE],
};
/** After the morning's run, so that yesterday is told whole. */
const BRANCHES: Job = {
  name: "branches",
  title: "every morning: the daily branch reports to the sales reps, each once",
  at: { hour: 8, minute: 0 },
  words: ["branches", "send", "--send", "--quiet", "--wait", PATIENCE],
};
const TODAY: Job = {
  name: "today",
  title: "every 15 minutes: a snapshot of today's ad figures, built and reported",
  at: { everyMinutes: 15 },
  words: ["run", "--today", "--quiet"],
};

/** The jobs in the order of the day; the frequent one only where a source has figures of the day under way, mails to reps only where there are any. */
export function jobsFor({
  hasToday,
  hasReps,
}: {
  readonly hasToday: boolean;
  readonly hasReps: boolean;
}): readonly Job[] {
  return [REREAD, DAILY, ...(hasReps ? [BRANCHES] : []), ...(hasToday ? [TODAY] : [])];
}

/** The offsets of a zone over the year that begins at `now`. */
export function yearOffsets(now: number, timeZone: string): Schedule["offsets"] {
  const months = Array.from({ length: 13 }, (_, month) => zoneOffset(now + month * 28 * 86_400_000, timeZone));
  return { least: Math.min(...months), most: Math.max(...months) };
}

/** The exit status of a job that found another one at work; no failure. */
export const LOCKED_STATUS = 6;

/** The command line of a job, as words; `shard` is written where a machine's part stands. */
export function commandOf(schedule: Schedule, job: Job, shard: string): readonly string[] {
  return [...schedule.program, ...jobWords(schedule, job, shard), ...schedule.chosen];
}

/** What follows the program: the job's own words, or those that carry them out for every workspace of a part. */
export function jobWords({ parts }: Pick<Schedule, "parts">, { words }: Job, shard: string): readonly string[] {
  if (parts === null) return words;
  // Each of them is quiet anyway.
  const own = words.filter((word) => word !== "--quiet").join(" ");
  const part = parts === 1 ? [] : ["--shard", shard];
  return ["workspaces", "run", "--all", ...part, "--command", own, "--quiet"];
}

/** Where a job's output goes under cron. */
export function logOf({ projectRoot, workspace }: Schedule): string {
  return `${projectRoot.replace(/\/$/, "")}/growthos-${workspace}.log`;
}

/** A word for `sh`, quoted where it has to be. */
export function shellWord(word: string): string {
  requireOneLine(word);
  return /^[A-Za-z0-9_./:@+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command in a crontab: there a bare percent sign ends the line, also within quotes. */
export function cronText(command: string): string {
  return command.replaceAll("%", "\\%");
}

/** A word of `ExecStart=`: C-like escapes, `%` begins a specifier and `$` a variable. The program itself knows no variables. */
export function systemdWord(word: string, index: number): string {
  requireOneLine(word);
  const plain = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return `"${index === 0 ? plain : plain.replaceAll("$", () => "$$")}"`;
}

/** A path that is a whole value in a unit: not quoted, but with specifiers. */
export function systemdPath(path: string): string {
  requireOneLine(path);
  return path.replaceAll("%", "%%");
}

/** Text on one line, for a comment or a description. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n\t]+/g, " ").trim();
}

/** `06:05` */
export function clockText(minutes: number): string {
  const day = ((minutes % 1440) + 1440) % 1440;
  return [Math.floor(day / 60), day % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Lines of a comment about credentials: which, and where they are looked for. */
export function credentialLines({ variables, projectRoot }: Schedule): readonly string[] {
  if (variables.length === 0) return ["Nothing in the config needs credentials."];
  return [
    `Credentials: what \`growthos connect\` stored is used (run by the same user), and ${oneLine(projectRoot)}/.env is read (chmod 600).`,
    "What is not stored is wanted there:",
    ...variables.map((name) => `  ${name}`),
  ];
}

function requireOneLine(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (!/[\u0000-\u001f\u007f]/.test(text)) return;
  throw new GrowthosError({
    code: "PATH_UNUSABLE",
    what: "a path holds a line break or another control character",
    why: JSON.stringify(text),
    hint: "rename the folder; no scheduler takes such a path",
    exit: "usage",
  });
}
