import { GrowthosError } from "../base/errors.js";
import type { HttpRequest } from "./types.js";

/** Throws `NETWORK_REFUSED` unless the request goes to one of the hosts (`*.` stands for any subdomain); no list allows all. */
export function requireHost(request: HttpRequest, hosts: readonly string[] | undefined): void {
  if (hosts === undefined || hosts.some((pattern) => matches(pattern, new URL(request.url).hostname))) return;
  throw new GrowthosError({
    code: "NETWORK_REFUSED",
    what: `a request to ${new URL(request.url).hostname} was refused`,
    why: `this source talks to ${hosts.join(", ")} only`,
    state: "nothing was sent",
    exit: "source",
  });
}

function matches(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
