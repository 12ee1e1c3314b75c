import { isoInstant } from "../../base/clock.js";
import type { PrivacyRequest } from "../../transform/privacy-requests.js";
import type { Held } from "../../warehouse/erase/held.js";
import type { Workspace } from "../../warehouse/types.js";
import { type Command, type CommandArgs, type CommandContext, type Outcome, stringOption } from "../command.js";
import { type Right, WHO_OPTIONS } from "../forget.js";
import { plural } from "../format.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

const RIGHT: Right = "customers/data_request";

/** What is said to whoever reads the export. */
const NOT_IN_IT = [
  "what the vendors, and whoever sends files or deliveries, hold themselves: ask there",
  "backups: copies of what is here",
  "older copies of landed rows until `growthos gc` deletes them: the newer ones are here",
  "rows of a browser, a phone or a visit that somebody else used as well (withheld_rows): nobody can say whose they are",
  "fees and payouts of the bank, which name orders by number only",
];

export const command: Command = {
  name: "person export",
  summary: "write down everything that is held of one person, for their access request",
  description:
    "Answers a request for access (GDPR Art. 15, Shopify's customers/data_request): one JSON file with one entry per place (landed rows, rejected and waiting deliveries, figures of the current build, journals, written files) that names the person, found as `growthos forget` finds them. Nothing of anybody else is in it. " +
    "What landed hashed is there as it is held. Open requests of the person are noted as answered; --dry-run only says what would be in it. The file is readable by you alone, and `growthos forget` deletes it with the rest; send it by a safe way.",
  arguments: [{ usage: "[email]", description: "the person's e-mail address" }],
  options: [
    ...WHO_OPTIONS,
    { flags: "-o, --out <file>", description: "where to (default: access/<id>.json in the workspace)" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos person export name@example.com",
    "growthos person export --request 3f2a9c51b7e0",
    "growthos person export name@example.com --dry-run",
  ],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const [{ erasureUnderWay }, { readPrivacyRequests }, { answeredRequests }] = await Promise.all([
      import("../../warehouse/erase/erase.js"),
      import("../../transform/privacy-requests.js"),
      import("../forget.js"),
    ]);
    const begun = erasureUnderWay(ws);
    if (begun !== null) throw await interrupted(begun.id);
    const requests = await readPrivacyRequests(ws);
    const held = await readHeld(context, args, { ws, requests });
    const answers = answeredRequests(held.names, requests, RIGHT);
    if (held.places.length === 0) return nobody(ws);
    if (context.flags.dryRun) return told(held, { ws, answers, file: null });
    return told(held, { ws, answers, file: await written(context, args, { ws, held, answers }) });
  },
};

async function interrupted(id: string) {
  const { GrowthosError } = await import("../../base/errors.js");
  return new GrowthosError({
    code: "ERASING_UNDER_WAY",
    what: `the erasing ${id} was interrupted, so nobody can say what is held`,
    state: "nothing was written",
    hint: "`growthos forget --yes` ends it",
    exit: "usage",
  });
}

async function readHeld(
  context: CommandContext,
  args: CommandArgs,
  { ws, requests }: { readonly ws: Workspace; readonly requests: readonly PrivacyRequest[] },
): Promise<Held> {
  const [{ typedNames }, { readSalt }, { heldOf }, { waitingInSpool }, { withPlace }, { withLock }] = await Promise.all(
    [
      import("../forget.js"),
      import("../../warehouse/layout.js"),
      import("../../warehouse/erase/held.js"),
      import("../../intake/waiting.js"),
      import("../person-place.js"),
      import("../../warehouse/lock.js"),
    ],
  );
  const given = typedNames(args, { salt: readSalt(ws), requests, right: RIGHT });
  const lock = { waitMs: waitMs(args), clock: context.effects.clock, owner: "person export" };
  // Nothing lands and nothing is deleted while it is read.
  return withLock(ws, "ingest", lock, () =>
    withPlace(context, ws, (place) => heldOf(place, given, waitingInSpool(ws))),
  );
}

/** Writes the file, then notes what it answers: a crash between leaves a file and an open request. */
async function written(
  context: CommandContext,
  args: CommandArgs,
  { ws, held, answers }: { readonly ws: Workspace; readonly held: Held; readonly answers: readonly string[] },
): Promise<string> {
  const [{ dirname, resolve }, { replaceDurably }, { keepAccessNote }] = await Promise.all([
    import("node:path"),
    import("../../warehouse/layout.js"),
    import("../../warehouse/erase/answers.js"),
  ]);
  const { clock, random, cwd, files } = context.effects;
  const at = isoInstant(clock.now());
  const id = `access-${at.slice(0, 10).replaceAll("-", "")}-${random.hex(4)}`;
  const out = stringOption(args, "out");
  const file = out === undefined ? ws.at("access", `${id}.json`) : resolve(cwd, out);
  files.makeFolder(dirname(file));
  replaceDurably(
    files,
    file,
    `${JSON.stringify({ schema_version: 1, id, workspace: ws.name, at, ...exported(held) }, null, 2)}\n`,
  );
  keepAccessNote(ws, { id, workspace: ws.name, at, records: countsOf(held), answers });
  return file;
}

function exported({ names, places, withheld }: Held) {
  const known = [...new Map(names.map(({ kind, text }) => [`${kind} ${text}`, { kind, text }])).values()];
  return {
    about:
      "everything that this workspace holds of one person, place by place; an address or a phone of 64 hex digits is held as a keyed hash only",
    names: known,
    places,
    withheld_rows: withheld,
    not_in_it: NOT_IN_IT,
  };
}

function countsOf({ places }: Held): Readonly<Record<string, number>> {
  return Object.fromEntries(places.map(({ place, relation, records }) => [`${place} ${relation}`, records.length]));
}

function nobody(ws: Workspace): Outcome {
  return {
    exit: "ok",
    json: { workspace: ws.name, file: null, records: {}, answers: [] },
    text: 'nobody of that name is in this workspace: nothing was written\nwith `pii: "drop"` no address lands: name the person by --customer-id',
  };
}

function told(
  held: Held,
  { ws, answers, file }: { readonly ws: Workspace; readonly answers: readonly string[]; readonly file: string | null },
): Outcome {
  const counts = countsOf(held);
  const lines = Object.entries(counts).map(([place, count]) => `  ${place}: ${plural(count, "record")}`);
  const end =
    file === null
      ? ["nothing was written (--dry-run)"]
      : [
          ...answers.map(
            () => "an open request of `growthos intake list` is noted as answered: send the person the file",
          ),
          `${file}\ndelete it when it was sent: \`growthos forget\` deletes only what lies in the workspace`,
        ];
  return {
    exit: "ok",
    json: { workspace: ws.name, file, records: counts, withheld_rows: held.withheld, answers },
    text: [
      ...lines,
      ...(held.withheld === 0
        ? []
        : [`  ${plural(held.withheld, "row")} withheld: of a browser or phone that others used as well`]),
      ...end,
    ].join("\n"),
  };
}
