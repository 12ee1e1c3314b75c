/** What went wrong between here and a PostgreSQL server, in words. */
import { GrowthosError, messageOf, systemCode } from "../base/errors.js";
import { withoutAddresses } from "../base/secret.js";

/** Where tables go. */
export interface PostgresPlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly schema: string;
  readonly prefix: string;
  readonly tls: "verify" | "off";
}

/** By SQLSTATE, a whole one or its class (PostgreSQL's appendix A). */
const HINTS: Readonly<Record<string, string>> = {
  "28": "check publish.postgres.user and the password: POSTGRES_PASSWORD, or `growthos connect postgres`",
  "3D000": "check publish.postgres.database",
  "42501":
    "give the user USAGE and CREATE on the schema (or CREATE on the database, so that it can make the schema) and TEMPORARY on the database; tables that another user made stay that user's",
  "2BP01":
    "something of yours needs a column that this version has no more: drop or change it, or publish with another prefix",
  "25006": "this server only answers readers: name the one that is written to",
  "55P03": "somebody holds one of the tables: run the same command again",
};
const AGAIN = "run the same command again: it begins anew";
const WHERE = "check publish.postgres.host and port, and that the server takes connections from here";
const CERTIFICATE =
  "name the host as its certificate does, and under publish.postgres.caFile the authority's certificate (PEM) where it is not a public one";
const NO_TLS =
  'turn encryption on in the server; publish.postgres.tls "off" sends everything in the clear, for this machine or a network of your own';

/** The error for what was thrown: `PUBLISH_FAILED`, and `PUBLISH_AUTH` for a user who may not. What is a growthos error already stays it. */
export function publishFailure(
  thrown: unknown,
  { place, isCommitting }: { readonly place: PostgresPlace; readonly isCommitting: boolean },
): GrowthosError {
  if (thrown instanceof GrowthosError) return thrown;
  const state = sqlState(thrown);
  const isAuth = state !== undefined && (state.startsWith("28") || state === "42501");
  // A server quotes the value that it refuses.
  const why = withoutAddresses(messageOf(thrown)).slice(0, 300);
  return new GrowthosError({
    code: isAuth ? "PUBLISH_AUTH" : "PUBLISH_FAILED",
    what:
      state === undefined
        ? `the connection to PostgreSQL at ${place.host}:${place.port} failed`
        : `PostgreSQL at ${place.host}:${place.port} refused`,
    ...(why === "" ? {} : { why }),
    state:
      isCommitting && state === undefined
        ? "either all tables have changed or none; growthos_build tells of which build they are"
        : "all tables there are as they were",
    hint: state === undefined ? connectionHint(thrown) : (HINTS[state] ?? HINTS[state.slice(0, 2)] ?? AGAIN),
    exit: isAuth ? "auth" : "source",
    cause: thrown,
  });
}

/** Five signs, only in what the server itself said. */
function sqlState(thrown: unknown): string | undefined {
  const code = systemCode(thrown);
  const isServers = typeof (thrown as { severity?: unknown } | null)?.severity === "string";
  return isServers && code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function connectionHint(thrown: unknown): string {
  const code = systemCode(thrown) ?? "";
  if (/does not support SSL/.test(messageOf(thrown))) return NO_TLS;
  if (/CERT|ISSUER|SIGNATURE|^ERR_TLS/.test(code)) return CERTIFICATE;
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/.test(code) ? WHERE : AGAIN;
}
