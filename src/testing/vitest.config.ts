import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongFirst } from "./long-first.js";
import { root } from "./root.js";

// The time zone and the colour are pinned so that a test sees what every machine sees.
process.env["TZ"] = "UTC";
process.env["NO_COLOR"] = "1";

export default defineConfig({
  root,
  test: {
    include: ["src/**/*.test.ts"],
    // What asks a registry: servers of others, and this package as people install it.
    exclude: ["src/testing/engines/**", "src/testing/installed/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: [fileURLToPath(new URL("folder.ts", import.meta.url))],
    pool: "forks",
    maxWorkers: "100%",
    sequence: { sequencer: LongFirst },
    // Modules hold no state that a test could leave behind, so each process loads them once and not once per file.
    isolate: false,
    // GraphQL's library checks the kind of every object at every step otherwise.
    env: { NODE_ENV: "production" },
    // How many mutating calls the slow fault sweeps go forward at a time; `npm run test:faults` provides 1.
    // A folder in which the browser tests keep pictures of all pages (`npm run test:pictures`); empty: they keep none.
    provide: { faultStride: 23, pictures: "" },
  },
});

declare module "vitest" {
  interface ProvidedContext {
    readonly faultStride: number;
    readonly pictures: string;
  }
}
