import { describe, expect, it } from "vitest";
import { projectFiles, textOf } from "../source.js";
import { NAMED_BUGS } from "./bugs.js";
import { counted } from "./counts.js";
import { sumsOf } from "./reporter.js";

const tests = projectFiles().filter((path) => path.endsWith(".test.ts"));

/** What tests are called: the first text after `it(`, `describe(`, `])(` and the like; `judged` is `it` where the vendors' schemas are there. */
const titles = new Map(
  tests.map((path) => [
    path,
    [...textOf(path).matchAll(/(?:\b(?:it|describe|judged)|\))(?:\.\w+)*\(\s*(["`])((?:(?!\1).)*)\1/g)].map(
      ([, , title]) => title ?? "",
    ),
  ]),
);

describe("bugs that other tools had", () => {
  it("are in the list, each once", () => {
    const ids = NAMED_BUGS.map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 54 }, (_, index) => `B-${String(index + 1).padStart(2, "0")}`));
    expect(NAMED_BUGS.filter(({ test, why }) => test === null && why === undefined)).toEqual([]);
  });

  it.each(NAMED_BUGS.flatMap(({ id, what, test }) => (test === null ? [] : [[id, what, test] as const])))(
    "%s, %s: the test that shows it is there bears its name",
    (id, _, test) => {
      expect((titles.get(`src/${test}`) ?? []).filter((title) => title.includes(id))).not.toEqual([]);
      counted("bugs");
    },
  );

  it("B-42 the database's own encryption is not used: credentials have an envelope of their own", () => {
    const product = projectFiles().filter((path) => /^(src|sql)\//.test(path) && !path.includes("test"));
    expect(product.filter((path) => /encryption_key|add_parquet_key/i.test(textOf(path)))).toEqual([]);
  });

  it("B-54 S03 every package is known by its hash, and what runs at install is known by name", () => {
    const { packages } = JSON.parse(textOf("package-lock.json")) as {
      readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly hasInstallScript?: boolean }>>;
    };
    const installed = Object.entries(packages).filter(([path]) => path !== "");
    const running = installed.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path);
    // A compiler's own binary; SSH works without its two, in JavaScript.
    expect(running).toEqual(["node_modules/cpu-features", "node_modules/esbuild", "node_modules/ssh2"]);
    // Packages of platforms that the lock file was not made on have no hash in it; those that are run here have one.
    const platforms = /-(android|darwin|freebsd|linux|win32|openbsd|netbsd|sunos|aix|openharmony|wasm32)/;
    const bare = installed.filter(
      ([path, { integrity }]) => !integrity?.startsWith("sha512-") && !platforms.test(path),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });
});

/** Rows of the fault matrix: network, answers, data, files, process, clock, config, keys, webhooks, reports, isolation. */
const ROW = /(?<![\w-])[NADFPCGKWRS]\d\d(?![\w-])/g;
const LARGEST = { N: 21, A: 15, D: 15, F: 19, P: 14, C: 5, G: 6, K: 9, W: 16, R: 11, S: 4 };

describe("rows of the fault matrix", () => {
  it("are named by the tests that run them, 120 of 135 at least", () => {
    const named = [...titles.values()].flat().flatMap((title) => title.match(ROW) ?? []);
    const known = [...new Set(named)].filter(
      (row) => Number(row.slice(1)) <= LARGEST[row.charAt(0) as keyof typeof LARGEST],
    );
    expect(known.length).toBeGreaterThanOrEqual(120);
    counted("rows", known.length);
  });
});

it("what tests count is added up by goal", () => {
  expect([...sumsOf("points 3\nflips 1\npoints 2\n")]).toEqual([
    ["points", 5],
    ["flips", 1],
  ]);
});
