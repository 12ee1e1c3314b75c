import { z } from "zod";
import type { Adapter, Delivery, Provenance } from "../types.js";

const QUALITY = { signed: 1, file: 0.9, public: 0.5 } as const;
const TYPES = { signed: "webhook", file: "file", public: "pixel" } as const;

const shape = z.object({
  origin_name: z.string().min(1).max(200).optional(),
  origin_type: z.string().min(1).max(60).optional(),
  license: z.string().min(1).max(120).optional(),
  quality_score: z.number().min(0).max(1).optional(),
});

/** The member `provenance` of a body, as far as it says something; null without one. */
export function provenanceIn(body: unknown): Partial<Provenance> | null {
  const member = body !== null && typeof body === "object" ? (body as { provenance?: unknown }).provenance : undefined;
  const parsed = shape.safeParse(member);
  return parsed.success ? (Object.fromEntries(told(parsed.data)) as Partial<Provenance>) : null;
}

function told(data: object): [string, unknown][] {
  return Object.entries(data).filter(([, value]) => value !== undefined);
}

/** What is said of an event's origin: the adapter's own words, over them what the sender says. */
export function provenanceOf(
  { title }: Pick<Adapter, "title">,
  { by }: Pick<Delivery, "by">,
  own: Partial<Provenance> | null,
): Provenance {
  const usual = { origin_name: title, origin_type: TYPES[by], license: "first-party", quality_score: QUALITY[by] };
  return { ...usual, ...own };
}
