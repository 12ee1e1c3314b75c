/**
 * The house rules, executed. A rule that cannot be kept is changed here, in the open, with the sentence that says why.
 * Where a rule lists offenders, the expected list is empty: the message of a failure is the list of places.
 */
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { FIELDS } from "../cli/journal.js";
import { CONNECTORS } from "../connectors/index.js";
import { INTAKE_SOURCES } from "../intake/types.js";
import { importsOf, lengthOf, lineOf, projectFiles, type Source, sources, textOf, visit } from "./source.js";

const files = projectFiles();
const all = sources();
const product = all.filter((source) => !source.isTest && source.room !== "testing");

/** Who may import whom; every room may import itself. Type-only imports count. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  http: ["base"],
  connectors: ["base", "http"],
  config: ["base", "http", "connectors"],
  warehouse: ["base"],
  stats: ["base"],
  vault: ["base"],
  transform: ["base", "warehouse", "stats"],
  metrics: ["base", "warehouse", "transform", "stats"],
  alerts: ["base", "warehouse", "transform", "metrics", "stats"],
  reports: ["base", "warehouse", "transform", "metrics", "stats", "alerts"],
  // The commands hand it alerts, reports and health: what it makes itself are queries only.
  ask: ["base", "warehouse", "metrics"],
  notify: ["base", "http", "warehouse", "metrics", "alerts"],
  publish: ["base", "http", "connectors", "warehouse"],
  // Other places for the models of a build: it implements what transform asks for.
  engines: ["base", "http", "warehouse", "transform"],
  serve: ["base", "warehouse", "metrics", "alerts", "reports"],
  sync: ["base", "http", "connectors", "warehouse"],
  // What is delivered to browsers: it reaches for nothing. The server-side twin (intake) speaks as it does.
  pixel: [],
  intake: ["base", "http", "connectors", "warehouse", "pixel"],
  demo: ["base", "http"],
  cli: "base http connectors config warehouse stats transform metrics ask alerts reports notify publish engines serve sync intake pixel vault demo".split(
    " ",
  ),
};

/** Packages that have one home (DuckDB a second one, where typed rows are streamed to programs outside); every other package that is not in this table is refused. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  "@duckdb/node-api": /^src\/warehouse\/(duckdb|sql-reader|sql-values)\.ts$/,
  undici: /^src\/http\/undici\.ts$/,
  "p-retry": /^src\/http\/retries\.ts$/,
  bottleneck: /^src\/http\/client\.ts$/,
  vega: /^src\/reports\/svg\.ts$/,
  "vega-lite": /^src\/reports\/svg\.ts$/,
  "@resvg/resvg-wasm": /^src\/reports\/png\.ts$/,
  fflate: /^src\/cli\/(bundle|workbook)\.ts$/,
  handlebars: /^src\/reports\/render-[a-z]+\.ts$/,
  chalk: /^src\/cli\/output\.ts$/,
  ora: /^src\/cli\/output\.ts$/,
  // Its HTTP parts are not loaded: this server speaks over standard input and output only.
  "@modelcontextprotocol/sdk": /^src\/ask\/mcp\/(server|stdio)\.ts$/,
  // It is handed a way to the network: what it would send by itself, and to where, is decided in `cli/ask-model.ts`.
  "@anthropic-ai/sdk": /^src\/ask\/llm\/anthropic\.ts$/,
  commander: /^src\/cli\//,
  "read-excel-file": /^src\/sync\/files-workbook\.ts$/,
  pg: /^src\/(publish\/postgres(-copy)?|engines\/wire)\.ts$/,
  ssh2: /^src\/http\/sftp\.ts$/,
  nodemailer: /^src\/notify\/smtp\.ts$/,
  seedrandom: /^src\/demo\/world\.ts$/,
  jiti: /^src\/config\/load\.ts$/,
  zod: /^src\//,
};

/** What a Node module may be used for, where that is confined. */
const NODE_MODULES: Readonly<Record<string, RegExp>> = {
  "node:fs": /^src\/warehouse\/disk\.ts$/,
  "node:fs/promises": /^$/,
  // The OS keyring is asked through its own command; a browser shows and prints reports; each of many workspaces has a process of its own.
  "node:child_process": /^src\/(vault\/keyring|cli\/(browser|print-pdf|child-process))\.ts$/,
  // The browser comes back to the first with the consent of an OAuth sign-in; the second shows reports to this machine; the third is pushed to.
  "node:http": /^src\/(cli\/loopback|serve\/server|intake\/(receiver|admission|script))\.ts$/,
  "node:https": /^$/,
  // The type of a connection, to count those of one address; PostgreSQL's protocol, spoken to this machine alone.
  "node:net": /^src\/(intake\/receiver|serve\/pg\/(listen|wire))\.ts$/,
  "node:process": /^$/,
};

