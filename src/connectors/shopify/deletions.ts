import { textAt } from "../shape.js";
import type { Stream } from "../types.js";
import { type Ask, readConnection, searchOf, windowOf } from "./graphql.js";
import { DELETION_EVENTS_QUERY } from "./queries.js";
import { smaller } from "./sized.js";

/** Products and collections that are gone: the only deletions that Shopify tells of. Key = GraphQL id of what was deleted. */
export function deletionEventsStream(ask: Ask): Stream {
  return {
    name: "deletion_events",
    sync: { kind: "cursor", overlapMinutes: 10, fromTheBeginning: true },
    pii: [],
    first: (slice) =>
      ask({
        operationName: "DeletionEvents",
        query: DELETION_EVENTS_QUERY,
        variables: { first: 250, after: null, q: searchOf(windowOf(slice), "occurred_at") },
      }),
    shrink: (asked) => smaller(ask, asked),
    read: (body, asked) => {
      const wanted = ["subjectId", "subjectType", "occurredAt"];
      const { nodes, rest } = readConnection(ask, "deletionEvents", { body, asked }, wanted);
      return { records: nodes.map((node) => ({ key: textAt(node, "subjectId"), payload: node })), next: rest };
    },
  };
}
