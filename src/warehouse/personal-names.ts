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

/** The name under which what stands inside a member is judged: inside a list of attributes the members are `name` and `value`, and the list decides. */
export function nameAbove(name: string, parent: string): string {
  return FREE_TEXTS.has(parent) ? parent : plainName(name);
}

/** True when a member holds personal data, by its name and the nearest name above it (from `nameAbove`). */
export function isPersonalName(name: string, parent: string): boolean {
  const word = plainName(name);
  if (PERSONAL.has(word)) return true;
  if (FREE_TEXTS.has(parent)) return word === "value";
  return (word === "name" || word === "company") && PEOPLE.test(parent);
}

/** Beside them in files and addresses, with what stands before them taken off: `shipping_city`, `geo.city`. */
const NEAR = new Set(
  "city geo_city tags user_name office_phone cell_phone mobile mobile_phone e_mail surname telephone notes".split(" "),
);

/**
 * True when a member of a row that is of somebody has to go with them: what is personal anywhere, and what tells where they live or what was
 * noted of them. Country and region stay: taxes are owed by them.
 */
export function isTellingName(name: string, parent: string): boolean {
  const whole = plainName(name);
  const word = whole.replace(/^(?:billing|shipping|default_address|customer|buyer)_/, "");
  // `billing_name` is a person's, `name` that of an order.
  return isPersonalName(name, parent) || NEAR.has(word) || (word !== whole && isPersonalName(word, "customer"));
}

/** `buyerEmail` and `buyer-email` are `buyer_email`. */
function plainName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[-. ]/g, "_")
    .toLowerCase();
}
