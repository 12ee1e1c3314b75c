/** The `ask` key: the language model beside the rules. What the members mean is in `define.ts`. */
import { z } from "zod";
import type { WorkspaceConfig } from "./types.js";

/** True for what can be a model's id; it becomes part of an address. */
export function isModelName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text);
}

/** What people write. */
export const askSchema = z
  .strictObject({
    model: z
      .strictObject({
        provider: z.literal("anthropic"),
        name: z.string().refine(isModelName, { error: "expected the id of a model, such as claude-haiku-5-5" }),
        reword: z.boolean().default(true),
      })
      .optional(),
  })
  .optional();

/** What the program uses; undefined: no model. */
export function modelOf(written: z.output<typeof askSchema>): WorkspaceConfig["model"] {
  const model = written?.model;
  return model === undefined ? undefined : { provider: model.provider, name: model.name, isReworded: model.reword };
}
