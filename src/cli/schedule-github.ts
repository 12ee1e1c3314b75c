import { clockText, type Job, jobWords, oneLine, type Schedule, shellWord } from "./schedule.js";

/**
 * A workflow file. GitHub knows UTC only: the hours are those of the smaller offset, so that with daylight saving a job runs an hour
 * later by the shop's clock, never earlier.
 */
export function githubRecipe(schedule: Schedule): string {
  const { workspace, hasStore } = schedule;
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
    ...matrixLines(schedule),
    "    steps:",
    "      - uses: actions/checkout@v4",
    "      - uses: actions/setup-node@v4",
    "        with:",
    "          node-version: 22",
    "      - run: npm ci",
    ...(hasStore ? [] : restoreLines(schedule)),
    "      - name: growthos",
    ...environmentLines(schedule),
    ...runLines(schedule),
    ...(hasStore ? [] : saveLines(schedule)),
    "      - uses: actions/upload-artifact@v4",
    `        if: always()${frequentTimes(schedule)
      .map((times) => ` && github.event.schedule != '${times}'`)
      .join("")}`,
    "        with:",
    `          name: growthos-${workspace}${inParts(schedule) ? `-${PART}` : ""}`,
    `          path: workspaces/${schedule.parts === null ? workspace : "*"}/out`,
    "          if-no-files-found: ignore",
    "          retention-days: 14",
  ].join("\n");
}

/** As GitHub writes the number of a job of the matrix. */
const PART = `\${{ matrix.shard }}`;

function inParts({ parts }: Schedule): boolean {
  return parts !== null && parts > 1;
}

/** A part that fails stops no other. */
function matrixLines(schedule: Schedule): readonly string[] {
  if (!inParts(schedule)) return [];
  const numbers = Array.from({ length: schedule.parts ?? 1 }, (_, index) => index + 1);
  return ["    strategy:", "      fail-fast: false", "      matrix:", `        shard: [${numbers.join(", ")}]`];
}

/** What is kept between runs. Another number of parts begins anew: the workspaces would be elsewhere. */
function stateLines(schedule: Schedule): readonly string[] {
  const { workspace, parts } = schedule;
  return [
    `          path: workspaces${parts === null ? `/${workspace}` : ""}`,
    `          key: ${keyOf(schedule)}\${{ github.run_id }}-\${{ github.run_attempt }}`,
  ];
}

function keyOf(schedule: Schedule): string {
  return `growthos/${schedule.workspace}/${inParts(schedule) ? `${schedule.parts}-${PART}/` : ""}`;
}

function restoreLines(schedule: Schedule): readonly string[] {
  return [
    "      - uses: actions/cache/restore@v4",
    "        with:",
    ...stateLines(schedule),
    `          restore-keys: ${keyOf(schedule)}`,
  ];
}

function saveLines(schedule: Schedule): readonly string[] {
  return [
    "      # Also after a failure: the sources that did not fail are committed.",
    "      - uses: actions/cache/save@v4",
    "        if: always()",
    "        with:",
    ...stateLines(schedule),
  ];
}

function commentsOf({ workspace, shop, timeZone, variables, jobs, parts, hasStore }: Schedule): readonly string[] {
  const what = parts === null ? `workspace ${workspace} (${oneLine(shop)})` : oneLine(shop);
  return [
    `.github/workflows/growthos-${workspace}.yml: ${what}, for a repository that holds`,
    `growthos.config.ts and a package.json with growthos. Only in a private one: ${hasStore ? "artifacts hold" : "cache and artifacts hold"} the shop's data.`,
    `Schedules are UTC, and GitHub starts them late when it is busy. Below, the shop's time is that of ${timeZone}.`,
    hasStore
      ? "The warehouse is in the store; a machine begins with nothing and leaves nothing behind."
      : "The cache is the warehouse between runs; GitHub drops it after 7 days without a run: the history is then read again.",
    ...(variables.length === 0
      ? []
      : ["Secrets (Settings, Secrets and variables, Actions): those named under env below."]),
    ...(parts === null
      ? []
      : [
          "A workspace's own ones: a secret with its variables, and a step that writes it to .env.<name> before growthos runs.",
        ]),
    ...(jobs.some(({ at }) => "everyMinutes" in at)
      ? [
          "Every 15 minutes is some 3000 runs a month, each billed as at least a minute: leave that line out to save them.",
        ]
      : []),
  ];
}

function environmentLines(schedule: Schedule): readonly string[] {
  return [
    "        env:",
    `          SCHEDULE: \${{ github.event.schedule }}`,
    ...schedule.variables.map((name) => `          ${name}: \${{ secrets.${name} }}`),
  ];
}

/** By hand the workflow does what it does every morning. */
function runLines(schedule: Schedule): readonly string[] {
  // GitHub puts the number into its place before the shell reads the line.
  const line = (job: Job) =>
    ["npx", "growthos", ...jobWords(schedule, job, "PART"), ...workspaceWords(schedule)]
      .map((word) => (word === "PART" ? `${PART}/${schedule.parts}` : shellWord(word)))
      .join(" ");
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
