import { basename, resolve } from "node:path";
import { isoInstant } from "../../base/clock.js";
import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import { INTAKE_SOURCES, type IntakeSource } from "../../intake/types.js";
import { type Command, type CommandContext, stringOption } from "../command.js";
import { plural } from "../format.js";
import { isIntakeId, landContextOf, rejectedText } from "../intake.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { workspaceClock } from "../world.js";

const MAX_BYTES = 256 * 1024 * 1024;

export const command: Command = {
  name: "ingest",
  summary: "land payloads of webhooks, payouts or pixel events from a file or standard input",
  description:
    "The same payloads as `serve --intake` takes, without a signature: one JSON document, a list of them, or one per line. A document may be { headers, body }, as it was recorded. What is there already lands once; what cannot be read goes to quarantine (exit code 4).",
  arguments: [
    { usage: "<adapter>", description: INTAKE_SOURCES.join(", ") },
    { usage: "<file>", description: "a file, or - for standard input" },
  ],
  options: [
    { flags: "--topic <name>", description: "what the documents are about, where no header says it: orders/create, …" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos ingest shopify_webhooks orders.ndjson --topic orders/updated",
    "growthos ingest payouts payouts.json --topic stripe",
    "growthos ingest webhooks - --topic orders < order.json",
  ],
  async run(context, args) {
    const source = sourceOf(args.positionals[0] ?? "");
    const text = await textOf(context, args.positionals[1] ?? "-");
    const [{ deliveriesOf }, { landDeliveries }, { withLock }, { recover }, { newRunId }] = await Promise.all([
      import("../../intake/documents.js"),
      import("../../intake/land-deliveries.js"),
      import("../../warehouse/lock.js"),
      import("../../warehouse/log.js"),
      import("../../sync/runs.js"),
    ]);
    const clock = workspaceClock(await context.workspaceConfig(), context.effects.clock);
    const topic = stringOption(args, "topic") ?? null;
    const arrivals = deliveriesOf(text, { source, topic, receivedAt: isoInstant(clock.now()) });
    if (context.flags.dryRun) {
      const found = plural(arrivals.length, "document");
      return { exit: "ok", json: { documents: arrivals.length, dry_run: true }, text: `${found}; nothing was landed` };
    }
    const ws = await context.workspace();
    const runId = newRunId(clock, context.effects.random);
    const land = await landContextOf(context, ws, runId);
    const lock = { waitMs: waitMs(args), clock, owner: `ingest (run ${runId})` };
    const landed = await withLock(ws, "ingest", lock, async () => {
      recover(ws);
      return landDeliveries(land, arrivals, { cursors: {} });
    });
    const { rows, repeats, rejected } = landed;
    const told = `${plural(rows, "event")} landed, ${repeats} were there already`;
    return {
      exit: rejected > 0 ? "badData" : "ok",
      json: { source, run_id: runId, documents: arrivals.length, rows, repeats, rejected },
      text: [told, ...rejectedText(landed)].join("\n"),
    };
  },
};

function sourceOf(text: string): IntakeSource {
  if (isIntakeId(text)) return text;
  const near = nearest(text, INTAKE_SOURCES);
  throw new GrowthosError({
    code: "ADAPTER_UNKNOWN",
    what: `there is no adapter "${text.slice(0, 60)}"`,
    hint: near === undefined ? `one of ${INTAKE_SOURCES.join(", ")}` : `did you mean ${near}?`,
    exit: "usage",
  });
}

async function textOf({ effects }: CommandContext, name: string): Promise<string> {
  if (name === "-") return effects.input(MAX_BYTES);
  const path = resolve(effects.cwd, name);
  const stat = effects.files.stat(path);
  const why =
    stat?.kind !== "file" ? "there is no such file" : stat.bytes > MAX_BYTES ? "it is larger than 256 MiB" : null;
  if (why === null) return Buffer.from(effects.files.read(path)).toString("utf8");
  throw new GrowthosError({
    code: "INGEST_FILE",
    what: `${basename(path)} cannot be taken in`,
    why,
    state: "nothing was landed",
    hint: "name a file with one JSON document, a list, or one per line; - reads standard input",
    exit: "usage",
  });
}
