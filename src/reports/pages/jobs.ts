/** What ran, what came of it, and what is to run when. */
import { durationText, instantText, spanText } from "../ages.js";
import { textCell } from "../figures.js";
import { plural } from "../narrative.js";
import type { Operations, RunFact } from "../operations.js";
import { grouped, stamps } from "../stamps.js";
import type { Block, BlockOf, ReportPage, TableCell } from "../types.js";

const RUNS_SHOWN = 50;
const FAILURES_SHOWN = 50;

/** Words and tones of the states of a run. */
export const RUN_STATES: Readonly<
  Record<RunFact["state"], { readonly text: string; readonly tone: "good" | "bad" | "neutral" }>
> = {
  queued: { text: "waiting", tone: "neutral" },
  running: { text: "running", tone: "neutral" },
  completed: { text: "completed", tone: "good" },
  completed_with_warnings: { text: "completed, with warnings", tone: "neutral" },
  failed: { text: "failed", tone: "bad" },
};

/** Runs with their steps, and the schedule. */
export const jobs: ReportPage = {
  id: "jobs",
  title: "Jobs",
  reads: () => ({}),
  build: (facts) => {
    const { operations } = facts;
    return {
      schemaVersion: 1,
      id: jobs.id,
      title: jobs.title,
      subtitle: "Runs of sync, newest first; instants are UTC",
      context: facts.context,
      blocks: [
        { kind: "prose", paragraphs: [leadOf(operations)], lead: true },
        { kind: "heading", id: "schedule", text: "Schedule" },
        schedule(operations),
        { kind: "heading", id: "last", text: "The last run" },
        ...lastRun(operations),
        { kind: "heading", id: "runs", text: "Runs" },
        ...runs(operations),
        { kind: "heading", id: "failures", text: "Failures" },
        ...failures(operations),
      ],
      stamps: stamps(facts),
    };
  },
};

function prose(text: string): Block {
  return { kind: "prose", paragraphs: [text] };
}

function leadOf({ runs: list, now }: Operations): string {
  const [last] = list;
  if (last === undefined) return "Nothing has run yet: growthos run reads the sources, builds and reports.";
  const ago = spanText(last.startedAt, now);
  const when =
    ago === null ? `at ${instantText(last.startedAt)} UTC` : ago.endsWith("seconds") ? "just now" : `${ago} ago`;
  const failed = list.filter(({ state }) => state === "failed");
  const history =
    list.length === 1
      ? ""
      : `; ${failed.length === 0 ? "none" : failed.length} of ${plural(list.length, "run")} failed`;
  return `The last run began ${when}, ${RUN_STATES[last.state].text}, with ${grouped(last.rows)} ${last.rows === 1 ? "row" : "rows"}${history}.`;
}

function schedule({ jobs: list }: Operations): Block {
  if (list.length === 0) return prose("The schedule is not known here: growthos schedule print shows it.");
  return {
    kind: "table",
    title: "What is to run, by the shop's clock",
    columns: [
      { id: "job", title: "Job", align: "left" },
      { id: "when", title: "When", align: "left" },
      { id: "what", title: "What", align: "left" },
      { id: "command", title: "Command", align: "left" },
    ],
    rows: list.map(({ name, when, title, command }) => [
      textCell(name),
      textCell(when),
      textCell(title),
      textCell(command),
    ]),
    note: "What cron, systemd, GitHub or Kubernetes are told by `growthos schedule print`; whether they do is seen by the runs below.",
  };
}

function lastRun({ runs: [run] }: Operations): readonly Block[] {
  if (run === undefined) return [prose("There is none.")];
  return [
    {
      kind: "table",
      title: `Steps of ${run.runId}`,
      columns: STEP_COLUMNS,
      rows: run.sources.map((step) => stepCells(step)),
      ...(run.sources.length === 0 ? { note: "It has read no source." } : {}),
    },
  ];
}

type Step = RunFact["sources"][number];

const STEP_COLUMNS: BlockOf<"table">["columns"] = [
  { id: "source", title: "Source", align: "left" },
  { id: "state", title: "State", align: "left" },
  { id: "tasks", title: "Tasks", align: "right" },
  { id: "rows", title: "Rows", align: "right" },
  { id: "took", title: "Took", align: "right" },
  { id: "said", title: "What was said", align: "left" },
];

function stepCells({
  source,
  state,
  tasksDone,
  tasksPlanned,
  rows,
  durationMs,
  warnings,
  error,
}: Step): readonly TableCell[] {
  const said = error === null ? warnings.join("; ") : `${error.code}: ${error.what}`;
  return [
    textCell(source),
    stateCell(state),
    textCell(`${grouped(tasksDone)} of ${grouped(tasksPlanned)}`, tasksDone),
    textCell(grouped(rows), rows),
    textCell(durationText(durationMs), durationMs),
    textCell(said === "" ? "—" : said, said === "" ? null : said),
  ];
}

function stateCell(state: RunFact["state"]): TableCell {
  const { text, tone } = RUN_STATES[state];
  return { ...textCell(text), tone };
}

function runs({ runs: list, brokenRuns }: Operations): readonly Block[] {
  if (list.length === 0) return [prose("There is none.")];
  const left = list.length > RUNS_SHOWN ? [`${grouped(list.length)} runs are known; the newest are shown.`] : [];
  const broken = brokenRuns.length === 0 ? [] : [`${plural(brokenRuns.length, "record")} cannot be read.`];
  const notes = [...left, ...broken];
  return [
    {
      kind: "table",
      title: "Runs",
      columns: [
        { id: "started", title: "Started (UTC)", align: "left" },
        { id: "state", title: "State", align: "left" },
        { id: "sources", title: "Sources", align: "right" },
        { id: "rows", title: "Rows", align: "right" },
        { id: "took", title: "Took", align: "right" },
        { id: "errors", title: "Errors", align: "left" },
      ],
      rows: list.slice(0, RUNS_SHOWN).map((run) => {
        const errors = run.sources.flatMap(({ source, error }) => (error === null ? [] : [`${source}: ${error.code}`]));
        return [
          textCell(instantText(run.startedAt), run.startedAt),
          stateCell(run.state),
          textCell(grouped(run.sources.length), run.sources.length),
          textCell(grouped(run.rows), run.rows),
          textCell(durationText(run.durationMs), run.durationMs),
          textCell(errors.length === 0 ? "none" : errors.join(", "), errors.length),
        ];
      }),
      ...(notes.length === 0 ? {} : { note: notes.join(" ") }),
    },
  ];
}

function failures({ runs: list }: Operations): readonly Block[] {
  const failed = list.flatMap(({ startedAt, sources }) =>
    sources.flatMap(({ source, error }) => (error === null ? [] : [{ startedAt, source, error }])),
  );
  if (failed.length === 0) return [prose("None.")];
  return [
    {
      kind: "table",
      title: "What failed, and what to do",
      columns: [
        { id: "started", title: "Run (UTC)", align: "left" },
        { id: "source", title: "Source", align: "left" },
        { id: "code", title: "Code", align: "left" },
        { id: "what", title: "What", align: "left" },
        { id: "hint", title: "What to do", align: "left" },
      ],
      rows: failed
        .slice(0, FAILURES_SHOWN)
        .map(({ startedAt, source, error }) => [
          textCell(instantText(startedAt), startedAt),
          textCell(source),
          textCell(error.code),
          textCell(error.what),
          textCell(error.hint ?? "—", error.hint ?? null),
        ]),
    },
  ];
}
