/** Countries and regions as people write them; sources keep their codes (ISO 3166). */
import type { AskWorld, Entity, Meaning } from "./types.js";

type Spellings = Readonly<Record<string, readonly string[]>>;

/** What people write beside the English name of a country. */
const COUNTRIES: Spellings = {
  US: ["usa", "america", "american", "united states of america", "u.s", "u.s.a"],
  GB: ["uk", "u.k", "britain", "great britain", "british"],
  DE: ["german"],
  FR: ["french"],
  CA: ["canadian"],
  AU: ["australian"],
  AT: ["austrian"],
  CH: ["swiss"],
  ES: ["spanish"],
  IT: ["italian"],
  NL: ["holland", "the netherlands", "dutch"],
  BE: ["belgian"],
  SE: ["swedish"],
  NO: ["norwegian"],
  DK: ["danish"],
  FI: ["finnish"],
  PL: ["polish"],
  PT: ["portuguese"],
  IE: ["irish"],
  TR: ["turkey", "turkish"],
  CZ: ["czech republic"],
  JP: ["japanese"],
  CN: ["chinese"],
  IN: ["indian"],
  BR: ["brazilian"],
  MX: ["mexican"],
  AE: ["uae", "emirates"],
};

/** States and provinces by the code that shops keep; two countries may share one. */
const REGIONS: Spellings = Object.fromEntries(
  `AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,
ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,
MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,
OR Oregon,PA Pennsylvania,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,
WV West Virginia,WI Wisconsin,WY Wyoming,AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland,NS Nova Scotia,ON Ontario,
PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon,NSW New South Wales,QLD Queensland,TAS Tasmania,VIC Victoria,ACT Australian Capital Territory,
ENG England,SCT Scotland,WLS Wales,NIR Northern Ireland`
    .split(/,\s*/)
    .map((entry) => {
      const [code = "", ...name] = entry.split(" ");
      return [code, [name.join(" ").toLowerCase(), ...(code === "NY" ? ["new york state"] : [])]];
    }),
);

const NAMES = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

/** The English name of a country; the code where it is none. */
function countryName(code: string): string {
  return (/^[A-Z]{2}$/.test(code) ? NAMES.of(code) : undefined) ?? code;
}

/** Other ways to write a country or region of the warehouse. */
export function placeSpellings(field: "country" | "region", key: string): readonly string[] {
  // The warehouse names regions as it likes, also `constructor`.
  if (field === "region") return Object.hasOwn(REGIONS, key) ? (REGIONS[key] ?? []) : [];
  return /^[A-Z]{2}$/.test(key) ? [countryName(key), ...(COUNTRIES[key] ?? [])] : [];
}

/** How people call something of the warehouse: a place by its name, all else by its label. */
export function placeName({ field, key, label }: Entity): string {
  const [name] = field === "country" || field === "region" ? placeSpellings(field, key) : [];
  return name === undefined ? label : field === "country" ? name : titled(name);
}

/** Places of which there is nothing, each with its refusal: a name that is understood and not there is not "not understood". */
export function missingPlaces({ entities }: AskWorld): readonly (readonly [string, Meaning])[] {
  const known = (field: "country" | "region") => entities.filter((entity) => entity.field === field);
  const there = known("country").map(({ key }) => countryName(key));
  const missing = (name: string, text: string) => {
    const shown = there.slice(0, 8).join(", ");
    const why =
      there.length === 0
        ? `no country is known of any order, so nothing is told of ${name}`
        : `no order is known to come from ${name}; there are from ${shown}${there.length > 8 ? " and others" : ""}`;
    const nearest = there.length === 0 ? {} : { nearest: "by country" };
    return [text, { kind: "refusal", code: "OUTSIDE_DATA", why, ...nearest }] as const;
  };
  const has = (field: "country" | "region", code: string) => known(field).some(({ key }) => key === code);
  const countries = codes()
    .filter((code) => !has("country", code))
    .flatMap((code) => placeSpellings("country", code).map((text) => missing(countryName(code), plain(text))));
  const regions = Object.entries(REGIONS)
    .filter(([code]) => !has("region", code))
    .flatMap(([, names]) => names.map((text) => missing(titled(text), text)));
  // Two letters are a word of the language as often as a country.
  return [...countries, ...regions].filter(([text]) => text.length > 2 || text === "uk");
}

function codes(): readonly string[] {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  // XA, XB and ZZ are places of tests, EU and the like are no countries.
  const none = /^(X[AB]|ZZ|EU|EZ|UN|QO|AC|CP|CQ|DG|EA|IC|TA)$/;
  const all = letters.flatMap((first) => letters.map((second) => first + second)).filter((code) => !none.test(code));
  return all.filter((code) => NAMES.of(code) !== undefined);
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^\p{L}\d]+/gu, " ")
    .trim();
}

function titled(text: string): string {
  return text.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