/** The leaves. A name beyond the first eight needs the sentence that stands beside it. */
const BASE = {
  errors: "errors as data, and the exit codes",
  clock: "the only way to the time",
  dates: "civil days",
  money: "minor units",
  ids: "names, quoting, randomness",
  secret: "text that does not print",
  hash: "SHA-256, HMAC, canonical JSON",
  log: "the talk of a run",
  files: "warehouse, sync, reports and cli all write, and a test must be able to fail each of those calls",
  objects: "http implements it and warehouse commits through it, and neither may know the other",
} as const;
const TOP_LEVEL =
  ".biome.json .ci .gitignore .npmrc LICENSE README.md bench bin fixtures growthos.config.ts package-lock.json package.json sql src templates tsconfig.json".split(
    " ",
  );

// The macros are a list of short functions, looked up one at a time; nobody reads them from top to bottom as one statement.
const CAPS = {
  functionLines: 90,
  functionP95: 50,
  functionMedian: 12,
  fileLines: 450,
  sqlLines: 150,
  macroLines: 250,
  parameters: 4,
};

describe("rooms", () => {
  it("are the ones in the table", () => {
    const rooms = new Set(all.map((source) => source.room).filter((room) => room !== "README.md"));
    expect([...rooms].filter((room) => room !== "testing" && ROOMS[room] === undefined)).toEqual([]);
  });

  it("import only what they may", () => {
    const offences = product.flatMap((source) =>
      importsOf(source)
        .filter(({ file }) => file !== null)
        .map(({ file, line }) => ({ to: file?.split("/")[1] ?? "", line }))
        .filter(({ to }) => to !== source.room && !(ROOMS[source.room] ?? []).includes(to))
        .map(({ to, line }) => `${source.path}:${line} imports ${to}`),
    );
    expect(offences).toEqual([]);
  });

  it("have no import cycles, type-only and lazy imports included", () => {
    const graph = new Map(
      product.map((source) => [source.path, importsOf(source).flatMap(({ file }) => (file === null ? [] : [file]))]),
    );
    expect(cycleIn(graph)).toBeNull();
  });

  it("import files that exist, with their endings", () => {
    const known = new Set(all.map((source) => source.path));
    const offences = all.flatMap((source) =>
      importsOf(source)
        .filter(({ file, specifier }) => file !== null && !known.has(file) && !specifier.endsWith(".json"))
        .map(({ specifier, line }) => `${source.path}:${line} ${specifier}`),
    );
    expect(offences).toEqual([]);
  });

  it("keep base to its allowed names", () => {
    const names = product
      .filter((source) => source.room === "base")
      .map((source) => source.path.slice("src/base/".length, -3));
    expect(names.sort()).toEqual(Object.keys(BASE).sort());
  });

  it("bear no name of a junk room", () => {
    expect(files.filter((path) => /\/(utils?|helpers?|common|lib|services?|misc|shared)(\/|\.ts$)/.test(path))).toEqual(
      [],
    );
  });
});

describe("a source", () => {
  it("is one word in five places", () => {
    const ids = CONNECTORS.map((connector) => connector.id).sort();
    const has = (path: string) => files.some((file) => file === path || file.startsWith(`${path}/`));
    const places = (id: string) =>
      [`src/connectors/${id}`, `src/demo/${id}.ts`, `sql/staging/${id}`, `fixtures/http/${id}`].filter(
        (path) => !has(path),
      );
    expect(ids.flatMap(places)).toEqual([]);
    const raw = files.filter((file) => file.startsWith("sql/staging/") && file.split("/").length === 4);
    const strangers = raw.filter((file) => {
      const source = file.split("/")[2] ?? "";
      return (
        ![...ids, ...INTAKE_SOURCES, "files", "sftp", "growthos"].includes(source) ||
        !file.split("/")[3]?.startsWith(`stg_${source}__`)
      );
    });
    expect(strangers).toEqual([]);
  });
});

describe("packages", () => {
  it("stay where they belong", () => {
    const offences = product.flatMap((source) =>
      importsOf(source)
        .filter(({ file }) => file === null)
        .filter(({ specifier }) => !isAllowed(source.path, specifier))
        .map(({ specifier, line }) => `${source.path}:${line} imports ${specifier}`),
    );
    expect(offences).toEqual([]);
  });
});

