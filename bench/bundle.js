import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Makes programs of TypeScript texts that import growthos's own modules as `./src/…`; `remove` deletes them. */
export async function bundle(entries) {
  const place = mkdtempSync(join(ROOT, "dist", ".bench-"));
  const paths = {};
  for (const [name, contents] of Object.entries(entries)) {
    paths[name] = join(place, `${name}.mjs`);
    await build({
      stdin: { contents, resolveDir: ROOT, loader: "ts" },
      outfile: paths[name],
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      logLevel: "error",
      // The doubles look for the vendors' schemas from where their sources are.
      define: { "import.meta.url": JSON.stringify(pathToFileURL(join(ROOT, "src/testing/doubles/server.ts")).href) },
    });
  }
  return { paths, remove: () => rmSync(place, { recursive: true, force: true }) };
}
