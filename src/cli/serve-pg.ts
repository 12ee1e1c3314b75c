/** `growthos serve --pg`: the marts over PostgreSQL's wire protocol, until it is interrupted. */
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import type { ReaderPool } from "../warehouse/sql-reader.js";
import type { Workspace } from "../warehouse/types.js";
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
  const { servePg } = await import("../serve/pg/listen.js");
  const { clock, random, signal } = context.effects;
  const { open, close } = await openPools(context, ws);
  const { version } = context;
  const serving = await servePg({ port, database: ws.name, password, version, open, clock, random, signal });
  const address = `postgresql://${USER}@127.0.0.1:${serving.port}/${ws.name}`;
  context.output.note(`${address} (Ctrl-C ends it)`);
  context.output.note(given === null ? `password: ${password.reveal()}` : `password: the one in ${VARIABLE}`);
  await serving.ended;
  await close();
  return { exit: "ok", json: { address }, text: address };
}

/** The current build for each connection; one that is no longer current is let go with its last connection. */
async function openPools(context: CommandContext, ws: Workspace) {
  const [{ currentBuild }, { openReaders }] = await Promise.all([
    import("../warehouse/publish.js"),
    import("../warehouse/sql-reader.js"),
  ]);
  const memoryLimitMb = await databaseMemoryMb(context);
  const pools = new Map<string, { readonly pool: Promise<ReaderPool>; readers: number }>();
  const letGo = async (current: string) => {
    for (const [path, { pool, readers }] of pools) {
      if (path === current || readers > 0) continue;
      pools.delete(path);
      (await pool).close();
    }
  };
  const open = async () => {
    const build = currentBuild(ws);
    if (build === null) throw nothingYet(ws.name);
    const { path } = build;
    const held = pools.get(path) ?? { pool: openReaders({ path, name: ws.name, memoryLimitMb }), readers: 0 };
    pools.set(path, held);
    held.readers += 1;
    const pool = await held.pool.catch((thrown: unknown) => {
      pools.delete(path);
      throw thrown;
    });
    await letGo(path);
    const reader = await pool.reader();
    return {
      ...reader,
      close: async () => {
        await reader.close();
        held.readers -= 1;
      },
    };
  };
  // Said now rather than to the first who connects.
  await (await open()).close();
  return { open, close: () => letGo("") };
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
