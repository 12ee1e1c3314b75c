import { GrowthosError } from "../base/errors.js";
import { type Job, jobWords, LOCKED_STATUS, oneLine, type Schedule, shellWord } from "./schedule.js";

/** A name of Kubernetes' in which a number for each run has room (a CronJob's, RFC 1123). */
const MOST_NAME = 52;

/**
 * A CronJob per job. Pods keep nothing, so the history has to be in a store. Throws `SCHEDULE_NEEDS_STORE`.
 * Of n parts each is a pod: Kubernetes counts them from 0 (`JOB_COMPLETION_INDEX`), `--shard` from 1.
 */
export function kubernetesRecipe(schedule: Schedule): string {
  if (!schedule.hasStore) throw needsStore(schedule);
  return [commentsOf(schedule).map((line) => `# ${line}`), ...schedule.jobs.map((job) => cronJob(schedule, job))]
    .map((lines) => lines.join("\n"))
    .join("\n---\n");
}

function needsStore({ parts, workspace }: Schedule): GrowthosError {
  return new GrowthosError({
    code: "SCHEDULE_NEEDS_STORE",
    what: `pods keep nothing between two runs, and ${parts === null ? `workspace ${workspace} is` : "some workspaces are"} in no store`,
    why: "every run would read the whole history again",
    hint: 'add `store: { url: "s3://bucket/growthos" }` to the config, and run `growthos store init` once',
    exit: "usage",
  });
}

function commentsOf(schedule: Schedule): readonly string[] {
  const { workspace, shop, parts, timeZone, jobs } = schedule;
  const what = parts === null ? `workspace ${workspace} (${oneLine(shop)})` : oneLine(shop);
  return [
    `growthos-${workspace}.yaml: ${what}, times in ${timeZone}. Kubernetes 1.29 or later: kubectl apply -f growthos-${workspace}.yaml`,
    "The image is yours, in a registry of yours; beside growthos.config.ts and a package.json with growthos:",
    "  FROM node:22-slim",
    "  WORKDIR /srv",
    "  COPY package.json package-lock.json growthos.config.ts ./",
    "  RUN npm ci --omit=dev && mkdir workspaces && chown node workspaces",
    "  USER node",
    "Its growthos.config.ts names the store, in which the history is: a pod begins with nothing and leaves nothing behind.",
    `Credentials, once: kubectl create secret generic ${secretOf(schedule)} --from-env-file=.env, with`,
    ...schedule.variables.map((name) => `  ${name}`),
    ...(parts === null
      ? []
      : [
          "A workspace's own ones (.env.<name>, and its salt unless `store init` was given the same for all): files of a Secret, each mounted into /srv by subPath.",
        ]),
    "Reports end with the pod. Alerts are told from it; pages are made anywhere by `growthos store pull`, `growthos build` and `growthos report`.",
    ...(jobs.some(({ at }) => "everyMinutes" in at)
      ? ["Every 15 minutes a pod fetches what it needs from the store: leave that document out to save it."]
      : []),
  ];
}

function secretOf({ workspace }: Schedule): string {
  return nameOf(["growthos", workspace]);
}

function nameOf(parts: readonly string[]): string {
  const name = parts
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-");
  return name.slice(0, MOST_NAME).replace(/-+$/, "");
}

function cronJob(schedule: Schedule, job: Job): readonly string[] {
  const count = schedule.parts ?? 1;
  return [
    `# ${job.title}`,
    "apiVersion: batch/v1",
    "kind: CronJob",
    "metadata:",
    `  name: ${nameOf(["growthos", schedule.workspace, job.name])}`,
    "spec:",
    `  schedule: "${timesOf(job)}"`,
    `  timeZone: ${schedule.timeZone}`,
    "  # What takes longer than to its next turn is not run twice at once.",
    "  concurrencyPolicy: Forbid",
    `  startingDeadlineSeconds: ${"everyMinutes" in job.at ? 300 : 3600}`,
    "  successfulJobsHistoryLimit: 3",
    "  failedJobsHistoryLimit: 5",
    "  jobTemplate:",
    "    spec:",
    "      completionMode: Indexed",
    `      completions: ${count}`,
    `      parallelism: ${count}`,
    "      # A part that fails stops no other, and is not tried again before its next turn.",
    "      backoffLimitPerIndex: 0",
    "      activeDeadlineSeconds: 14400",
    "      podFailurePolicy:",
    "        rules:",
    "          # Another machine committed first, or the node went away: once more.",
    "          - action: Ignore",
    "            onExitCodes:",
    "              containerName: growthos",
    "              operator: In",
    `              values: [${LOCKED_STATUS}]`,
    "          - action: Ignore",
    "            onPodConditions:",
    "              - type: DisruptionTarget",
    ...podLines(schedule, job).map((line) => `      ${line}`),
  ];
}

function podLines(schedule: Schedule, job: Job): readonly string[] {
  return [
    "template:",
    "  spec:",
    "    restartPolicy: Never",
    "    automountServiceAccountToken: false",
    "    terminationGracePeriodSeconds: 60",
    "    securityContext:",
    "      runAsNonRoot: true",
    "      runAsUser: 1000",
    "      fsGroup: 1000",
    "    containers:",
    "      - name: growthos",
    "        image: registry.example.com/growthos:1",
    "        workingDir: /srv",
    '        command: ["/bin/sh", "-c"]',
    "        args:",
    "          - >-",
    `            ${shellLine(schedule, job)}`,
    "        envFrom:",
    "          - secretRef:",
    `              name: ${secretOf(schedule)}`,
    "        resources:",
    "          requests: { cpu: 500m, memory: 2Gi }",
    "          limits: { memory: 4Gi }",
    "        securityContext:",
    "          allowPrivilegeEscalation: false",
    "        volumeMounts:",
    "          - { name: work, mountPath: /srv/workspaces }",
    "    volumes:",
    "      - name: work",
    "        emptyDir: {}",
  ];
}

/** `exec`, so that a pod that is asked to stop asks growthos. */
function shellLine(schedule: Schedule, job: Job): string {
  const chosen = schedule.chosen.includes("--workspace") ? ["--workspace", schedule.workspace] : [];
  const words = [...jobWords(schedule, job, "PART"), ...chosen].map((word) =>
    word === "PART" ? `"$((JOB_COMPLETION_INDEX + 1))/${schedule.parts}"` : shellWord(word),
  );
  return ["exec", "node_modules/.bin/growthos", ...words].join(" ");
}

function timesOf({ at }: Job): string {
  return "everyMinutes" in at ? `*/${at.everyMinutes} * * * *` : `${at.minute} ${at.hour} * * *`;
}
