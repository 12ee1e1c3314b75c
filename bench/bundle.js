import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Sources that look for files beside them (fixtures, SQL, the vendors' schemas) find these from a bundle, too. */
const knowsItsPlace = {
  name: "knows its place",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
      loader: "ts",
    })),
};

/** Makes programs of TypeScript texts that import growthos's own modules as `./src/…`; `remove` deletes them. They lie where packages are found from, and outside of what is packed. */
export async function bundle(entries) {
  const place = mkdtempSync(join(ROOT, "node_modules", ".growthos-bench-"));
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
      plugins: [knowsItsPlace],
    });
  }
  return { paths, remove: () => rmSync(place, { recursive: true, force: true }) };
}
