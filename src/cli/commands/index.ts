import type { Command } from "../command.js";

/** A command before it is loaded: enough for `--help`, nothing heavy. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** THE list, in the order of `--help` and README. A summary is the same text as in the command's own file (checked by readme.test). */
// biome-ignore format: one line per command
export const COMMANDS: readonly CommandEntry[] = [
  { name: "demo", summary: "run the whole pipeline on an embedded shop and say where its report is", load: () => import("./demo.js") },
  { name: "init", summary: "write a config, .env.example and .gitignore", load: () => import("./init.js") },
  { name: "connect", summary: "sign in to a source, test it, and keep the credentials encrypted", load: () => import("./connect.js") },
  { name: "connections list", summary: "show where the credentials of each source come from", load: () => import("./connections-list.js") },
  { name: "connections test", summary: "ask each vendor whether the credentials work and are enough", load: () => import("./connections-test.js") },
  { name: "connections remove", summary: "delete the stored credentials of a source", load: () => import("./connections-remove.js") },
  { name: "connections rotate-key", summary: "encrypt the stored credentials with a new key", load: () => import("./connections-rotate-key.js") },
  { name: "run", summary: "do everything: sync, build, check, alerts, report", load: () => import("./run.js") },
  { name: "sync", summary: "read the sources and commit what is new", load: () => import("./sync.js") },
  { name: "build", summary: "rebuild the marts from what has landed, check them, publish them", load: () => import("./build.js") },
  { name: "check", summary: "run the data checks on the current build", load: () => import("./check.js") },
  { name: "reconcile", summary: "hold the shop's orders and revenue against GA4 and the ad platforms", load: () => import("./reconcile.js") },
  { name: "ledger", summary: "follow the money to the bank: what is pending, cleared, disputed or refunded, and what payouts hold", load: () => import("./ledger.js") },
  { name: "attribution", summary: "divide orders among channels by every model, and say what is not known", load: () => import("./attribution.js") },
  { name: "attribution journey", summary: "show the visits that led to one order, with the credit of each by every model", load: () => import("./attribution-journey.js") },
  { name: "attribution matches", summary: "review which campaign, ad set or ad the labels of visits are taken for", load: () => import("./attribution-matches.js") },
  { name: "costs add", summary: "enter a cost that no source tells: one-off, or spread over a range of days", load: () => import("./costs-add.js") },
  { name: "costs list", summary: "list the costs that were entered", load: () => import("./costs-list.js") },
  { name: "costs remove", summary: "take an entered cost back", load: () => import("./costs-remove.js") },
  { name: "costs import", summary: "enter the costs of a CSV file", load: () => import("./costs-import.js") },
  { name: "metrics", summary: "print metrics for a window, with comparison and breakdown", load: () => import("./metrics.js") },
  { name: "cohorts", summary: "show retention, lifetime value, CAC and payback by cohort, and customer segments", load: () => import("./cohorts.js") },
  { name: "ltv", summary: "say what customers are expected to bring within a year, by cohort and channel, or why nothing can be said", load: () => import("./ltv.js") },
  { name: "explain", summary: "show where a metric comes from, or why it changed in a window", load: () => import("./explain.js") },
  { name: "forecast", summary: "say what is likely next, with bands, and where the month lands against its target", load: () => import("./forecast.js") },
  { name: "budget", summary: "follow what an ad budget brings, within the range of its assumptions, and how much of it is safe", load: () => import("./budget.js") },
  { name: "ask", summary: "answer a question in plain words with a figure and its proof", load: () => import("./ask.js") },
  { name: "alerts", summary: "judge the alert rules on the current build, and send what is new", load: () => import("./alerts.js") },
  { name: "alerts mute", summary: "say nothing about an alert, or a whole rule, until a day", load: () => import("./alerts-mute.js") },
  { name: "alerts ack", summary: "say that somebody has taken an alert: it is not told again unless it gets worse", load: () => import("./alerts-ack.js") },
  { name: "alerts history", summary: "list what became of alerts: begun, over, muted, acknowledged, sent", load: () => import("./alerts-history.js") },
  { name: "report", summary: "write the reports of the current build as HTML, Markdown and JSON", load: () => import("./report.js") },
  { name: "report send", summary: "put a report into the outbox as e-mail and Slack summary, or deliver it", load: () => import("./report-send.js") },
  { name: "bundle", summary: "write a zip of reports with their data, SQL and hashes, which plain DuckDB can re-run", load: () => import("./bundle.js") },
  { name: "serve", summary: "show the written reports and a read-only JSON API on this machine", load: () => import("./serve.js") },
  { name: "pixel", summary: "print what to install in the shop: the pixel's snippet, or the code of a Shopify custom pixel", load: () => import("./pixel.js") },
  { name: "pixel health", summary: "judge how well the pixel works, from the events before the current build's cut-off", load: () => import("./pixel-health.js") },
  { name: "mcp", summary: "let an assistant read figures, alerts and reports of one workspace (MCP over stdio)", load: () => import("./mcp.js") },
  { name: "ingest", summary: "land payloads of webhooks, payouts or pixel events from a file or standard input", load: () => import("./ingest.js") },
  { name: "intake list", summary: "list pushed deliveries that could not be read and wait in quarantine", load: () => import("./intake-list.js") },
  { name: "intake show", summary: "print a delivery in quarantine: why it is there, its headers and its body as it came", load: () => import("./intake-show.js") },
  { name: "intake replay", summary: "read deliveries in quarantine again, and land those that can be read now", load: () => import("./intake-replay.js") },
  { name: "status", summary: "show sources: last load, covered days, gaps, rows, freshness, and the current build", load: () => import("./status.js") },
  { name: "runs", summary: "list the history of syncs: state, rows, duration, errors", load: () => import("./runs.js") },
  { name: "doctor", summary: "check machine, config, workspace and every connection, each with a fix", load: () => import("./doctor.js") },
  { name: "files inspect", summary: "show what an export file is recognised as, and its first bad rows", load: () => import("./files.js") },
  { name: "files list", summary: "list the files that a sync would import, and those it knows already", load: () => import("./files-list.js") },
  { name: "channels test", summary: "show which channel a URL or a source and medium is counted under, and by which rule", load: () => import("./channels.js") },
  { name: "schedule print", summary: "print what makes cron, systemd or GitHub run a workspace on its own", load: () => import("./schedule.js") },
  { name: "verify", summary: "check every file of the workspace against its checksum", load: () => import("./verify.js") },
  { name: "gc", summary: "delete what no reader needs any more", load: () => import("./gc.js") },
  { name: "prune", summary: "take out what is older than `retention` in the config wants it", load: () => import("./prune.js") },
  { name: "forget", summary: "erase a person everywhere, and keep a receipt", load: () => import("./forget.js") },
  { name: "backup", summary: "copy the workspace as of one commit, verified", load: () => import("./backup.js") },
  { name: "restore", summary: "bring a backup back, verified", load: () => import("./restore.js") },
];
