/** The ways out for alerts that a workspace has configured, with their credentials: environment and `.env` first, then what is stored. */

import type { Secret } from "../base/secret.js";
import type { AlertsConfig } from "../config/types.js";
import type { SignIn } from "../connectors/sign-in.js";
import { type Client, createClient } from "../http/client.js";
import type { Limits, Transport } from "../http/types.js";
import { emailSink, type Mailer } from "../notify/email.js";
import { slackSink } from "../notify/slack.js";
import type { Sink } from "../notify/types.js";
import { webhookSink } from "../notify/webhook.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { findCredentials, secretsMissing } from "./vault.js";

const SLACK = {
  id: "slack",
  title: "Slack",
  signIns: [
    {
      kind: "webhook",
      title: "incoming webhook",
      help: "An incoming webhook of a Slack app, for the channel that alerts go to; its address is the credential.",
      members: [{ name: "webhookUrl", label: "Webhook address", check: checkAddress }],
    },
  ] satisfies readonly SignIn[],
};

const WEBHOOK = {
  id: "webhook",
  title: "the webhook",
  signIns: [
    {
      kind: "secret",
      title: "signing secret",
      help: "The secret that both sides know: `whsec_` and base64, as Standard Webhooks writes it, or any long text.",
      members: [{ name: "secret", label: "Signing secret" }],
    },
  ] satisfies readonly SignIn[],
};

const EMAIL = {
  id: "email",
  title: "the mail server",
  signIns: [
    {
      kind: "password",
      title: "password",
      help: "The password of `user` under alerts.email; where the mailbox has a second factor, an app password made for growthos alone.",
      members: [{ name: "password", label: "Password" }],
    },
  ] satisfies readonly SignIn[],
};

/** One try: the outbox tries again, and notes every attempt before it begins. */
const LIMITS: Limits = { concurrent: 1, tries: 1, maxBodyBytes: 64 * 1024 };

/** Opens the sinks. Throws `SECRETS_MISSING` (exit auth) for one that is configured without its credential. */
export async function openSinks(
  context: CommandContext,
  ws: Workspace,
  { config, transport }: { readonly config: AlertsConfig | undefined; readonly transport: () => Promise<Transport> },
): Promise<readonly Sink[]> {
  const sinks: Sink[] = [];
  const { slack, webhook, email } = config ?? { slack: null, webhook: null, email: null };
  if (slack !== null) {
    const { webhookUrl: url } = await secretsOf(context, ws, SLACK);
    if (url !== undefined) sinks.push(slackSink(await client(context, SLACK, transport), { url, least: slack.least }));
  }
  if (webhook !== null) {
    const { secret } = await secretsOf(context, ws, WEBHOOK);
    if (secret !== undefined)
      sinks.push(webhookSink(await client(context, WEBHOOK, transport), { ...webhook, secret }));
  }
  return email === null ? sinks : [...sinks, ...(await emailSinks(context, ws, email))];
}

/** One per recipient. */
async function emailSinks(
  context: CommandContext,
  ws: Workspace,
  { user, from, to, least, ...server }: NonNullable<AlertsConfig["email"]>,
): Promise<readonly Sink[]> {
  const mailer = await openMailer(context, ws, { user, ...server });
  return to.map((one) => emailSink(mailer, { from, to: one, least }));
}

/** The mail server of the config with its password. Throws `SECRETS_MISSING`. */
export async function openMailer(
  context: CommandContext,
  ws: Workspace,
  { user, ...server }: Omit<NonNullable<AlertsConfig["email"]>, "from" | "to" | "least">,
): Promise<Mailer> {
  const { password } = user === null ? {} : await secretsOf(context, ws, EMAIL);
  const signIn = user === null || password === undefined ? null : { user, password };
  const { smtpMailer } = await import("../notify/smtp.js");
  return smtpMailer({ ...server, signIn });
}

/** Slack's webhook, and the client that speaks to it. Throws `SECRETS_MISSING`. */
export async function openSlack(
  context: CommandContext,
  ws: Workspace,
): Promise<{ readonly client: Client; readonly url: Secret } | null> {
  const { webhookUrl: url } = await secretsOf(context, ws, SLACK);
  return url === undefined ? null : { url, client: await client(context, SLACK, context.effects.transport) };
}

type Party = typeof SLACK | typeof WEBHOOK | typeof EMAIL;

/** What `growthos connect` can store for alerts: the ways out that the config names. */
export function sinkParties(config: AlertsConfig | undefined): readonly Party[] {
  return [
    ...((config?.slack ?? null) === null ? [] : [SLACK]),
    ...((config?.webhook ?? null) === null ? [] : [WEBHOOK]),
    ...((config?.email?.user ?? null) === null ? [] : [EMAIL]),
  ];
}

/** True for an id that is a way out for alerts, not a source. */
export function isSinkId(id: string): boolean {
  return [SLACK, WEBHOOK, EMAIL].some((party) => party.id === id);
}

function checkAddress(text: string): string | undefined {
  return /^https:\/\/\S+$/.test(text.trim()) ? undefined : "it is no https address";
}

async function secretsOf(context: CommandContext, ws: Workspace, party: Party) {
  const found = await findCredentials(context, party, ws);
  if (found.missing.length > 0) throw secretsMissing([{ id: party.id, missing: found.missing }]);
  return found.secrets;
}

async function client(
  { effects }: CommandContext,
  { id, title }: Party,
  transport: () => Promise<Transport>,
): Promise<Client> {
  const { clock, random, log } = effects;
  return createClient({
    source: id,
    title,
    transport: await transport(),
    auth: { kind: "none" },
    limits: LIMITS,
    clock,
    random,
    log,
  });
}
