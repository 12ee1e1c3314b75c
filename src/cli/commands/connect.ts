import { isoInstant, systemClock } from "../../base/clock.js";
import { GrowthosError } from "../../base/errors.js";
import { secretVariable } from "../../config/sources.js";
import { membersOf, type SignIn } from "../../connectors/sign-in.js";
import { memoryTokens } from "../../http/tokens.js";
import type { HeldToken } from "../../http/types.js";
import { type StoredCredentials, writeRecord } from "../../vault/records.js";
import { isSinkId } from "../alert-sinks.js";
import { ANTHROPIC } from "../ask-model.js";
import { type Command, type CommandArgs, type CommandContext, flagOption, type Outcome } from "../command.js";
import { type Connectable, connectable, isGood, probeLines, tryConnection } from "../connection.js";
import { chosenSignIn, completeMembers, givenMembers, type Members } from "../given-credentials.js";
import { isIntakeId } from "../intake.js";
import type { Probed } from "../probes.js";
import { isTargetId } from "../publish.js";
import { underCredentialsLock, vaultForNew } from "../vault.js";

export const command: Command = {
  name: "connect",
  summary: "sign in to a source, test it, and keep the credentials encrypted",
  description: [
    "Asks for what the source needs (a browser opens the consent page of Google sources), tests it against the vendor, and stores it",
    "encrypted in the workspace. Values never stand on the command line: they are typed, piped with --stdin, or read with --file and --from-env.",
    "The key to them comes from --key-fd, GROWTHOS_KEY, GROWTHOS_KEY_FILE, the OS keyring or a key file, and is made when there is none.",
  ].join(" "),
  arguments: [{ usage: "<source>", description: "a source of the config that signs in: shopify, meta_ads, ga4, …" }],
  options: [
    {
      flags: "--method <kind>",
      description: "the way of signing in: token, client_credentials, oauth, service_account, …",
    },
    { flags: "--stdin", description: "read member=value lines, or one JSON object, from standard input" },
    { flags: "--file <member=path>", description: "read one credential from a file", repeat: true },
    { flags: "--from-env", description: "take what is set in the environment or .env" },
    { flags: "--skip-test", description: "store without asking the vendor" },
    { flags: "--keyring", description: "when a key has to be made, keep it in the OS keyring instead of a file" },
  ],
  examples: [
    "growthos connect shopify",
    "growthos connect ga4 --method service_account --file keyFile=key.json",
    "pass show shopify | growthos connect shopify --method token --stdin",
  ],
  async run(context, args) {
    const one = await connectable(context, args.positionals[0] ?? "");
    const given = await givenMembers(context, one.connector, args);
    const signIn = await chosenSignIn(context, one.connector, { args, members: given });
    if (context.flags.dryRun) return planned(one, signIn);
    const ws = await context.workspace();
    // A key that cannot be used is told before anybody types a password or goes through a consent page.
    const vaultLater = await vaultForNew(context, ws, flagOption(args, "keyring") ? "keyring" : "file");
    if (context.flags.input)
      (await context.effects.prompt()).say(`${one.connector.title}: ${signIn.title}\n${signIn.help}\n`);
    const brought = await completeMembers(context, signIn, given);
    const { members, token } = await withConsent(context, { one, signIn, members: brought });
    const { probed, held } = await testedFirst(context, args, { one, members, token });
    const vault = await vaultLater();
    const record: StoredCredentials = {
      method: signIn.kind,
      connectedAt: isoInstant(systemClock.now()),
      members,
      token: held === null ? null : { ...held, previousRefreshToken: null },
    };
    await underCredentialsLock(context.effects, ws, async () => writeRecord(vault, one.source.id, record));
    await warnOfEnvironment(context, one);
    const next = nextOf(one, (await context.workspaceConfig()).model !== undefined);
    return told(context, { one, signIn, probed, key: vault.keys.current.from, next });
  },
};

function planned({ source, connector }: Connectable, signIn: SignIn): Outcome {
  return {
    exit: "ok",
    json: { source: source.id, method: signIn.kind, dry_run: true, members: membersOf(signIn) },
    text: `would ask for ${membersOf(signIn).join(", ")}, test them against ${connector.title}, and store them encrypted; nothing was done`,
  };
}

interface Brought {
  readonly one: Connectable;
  readonly members: Members;
  readonly token: HeldToken | null;
}

