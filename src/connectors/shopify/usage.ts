import { messageOf } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpResponse, Usage } from "../../http/types.js";
import { valueAt } from "../shape.js";

/** The bucket of points, as every answer of the Admin API tells it, throttled ones included; none when it is not told. */
export function usageOf({ body }: HttpResponse): readonly Usage[] {
  const start = body.lastIndexOf('"extensions"');
  if (start < 0) return [];
  // The cost stands at the end of an answer of many kilobytes, which the client parses anyhow: only the end is parsed here.
  const cost = valueAt(parsed(`{${body.slice(start)}`) ?? parsed(body), "extensions.cost");
  const figures = {
    available: Number(valueAt(cost, "throttleStatus.currentlyAvailable")),
    maximum: Number(valueAt(cost, "throttleStatus.maximumAvailable")),
    restorePerSecond: Number(valueAt(cost, "throttleStatus.restoreRate")),
    requested: Number(valueAt(cost, "requestedQueryCost")),
  };
  const isTold = Object.values(figures).every((figure) => Number.isFinite(figure) && figure >= 0);
  return isTold && figures.restorePerSecond > 0 ? [{ kind: "bucket", name: "points", ...figures }] : [];
}

/** Null for what is not JSON: the reason is of no use, the client reports it for the whole body. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    return messageOf(thrown) === "" ? undefined : null;
  }
}
