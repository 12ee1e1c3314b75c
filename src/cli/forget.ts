/** Whom a right is about, as it was typed, and what is found of them, as it is told. */
import { GrowthosError } from "../base/errors.js";
import type { PrivacyRequest } from "../transform/privacy-requests.js";
import type { Erasure } from "../warehouse/erase/erase.js";
import { CUSTOMER_SOURCES } from "../warehouse/erase/names.js";
import { type Name, nameOf, nameText } from "../warehouse/erase/person.js";
import { type CommandArgs, listOption, type Option, stringOption } from "./command.js";
import { plural } from "./format.js";

/** What people may ask for, as Shopify names it. */
export type Right = "customers/redact" | "customers/data_request";

/** How the commands that are about one person name them. */
export const WHO_OPTIONS: readonly Option[] = [
  { flags: "--phone <number>", description: "a phone number of the person, as the shop has it", repeat: true },
  {
    flags: "--customer-id <source:number>",
    description: "their number at a source, e.g. shopify:7300000011466",
    repeat: true,
  },
  { flags: "--request <id>", description: "a request of `growthos intake list`" },
];

/** The names that were typed. Throws USAGE for what cannot be one, for a request of another right, and when nobody is named. */
export function typedNames(
  args: CommandArgs,
  {
    salt,
    requests,
    right,
  }: { readonly salt: string; readonly requests: readonly PrivacyRequest[]; readonly right: Right },
): readonly Name[] {
  const emails = args.positionals.map((text) => email(text, { salt, right }));
  const phones = listOption(args, "phone").flatMap((text) => phone(text, salt));
  const customers = listOption(args, "customerId").map((text) => customer(text, salt));
  const id = stringOption(args, "request");
  const asked = id === undefined ? [] : requested(id, { salt, requests, right });
  const names = [...emails, ...phones, ...customers, ...asked];
  if (names.length > 0) return names;
  throw usage("nobody is named", "give an e-mail address, --phone, --customer-id <source:number> or --request <id>");
}

const COMMAND: Readonly<Record<Right, string>> = {
  "customers/redact": "growthos forget",
  "customers/data_request": "growthos person export",
};

function email(text: string, { salt, right }: { readonly salt: string; readonly right: Right }): Name {
  // The keyed hash is what reports and exports of a workspace show.
  if (/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(text) || /^[0-9a-f]{64}$/.test(text)) return nameOf("email", text, { salt });
  throw usage(
    "that is no e-mail address",
    `give it as it was used in the shop, e.g. ${COMMAND[right]} name@example.com`,
  );
}

/** A phone is hashed as it was written, so it is looked for in the usual writings. */
function phone(text: string, salt: string): readonly Name[] {
  const digits = text.replace(/\D/g, "");
  if (digits.length < 6 || digits.length > 15 || /[^\d\s+()./-]/.test(text))
    throw usage("that is no phone number", "give it with its country, e.g. --phone +491701234567");
  const writings = new Set([text.trim(), digits, `+${digits}`, `00${digits}`]);
  return [...writings].map((one) => nameOf("phone", one, { salt }));
}

function customer(text: string, salt: string): Name {
  const [, of = "", id = ""] = /^([a-z]+):([^\s:]{1,100})$/.exec(text) ?? [];
  if (CUSTOMER_SOURCES.includes(of) && id !== "0") return nameOf("customer", id, { salt, of });
  throw usage(
    `--customer-id takes <source>:<number>, not "${text.slice(0, 60)}"`,
    `sources: ${CUSTOMER_SOURCES.join(", ")}; e.g. --customer-id shopify:7300000011466`,
  );
}

function requested(
  id: string,
  {
    salt,
    requests,
    right,
  }: { readonly salt: string; readonly requests: readonly PrivacyRequest[]; readonly right: Right },
): readonly Name[] {
  const request = requests.find((one) => one.id === id);
  if (request === undefined)
    throw usage(`there is no request "${id.slice(0, 40)}"`, "`growthos intake list` shows them");
  const { topic } = request;
  if (topic !== right)
    throw usage(
      `${topic} ${right === "customers/redact" ? "does not ask for a person to be erased" : "does not ask for a person's data"}`,
      topic === "shop/redact" ? "delete the workspace" : `\`${COMMAND[topic]} --request ${id}\` answers it`,
    );
  if (request.customer === null)
    throw usage("the request names no customer", "name the person by address or number instead");
  return [nameOf("customer", request.customer, { salt, of: "shopify" })];
}

function usage(what: string, hint: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, hint, exit: "usage" });
}

/** The keys of those requests of a right that are open and about the person of these names. */
export function answeredRequests(
  names: readonly Name[],
  requests: readonly PrivacyRequest[],
  right: Right,
): readonly string[] {
  const known = new Set(names.map(nameText));
  return requests
    .filter(({ topic, customer: id, answeredBy }) => {
      if (topic !== right || id === null || answeredBy !== null) return false;
      return known.has(nameText(nameOf("customer", id, { salt: "", of: "shopify" })));
    })
    .map(({ key }) => key);
}

/** True when there is nothing to erase. */
export function isNobody({ rows, quarantinedRows, removed, journals }: Erasure): boolean {
  return Object.keys(rows).length + quarantinedRows + removed.written + journals.length === 0;
}

/** What was found, without a name. */
export function foundLines(erasure: Erasure, answers: readonly string[]): readonly string[] {
  const { rows, quarantinedRows, removed, journals, lookedThrough } = erasure;
  return [
    `looked through ${plural(lookedThrough.rows, "row")} of ${plural(lookedThrough.parts, "landed file")} and ${plural(lookedThrough.files, "other file")}`,
    ...Object.entries(rows).map(([relation, count]) => `  ${relation}: ${plural(count, "row")} to anonymise`),
    ...(quarantinedRows === 0 ? [] : [`  quarantine: ${plural(quarantinedRows, "rejected row")} to delete`]),
    `  to delete at once: ${removed.landed} landed files, all builds (${plural(removed.builds, "file")}) and caches, ${plural(removed.written, "written file")} (reports, logs, letters)`,
    ...(journals.length === 0 ? [] : [`  journals to rewrite: ${journals.join(", ")}`]),
    ...(answers.length === 0 ? [] : [`  answers ${plural(answers.length, "request")} of \`growthos intake list\``]),
  ];
}
