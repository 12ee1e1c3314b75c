/** What `growthos doctor` and `growthos connections test` ask: is the sign-in taken, and may it read every account? */
import { listAt, textAt, valueAt } from "../shape.js";
import type { Probe } from "../types.js";
import { CLIENTS_QUERY } from "./reports.js";
import { type Accounts, BASE_URL, clientsOf, rowsOf, searchRequest } from "./search.js";

const ACCOUNT_QUERY =
  "SELECT customer.id, customer.descriptive_name, customer.currency_code, customer.manager FROM customer LIMIT 1";

/** Three steps: which accounts the sign-in sees, the clients of the manager, and one tiny question to each account. */
export function probesOf(accounts: Accounts): readonly Probe[] {
  const { customers, login } = accounts;
  const each = customers.map((customer) => accountProbe(customer, login));
  return [accessProbe(accounts), ...(customers.length > 0 || login === undefined ? each : [clientsProbe(login)])];
}

function accessProbe({ customers, login }: Accounts): Probe {
  return {
    name: "access",
    request: { method: "GET", url: `${BASE_URL}/customers:listAccessibleCustomers`, label: "access" },
    read: (body) => {
      // Protobuf's JSON leaves an empty list out.
      const names = valueAt(body, "resourceNames") === undefined ? [] : listAt(body, "resourceNames");
      const ids = names.map((_, index) => textAt(names, `${index}`).replace("customers/", ""));
      if (ids.length === 0) {
        return {
          ok: false,
          message: "the sign-in is taken, but sees no Google Ads account",
          fix: "invite its e-mail address in Google Ads under Admin > Access and security",
        };
      }
      const wanted = login ?? customers.find((customer) => !ids.includes(customer));
      if (wanted === undefined || ids.includes(wanted))
        return { ok: true, message: `the sign-in sees ${ids.join(", ")}` };
      const fix =
        login === undefined
          ? `set loginCustomer to the manager account through which ${wanted} is reached`
          : `set loginCustomer to one of ${ids.join(", ")}, or give the sign-in access to ${login}`;
      // A manager below another manager is reached too, so the questions that follow decide.
      return {
        ok: true,
        message: `the sign-in sees ${ids.join(", ")}, not ${wanted} itself; if that is refused: ${fix}`,
      };
    },
  };
}

function clientsProbe(manager: string): Probe {
  return {
    name: "clients",
    request: searchRequest(manager, CLIENTS_QUERY, { login: manager, label: "clients" }),
    read: (body) => {
      const { enabled: clients, others } = clientsOf(body, manager);
      const without = others.length === 0 ? "" : `; without figures: ${others.join(", ")}`;
      return {
        ok: true,
        message: `${clients.length} client account${clients.length === 1 ? "" : "s"} below ${manager}${without}`,
        next: clients.map((client) => accountProbe(client, manager)),
      };
    },
  };
}

function accountProbe(customer: string, login: string | undefined): Probe {
  return {
    name: `account ${customer}`,
    request: searchRequest(customer, ACCOUNT_QUERY, { login, label: "account" }),
    read: (body) => {
      if (body === null) {
        return {
          ok: false,
          message: `account ${customer} is cancelled or not enabled`,
          fix: "remove it from customers; what was read of it before stays",
        };
      }
      const rows = rowsOf(body);
      if (valueAt(rows, "0.customer.manager") === true) {
        return {
          ok: false,
          message: `account ${customer} is a manager and has no figures of its own`,
          fix: "set loginCustomer to it, and leave customers out to read every client account below it",
        };
      }
      const currency = textAt(rows, "0.customer.currencyCode");
      return { ok: true, message: `${nameOf(rows, customer)} in ${currency} can be read`, facts: { currency } };
    },
  };
}

function nameOf(rows: readonly unknown[], customer: string): string {
  const name = valueAt(rows, "0.customer.descriptiveName");
  return typeof name === "string" && name !== "" ? `${name} (${customer})` : customer;
}
