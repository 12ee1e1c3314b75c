import { hmac256 } from "../base/hash.js";

/** What becomes of personal data when it lands; the same three as everywhere. */
export interface PersonalPolicy {
  readonly pii: "hash" | "keep" | "drop";
  /** The workspace's salt. */
  readonly salt: string;
}

/**
 * Members that hold personal data wherever they stand. By name, not by path: senders add members, and what is not recognised would
 * land in the clear. The secret address of an order's status page and the free text of customers are among them.
 */
const PERSONAL = new Set(
  `email contact_email customer_email buyer_email from_email email_address phone phone_number first_name last_name full_name
   address1 address2 address line1 line2 street zip postal_code postcode latitude longitude browser_ip ip ip_address client_ip
   user_agent order_status_url abandoned_checkout_url invoice_url note gift_message buyer_name customer_name recipient_name
   identity_number tax_id vat_number date_of_birth birthday credit_card_number credit_card_name credit_card_bin account_number iban
   multipass_identifier shop_owner`.split(/\s+/),
);

/** Members of which `name` and `company` are those of a person. */
const PEOPLE = /address|customer|buyer|recipient|destination|shipping_info|billing_info|user$/;
/** Lists of `{ name, value }` that customers fill in. */
const FREE_TEXTS = new Set(["note_attributes", "custom_attributes"]);
const EMAIL = /[^\s@"'<>()/?&=:;,]{1,64}(?:@|%40)[a-z0-9.-]{1,190}\.[a-z]{2,24}/gi;

/**
 * The body with its personal data hashed (HMAC-SHA-256 over the trimmed, lower-cased text, as the connectors do), dropped, or kept; and
 * e-mail addresses inside any other text, such as an address with a query. Null and empty stay as they are. Characters that no database
 * can hold (NUL, half of a surrogate pair) become U+FFFD under every policy.
 */
export function protectBody(body: unknown, policy: PersonalPolicy): unknown {
  return visit(body, { policy, parent: "", isPersonal: false });
}

interface At {
  readonly policy: PersonalPolicy;
  /** The name of the nearest member above, lower case. */
  readonly parent: string;
  readonly isPersonal: boolean;
}

function visit(value: unknown, at: At): unknown {
  if (typeof value === "string") return textAt(storable(value), at);
  if (Array.isArray(value)) return value.map((item) => visit(item, at));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        storable(name),
        visit(member, { ...at, parent: nameAbove(name, at), isPersonal: isPersonal(name, at.parent) }),
      ]),
    );
  }
  if (at.isPersonal && typeof value === "number" && at.policy.pii !== "keep")
    return concealed(String(value), at.policy);
  return value;
}

/** Inside a list of attributes the members are `name` and `value`: what decides is the list. */
function nameAbove(name: string, { parent }: At): string {
  return FREE_TEXTS.has(parent) ? parent : plain(name);
}

function isPersonal(name: string, parent: string): boolean {
  const word = plain(name);
  if (PERSONAL.has(word)) return true;
  if (FREE_TEXTS.has(parent)) return word === "value";
  return (word === "name" || word === "company") && PEOPLE.test(parent);
}

/** `buyerEmail` and `buyer-email` are `buyer_email`. */
function plain(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
}

function textAt(text: string, { policy, isPersonal: personal }: At): string | null {
  if (policy.pii === "keep" || text === "") return text;
  if (personal) return concealed(text, policy);
  if (!text.includes("@") && !text.includes("%40")) return text;
  return text.replaceAll(EMAIL, (address) => concealed(address.replace("%40", "@"), policy) ?? "");
}

function concealed(text: string, { pii, salt }: PersonalPolicy): string | null {
  return pii === "drop" ? null : hmac256(salt, text.trim().toLowerCase());
}

/** A text without what no database can hold: NUL and half surrogate pairs become U+FFFD. */
export function storable(text: string): string {
  // Most texts are clean: a test is cheaper than a copy.
  return /[\0\ud800-\udfff]/.test(text) ? Buffer.from(text).toString().replaceAll("\0", "\ufffd") : text;
}
