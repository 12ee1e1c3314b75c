import { pick, weighted } from "./chance.js";
import type { Place, Stream } from "./types.js";

const FIRST =
  "Ada Amara Ben Bianca Caleb Carmen Chloe Dario Diego Elena Elias Emma Farah Felix Grace Hana Hugo Ines Isaac Jonas Julia Kai Lara Leo Lina Luca Maya Mila Nadia Noah Nora Omar Owen Priya Quinn Rosa Ruth Sami Sofia Theo Tessa Uma Victor Wanda Yara Zoe".split(
    " ",
  );
const LAST =
  "Abbott Alvarez Baker Bauer Bishop Castillo Chen Clarke Costa Dawson Diaz Ellis Eriksen Fischer Flores Grant Gupta Haas Hughes Ito Jansen Keller Khan Lambert Larsen Lopez Marsh Meyer Moreau Nguyen Novak Okafor Olsen Park Patel Quist Reyes Rossi Santos Shah Silva Stone Tanaka Torres Urban Vega Weber Wong Young Zimmer".split(
    " ",
  );
const STREETS =
  "Alder Birch Cedar Dogwood Elm Fir Grove Hazel Juniper Laurel Maple Oak Pine Spruce Walnut Willow".split(" ");

/** Country, its name, province, city, postal code, sales tax in hundredths of a percent, share of the customers. */
const PLACES: readonly (readonly [string, string, string | null, string, string, number, number])[] = [
  ["US", "United States", "NY", "New York", "10014", 888, 13],
  ["US", "United States", "MA", "Boston", "02118", 625, 6],
  ["US", "United States", "PA", "Philadelphia", "19103", 800, 5],
  ["US", "United States", "FL", "Miami", "33130", 700, 7],
  ["US", "United States", "NC", "Raleigh", "27601", 725, 4],
  ["US", "United States", "IL", "Chicago", "60614", 1025, 7],
  ["US", "United States", "TX", "Austin", "78704", 825, 8],
  ["US", "United States", "MN", "Minneapolis", "55408", 903, 3],
  ["US", "United States", "CA", "Los Angeles", "90026", 950, 12],
  ["US", "United States", "WA", "Seattle", "98103", 1035, 6],
  ["US", "United States", "OR", "Portland", "97214", 0, 4],
  ["CA", "Canada", "ON", "Toronto", "M6J 1E6", 0, 6],
  ["GB", "United Kingdom", "ENG", "London", "E8 4QJ", 0, 7],
  ["DE", "Germany", null, "Berlin", "10999", 0, 5],
  ["NL", "Netherlands", null, "Utrecht", "3511", 0, 2],
  ["SE", "Sweden", null, "Stockholm", "118 26", 0, 2],
  ["AU", "Australia", "VIC", "Melbourne", "3065", 0, 3],
];

const places = PLACES.map(
  ([country, countryName, province, city, zip, taxBps, weight]): Place => ({
    country,
    countryName,
    province,
    city,
    zip,
    taxBps,
    weight,
  }),
);

/** Where staff sell over the counter: the first place of the list. */
export const SHOP_PLACE = places[0] as Place;

/** A place, by the customers' shares. */
export function drawPlace(stream: Stream): Place {
  return weighted(stream(), places, (place) => place.weight);
}

/** An invented person; the e-mail address is unique by its number and can receive nothing. */
export function drawPerson(stream: Stream, number: number) {
  const firstName = pick(stream, FIRST);
  const lastName = pick(stream, LAST);
  return {
    firstName,
    lastName,
    email: `${firstName}.${lastName}${number}@example.com`.toLowerCase(),
    phone: stream() < 0.4 ? `+1555${String(1_000_000 + number * 37).slice(-7)}` : null,
    street: `${1 + Math.floor(stream() * 980)} ${pick(stream, STREETS)} Street`,
  };
}
