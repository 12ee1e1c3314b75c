import { GrowthosError } from "../../base/errors.js";
import type { PrivacyRequest } from "../../transform/privacy-requests.js";
import type { BuildOutcome } from "../../transform/types.js";
import type { ErasePlace, Erasure, UnderWay } from "../../warehouse/erase/erase.js";
import type { Name } from "../../warehouse/erase/person.js";
import type { SealedReceipt } from "../../warehouse/erase/receipt.js";
import type { Workspace } from "../../warehouse/types.js";
import { type Command, type CommandArgs, type CommandContext, flagOption, type Outcome } from "../command.js";
import { type Right, WHO_OPTIONS } from "../forget.js";
import { WAIT_OPTION, waitMs, withBothLocks } from "../locks.js";

const RIGHT: Right = "customers/redact";

export const command: Command = {
  name: "forget",
  summary: "erase a person everywhere, and keep a receipt",
  description:
    "Finds everything that names the person: landed rows of every source, rejected rows, builds, caches, reports, logs. What happened stays for the books with its money and its days; names, addresses and numbers of the person are replaced by random ones that lead nowhere, so no sum and no count changes. " +
    "Shows what it would do; --yes does it, at once and for ever, and builds anew. Later syncs do not bring the person back. Backups stay: the receipt says so.",
  arguments: [{ usage: "[email]", description: "the person's e-mail address" }],
  options: [
    ...WHO_OPTIONS,
    { flags: "--yes", description: "do it" },
    { flags: "--no-build", description: "do not build anew afterwards" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos forget name@example.com",
    "growthos forget name@example.com --yes",
    "growthos forget --request 3f2a9c51b7e0 --yes",
  ],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const [{ erasureUnderWay }, { readPrivacyRequests }] = await Promise.all([
      import("../../warehouse/erase/erase.js"),
      import("../../transform/privacy-requests.js"),
    ]);
    const requests = await readPrivacyRequests(ws);
    const begun = erasureUnderWay(ws);
    const isDone = flagOption(args, "yes") && !context.flags.dryRun;
    if (begun !== null) {
      if (!isDone) return unfinished(begun);
      const receipt = await underLocks(context, args, ws, (place) => finish(place, begun));
      return erased(ws, { receipt, build: await rebuilt(context, args) });
    }
    const given = await givenNames(ws, args, requests);
    if (!isDone) return dryRun(context, ws, { given, requests });
    const done = await underLocks(context, args, ws, (place) => eraseNow(context, place, { given, requests }));
    if ("erasure" in done) return nobody(ws, done.erasure);
    return erased(ws, { receipt: done, build: await rebuilt(context, args) });
  },
};

interface Asked {
  readonly given: readonly Name[];
  readonly requests: readonly PrivacyRequest[];
}

async function givenNames(
  ws: Workspace,
  args: CommandArgs,
  requests: readonly PrivacyRequest[],
): Promise<readonly Name[]> {
  const [{ typedNames }, { readSalt }] = await Promise.all([
    import("../forget.js"),
    import("../../warehouse/layout.js"),
  ]);
  return typedNames(args, { salt: readSalt(ws), requests, right: RIGHT });
}

/**
 * Under all three locks, with the spool empty: what was pushed lands first, and is looked through with the rest. A receiver holds the spool's
 * lock while it lives, so nothing is accepted meanwhile: what was acknowledged before is erased, what comes after meets the list of who was.
 */
async function underLocks<T>(
  context: CommandContext,
  args: CommandArgs,
  ws: Workspace,
  action: (place: ErasePlace) => Promise<T>,
): Promise<T> {
  const [{ recover }, { rollSpool }, { withLock }, { landContextOf }, { withPlace }] = await Promise.all([
    import("../../warehouse/log.js"),
    import("../../intake/roll.js"),
    import("../../warehouse/lock.js"),
    import("../intake.js"),
    import("../person-place.js"),
  ]);
  const { clock, random, signal } = context.effects;
  return withBothLocks(context, { ws, waitMs: waitMs(args), owner: "forget" }, async () => {
    recover(ws);
    let isOurs = false;
    try {
      return await withLock(ws, "spool", { waitMs: waitMs(args), clock, owner: "forget" }, async () => {
        isOurs = true;
        await rollSpool(await landContextOf(context, ws, `forget-${random.hex(6)}`), signal, { isSpoolHeld: true });
        return withPlace(context, ws, action);
      });
    } catch (thrown) {
      throw isOurs ? thrown : receiverRuns(thrown);
    }
  });
}

