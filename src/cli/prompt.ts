/** Questions to the person at the terminal. What is typed to a hidden question is never shown. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { GrowthosError } from "../base/errors.js";

/** Somebody who can be asked. */
export interface Prompt {
  /** Shows a line. */
  say(line: string): void;
  /** A question whose answer may be seen. Ends with the signal's reason when the answer is no longer needed. */
  ask(question: string, signal?: AbortSignal): Promise<string>;
  /** A question whose answer is a secret. */
  hidden(question: string): Promise<string>;
  /** What is typed, line by line, until the person ends it (Ctrl-C, Ctrl-D). Pasted lines wait for their turn; arrow keys bring earlier ones back. */
  conversation(question: string): AsyncIterable<string>;
}

/** The person at this terminal; talk goes to stderr, so that the answer on stdout stays alone. `stop`: the command was interrupted. */
export function terminalPrompt(stop: AbortSignal): Prompt {
  const question = async (text: string, isHidden: boolean, signal: AbortSignal) => {
    let isMuted = false;
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        if (!isMuted) process.stderr.write(chunk as Uint8Array);
        done();
      },
    });
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    const closed = new Promise<never>((_resolve, reject) => {
      lines.once("close", () => reject(noAnswer()));
      lines.once("SIGINT", () => lines.close());
    });
    try {
      const answer = lines.question(`${text}: `, { signal });
      isMuted = isHidden;
      return (await Promise.race([answer, closed])).trim();
    } finally {
      lines.close();
      // Nobody pressed Enter: what comes next begins on a line of its own.
      if (isHidden || signal.aborted) process.stderr.write("\n");
    }
  };
  return {
    say: (line) => void process.stderr.write(`${line}\n`),
    ask: (text, signal) => question(text, false, signal === undefined ? stop : AbortSignal.any([stop, signal])),
    hidden: (text) => question(text, true, stop),
    conversation: (text) => typedLines(text, stop),
  };
}

async function* typedLines(text: string, stop: AbortSignal): AsyncGenerator<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  const end = () => lines.close();
  lines.once("SIGINT", end);
  stop.addEventListener("abort", end);
  lines.setPrompt(`${text}: `);
  try {
    lines.prompt();
    for await (const line of lines) {
      yield line.trim();
      lines.prompt();
    }
    // Nobody pressed Enter.
    process.stderr.write("\n");
  } finally {
    stop.removeEventListener("abort", end);
    lines.close();
  }
}

function noAnswer(): GrowthosError {
  return new GrowthosError({
    code: "NO_ANSWER",
    what: "the question was not answered",
    state: "nothing was stored",
    hint: "run the command again; `--help` shows how to give the values without questions",
    exit: "interrupted",
  });
}