describe("the language", () => {
  it("has no default exports, enums, any, non-null assertions or classes beyond errors and Secret", () => {
    expect(product.flatMap((source) => offences(source, forbiddenSyntax))).toEqual([]);
    expect(all.flatMap((source) => offences(source, forbiddenInTests))).toEqual([]);
  });

  it("swallows no failure", () => {
    const swallows = (node: ts.Node) =>
      ts.isCatchClause(node) && node.block.statements.length === 0 ? "an empty catch" : null;
    expect(product.flatMap((source) => offences(source, swallows))).toEqual([]);
  });

  it("reads the process in cli and config/load only", () => {
    const isHome = (path: string) => path.startsWith("src/cli/") || path === "src/config/load.ts";
    const strangers = product.filter((source) => !isHome(source.path));
    expect(
      strangers.flatMap((source) => offences(source, (node) => (isGlobal(node, "process") ? "process" : null))),
    ).toEqual([]);
  });

  it("takes the time from the clock and chance from Random", () => {
    const rest = product.filter((source) => source.path !== "src/base/clock.ts");
    expect(rest.flatMap((source) => offences(source, timeOrChance))).toEqual([]);
  });

  it("passes authTagLength whenever it decrypts", () => {
    const careless = (node: ts.Node) =>
      ts.isCallExpression(node) &&
      node.expression.getText().endsWith("createDecipheriv") &&
      !/authTagLength:\s*16/.test(node.arguments[3]?.getText() ?? "");
    expect(all.flatMap((source) => offences(source, (node) => (careless(node) ? "no authTagLength" : null)))).toEqual(
      [],
    );
  });

  it("keeps SQL in warehouse, transform, the engines and the metric compiler", () => {
    // Google Ads and BigQuery are asked in query languages of their own, which begin with the same word; PostgreSQL and Snowflake take marts in theirs.
    const isHome = (path: string) =>
      /^src\/(warehouse\/|transform\/|engines\/|connectors\/(google_ads|ga4_events)\/|publish\/(postgres|snowflake)-sql)/.test(
        path,
      ) ||
      // The compiler: what is scanned, the statement around it, those of many windows, and the one of the weekly review.
      /^src\/metrics\/(compile(-six-twelve|-windows)?|scans)\.ts$/.test(path);
    const isSql = (node: ts.Node) =>
      (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) &&
      node.getText().length > 80 &&
      /\bselect\b/i.test(node.getText());
    const rest = product.filter((source) => !isHome(source.path));
    expect(rest.flatMap((source) => offences(source, (node) => (isSql(node) ? "SQL" : null)))).toEqual([]);
  });

  it("logs no field that is not on the list", () => {
    const strangers = (node: ts.Node) => {
      if (!ts.isCallExpression(node) || !/\blog\.(info|warn|debug)$/.test(node.expression.getText())) return null;
      const members = node.arguments.flatMap((one) => (ts.isObjectLiteralExpression(one) ? [...one.properties] : []));
      const unknown = members.flatMap(({ name }) => name?.getText() ?? []).find((name) => !FIELDS.has(name));
      return unknown === undefined ? null : `logs ${unknown}, which is left out`;
    };
    expect(product.flatMap((source) => offences(source, strangers))).toEqual([]);
  });

  it("documents every exported function and type", () => {
    expect(product.flatMap((source) => offences(source, undocumented))).toEqual([]);
  });
});

describe("budgets", () => {
  it("keep functions short", () => {
    const lengths = product.flatMap(functionLengths);
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    expect(lengths.filter(({ lines }) => lines > CAPS.functionLines)).toEqual([]);
    expect(at(0.5)).toBeLessThanOrEqual(CAPS.functionMedian);
    expect(at(0.95)).toBeLessThanOrEqual(CAPS.functionP95);
  });

  it("keep files and SQL short", () => {
    const lines = (path: string) => textOf(path).split("\n").length - 1;
    const long = [
      ...all.map(({ path }) => ({ path, cap: CAPS.fileLines })),
      ...files
        .filter((path) => path.startsWith("sql/") && path.endsWith(".sql"))
        .map((path) => ({ path, cap: path === "sql/macros.sql" ? CAPS.macroLines : CAPS.sqlLines })),
    ].filter(({ path, cap }) => lines(path) > cap);
    expect(long.map(({ path }) => `${path}: ${lines(path)}`)).toEqual([]);
  });

  it("keep parameter lists short", () => {
    const isLong = (node: ts.Node) => ts.isFunctionLike(node) && node.parameters.length > CAPS.parameters;
    expect(product.flatMap((source) => offences(source, (node) => (isLong(node) ? "parameters" : null)))).toEqual([]);
  });
});

