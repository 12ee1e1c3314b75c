/** How each source is connected, how old its tokens are, and when it was last read. Never a credential. */
import { instantText, spanText } from "../ages.js";
import { textCell } from "../figures.js";
import { plural } from "../narrative.js";
import type { ConnectionFact, Operations } from "../operations.js";
import { grouped, stamps } from "../stamps.js";
import { listText } from "../text.js";
import type { Block, ReportPage, TableCell } from "../types.js";
import { RUN_STATES } from "./jobs.js";

/** Sources with account, state, scopes, tokens and the last sync. */
export const connections: ReportPage = {
  id: "connections",
  title: "Connections",
  reads: () => ({}),
  build: (facts) => {
    const { operations } = facts;
    return {
      schemaVersion: 1,
      id: connections.id,
      title: connections.title,
      subtitle: "Where each source's data and credentials come from; instants are UTC",
      context: facts.context,
      blocks: [
        { kind: "prose", paragraphs: [leadOf(operations)], lead: true },
        ...(operations.connections.length === 0 ? [] : [sources(operations), signIns(operations)]),
        {
          kind: "links",
          items: [
            { page: "jobs", title: "Jobs", detail: "Every run with its steps, durations and failures." },
            {
              page: "data-health",
              title: "Data health",
              detail: "Which days are there, and until when each API is served.",
            },
          ],
        },
      ],
      stamps: stamps(facts),
    };
  },
};

function leadOf({ connections: list }: Operations): string {
  if (list.length === 0) return "The connections are not known here: growthos connections list shows them.";
  const open = list.filter(({ problem }) => problem !== null);
  if (open.length === 0) return `All ${plural(list.length, "source")} can be read.`;
  return `${open.length} of ${plural(list.length, "source")} ${open.length === 1 ? "needs" : "need"} somebody: ${listText(open.map(({ title }) => title))}.`;
}

const STATES: Readonly<Record<ConnectionFact["from"], string>> = {
  environment: "connected, by the environment",
  stored: "connected, stored encrypted",
  both: "connected, by the environment and stored",
  nowhere: "not connected",
  demo: "simulated",
  local: "no sign-in needed",
};

function sources(operations: Operations): Block {
  return {
    kind: "table",
    title: "Sources",
    columns: [
      { id: "source", title: "Source", align: "left" },
      { id: "account", title: "Account", align: "left" },
      { id: "state", title: "State", align: "left" },
      { id: "last", title: "Last sync", align: "left" },
      { id: "result", title: "Result", align: "left" },
      { id: "rows", title: "Rows", align: "right" },
    ],
    rows: operations.connections.map((one) => [
      textCell(one.title),
      textCell(one.account === "" ? "—" : one.account, one.account === "" ? null : one.account),
      stateCell(one),
      ...lastSync(operations, one.source),
    ]),
  };
}

function stateCell({ from, problem }: ConnectionFact): TableCell {
  if (problem !== null) return { ...textCell(problem), tone: "bad" };
  return { ...textCell(STATES[from]), tone: "good" };
}

function lastSync({ runs, now }: Operations, source: string): readonly TableCell[] {
  const run = runs.find(({ sources: steps }) => steps.some((step) => step.source === source));
  const step = run?.sources.find((one) => one.source === source);
  if (run === undefined || step === undefined)
    return [textCell("never", null), textCell("—", null), textCell("—", null)];
  const ago = spanText(run.startedAt, now);
  const { text, tone } = RUN_STATES[step.state];
  const result = step.error === null ? text : `${text}: ${step.error.code}`;
  return [
    textCell(`${instantText(run.startedAt)}${ago === null ? "" : `, ${ago} ago`}`, run.startedAt),
    { ...textCell(result), tone },
    textCell(grouped(step.rows), step.rows),
  ];
}

function signIns({ connections: list, now }: Operations): Block {
  const signing = list.filter(({ from }) => from !== "demo" && from !== "local");
  if (signing.length === 0) return { kind: "prose", paragraphs: ["No source signs in anywhere."] };
  return {
    kind: "table",
    title: "Sign-ins and tokens",
    columns: [
      { id: "source", title: "Source", align: "left" },
      { id: "method", title: "Sign-in", align: "left" },
      { id: "scopes", title: "Asks for", align: "left" },
      { id: "connected", title: "Connected (UTC)", align: "left" },
      { id: "token", title: "Token ends (UTC)", align: "left" },
    ],
    rows: signing.map((one) => [
      textCell(one.title),
      textCell(one.method ?? "—", one.method),
      textCell(one.scopes.length === 0 ? "what the vendor's page grants" : one.scopes.join(" ")),
      textCell(aged(one.connectedAt, spanText(one.connectedAt, now), "ago"), one.connectedAt),
      tokenCell(one, now),
    ]),
    note: "Credentials are never part of a report. A token that ends is renewed by the next sync where the sign-in allows it.",
  };
}

function aged(instant: string | null, span: string | null, word: string): string {
  return `${instantText(instant)}${span === null ? "" : `, ${span} ${word}`}`;
}

function tokenCell({ tokenExpiresAt }: ConnectionFact, now: string | null): TableCell {
  if (tokenExpiresAt === null) return textCell("no end is known", null);
  const left = spanText(now, tokenExpiresAt);
  const isOver = left === null && now !== null;
  return textCell(isOver ? `${instantText(tokenExpiresAt)}, over` : aged(tokenExpiresAt, left, "left"), tokenExpiresAt);
}
