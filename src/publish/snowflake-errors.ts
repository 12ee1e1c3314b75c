/** What went wrong between here and Snowflake, in words. */
import { GrowthosError } from "../base/errors.js";
import { withoutAddresses } from "../base/secret.js";
import { valueAt } from "../connectors/shape.js";
import { parseJson } from "../http/json.js";
import type { HttpResponse, Verdict } from "../http/types.js";

const KEY =
  "check publish.snowflake.account and user, SNOWFLAKE_KEY_FILE (or `growthos connect snowflake`), and the user's key: DESCRIBE USER shows RSA_PUBLIC_KEY_FP";
const RIGHTS =
  "give the role USAGE on the warehouse, the database, the schema and the stage, and CREATE TABLE on the schema; tables that another role made stay that role's";
const AGAIN = "run the same command again: it begins anew";

/** By the code of an error, by its SQLSTATE, or by what it says; the first that fits. */
const HINTS: readonly { readonly of: RegExp; readonly hint: string; readonly isAuth?: true }[] = [
  {
    of: /^(000606|090073) |warehouse/i,
    hint: "check publish.snowflake.warehouse: that it is there, that the role may use and resume it, and that no resource monitor holds it",
  },
  {
    of: /^390\d{3} .*role|role .* (does not exist|not authorized)/i,
    hint: "check publish.snowflake.role, and that it is granted to the user",
    isAuth: true,
  },
  { of: /^\S+ 42501 |insufficient privileges/i, hint: RIGHTS, isAuth: true },
  {
    of: /^09\d{4} |remote file|stage area|storage integration/i,
    hint: "check that the URL of the stage is publish.snowflake.files.url, and that its storage integration or credentials may list and read there",
  },
  {
    of: /\bstage\b.* does not exist/i,
    hint: "create the external stage that publish.snowflake.stage names, in the same schema, over publish.snowflake.files.url, and give the role USAGE on it",
  },
  {
    of: /(database|schema)\b.* does not exist|^002043 /i,
    hint: "check publish.snowflake.database and schema: they have to be there, and the role needs USAGE on both",
  },
  {
    of: /^002002 /,
    hint: "a table of that name belongs to another role: give its ownership to this one, or name a prefix under publish.snowflake",
  },
  { of: /^000625 |\block(ed)?\b/i, hint: "somebody holds one of the tables: run the same command again" },
  {
    of: /^100\d{3} /,
    hint: "run the same command again; when it says the same, report it with what `growthos doctor` says",
  },
];

/** What a statement did, as its error tells. */
interface Failing {
  readonly name: string;
  readonly state: string;
}

/** The error of a statement that was not carried out: `PUBLISH_FAILED`, and `PUBLISH_AUTH` for who may not. */
export function statementFailure(body: unknown, status: number, { name, state }: Failing): GrowthosError {
  const text = (path: string) => String(valueAt(body, path) ?? "");
  const [code, sqlState] = [text("code"), text("sqlState")];
  // Snowflake quotes the value that it refuses.
  const message = withoutAddresses(text("message")).replaceAll(/\s+/g, " ").slice(0, 300);
  const found = HINTS.find(({ of }) => of.test(`${code} ${sqlState} ${message}`));
  const isAuth = found?.isAuth === true;
  return new GrowthosError({
    code: isAuth ? "PUBLISH_AUTH" : "PUBLISH_FAILED",
    what: `Snowflake did not carry out ${name}`,
    why: status === 408 ? "it took longer than an hour, and was stopped" : `${message} (${code})`,
    state,
    hint: found?.hint ?? AGAIN,
    exit: isAuth ? "auth" : "source",
  });
}

/** Nobody knows what became of it. */
export function unanswered({
  host,
  statement,
  why,
}: {
  readonly host: string;
  readonly statement: Failing;
  readonly why: string;
}): GrowthosError {
  return new GrowthosError({
    code: "API_BROKEN",
    what: `${host} did not answer to ${statement.name}`,
    why,
    state: statement.state,
    hint: "check publish.snowflake.account and the network of this machine, then run the same command again: it begins anew",
    exit: "source",
  });
}

/** Minutes by which a clock may be wrong before it is the cause. */
const SKEW_MINUTES = 1;

/** What to do after 400 to 404: who asks is not taken, or nobody is there. `now` in ms since 1970 UTC. */
export function refused({ status, body, headers }: HttpResponse, now: number): Verdict {
  const reason = reasonOf(body) ?? `HTTP ${status}`;
  const minutes = Math.round(Math.abs(now - Date.parse(headers["date"] ?? "")) / 60_000);
  const hint = minutes > SKEW_MINUTES ? `the clock of this machine is ${minutes} min wrong: set it` : KEY;
  if (status === 401) return { next: "reauth", reason, hint };
  if (status === 404)
    return {
      next: "abort",
      code: "API_REFUSED",
      reason,
      hint: "check publish.snowflake.account: as in the address, without .snowflakecomputing.com",
    };
  if (status === 403)
    return {
      next: "abort",
      code: "API_AUTH",
      reason,
      hint: "check publish.snowflake.account, and that a network policy lets this machine in",
    };
  return { next: "abort", code: "API_REFUSED", reason, hint: "check publish.snowflake in the config" };
}

function reasonOf(body: string): string | null {
  try {
    const [code, message] = ["code", "message"].map((name) => valueAt(parseJson(body), name));
    return message === undefined ? null : `${String(message).slice(0, 300)} (${String(code)})`;
  } catch (thrown) {
    // A proxy's page, or nothing at all.
    if (thrown instanceof GrowthosError) return null;
    throw thrown;
  }
}
