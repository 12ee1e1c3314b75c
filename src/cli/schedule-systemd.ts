import {
  commandOf,
  credentialLines,
  type Job,
  LOCKED_STATUS,
  oneLine,
  type Schedule,
  systemdPath,
  systemdWord,
} from "./schedule.js";

/** Stands for the instance, whose percent sign must not be doubled. */
const PART = "part-of-machine";

/** A service and a timer per job, one after the other, each under a line that names its file. */
export function systemdRecipe(schedule: Schedule): string {
  const { workspace, shop, timeZone, jobs } = schedule;
  const isTemplate = inParts(schedule);
  const names = jobs.map((job) => `${unitOf(schedule, job)}${isTemplate ? "1" : ""}.timer`);
  const comments = [
    `growthos: workspace ${workspace} (${oneLine(shop)}), times in ${timeZone}. Units of your own user; to install them:`,
    "  mkdir -p ~/.config/systemd/user && cd ~/.config/systemd/user",
    `  growthos schedule print --systemd … | awk '/^# file: /{f=$3} f{print > f}'`,
    `  systemctl --user daemon-reload && systemctl --user enable --now ${names.join(" ")}`,
    ...(isTemplate
      ? [`    # on the first machine; @2 in the place of @1 on the second, and so on to @${schedule.parts}`]
      : []),
    "  loginctl enable-linger    # they run when you are not logged in, too",
    `Logs: journalctl --user -u 'growthos-${workspace}-*'`,
    ...credentialLines(schedule),
    "No EnvironmentFile= is needed: systemd would read quotes and backslashes in .env another way than growthos does.",
  ];
  const files = jobs.flatMap((job) => [serviceOf(schedule, job), timerOf(schedule, job)]);
  return [comments.map((line) => `# ${line}`).join("\n"), ...files].join("\n\n");
}

/** Then units are templates, and what stands behind the `@` is the part of the machine. */
function inParts({ parts }: Schedule): boolean {
  return parts !== null && parts > 1;
}

function unitOf(schedule: Schedule, { name }: Job): string {
  return `growthos-${schedule.workspace}-${name}${inParts(schedule) ? "@" : ""}`;
}

function serviceOf(schedule: Schedule, job: Job): string {
  return [
    `# file: ${unitOf(schedule, job)}.service`,
    "[Unit]",
    `Description=growthos ${schedule.workspace}, ${systemdPath(job.title)}`,
    "",
    "[Service]",
    "Type=oneshot",
    `WorkingDirectory=${systemdPath(schedule.projectRoot)}`,
    `ExecStart=${commandOf(schedule, job, PART).map(systemdWord).join(" ").replace(PART, `%i/${schedule.parts}`)}`,
    "# another run is at work: no failure",
    `SuccessExitStatus=${LOCKED_STATUS}`,
    `SyslogIdentifier=${unitOf(schedule, job).replace("@", "")}`,
    "Nice=10",
  ].join("\n");
}

function timerOf(schedule: Schedule, job: Job): string {
  const { at, title } = job;
  const isFrequent = "everyMinutes" in at;
  const two = (part: number) => String(part).padStart(2, "0");
  const times = isFrequent
    ? `*-*-* *:00/${at.everyMinutes}:00`
    : `*-*-* ${two(at.hour)}:${two(at.minute)}:00 ${schedule.timeZone}`;
  return [
    `# file: ${unitOf(schedule, job)}.timer`,
    "[Unit]",
    `Description=growthos ${schedule.workspace}, ${systemdPath(title)}`,
    "",
    "[Timer]",
    `OnCalendar=${times}`,
    // A missed morning is made up for after a boot; a missed quarter of an hour is gone.
    ...(isFrequent ? [] : ["Persistent=true"]),
    "",
    "[Install]",
    "WantedBy=timers.target",
  ].join("\n");
}
