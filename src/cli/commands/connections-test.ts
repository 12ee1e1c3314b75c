import { GrowthosError } from "../../base/errors.js";
import type { Command, CommandContext, Outcome } from "../command.js";
import { type Connectable, connectable, connectables, isGood, probeLines, tryConnection } from "../connection.js";
import { findCredentials, secretsMissing, workspaceIfThere } from "../vault.js";

export const command: Command = {
  name: "connections test",
  summary: "ask each vendor whether the credentials work and are enough",
  description:
    "Asks the vendor of each source (or of those named) whether the credentials work, and what they may see. Reads no data. Where a question would send something (alerts, webhooks, publishing) nothing is asked, and no answer is claimed.",
  arguments: [{ usage: "[source...]", description: "sources to test; default: all that sign in" }],
  options: [],
  examples: ["growthos connections test", "growthos connections test shopify --json"],
  async run(context, { positionals }) {
    const chosen =
      positionals.length === 0
        ? await connectables(context)
        : await Promise.all(positionals.map((id) => connectable(context, id)));
    const tests = await Promise.all(chosen.map((one) => testOne(context, one)));
    return told(tests);
  },
};

interface Test {
  readonly source: string;
  readonly from: string;
  /** Null: nobody was asked, because asking would send something. */
  readonly isGood: boolean | null;
  readonly lines: readonly string[];
  readonly probes: readonly object[];
}

const NOT_ASKED = "  --    credentials are there; to ask would send something, so the first real one is the test";

/** Never throws what the user can act upon: the other sources are tested all the same. */
async function testOne(context: CommandContext, one: Connectable): Promise<Test> {
  const source = one.source.id;
  try {
    const found = await findCredentials(context, one.connector, await workspaceIfThere(context));
    if (found.missing.length > 0) throw secretsMissing([{ id: source, missing: found.missing }]);
    const probed = await tryConnection(context, one, found);
    const from = found.key === null ? found.from : `${found.from}, key: ${found.key}`;
    if (probed.results.length === 0) return { source, from, isGood: null, lines: [NOT_ASKED], probes: [] };
    return { source, from, isGood: isGood(probed), lines: probeLines(context, probed), probes: probed.results };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    const { what, why, hint } = thrown.parts;
    const message = why === undefined ? what : `${what}: ${why}`;
    const result = { name: "credentials", ok: false, message, ...(hint === undefined ? {} : { fix: hint }) };
    const lines = probeLines(context, { results: [result], skewSeconds: null });
    return { source, from: "nowhere", isGood: false, lines, probes: [result] };
  }
}

function told(tests: readonly Test[]): Outcome {
  const failed = tests.filter((test) => test.isGood === false);
  const asked = tests.filter((test) => test.isGood !== null);
  const blocks = tests.map(({ source, from, lines }) => [`${source} (${from})`, ...lines].join("\n"));
  const unasked = asked.length === tests.length ? "" : `; ${tests.length - asked.length} not asked`;
  const good = `${asked.length - failed.length} of ${asked.length} connections work${unasked}`;
  return {
    exit: failed.length > 0 ? "auth" : "ok",
    json: { connections: tests.map(({ source, from, isGood: ok, probes }) => ({ source, from, ok, probes })) },
    text: [...blocks, "", tests.length === 0 ? "no source of the config signs in anywhere" : good].join("\n"),
  };
}
