/** Whoever adds a stream says how it names people, or that it names nobody: erasing and access requests find people by that alone. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CONNECTORS } from "../connectors/index.js";
import { INTAKE_SOURCES } from "../intake/types.js";
import { NAMES_NOBODY, namesOf } from "../warehouse/erase/names.js";
import { isTellingName } from "../warehouse/personal-names.js";
import { root } from "./root.js";

/** Members that look as if they said who somebody is, beside those that are personal anywhere. */
const LOOKS =
  /(?:^|_)(?:e_?mail|phone|ip|client_id|user_id|webuserid|customer_id|visitor_id|pseudo_id|gclid|fbclid|first_name|last_name|birthday)(?:_|$)/;

/** `source.stream` -> every word that may be a member of its rows. */
function wordsOfStreams(): ReadonlyMap<string, ReadonlySet<string>> {
  const words = new Map<string, Set<string>>();
  const add = (stream: string, found: Iterable<string>) => {
    const known = words.get(stream) ?? new Set();
    for (const word of found) known.add(word);
    words.set(stream, known);
  };
  for (const { id } of CONNECTORS)
    for (const file of readdirSync(join(root, "fixtures/http", id))) {
      const { exchanges } = JSON.parse(readFileSync(join(root, "fixtures/http", id, file), "utf8"));
      add(
        `${id}.${file.replace(".json", "")}`,
        exchanges.flatMap(({ response }: { readonly response: unknown }) => members(response)),
      );
    }
  for (const source of INTAKE_SOURCES) add(`${source}.events`, []);
  for (const file of readdirSync(join(root, "sql/staging"), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".sql")) continue;
    const sql = readFileSync(join(root, "sql/staging", file), "utf8").replace(/--.*$/gm, "");
    for (const [, source, stream] of sql.matchAll(/\braw\.([a-z0-9_]+?)__([a-z0-9_]+)/g))
      add(`${source}.${stream}`, sql.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
  }
  return words;
}

/** Names of members at any depth, and what a list of columns says they are called. */
function members(value: unknown): readonly string[] {
  if (typeof value === "string" && value.startsWith("{"))
    return value.split("\n").flatMap((line) => members(parsed(line)));
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap(members);
  return Object.entries(value).flatMap(([name, inner]) => [
    name,
    ...(name === "name" && typeof inner === "string" ? [inner] : []),
    ...members(inner),
  ]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const snake = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
const looksPersonal = (name: string) => LOOKS.test(snake(name)) || isTellingName(name, "");

/** What is wrong with a stream, as whoever added it reads it. */
function complaint(stream: string, words: ReadonlySet<string>): readonly string[] {
  const [source = "", name = ""] = stream.split(".");
  if (namesOf(source, name).names.length > 0) return [];
  const found = [...words].filter(looksPersonal).sort();
  const excused = NAMES_NOBODY[stream];
  const seen = found.length === 0 ? "" : ` (${found.join(", ")} look as if they did)`;
  if (excused === undefined)
    return [
      `${stream}: say in STREAMS of warehouse/erase/names.ts where its rows name people${seen}, or in NAMES_NOBODY that they name nobody`,
    ];
  const other = found.filter((word) => !excused.includes(word));
  if (other.length === 0) return [];
  return [
    `${stream}: ${other.join(", ")} look as if they named people: say where in STREAMS of warehouse/erase/names.ts, or in NAMES_NOBODY that they do not`,
  ];
}

it("every stream says how it names people, or that it names nobody", () => {
  const streams = wordsOfStreams();
  expect([...streams].flatMap(([stream, words]) => complaint(stream, words))).toEqual([]);
  expect(Object.keys(NAMES_NOBODY).filter((stream) => !streams.has(stream))).toEqual([]);
});

it.each([
  ["new.people", [], /^new\.people: say in STREAMS of warehouse\/erase\/names\.ts where its rows name people, or/],
  ["new.people", ["clientId", "buyerEmail"], /\(buyerEmail, clientId look as if they did\)/],
  ["meta_ads.campaigns", ["ip_address"], /^meta_ads\.campaigns: ip_address look as if they named people: say where/],
])("%s with %j is refused", (stream, words, sentence) => {
  expect(complaint(stream, new Set(words))).toEqual([expect.stringMatching(sentence)]);
});

it.each([
  "email",
  "contactEmail",
  "cell_phone",
  "ip",
  "clientId",
  "user_pseudo_id",
  "firstName",
  "user_agent",
  "address1",
  "gclid",
])("%s looks personal", (name) => expect(looksPersonal(name)).toBe(true));
