/** `growthos serve --pg`: the marts over PostgreSQL's wire protocol, until it is interrupted. */
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import type { CommandContext, Outcome } from "./command.js";
import { nothingYet } from "./context.js";
import { databaseMemoryMb } from "./database-memory.js";

const VARIABLE = "GROWTHOS_PG_PASSWORD";
const LEAST_PASSWORD = 12;
/** What the made-up password is made of, bytes. */
const PASSWORD_BYTES = 16;
/** Any name will do; clients want one. */
const USER = "growthos";

/** Listens and answers until the signal. Throws `NO_BUILD`, `PASSWORD_WEAK`, `PORT_TAKEN`. */
export async function servePgMarts(context: CommandContext, port: number): Promise<Outcome> {
  const ws = await context.workspace({ mustExist: true });
  const given = await givenPassword(context);
  const password = given ?? new Secret(context.effects.random.hex(PASSWORD_BYTES));
  const [{ servePg }, { currentBuild }, { openReader }] = await Promise.all([
    import("../serve/pg/listen.js"),
    import("../warehouse/publish.js"),
    import("../warehouse/sql-reader.js"),
  ]);
  const { clock, random, signal, memoryMb } = context.effects;
  const open = async () => {
    const build = currentBuild(ws);
    if (build === null) throw nothingYet(ws.name);
    return openReader({ path: build.path, memoryLimitMb: databaseMemoryMb(memoryMb) });
  };
  // Said now rather than to the first who connects.
  await (await open()).close();
  const { version } = context;
  const serving = await servePg({ port, database: ws.name, password, version, open, clock, random, signal });
  const address = `postgresql://${USER}@127.0.0.1:${serving.port}/${ws.name}`;
  context.output.note(`${address} (Ctrl-C ends it)`);
  context.output.note(given === null ? `password: ${password.reveal()}` : `password: the one in ${VARIABLE}`);
  await serving.ended;
  return { exit: "ok", json: { address }, text: address };
}

/** The password that the environment or `.env` gives; null when there is none. Throws `PASSWORD_WEAK`, `USAGE`. */
async function givenPassword(context: CommandContext): Promise<Secret | null> {
  const text = (await context.env())[VARIABLE] ?? "";
  if (text === "" && context.flags.quiet) {
    throw new GrowthosError({
      code: "USAGE",
      what: "with --quiet nobody would see the password",
      hint: `set ${VARIABLE} (in .env), or leave out --quiet`,
      exit: "usage",
    });
  }
  if (text === "") return null;
  if (text.length < LEAST_PASSWORD) {
    throw new GrowthosError({
      code: "PASSWORD_WEAK",
      what: `${VARIABLE} is shorter than ${LEAST_PASSWORD} characters`,
      why: "every program on this machine may try",
      hint: "choose a longer one, or leave it out: then one is made up and shown",
      exit: "usage",
    });
  }
  const secret = new Secret(text);
  context.effects.secrets.push(secret);
  return secret;
}
