/** What a person brings to `connect`: through a pipe, the environment, files, or typed. Never through the command line itself. */
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import { readSecrets } from "../config/sources.js";
import { membersOf, type SignIn, signInOf } from "../connectors/sign-in.js";
import { type CommandArgs, type CommandContext, flagOption, listOption, stringOption } from "./command.js";
import type { SignsIn } from "./connection.js";

/** Longest value of a member; a service account's key file has 2,400 characters. */
const MAX_CHARACTERS = 32_768;

/** Members by name. */
export type Members = Readonly<Record<string, Secret>>;

/** The members that were given with the command, all of them put on the list of secrets. Throws `CONNECT_MEMBER`, `CREDENTIAL_INVALID`. */
export async function givenMembers(context: CommandContext, connector: SignsIn, args: CommandArgs): Promise<Members> {
  const { effects } = context;
  const readFile = (path: string) => effects.files.readText(resolve(effects.cwd, expanded(context, path)));
  const fromEnv = flagOption(args, "fromEnv") ? readSecrets(connector, await context.env(), { readFile }).secrets : {};
  const written = {
    ...(flagOption(args, "stdin") ? parsed(await effects.input()) : {}),
    ...Object.fromEntries(listOption(args, "file").map((text) => fileMember(text, readFile))),
  };
  const known = [...new Set(connector.signIns.flatMap(membersOf))];
  const foreign = Object.keys(written).filter((name) => !known.includes(name));
  if (foreign.length > 0) throw memberUnknown(connector.id, foreign, known);
  const typed = Object.entries(written).map(([name, text]) => [name, new Secret(text.trim())] as const);
  const members = { ...fromEnv, ...Object.fromEntries(typed) };
  effects.secrets.push(...Object.values(members));
  return members;
}

/** The way of signing in: the one that was named, the only one that fits what was given, or the one that is chosen at the terminal. */
export async function chosenSignIn(
  context: CommandContext,
  connector: SignsIn,
  { args, members }: { readonly args: CommandArgs; readonly members: Members },
): Promise<SignIn> {
  const { signIns } = connector;
  const named = stringOption(args, "method");
  const kinds = signIns.map(({ kind }) => kind).join(", ");
  const names = Object.keys(members);
  const fits = signIns.filter((one) => names.every((name) => membersOf(one).includes(name)));
  const whole = names.length === 0 ? undefined : signInOf(fits, members);
  const only = named === undefined ? (whole ?? (fits.length === 1 ? fits[0] : undefined)) : byKind(signIns, named);
  if (only !== undefined) return only;
  if (named !== undefined || fits.length === 0 || !context.flags.input) {
    throw new GrowthosError({
      code: "CONNECT_METHOD",
      what: named === undefined ? "the way of signing in is not clear" : `${connector.id} has no sign-in "${named}"`,
      why: `${connector.id} has ${kinds}`,
      state: "nothing was stored",
      hint: `say --method ${kinds.replaceAll(", ", " | ")}`,
      exit: "usage",
    });
  }
  const prompt = await context.effects.prompt();
  fits.forEach((one, index) => {
    prompt.say(`  ${index + 1}  ${one.title}${index === 0 ? " (recommended)" : ""}`);
  });
  for (;;) {
    const answer = (await prompt.ask(`Sign in with [1-${fits.length}, Enter for 1]`)) || "1";
    const picked = /^\d{1,2}$/.test(answer) ? fits[Number(answer) - 1] : fits.find(({ kind }) => kind === answer);
    if (picked !== undefined) return picked;
    prompt.say(`please answer with a number from 1 to ${fits.length}`);
  }
}

function byKind(signIns: readonly SignIn[], kind: string): SignIn | undefined {
  return signIns.find((one) => one.kind === kind);
}

/** The members of a sign-in: what was given, and what is asked for at the terminal. Throws `CONNECT_INCOMPLETE`, `CREDENTIAL_INVALID`. */
export async function completeMembers(context: CommandContext, signIn: SignIn, given: Members): Promise<Members> {
  const members: Record<string, Secret> = {};
  for (const member of signIn.members) {
    const brought = given[member.name];
    if (brought !== undefined) {
      const problem = problemOf(member, brought.reveal());
      if (problem !== undefined) throw invalid(member.label, problem);
      members[member.name] = brought;
    } else if (context.flags.input) {
      const typed = await asked(context, member);
      if (typed !== null) members[member.name] = typed;
    }
  }
  const missing = signIn.members.filter(({ name, optional }) => optional !== true && members[name] === undefined);
  if (missing.length > 0) throw incomplete(signIn, missing);
  const late = signIn.oauth === undefined ? undefined : given[signIn.oauth.member];
  return late === undefined || signIn.oauth === undefined ? members : { ...members, [signIn.oauth.member]: late };
}

