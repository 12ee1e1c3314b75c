import { clockText, type Job, oneLine, type Schedule, shellWord } from "./schedule.js";

/**
 * A workflow file. GitHub knows UTC only: the hours are those of the smaller offset, so that with daylight saving a job runs an hour
 * later by the shop's clock, never earlier.
 */
export function githubRecipe(schedule: Schedule): string {
  const { workspace } = schedule;
  const state = [
    `path: workspaces/${workspace}`,
    `key: growthos/${workspace}/\${{ github.run_id }}-\${{ github.run_attempt }}`,
  ];
  return [
    ...commentsOf(schedule).map((line) => `# ${line}`),
    `name: growthos ${workspace}`,
    "on:",
    "  schedule:",
    ...schedule.jobs.flatMap((job) => [`    # ${whenText(schedule, job)}`, `    - cron: "${utcTimes(schedule, job)}"`]),
    "  workflow_dispatch: {}",
    "# One at a time: the next one waits, a third replaces it.",
    "concurrency:",
    `  group: growthos-${workspace}`,
    "  cancel-in-progress: false",
    "permissions:",
    "  contents: read",
    "jobs:",
    "  growthos:",
    "    runs-on: ubuntu-latest",
    "    timeout-minutes: 350",
    "    steps:",
    "      - uses: actions/checkout@v4",
    "      - uses: actions/setup-node@v4",
    "        with:",
    "          node-version: 22",
    "      - run: npm ci",
    "      - uses: actions/cache/restore@v4",
    "        with:",
    ...state.map((line) => `          ${line}`),
    `          restore-keys: growthos/${workspace}/`,
    "      - name: growthos",
    ...environmentLines(schedule),
    ...runLines(schedule),
    "      # Also after a failure: the sources that did not fail are committed.",
    "      - uses: actions/cache/save@v4",
    "        if: always()",
    "        with:",
    ...state.map((line) => `          ${line}`),
    "      - uses: actions/upload-artifact@v4",
    `        if: always()${frequentTimes(schedule)
      .map((times) => ` && github.event.schedule != '${times}'`)
      .join("")}`,
    "        with:",
    `          name: growthos-${workspace}`,
    `          path: workspaces/${workspace}/out`,
    "          if-no-files-found: ignore",
    "          retention-days: 14",
  ].join("\n");
}

function commentsOf({ workspace, shop, timeZone, variables, jobs }: Schedule): readonly string[] {
  return [
    `.github/workflows/growthos-${workspace}.yml: workspace ${workspace} (${oneLine(shop)}), for a repository that holds`,
    "growthos.config.ts and a package.json with growthos. Only in a private one: cache and artifacts hold the shop's data.",
    `Schedules are UTC, and GitHub starts them late when it is busy. Below, the shop's time is that of ${timeZone}.`,
    "The cache is the warehouse between runs; GitHub drops it after 7 days without a run: the history is then read again.",
    ...(variables.length === 0
      ? []
      : ["Secrets (Settings, Secrets and variables, Actions): those named under env below."]),
    ...(jobs.some(({ at }) => "everyMinutes" in at)
      ? [
          "Every 15 minutes is some 3000 runs a month, each billed as at least a minute: leave that line out to save them.",
        ]
      : []),
  ];
}

function environmentLines({ variables }: Schedule): readonly string[] {
  return [
    "        env:",
    `          SCHEDULE: \${{ github.event.schedule }}`,
    ...variables.map((name) => `          ${name}: \${{ secrets.${name} }}`),
  ];
}

/** By hand the workflow does what it does every morning. */
function runLines(schedule: Schedule): readonly string[] {
  const line = (job: Job) => ["npx", "growthos", ...job.words, ...workspaceWords(schedule)].map(shellWord).join(" ");
  const daily = schedule.jobs.filter(({ name }) => name === "daily");
  const others = schedule.jobs.filter(({ name }) => name !== "daily");
  return [
    "        run: |",
    `          case "$SCHEDULE" in`,
    ...others.map((job) => `            "${utcTimes(schedule, job)}") ${line(job)} ;;`),
    ...daily.map((job) => `            *) ${line(job)} ;;`),
    "          esac",
  ];
}

/** A path to a config is this machine's and means nothing there. */
function workspaceWords({ chosen, workspace }: Schedule): readonly string[] {
  return chosen.includes("--workspace") ? ["--workspace", workspace] : [];
}

function utcTimes({ offsets }: Schedule, { at }: Job): string {
  if ("everyMinutes" in at) return `*/${at.everyMinutes} * * * *`;
  const [hour, minute] = clockText(at.hour * 60 + at.minute - offsets.least).split(":");
  return `${Number(minute)} ${Number(hour)} * * *`;
}

/** Schedules so frequent that their reports are not worth keeping. */
function frequentTimes(schedule: Schedule): readonly string[] {
  return schedule.jobs.filter(({ at }) => "everyMinutes" in at).map((job) => utcTimes(schedule, job));
}

function whenText({ offsets }: Schedule, { at, title }: Job): string {
  if ("everyMinutes" in at) return title;
  const local = at.hour * 60 + at.minute;
  const shift = offsets.most - offsets.least;
  const summer = shift === 0 ? "" : `, ${clockText(local + shift)} with daylight saving`;
  return `${title} (${clockText(local - offsets.least)} UTC is ${clockText(local)} by the shop's clock${summer})`;
}
