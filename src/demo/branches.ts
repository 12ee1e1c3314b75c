// The demo shop's own lists, as a shop that also sells to businesses has them: its branches, and who buys there for which customer.

/** A branch. */
export interface Branch {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
}

/** Somebody who buys for a business. */
export interface Member {
  /** `WebUserId` of the analytics tool; null where the shop's pages tell the customer only. */
  readonly signsInAs: string | null;
  readonly id: string;
  readonly name: string;
  readonly company: string;
  /** The customer's number in the ERP, `WebCustomerId`. */
  readonly customer: string;
  readonly branch: Branch;
}

/** The shop's branches. */
export const BRANCHES: Readonly<Record<"portland" | "seattle" | "boston" | "austin", Branch>> = {
  portland: { id: "1", code: "001", name: "Portland", city: "Portland", state: "OR", zip: "97214" },
  seattle: { id: "2", code: "002", name: "Seattle", city: "Seattle", state: "WA", zip: "98103" },
  boston: { id: "3", code: "003", name: "Boston", city: "Boston", state: "MA", zip: "02118" },
  austin: { id: "4", code: "004", name: "Austin", city: "Austin", state: "TX", zip: "78704" },
};
const LISTED: readonly Branch[] = Object.values(BRANCHES);

/** Name and company, by branch in turn. Companies that come once have one buyer only. */
const PEOPLE: readonly (readonly [name: string, company: string])[] = [
  ["Ada Marsh", "Harbor Inns"],
  ["Ben Novak", "Cascade Offices"],
  ["Carmen Diaz", "Beacon Hotels"],
  ["Dario Costa", "Hill Country Homes"],
  ["Elena Weber", "Harbor Inns"],
  ["Felix Young", "Cascade Offices"],
  ["Grace Okafor", "Beacon Hotels"],
  ["Hugo Larsen", "Hill Country Homes"],
  ["Ines Reyes", "Rose City Rooms"],
  ["Jonas Keller", "Ballard Studios"],
  ["Kai Tanaka", "Back Bay Suites"],
  ["Lina Shah", "Lakeline Lodges"],
];
/** The last so many are told by their customer's number alone. */
const WITHOUT_ID = 2;

/** The people of the list, always the same. */
export const MEMBERS: readonly Member[] = PEOPLE.map(([name, company], index) => {
  const companies = [...new Set(PEOPLE.map(([, one]) => one))];
  const id = String(5001 + index);
  return {
    signsInAs: index < PEOPLE.length - WITHOUT_ID ? id : null,
    id,
    name,
    company,
    customer: `C-${String(companies.indexOf(company) + 1).padStart(4, "0")}`,
    branch: LISTED[index % LISTED.length] ?? BRANCHES.portland,
  };
});

/** The list of users as its ERP would export it, one row per member. */
export function usersCsv(): string {
  const header = ["USER_ID", "Name", "CUSTOMER_NAME", "CUSTOMER_ERP_ID", "EMAIL", "OFFICE_PHONE", "CELL_PHONE"];
  return table(
    [...header, "DEFAULT_BRANCH_ID", "IS_ACTIVE"],
    MEMBERS.map(({ id, name, company, customer, branch }, index) => [
      id,
      name,
      company,
      customer,
      `${name.toLowerCase().replace(" ", ".")}@${company.toLowerCase().replaceAll(" ", "-")}.example`,
      `555-01${String(10 + index)}`,
      `555-01${String(50 + index)}`,
      branch.id,
      "true",
    ]),
  );
}

/** The list of locations, one row per branch. */
export function locationsCsv(): string {
  return table(
    ["WAREHOUSE_ID", "WAREHOUSE_CODE", "WAREHOUSE_NAME", "CITY", "STATE", "COUNTRY", "ZIP_CODE", "IS_ACTIVE"],
    LISTED.map(({ id, code, name, city, state, zip }) => [id, code, name, city, state, "US", zip, "true"]),
  );
}

/** None of the values holds a comma or a quote. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${[header, ...rows].map((cells) => cells.join(",")).join("\n")}\n`;
}