/** Sends the person to the vendor's consent page when the sign-in has one and its result was not given. */
async function withConsent(
  context: CommandContext,
  { one, signIn, members }: { readonly one: Connectable; readonly signIn: SignIn; readonly members: Members },
): Promise<Omit<Brought, "one">> {
  const { oauth } = signIn;
  const clientId = members["clientId"];
  if (oauth === undefined || clientId === undefined || members[oauth.member] !== undefined) {
    return { members, token: null };
  }
  if (!context.flags.input) throw nobodyThere(oauth.member);
  const [{ askConsent }, { requireClock }] = await Promise.all([import("../consent.js"), import("../vendor-clock.js")]);
  const { effects } = context;
  const [transport, prompt] = await Promise.all([effects.transport(), effects.prompt()]);
  await requireClock(effects, transport, oauth.tokenUrl);
  const { random, clock, signal } = effects;
  const { refreshToken, token } = await askConsent({
    oauth,
    title: one.connector.title,
    clientId: clientId.reveal(),
    clientSecret: members["clientSecret"],
    transport,
    random,
    clock,
    prompt,
    signal,
    learned: (secret) => void effects.secrets.push(secret),
  });
  return { members: { ...members, [oauth.member]: refreshToken }, token };
}

/**
 * Asks the vendor before anything is stored. A refresh token that was exchanged on the way is stored whatever the answers are: the one
 * that was typed is worth nothing any more. Throws `CONNECT_REFUSED`.
 */
async function testedFirst(
  context: CommandContext,
  args: CommandArgs,
  { one, members, token }: Brought,
): Promise<{ readonly probed: Probed | null; readonly held: HeldToken | null }> {
  if (flagOption(args, "skipTest")) return { probed: null, held: token };
  const tokens = memoryTokens();
  if (token !== null) await tokens.save(token);
  const probed = await tryConnection(context, one, { secrets: members, tokens });
  const held = tokens.load();
  if (isGood(probed)) return { probed, held };
  const isExchanged = held?.refreshToken !== null && held !== token && held !== null;
  if (isExchanged || (await isWantedAnyway(context, probed))) return { probed, held };
  throw new GrowthosError({
    code: "CONNECT_REFUSED",
    what: `the connection to ${one.connector.title} was tried and does not work yet`,
    // At a terminal they were shown with the question.
    ...(context.flags.input ? {} : { why: probeLines(context, probed).join("\n") }),
    state: "nothing was stored",
    hint: "do what the lines above say, and run it again; --skip-test stores without asking the vendor",
    exit: "auth",
  });
}

async function isWantedAnyway(context: CommandContext, probed: Probed): Promise<boolean> {
  if (!context.flags.input) return false;
  const prompt = await context.effects.prompt();
  prompt.say(probeLines(context, probed).join("\n"));
  return /^y(es)?$/i.test(await prompt.ask("Store them anyway? [y/N]"));
}

/** What is set in the environment goes first: somebody who connects should know that it stays unused. */
async function warnOfEnvironment(context: CommandContext, { source, connector }: Connectable): Promise<void> {
  const env = await context.env();
  const set = connector.signIns
    .flatMap(membersOf)
    .map((name) => secretVariable(source.id, name))
    .filter((name, index, all) => all.indexOf(name) === index && (env[name] ?? "") !== "");
  if (set.length === 0) return;
  context.output.warn(`${set.join(", ")} in the environment or .env goes before what is stored; remove it there`);
}

function told(
  context: CommandContext,
  done: {
    readonly one: Connectable;
    readonly signIn: SignIn;
    readonly probed: Probed | null;
    readonly key: string;
    readonly next: string;
  },
): Outcome {
  const { one, signIn, probed, key, next } = done;
  const lines = probed === null ? ["  not tested (--skip-test)"] : probeLines(context, probed);
  return {
    exit: "ok",
    json: { source: one.source.id, method: signIn.kind, key, probes: probed?.results ?? null },
    text: [
      `connected ${one.source.id}: ${signIn.title}`,
      ...lines,
      `  stored encrypted; key: ${key}`,
      `next: ${next}`,
    ].join("\n"),
  };
}

function nextOf({ source }: Connectable, hasModel: boolean): string {
  if (isSinkId(source.id)) return "growthos alerts sends the next one there";
  if (isTargetId(source.id)) return `growthos publish ${source.id} --dry-run`;
  if (isIntakeId(source.id)) return "growthos serve --intake takes what is pushed";
  if (source.id !== ANTHROPIC.id) return `growthos sync --source ${source.id}`;
  if (hasModel) return "growthos ask";
  return "name a model under `ask: { model: … }` in the config, or once with `growthos ask --model <name>`";
}

function nobodyThere(member: string): GrowthosError {
  return new GrowthosError({
    code: "CONNECT_NEEDS_TERMINAL",
    what: "the consent page needs somebody at a terminal",
    state: "nothing was stored",
    hint: `run it at a terminal; on a server use --method service_account, or give ${member} as well`,
    exit: "usage",
  });
}
