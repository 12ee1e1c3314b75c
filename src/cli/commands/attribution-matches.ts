import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import type { CampaignMatch } from "../../transform/journeys.js";
import { type Command, type CommandContext, flagOption, type Outcome, stringOption } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { openAttribution } from "./attribution.js";

export const command: Command = {
  name: "attribution matches",
  summary: "review which campaign, ad set or ad the labels of visits are taken for",
  description: [
    "Labels are looked up by id, by exact name, then by likeness (100 is the same words). Likeness from 92 on is used unless a second name comes",
    "near; from 75 on it waits here. A decision is kept like every other event and counts from the next build on; a newer one replaces it.",
  ].join(" "),
  options: [
    { flags: "--all", description: "also labels found by id or name, decided ones, and those like nothing" },
    { flags: "--accept <label>", description: "the label means the entity beside it" },
    { flags: "--reject <label>", description: "it does not" },
    { flags: "--channel <channel>", description: "when several channels have the label" },
    { flags: "--level <level>", description: "when several levels have it", choices: ["campaign", "ad_set", "ad"] },
    WAIT_OPTION,
  ],
  examples: ["growthos attribution matches", 'growthos attribution matches --accept "spring_sale_eu"'],
  async run(context, args) {
    const { isOpen, readMatches } = await import("../../transform/journeys.js");
    const { database } = await openAttribution(context);
    const matches = await readMatches(database).finally(() => database.close());
    const [accept, reject] = [stringOption(args, "accept"), stringOption(args, "reject")];
    if (accept !== undefined && reject !== undefined) throw usage("--accept and --reject are two decisions");
    const label = accept ?? reject;
    if (label === undefined) return listed(context, flagOption(args, "all") ? matches : matches.filter(isOpen));
    const match = chosenOf(matches, label, {
      channel: stringOption(args, "channel"),
      level: stringOption(args, "level"),
    });
    return decide(context, match, { decision: accept === undefined ? "rejected" : "accepted", waitMs: waitMs(args) });
  },
};

function listed({ output }: CommandContext, matches: readonly CampaignMatch[]): Outcome {
  const rows = matches.map((match) => [
    match.channel,
    match.level,
    match.label,
    match.entityName ?? "—",
    match.score === null ? "—" : `${match.score}`,
    match.kind,
    match.decision ?? "—",
    match.isUsed ? "yes" : "no",
    `${match.touches}`,
  ]);
  const titles = ["channel", "level", "label", "taken for", "alike", "by", "decision", "used", "visits"];
  const numbers = ["alike", "visits"];
  return {
    exit: "ok",
    json: {
      matches: matches.map(({ entityKey, entityName, isUsed, ...match }) => ({
        ...match,
        entity_key: entityKey,
        entity_name: entityName,
        is_used: isUsed,
      })),
    },
    text:
      rows.length === 0
        ? "no label waits for a decision (`--all` shows every label)"
        : output.table(
            titles.map((title) => (numbers.includes(title) ? { title, align: "right" } : { title })),
            rows,
          ),
  };
}

function chosenOf(
  matches: readonly CampaignMatch[],
  label: string,
  { channel, level }: { readonly channel: string | undefined; readonly level: string | undefined },
): CampaignMatch & { readonly entityKey: string } {
  const known = matches.filter((match) => match.entityKey !== null);
  const found = known.filter(
    (match) =>
      match.label === label &&
      (channel === undefined || match.channel === channel) &&
      (level === undefined || match.level === level),
  );
  const [first, second] = found;
  if (second !== undefined)
    throw usage(`several labels are "${label.slice(0, 60)}"`, "name one by --channel and --level");
  if (first?.entityKey === undefined || first.entityKey === null) {
    const near = nearest(
      label,
      known.map((match) => match.label),
    );
    throw usage(
      `no label "${label.slice(0, 60)}" is like a campaign, ad set or ad`,
      near === undefined ? "`growthos attribution matches --all` shows every label" : `did you mean ${near}?`,
    );
  }
  return { ...first, entityKey: first.entityKey };
}

async function decide(
  context: CommandContext,
  match: CampaignMatch & { readonly entityKey: string },
  { decision, waitMs: wait }: { readonly decision: "accepted" | "rejected"; readonly waitMs: number },
): Promise<Outcome> {
  const { channel, level, label, entityKey, entityName } = match;
  const words = `"${label}" (${channel}, ${level}) ${decision === "accepted" ? "is" : "is not"} ${entityName ?? entityKey}`;
  if (!context.flags.dryRun) {
    const [{ landDecisions }, { workspaceClock }, own] = await Promise.all([
      import("../../sync/own-decisions.js"),
      import("../world.js"),
      context.workspaceConfig(),
    ]);
    await landDecisions(
      {
        ws: await context.workspace({ mustExist: true }),
        clock: workspaceClock(own, context.effects.clock),
        random: context.effects.random,
        toolVersion: context.version,
        configHash: own.hash,
        waitMs: wait,
      },
      "match_decisions",
      [
        {
          key: JSON.stringify([channel, level, label, entityKey]),
          event: { channel_id: channel, entity_level: level, label, entity_key: entityKey, decision },
        },
      ],
    );
  }
  return {
    exit: "ok",
    json: { channel, level, label, entity_key: entityKey, decision, dry_run: context.flags.dryRun },
    text: `${words}; the next build counts it`,
  };
}

function usage(what: string, hint?: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, ...(hint === undefined ? {} : { hint }), exit: "usage" });
}
