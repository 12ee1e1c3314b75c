import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { goalsReporter } from "../proof/reporter.js";
import usual from "../vitest.config.js";

const counts = join(mkdtempSync(join(tmpdir(), "growthos-counts-")), "counts");
process.env["GROWTHOS_COUNTS"] = counts;

/** The whole sweep: every mutating call in every mode, and everything else that counts towards the goals of `bench/goals.js`. */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    include: [
      "src/testing/faults/{pipeline,network,connection,data,api,erase}-faults.test.ts",
      "src/testing/faults/{every-fault,mutants,kills,restarts,upkeep,intake-kills,store}.test.ts",
      "src/testing/proof/bugs.test.ts",
      "src/warehouse/{verify,journal,findings}.test.ts",
      "src/vault/vault.test.ts",
      "src/cli/token-store.test.ts",
      "src/notify/{outbox,smtp}.test.ts",
      "src/reports/{browser,site}.test.ts",
      "src/sync/{sftp,vendor-bugs}.test.ts",
      "src/intake/{roll,fuzz}.test.ts",
    ],
    reporters: ["default", goalsReporter(counts)],
    provide: { ...usual.test?.provide, faultStride: 1 },
  },
});
