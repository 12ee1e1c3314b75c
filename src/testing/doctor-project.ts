import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../base/clock.js";
import { secretVariable } from "../config/sources.js";
import type { JsonObject } from "../connectors/shape.js";
import { undiciTransport } from "../http/undici.js";
import { type Double, rerouted } from "./doubles/server.js";
import { type ProgramResult, type ProgramWorld, runProgram } from "./program.js";
import { freshFolder } from "./workspace.js";

/** A project whose sources are doubles, with their credentials in `.env`. */
export interface DoctorProject {
  readonly cwd: string;
  /** Writes `.env` anew, with other values for some variables; null takes one away. */
  credentials(other?: Readonly<Record<string, string | null>>): void;
  run(argv: readonly string[], world?: Partial<ProgramWorld>): Promise<ProgramResult>;
  /** `doctor --json`: the findings by check, as `status: message -> fix`. */
  findings(world?: Partial<ProgramWorld>): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** Noon of a day on which every API in use is served. Backoffs take no time; a sleep of a minute and more is the vendor's to end. */
export function stillClock(at: number): Clock {
  return { now: () => at, elapsed: systemClock.elapsed, sleep: async (_ms, signal) => signal?.throwIfAborted() };
}

/** What a project has beside its doubles. */
export interface DoctorOptions {
  readonly shop?: JsonObject;
  /** More sources, or other options of one, e.g. `{ fx: {} }`. */
  readonly sources?: JsonObject;
  /** More hosts and who plays them. */
  readonly routes?: Readonly<Record<string, string>>;
}

/** Makes the project. */
export function doctorProject(doubles: readonly Double[], options: DoctorOptions = {}): DoctorProject {
  const cwd = freshFolder();
  const own = Object.fromEntries(doubles.map(({ source, options }) => [source, options]));
  const config = {
    shop: { name: "Northwind", currency: "USD", timeZone: "America/Los_Angeles", ...options.shop },
    sources: { ...own, ...options.sources },
  };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
  mkdirSync(join(cwd, "home"));
  const network = undiciTransport({ allowLoopback: true });
  // Of two that play the same host, the first.
  const routes = Object.assign({}, ...doubles.map((double) => double.routes).reverse(), options.routes);
  const variables = Object.fromEntries(
    doubles.flatMap(({ source, secrets }) =>
      Object.entries(secrets).map(([name, secret]) => [secretVariable(source, name), secret?.reveal() ?? ""]),
    ),
  );
  const credentials: DoctorProject["credentials"] = (other = {}) => {
    const lines = Object.entries({ ...variables, ...other }).flatMap(([name, value]) =>
      value === null ? [] : [`${name}='${value}'`],
    );
    writeFileSync(join(cwd, ".env"), lines.join("\n"), { mode: 0o600 });
  };
  credentials();
  const run: DoctorProject["run"] = (argv, world = {}) =>
    runProgram(argv, { cwd, transport: rerouted(network, routes), ...world });
  return {
    cwd,
    credentials,
    run,
    findings: async (world) => {
      const { stdout } = await run(["doctor", "--json"], world);
      const { findings } = JSON.parse(stdout) as {
        readonly findings: readonly Readonly<Record<"check" | "status" | "message" | "fix", string | undefined>>[];
      };
      return Object.fromEntries(
        findings.map(({ check, status, message, fix }) => [
          check ?? "",
          `${status}: ${message}${fix === undefined ? "" : ` -> ${fix}`}`,
        ]),
      );
    },
    close: async () => {
      await network.close();
      for (const double of doubles) await double.close();
    },
  };
}
