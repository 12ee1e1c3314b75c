/** `growthos serve --intake`: the receiver of pushed data, until it is interrupted. */
import type { CommandContext, Outcome } from "./command.js";
import { endpointsOf, intakeOf } from "./intake.js";
import { builtPixel } from "./pixel-code.js";

/** How long a sync may hold the spool: it seals what another receiver left. */
const LOCK_WAIT_MS = 10_000;

/** Listens and accepts until the signal; `port` overrides the config. Throws `INTAKE_NOT_CONFIGURED`, `SECRETS_MISSING`, `PORT_TAKEN`, `LOCKED`. */
export async function serveIntake(context: CommandContext, port: number | null): Promise<Outcome> {
  const intake = intakeOf(await context.workspaceConfig());
  const ws = await context.workspace();
  const endpoints = await endpointsOf(context, ws, intake);
  const [{ withLock }, { openSpool }, { receive }, { pixelScript }] = await Promise.all([
    import("../warehouse/lock.js"),
    import("../intake/spool.js"),
    import("../intake/receiver.js"),
    import("../intake/script.js"),
  ]);
  const { clock, log, signal } = context.effects;
  const lock = { waitMs: LOCK_WAIT_MS, clock, owner: "serve --intake" };
  return withLock(ws, "spool", lock, async () => {
    const spool = openSpool({ ws, clock, log, signal });
    const { host, hosts, behindProxy, limits } = intake;
    const isOnSites = (endpoints.get("pixel")?.origins.length ?? 0) > 0;
    const script = isOnSites ? pixelScript(builtPixel(context, "browser"), ws.name) : null;
    const options = { endpoints, spool, script, host, hosts, behindProxy, limits, clock, log, signal };
    const { origin, ended, counts } = await receive({ ...options, port: port ?? intake.port });
    const places = [...endpoints].flatMap(([source, { secrets, origins }]) => [
      ...(secrets.length > 0 ? [`${origin}/hooks/${source}`] : []),
      ...(source === "pixel" && origins.length > 0 ? [`${origin}/px`, `${origin}/pixel.js`] : []),
    ]);
    for (const place of places) context.output.note(place);
    context.output.note("(Ctrl-C ends it; `growthos sync` lands what has come)");
    await ended;
    const answered = Object.fromEntries([...counts].sort(([a], [b]) => a - b).map(([status, many]) => [status, many]));
    const text = Object.entries(answered).map(([status, many]) => `${status}: ${many}`);
    return { exit: "ok", json: { origin, places, answered }, text: text.join(", ") || "nothing came" };
  });
}
