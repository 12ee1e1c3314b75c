import { type ZodType, z } from "zod";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";

/** One way to prove to a vendor who is asking: what people have to bring, and how they get it. */
export interface SignIn {
  /** Plain name, typed after `--method`: `token`, `client_credentials`, `oauth`, `service_account`. */
  readonly kind: string;
  readonly title: string;
  /** Where in the vendor's pages the credentials are made, and which permissions they need; printed before the questions. */
  readonly help: string;
  readonly members: readonly CredentialMember[];
  /** Members that are not asked for but come back from the vendor's consent page in the browser. */
  readonly oauth?: {
    readonly authorizeUrl: string;
    readonly tokenUrl: string;
    /** The server's own name: what `iss` of its answers must be, where it sends one (RFC 9207). */
    readonly issuer: string;
    readonly scopes: readonly string[];
    /** Further parameters of the consent page, e.g. `access_type=offline`. */
    readonly parameters?: Readonly<Record<string, string>>;
    /** The member that receives the refresh token. */
    readonly member: string;
  };
}

/** One value that belongs to a way of signing in. All of them are treated as secret. */
export interface CredentialMember {
  /** As in `secrets`; its variable is `<SOURCE>_<NAME>`. */
  readonly name: string;
  readonly label: string;
  /** May be left out (an app secret that only some apps need). */
  readonly optional?: true;
  /** No secret by itself: shown while it is typed (a client id, a user name). */
  readonly shown?: true;
  /** The value is a file's content: asked for as a path (a service account's key file). */
  readonly file?: true;
  /** What a wrong value gets to hear; undefined for a good one. */
  readonly check?: (text: string) => string | undefined;
}

/** Credentials of a source by member; every member may be missing, one complete way of signing in may not. */
export type Credentials = Readonly<Record<string, Secret | undefined>>;

/** The schema of a connector's `secrets`: strict, every member a `Secret`, and at least one way of signing in complete (when there is any). */
export function secretsOf(signIns: readonly SignIn[]): ZodType<Credentials> {
  const names = [...new Set(signIns.flatMap(membersOf))];
  const shape = Object.fromEntries(names.map((name) => [name, z.instanceof(Secret).optional()]));
  return z.strictObject(shape).refine((given) => signIns.length === 0 || signInOf(signIns, given) !== undefined, {
    error: `needs ${signIns.map((one) => required(one).join(" and ")).join(", or ")}`,
  });
}

/** The first way of signing in that is complete; undefined when none is. */
export function signInOf(signIns: readonly SignIn[], given: Credentials): SignIn | undefined {
  return signIns.find((one) => required(one).every((name) => given[name] !== undefined));
}

/** The members that a way of signing in cannot do without. */
export function required(signIn: SignIn): readonly string[] {
  return [
    ...signIn.members.filter(({ optional }) => optional !== true).map(({ name }) => name),
    ...oauthMember(signIn),
  ];
}

/** Every member of a way of signing in, optional ones included. */
export function membersOf(signIn: SignIn): readonly string[] {
  return [...signIn.members.map(({ name }) => name), ...oauthMember(signIn)];
}

function oauthMember({ oauth }: SignIn): readonly string[] {
  return oauth === undefined ? [] : [oauth.member];
}

/** A member that the chosen way of signing in is sure to have; throws (our bug) when it has not. */
export function given(secrets: Credentials, name: string): Secret {
  const secret = secrets[name];
  if (secret !== undefined) return secret;
  throw new GrowthosError({ code: "CREDENTIAL_MISSING", what: `the credential ${name} is missing`, exit: "bug" });
}