describe("the tree", () => {
  it("has the agreed top level", () => {
    const top = new Set(files.map((path) => path.split("/")[0] ?? ""));
    expect([...top].sort()).toEqual(TOP_LEVEL);
  });

  it("has no loose ends and no skipped tests", () => {
    const marks = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "HA" + "CK"].join("|")})\\b`);
    const skips = /\b(it|test|describe)\.(skip|only|todo)\b|\b(xit|xdescribe|fit|fdescribe)\(/;
    const places = all
      .filter(({ path }) => path !== "src/testing/house-rules.test.ts")
      .flatMap(({ path }) => linesMatching(path, (line) => marks.test(line) || skips.test(line)));
    expect(places).toEqual([]);
  });

  it("names no registry host and no path of a machine", () => {
    const host = new RegExp(
      [
        ["registry", "npmjs"],
        ["npm", "pkg", "github"],
      ]
        .map((parts) => parts.join("\\."))
        .join("|"),
    );
    const path = /(^|[\s"'`(=:])\/(work|root|home|Users)\/[A-Za-z]/;
    const texts = files.filter((file) =>
      /\.(ts|js|json|md|sql|csv|hbs|css|yml|html|txt)$|^\.ci\/|^\.npmrc$/.test(file),
    );
    const places = texts
      .filter((file) => file !== "src/testing/house-rules.test.ts")
      .flatMap((file) => linesMatching(file, (line) => host.test(line) || path.test(line)));
    expect(places).toEqual([]);
  });

  it("locks the packages of every platform, and records no download address", () => {
    // `npm ci` refuses a lock file that was made where the packages of other platforms could not be looked up.
    const lock = JSON.parse(textOf("package-lock.json")) as {
      readonly packages: Readonly<
        Record<string, { readonly optionalDependencies?: object; readonly resolved?: string }>
      >;
    };
    const wanted = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const known = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
    expect(wanted.filter((name) => !known.has(name))).toEqual([]);
    expect(Object.values(lock.packages).filter((entry) => entry.resolved !== undefined)).toEqual([]);
  });
});

function isAllowed(path: string, specifier: string): boolean {
  if (specifier.startsWith("node:")) return NODE_MODULES[specifier]?.test(path) ?? true;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return PACKAGES[name]?.test(path) ?? false;
}

/** One cycle as a list of files, or null. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const trail: string[] = [];
  const walk = (file: string): readonly string[] | null => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return null;
    trail.push(file);
    for (const next of graph.get(file) ?? []) {
      const found = walk(next);
      if (found !== null) return found;
    }
    trail.pop();
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const found = walk(file);
    if (found !== null) return found;
  }
  return null;
}

/** `path:line what` for every node about which `judge` has something to say. */
function offences(source: Source, judge: (node: ts.Node) => string | null): readonly string[] {
  const found: string[] = [];
  visit(source.tree, (node) => {
    const what = judge(node);
    if (what !== null) found.push(`${source.path}:${lineOf(source.tree, node)} ${what}`);
  });
  return found;
}

function forbiddenInTests(node: ts.Node): string | null {
  if (ts.isEnumDeclaration(node)) return "an enum";
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "any";
  if (ts.isNonNullExpression(node)) return "a non-null assertion";
  return null;
}

function forbiddenSyntax(node: ts.Node): string | null {
  if (ts.isExportAssignment(node)) return "a default export";
  if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) {
    return "a default export";
  }
  if (ts.isClassLike(node)) {
    const isError = node.heritageClauses?.some((clause) => /\bError\b/.test(clause.getText())) ?? false;
    return isError || node.name?.text === "Secret" ? null : "a class";
  }
  return null;
}

function isGlobal(node: ts.Node, name: string): boolean {
  return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;
}

function timeOrChance(node: ts.Node): string | null {
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments?.length ?? 0) === 0) {
    return "new Date()";
  }
  if (!ts.isPropertyAccessExpression(node)) return null;
  const text = node.getText();
  return ["Date.now", "Math.random", "performance.now"].includes(text) ? text : null;
}

function undocumented(node: ts.Node): string | null {
  const isKind = ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  if (!isKind || !ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return null;
  const overloads = node.parent
    .getChildren()
    .flatMap((list) => list.getChildren())
    .filter((other) => ts.isFunctionDeclaration(other) && other.name?.text === node.name?.text);
  return [node, ...overloads].some((one) => ts.getJSDocCommentsAndTags(one).length > 0)
    ? null
    : `${node.name?.text ?? "?"} has no docstring`;
}

function functionLengths(source: Source): readonly { readonly place: string; readonly lines: number }[] {
  const found: { readonly place: string; readonly lines: number }[] = [];
  visit(source.tree, (node) => {
    const hasBody = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node);
    const isBlock = (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) && ts.isBlock(node.body);
    if (hasBody || isBlock) {
      found.push({ place: `${source.path}:${lineOf(source.tree, node)}`, lines: lengthOf(source.tree, node) });
    }
  });
  return found;
}

function linesMatching(path: string, matches: (line: string) => boolean): readonly string[] {
  return textOf(path)
    .split("\n")
    .flatMap((line, index) => (matches(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 80)}`] : []));
}