type Member = SignIn["members"][number];

/** Asks until the value is one; null for an optional member that is left empty. */
async function asked(context: CommandContext, member: Member): Promise<Secret | null> {
  const prompt = await context.effects.prompt();
  const label = `${member.label}${member.file ? ", path" : ""}${member.optional ? " (Enter for none)" : ""}`;
  for (;;) {
    const answer = member.file || member.shown ? await prompt.ask(label) : await prompt.hidden(label);
    if (answer === "" && member.optional) return null;
    const text = member.file ? readable(context, answer) : answer;
    const problem = text === null ? "this file cannot be read" : problemOf(member, text);
    if (problem === undefined && text !== null) {
      const secret = new Secret(text.trim());
      context.effects.secrets.push(secret);
      return secret;
    }
    prompt.say(problem ?? "");
  }
}

function readable(context: CommandContext, path: string): string | null {
  const { files, cwd } = context.effects;
  const place = resolve(cwd, expanded(context, path));
  return files.stat(place)?.kind === "file" ? files.readText(place) : null;
}

function problemOf(member: Member, text: string): string | undefined {
  if (text.trim() === "") return "it is empty";
  if (text.length > MAX_CHARACTERS) return `it is longer than ${MAX_CHARACTERS} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (member.file !== true && /[\u0000-\u001f\u007f\s]/.test(text.trim())) return "it has spaces or control characters";
  return member.check?.(text);
}

/** `member=value` lines as in a .env, or one JSON object of texts. */
function parsed(text: string): Readonly<Record<string, string>> {
  if (!text.trimStart().startsWith("{")) {
    return Object.fromEntries(Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? ""]));
  }
  const object = jsonOf(text);
  if (object !== null && Object.values(object).every((value) => typeof value === "string")) {
    return object as Readonly<Record<string, string>>;
  }
  throw new GrowthosError({
    code: "CONNECT_INPUT",
    what: "standard input is neither member=value lines nor one JSON object of texts",
    state: "nothing was stored",
    hint: "a whole key file is one member: --file keyFile=service-account.json",
    exit: "usage",
  });
}

function jsonOf(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    // The parser's message would quote the secret.
    return null;
  }
}

function fileMember(text: string, readFile: (path: string) => string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), readFile(text.slice(at + 1))];
  throw new GrowthosError({
    code: "USAGE",
    what: "--file takes member=path",
    hint: "e.g. --file keyFile=service-account.json",
    exit: "usage",
  });
}

/** A shell leaves `~` alone after `keyFile=`, and a prompt has no shell. */
function expanded({ effects }: CommandContext, path: string): string {
  return path.startsWith("~/") ? `${effects.env["HOME"] ?? "~"}${path.slice(1)}` : path;
}

function memberUnknown(source: string, foreign: readonly string[], known: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "CONNECT_MEMBER",
    what: `${source} has no credential called ${foreign.map((name) => `"${name.slice(0, 40)}"`).join(", ")}`,
    state: "nothing was stored",
    hint: `its credentials are ${known.join(", ")}`,
    exit: "usage",
  });
}

function invalid(label: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "CREDENTIAL_INVALID",
    what: `${label} cannot be right`,
    why,
    state: "nothing was stored",
    hint: "copy it again, whole and alone",
    exit: "auth",
  });
}

function incomplete(signIn: SignIn, missing: readonly Member[]): GrowthosError {
  const plain = missing.filter(({ file }) => file !== true).map(({ name }) => name);
  const files = missing.filter(({ file }) => file === true).map(({ name }) => `--file ${name}=<path>`);
  const lines =
    plain.length === 0 ? [] : [`${plain.map((name) => `${name}=…`).join(" and ")} on standard input with --stdin`];
  return new GrowthosError({
    code: "CONNECT_INCOMPLETE",
    what: `${missing.map(({ label }) => label).join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
    why: signIn.help,
    state: "nothing was stored",
    hint: `run it at a terminal to be asked; or give ${[...lines, ...files].join(" and ")}; or --from-env`,
    exit: "usage",
  });
}
