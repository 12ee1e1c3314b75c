/** Anthropic's models. The package shapes the request and reads the answer; the way to the network and the key are its caller's. */
import { BaseAnthropic } from "@anthropic-ai/sdk/client";
import { Messages } from "@anthropic-ai/sdk/resources/messages";
import { z } from "zod";
import { GrowthosError, messageOf } from "../../base/errors.js";
import type { Filled, Form, LanguageModel } from "./types.js";

/** Sends a request with the key and gives back a good answer's body; every other answer is thrown. */
export type Door = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<string>;

/** Thinking counts too; a filled form has some two hundred. */
const MOST_TOKENS = 4096;

/** Headers of the package that are sent; the others tell which machine this is. */
const SENT = ["content-type", "anthropic-version"];

// The package's types promise all of this; a proxy or a captive portal does not.
const answerShape = z.object({
  content: z.array(z.object({ type: z.string(), name: z.string().optional(), input: z.unknown().optional() })),
  stop_reason: z.string().nullable(),
  usage: z.object({
    input_tokens: z.int().min(0),
    output_tokens: z.int().min(0),
    cache_creation_input_tokens: z.int().min(0).nullish(),
    cache_read_input_tokens: z.int().min(0).nullish(),
  }),
});

/** A model of Anthropic, by its id. Throws `MODEL_ANSWER` for what is no answer, and what the door throws. */
export function anthropicModel(
  name: string,
  { origin, door }: { readonly origin: string; readonly door: Door },
): LanguageModel {
  return {
    name,
    fill: async (form) => {
      let failure: unknown;
      const messages = new Messages(
        client(origin, async (url, init) => {
          try {
            const sent = Object.entries(Object.fromEntries(new Headers(init?.headers)));
            const headers = Object.fromEntries(sent.filter(([header]) => SENT.includes(header)));
            const body = await door({ url: String(url), headers, body: String(init?.body) });
            return new Response(body, { headers: { "content-type": "application/json" } });
          } catch (thrown) {
            failure = thrown;
            throw thrown;
          }
        }),
      );
      try {
        return filledOf(await messages.create(requestOf(name, form)), form);
      } catch (thrown) {
        throw failure ?? (thrown instanceof GrowthosError ? thrown : unreadable(messageOf(thrown)));
      }
    },
  };
}

/** Everything that the package would otherwise take from the environment is said: address, key, headers, log, traces. */
function client(
  origin: string,
  fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>,
): BaseAnthropic {
  return new BaseAnthropic({
    baseURL: origin,
    // The door puts in the real one.
    apiKey: "none",
    fetch,
    maxRetries: 0,
    logLevel: "off",
    openTelemetry: false,
  });
}

/** The tool is offered, not forced: newer models refuse to be forced, and leaving it alone is an answer, too. */
function requestOf(model: string, form: Form) {
  const schema = { ...form.schema, type: "object" as const };
  return {
    model,
    max_tokens: MOST_TOKENS,
    system: form.task,
    messages: [{ role: "user" as const, content: form.text }],
    tools: [{ name: form.name, description: form.description, input_schema: schema }],
    tool_choice: { type: "auto" as const, disable_parallel_tool_use: true },
  };
}

function filledOf(answer: unknown, form: Form): Filled {
  const read = answerShape.safeParse(answer);
  if (!read.success) throw unreadable("it is no message");
  const { content, stop_reason: stop, usage } = read.data;
  const cached = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
  const tokens = { input: usage.input_tokens + cached, output: usage.output_tokens };
  // An answer that was cut may end in the middle of a form, and still be one.
  if (stop === "max_tokens") throw unreadable(`it was cut after ${tokens.output} tokens`);
  const block = content.find(({ type, name }) => type === "tool_use" && name === form.name);
  return { input: block?.input, tokens };
}

function unreadable(why: string): GrowthosError {
  return new GrowthosError({ code: "MODEL_ANSWER", what: "the model's answer cannot be read", why, exit: "source" });
}
