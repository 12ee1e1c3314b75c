/** How alerts read in messages. */
import type { Telling } from "../alerts/lifecycle.js";
import type { Alert } from "../alerts/types.js";
import { formatValue } from "../metrics/format.js";
import type { Message } from "./types.js";

/** Alerts that are spelled out; the rest is counted. */
const SPELLED_OUT = 12;

/** One line: how many, of what, where. */
export function subjectOf({ shop, tellings }: Message): string {
  const count = (status: "begun" | "recovered") =>
    tellings.filter((one) => (one.status === "recovered") === (status === "recovered")).length;
  const [begun, recovered] = [count("begun"), count("recovered")];
  const worst = tellings.find(({ status }) => status !== "recovered")?.alert;
  const first = worst === undefined ? "" : `: ${worst.title}`;
  const parts = [
    begun === 0 ? "" : `${begun} ${begun === 1 ? "alert" : "alerts"}`,
    recovered === 0 ? "" : `${recovered} recovered`,
  ];
  return `${shop}, ${parts.filter((part) => part !== "").join(", ")}${first}`;
}

/** One paragraph per alert, as plain text. */
export function paragraphsOf({ tellings }: Message): readonly string[] {
  const shown = tellings.slice(0, SPELLED_OUT).map(paragraph);
  const rest = tellings.length - shown.length;
  return rest === 0 ? shown : [...shown, `and ${rest} more: \`growthos alerts\` lists them all`];
}

function paragraph({ status, alert }: Telling): string {
  if (status === "recovered") return `RECOVERED ${alert.title}`;
  const again = status === "still" ? ", still" : "";
  return [
    `${alert.severity.toUpperCase()}${again}: ${alert.title} (since ${alert.since})`,
    alert.what,
    ...sizeLines(alert),
    `What to do: ${alert.advice}`,
  ].join("\n");
}

/** How much money, and who had most to do with it; nothing where it is not known. */
export function sizeLines({ money, currency, means, contributor }: Alert): readonly string[] {
  const size = money === null ? [] : [`${SIZES[means]} ${moneyText(Math.abs(money), currency)}`];
  const who =
    contributor === null
      ? []
      : [`${contributor.label} (${contributor.by}) had ${Math.round(contributor.share * 100)} % of the change`];
  const text = [...size, ...who].join("; ");
  return text === "" ? [] : [`${text}.`];
}

const SIZES = { worse: "Costs about", better: "Worth about", neither: "About" } as const;

function moneyText(minor: number, currency: string): string {
  return formatValue({ status: "ok", value: minor }, "money", currency);
}