/** A receiver does not end by itself, so waiting for it is no advice. */
function receiverRuns(thrown: unknown): unknown {
  if (!(thrown instanceof GrowthosError) || thrown.code !== "LOCKED") return thrown;
  const hint =
    "end `growthos serve --intake`, erase, and start it again: senders repeat what was not answered (--wait 300 waits for its end)";
  return new GrowthosError({ ...thrown.parts, hint });
}

async function eraseNow(
  context: CommandContext,
  place: ErasePlace,
  { given, requests }: Asked,
): Promise<SealedReceipt | { readonly erasure: Erasure }> {
  const [{ beginErasing, planErasure }, { answeredRequests, isNobody }] = await Promise.all([
    import("../../warehouse/erase/erase.js"),
    import("../forget.js"),
  ]);
  const own = await context.workspaceConfig();
  const erasure = await planErasure(place, given);
  if (isNobody(erasure)) return { erasure };
  const begun = beginErasing(place, {
    names: erasure.names,
    answers: answeredRequests(erasure.names, requests, RIGHT),
    now: context.effects.clock.now(),
    stamp: { toolVersion: context.version, configHash: own.hash },
  });
  return finish(place, begun);
}

async function finish(place: ErasePlace, begun: UnderWay): Promise<SealedReceipt> {
  const { finishErasing } = await import("../../warehouse/erase/erase.js");
  return finishErasing(place, begun);
}

/** The build that takes the place of those that were deleted; null with `--no-build`. A failure is said beside the receipt: the person is erased. */
async function rebuilt(context: CommandContext, args: CommandArgs): Promise<BuildOutcome | GrowthosError | null> {
  if (args.options["build"] === false) return null;
  const [{ buildOptions }, { runBuild }] = await Promise.all([
    import("../build-options.js"),
    import("../../transform/build.js"),
  ]);
  const step = context.output.step("build");
  try {
    const outcome = await runBuild(await buildOptions(context, { force: false, waitMs: waitMs(args) }));
    step.done();
    return outcome;
  } catch (thrown) {
    step.failed();
    if (thrown instanceof GrowthosError) return thrown;
    throw thrown;
  }
}

async function dryRun(context: CommandContext, ws: Workspace, { given, requests }: Asked): Promise<Outcome> {
  const [{ planErasure }, { answeredRequests, foundLines, isNobody }, { withPlace }] = await Promise.all([
    import("../../warehouse/erase/erase.js"),
    import("../forget.js"),
    import("../person-place.js"),
  ]);
  const erasure = await withPlace(context, ws, (place) => planErasure(place, given));
  if (isNobody(erasure)) return nobody(ws, erasure);
  const answers = answeredRequests(erasure.names, requests, RIGHT);
  return {
    exit: "ok",
    json: { dry_run: true, workspace: ws.name, ...erasureJson(erasure), answers },
    text: [...foundLines(erasure, answers), "nothing was changed: add --yes to erase the person for ever"].join("\n"),
  };
}

function erasureJson({ rows, quarantinedRows, removed, journals, lookedThrough }: Erasure) {
  return { looked_through: lookedThrough, rows, quarantined_rows: quarantinedRows, removed, journals };
}

function nobody(ws: Workspace, erasure: Erasure): Outcome {
  const { rows, parts } = erasure.lookedThrough;
  return {
    exit: "ok",
    json: { dry_run: true, workspace: ws.name, ...erasureJson(erasure), answers: [] },
    text: `nobody of that name is in this workspace: ${rows} rows of ${parts} landed files were looked through\nwith \`pii: "drop"\` no address lands: name the person by --customer-id`,
  };
}

function unfinished(begun: UnderWay): Outcome {
  return {
    exit: "ok",
    json: { dry_run: true, under_way: begun.id },
    text: `the erasing ${begun.id} was interrupted: \`growthos forget --yes\` ends it`,
  };
}

async function erased(
  ws: Workspace,
  { receipt, build }: { readonly receipt: SealedReceipt; readonly build: BuildOutcome | GrowthosError | null },
): Promise<Outcome> {
  const { receiptText } = await import("../../warehouse/erase/receipt.js");
  const failed = build instanceof GrowthosError ? build : null;
  const built = build === null || build instanceof GrowthosError ? null : build.build.buildId;
  const next =
    built === null
      ? "there is no build now: run `growthos build`, then `growthos report`"
      : `build ${built} took the place of those that were deleted; \`growthos report\` writes the reports again`;
  return {
    exit: failed === null ? "ok" : failed.parts.exit,
    json: { dry_run: false, workspace: ws.name, receipt, build: built },
    text: [receiptText(receipt), `kept in           ${ws.at("erased")}`, next].join("\n"),
    errors: failed === null ? [] : [failed],
  };
}
