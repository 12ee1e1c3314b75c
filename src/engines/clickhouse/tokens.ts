/** A piece of SQL text, and the blanks that stand before it; comments are blanks. */
export interface Token {
  readonly kind: "word" | "quoted" | "text" | "number" | "sign";
  readonly text: string;
  readonly before: string;
}

const TOKEN =
  /(?<before>(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*)(?:(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<word>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?<sign><>|<=|>=|!=|\|\||->|\/\/|::|\S))/gy;
const COMMENT = /--[^\n]*|\/\*[\s\S]*?\*\//g;
const KINDS = ["text", "quoted", "word", "number", "sign"] as const;

/** Takes SQL apart. `textOf` makes the same statement of it again, without its comments. */
export function tokensOf(sql: string): readonly Token[] {
  return [...sql.matchAll(TOKEN)].map(({ groups = {} }) => {
    const kind = KINDS.find((name) => groups[name] !== undefined) ?? "sign";
    const before = (groups["before"] ?? "").replace(COMMENT, "").replace(/\n\s*\n/g, "\n");
    return { kind, text: groups[kind] ?? "", before };
  });
}

/** The text that tokens stand for. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ before, text }) => before + text).join("");
}

/** How deep in parentheses each token stands; both parentheses of a pair stand where the pair does. */
export function depthsOf(tokens: readonly Token[]): readonly number[] {
  let depth = 0;
  return tokens.map(({ kind, text }) => {
    if (kind === "sign" && text === ")") depth -= 1;
    const own = depth;
    if (kind === "sign" && text === "(") depth += 1;
    return own;
  });
}

/** A function that is called: `name(given, …) over …`. */
export interface Call {
  readonly name: Token;
  /** The arguments, rewritten already. */
  readonly given: readonly (readonly Token[])[];
  /** Its window; empty for none. */
  readonly over: readonly Token[];
}

/** Rewrites the calls in a text from the inside out; undefined leaves a call as it is. What replaces a call is not looked at again. */
export function rewriteCalls(
  tokens: readonly Token[],
  rewrite: (call: Call) => readonly Token[] | undefined,
): readonly Token[] {
  const depths = depthsOf(tokens);
  const closing = (open: number): number => depths.indexOf(depths[open] ?? 0, open + 1);
  const out: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const name = tokens[index] as Token;
    const isCall = name.kind === "word" && tokens[index + 1]?.text === "(" && tokens[index - 1]?.text !== ".";
    if (!isCall) {
      out.push(name);
      continue;
    }
    const inner = tokens.slice(index + 2, closing(index + 1));
    index = closing(index + 1);
    const over = index + 1;
    if (tokens[over]?.text === "over") index = tokens[over + 1]?.text === "(" ? closing(over + 1) : over + 1;
    const given = splitAtCommas(inner).map((one) => rewriteCalls(one, rewrite));
    const call = { name, given, over: rewriteCalls(tokens.slice(over, index + 1), rewrite) };
    out.push(...(rewrite(call) ?? [...callOf(name, given), ...call.over]));
  }
  return out;
}

/** `name(given, …)`. */
export function callOf(name: Token | string, given: readonly (readonly Token[])[]): readonly Token[] {
  const first = typeof name === "string" ? { kind: "word" as const, text: name, before: "" } : name;
  return [first, sign("("), ...given.flatMap((one, place) => (place === 0 ? one : [sign(","), ...one])), sign(")")];
}

/** The same with other blanks before its first token. */
export function spaced(tokens: readonly Token[], before: string): readonly Token[] {
  return tokens.map((token, index) => (index === 0 ? { ...token, before } : token));
}

/** A sign without blanks before it. */
export function sign(text: string): Token {
  return { kind: "sign", text, before: "" };
}

function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  if (tokens.length === 0) return [];
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "sign" && "([{".includes(token.text)) depth += 1;
    if (token.kind === "sign" && ")]}".includes(token.text)) depth -= 1;
    if (depth === 0 && token.text === ",") parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
