/** The language model of `growthos ask`: whether there is one, its key, and the way to it. */
import { z } from "zod";
import type { Door } from "../ask/llm/anthropic.js";
import type { LanguageModel } from "../ask/llm/types.js";
import { GrowthosError } from "../base/errors.js";
import type { Secret } from "../base/secret.js";
import type { SignIn } from "../connectors/sign-in.js";
import { classifyStatus } from "../http/classify.js";
import { type Client, createClient } from "../http/client.js";
import type { HttpResponse, Limits, Verdict } from "../http/types.js";
import type { CommandContext } from "./command.js";
import { type ProbeResult, runChecks } from "./probes.js";
import { findCredentials, secretsMissing, workspaceIfThere } from "./vault.js";

/** Whose models there are, as `connect` knows sources. */
export const ANTHROPIC = {
  id: "anthropic",
  title: "Anthropic",
  signIns: [
    {
      kind: "key",
      title: "API key",
      help: "An API key of the Claude Console (platform.claude.com, API keys). README tells under Questions what is sent with it.",
      members: [{ name: "apiKey", label: "API key" }],
    },
  ] satisfies readonly SignIn[],
};

/** Somebody is waiting who can be answered without it: ms for a form with all its tries, and for one answer's bytes. */
export const MODEL_LIMITS = { totalMs: 30_000, maxBodyBytes: 1024 * 1024 };

/** Once more for what may pass at once. */
const LIMITS: Limits = { concurrent: 1, tries: 2, maxBodyBytes: MODEL_LIMITS.maxBodyBytes };

/** The only host that is asked. */
const HOST = "api.anthropic.com";
const VERSION = { "anthropic-version": "2023-06-01" };

/** A model by its id; its key is looked for with the first question. What goes wrong is an error of that question. */
export function openModel(context: CommandContext, name: string, { totalMs } = MODEL_LIMITS): LanguageModel {
  let opened: Promise<Client> | undefined;
  return {
    name,
    fill: async (form) => {
      if (form.name === "query") context.output.note(`asking ${name} …`);
      opened ??= clientWithKey(context);
      const client = await opened;
      const { signal } = context.effects;
      const deadline = AbortSignal.timeout(totalMs);
      const door: Door = async (request) => {
        const asked = { ...request, method: "POST", label: "messages", expect: "text" } as const;
        const answer = await client.ask(asked, AbortSignal.any([signal, deadline]));
        answer.log(0);
        return String(answer.body);
      };
      const { anthropicModel } = await import("../ask/llm/anthropic.js");
      try {
        return await anthropicModel(name, { origin: `https://${HOST}`, door }).fill(form);
      } catch (thrown) {
        signal.throwIfAborted();
        if (!deadline.aborted) throw thrown;
        const why = `no answer within ${totalMs / 1000} s`;
        throw new GrowthosError({ code: "MODEL_SLOW", what: "Anthropic took too long", why, exit: "source" });
      }
    },
  };
}

/** Asks whether the key is taken, and whether there is such a model; costs no tokens. */
export async function tryModel(
  context: CommandContext,
  name: string | null,
  secrets: Readonly<Record<string, Secret>>,
): Promise<readonly ProbeResult[]> {
  const path = name === null ? "models?limit=1" : `models/${name}`;
  const client = await clientOf(context, secrets);
  const request = { method: "GET", url: `https://${HOST}/v1/${path}`, headers: VERSION, label: "models" } as const;
  const look = async (signal: AbortSignal) => {
    const answer = await client.ask(request, signal);
    answer.log(0);
    return { ok: true, message: name === null ? "the key is taken" : `the key is taken, and there is ${name}` };
  };
  return runChecks(context.effects, [{ name: "model", look }]);
}

async function clientWithKey(context: CommandContext): Promise<Client> {
  const { missing, secrets } = await findCredentials(context, ANTHROPIC, await workspaceIfThere(context));
  if (missing.length > 0) throw secretsMissing([{ id: ANTHROPIC.id, missing }]);
  return clientOf(context, secrets);
}

async function clientOf(
  { effects }: CommandContext,
  { apiKey }: Readonly<Record<string, Secret | undefined>>,
): Promise<Client> {
  const { clock, random, log } = effects;
  return createClient({
    source: ANTHROPIC.id,
    title: ANTHROPIC.title,
    transport: await effects.transport(MODEL_LIMITS),
    auth: apiKey === undefined ? { kind: "none" } : { kind: "header", name: "x-api-key", value: apiKey },
    limits: LIMITS,
    hosts: [HOST],
    classify: (response) => classify(response, clock.now()),
    clock,
    random,
    log,
  });
}

/** Nobody waits for a vendor's clock here; what the vendor says of a refusal is told. */
function classify(response: HttpResponse, now: number): Verdict {
  const verdict = classifyStatus(response, now);
  if (verdict.next === "wait" && response.status === 429) {
    const again = response.headers["retry-after"] === undefined ? "" : `, again in ${Math.ceil(verdict.seconds)} s`;
    return { next: "abort", code: "API_REFUSED", reason: `too many requests${again}` };
  }
  if (verdict.next === "wait") return { next: "retry", reason: verdict.reason };
  if (verdict.next !== "abort") return verdict;
  const hint = verdict.code === "API_AUTH" ? { hint: `run \`growthos connect ${ANTHROPIC.id}\`` } : {};
  return { ...verdict, ...hint, reason: toldBy(response) ?? verdict.reason };
}

const problem = z.object({ error: z.object({ message: z.string() }) });

/** The vendor's own words, where there are any. */
function toldBy({ body }: HttpResponse): string | null {
  try {
    return problem.parse(JSON.parse(body)).error.message.slice(0, 200);
  } catch {
    return null;
  }
}
