import {
  clockText,
  commandOf,
  credentialLines,
  cronText,
  type Job,
  LOCKED_STATUS,
  logOf,
  oneLine,
  type Schedule,
  shellWord,
} from "./schedule.js";

/** Lines for `crontab -e`. Times are the shop's where `CRON_TZ` is obeyed; the comments say where it is not. */
export function cronRecipe(schedule: Schedule): string {
  const { shop, workspace, timeZone } = schedule;
  const comments = [
    `growthos: workspace ${workspace} (${oneLine(shop)}). Add these lines with \`crontab -e\`.`,
    ...zoneLines(schedule),
    ...credentialLines(schedule),
    ...partLines(schedule),
    `Exit ${LOCKED_STATUS} (another run is at work) is no failure; for any other cron sends a mail, when the machine can.`,
  ];
  return [
    ...comments.map((line) => `# ${line}`),
    `CRON_TZ=${timeZone}`,
    ...schedule.jobs.flatMap((job) => ["", `# ${job.title}`, cronLine(schedule, job)]),
  ].join("\n");
}

function partLines({ parts }: Schedule): readonly string[] {
  if (parts === null || parts === 1) return [];
  const others = parts === 2 ? "on the other machine 2/2" : `on the other machines 2/${parts} to ${parts}/${parts}`;
  return [`These lines are those of the first of ${parts} machines: ${others} stands in the place of 1/${parts}.`];
}

function zoneLines({ timeZone, offsets, jobs }: Schedule): readonly string[] {
  const utc = jobs.flatMap(({ name, at }) => {
    if ("everyMinutes" in at) return [];
    const local = at.hour * 60 + at.minute;
    const times = [...new Set([offsets.least, offsets.most])].map((offset) => clockText(local - offset));
    return [`${name} ${times.join(" or, with daylight saving, ")}`];
  });
  return [
    `Times are meant in ${timeZone}. cronie (Fedora, RHEL, Arch, SUSE) obeys CRON_TZ; the cron of Debian, Ubuntu, macOS and`,
    "busybox does not: there they are the machine's own time, so write the hours anew unless that is the shop's. In UTC:",
    `  ${utc.join("; ")}`,
    "CRON_TZ holds for every line below it: keep these lines at the end.",
  ];
}

function cronLine(schedule: Schedule, job: Job): string {
  const log = shellWord(logOf(schedule));
  const command = commandOf(schedule, job, `1/${schedule.parts}`).map(shellWord).join(" ");
  const told = `[ $c -eq ${LOCKED_STATUS} ] || echo "growthos ${job.name}: exit $c, see "${log}`;
  const line = `cd ${shellWord(schedule.projectRoot)} && ${command} >> ${log} 2>&1 || { c=$?; ${told}; }`;
  return `${timesOf(job)} ${cronText(line)}`;
}

function timesOf({ at }: Job): string {
  return "everyMinutes" in at ? `*/${at.everyMinutes} * * * *` : `${at.minute} ${at.hour} * * *`;
}
