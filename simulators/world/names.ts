import type { Profile } from "./person.ts";
import type { Random } from "./random.ts";

const firstNames =
  "Anna Ben Chloé Daniel Elif Farid Grace Hugo Ines Jürgen Kofi Lena Łukasz Mei Nadia Oscar Priya Quentin Rosa Søren Tomás Uma Viktor Wanda Xavier Yuki Zoë Aoife Bruno Carmen".split(
    " ",
  );
const lastNames =
  "Adeyemi Berg Castro Dubois Eriksen Fischer García Hansen Ivanova Jansen Kowalski Lindqvist Moreau Nakamura O'Brien Petrov Quinn Rossi Schäfer Tanaka Ueda Vogel Weiß Yılmaz Zimmermann Novák Silva Okafor".split(
    " ",
  );

/** Invented companies; `.example` is never in the public DNS (RFC 2606). */
const companies = [
  { name: "Brightwater Ltd", domain: "brightwater.example" },
  { name: "Fjord, Berg & Co", domain: "fjord-berg.example" },
  { name: 'The "Corner" Shop', domain: "corner-shop.example" },
  { name: "Nordlicht GmbH", domain: "nordlicht.example" },
  { name: "Atelier Dubois", domain: "atelier-dubois.example" },
  { name: "Harbour Logistics", domain: "harbour-logistics.example" },
  { name: "Pine & Sons", domain: "pine-and-sons.example" },
  { name: "Kestrel Software", domain: "kestrel.example" },
];

const privateDomains = ["example.com", "example.net", "example.org"];

/** Domains with letters beyond ASCII, as people write them and as the DNS does. */
export const internationalDomains = [
  { written: "bücher.example", ascii: "xn--bcher-kva.example" },
  { written: "müller-söhne.example", ascii: "xn--mller-shne-kcb9d.example" },
  { written: "faß.example", ascii: "xn--fa-hia.example" },
];

/** Telephone ranges are those that each country keeps for films and books, so nobody is ever called. */
const places = [
  { city: "Boston", region: "MA", country: "United States", phone: "+161755501", digits: 2 },
  { city: "Denver", region: "CO", country: "United States", phone: "+130355501", digits: 2 },
  { city: "Seattle", region: "WA", country: "United States", phone: "+120655501", digits: 2 },
  { city: "London", region: "", country: "United Kingdom", phone: "+447700900", digits: 3 },
  { city: "Manchester", region: "", country: "United Kingdom", phone: "+441614960", digits: 3 },
  { city: "Berlin", region: "", country: "Germany", phone: "+493023125", digits: 3 },
  { city: "München", region: "", country: "Germany", phone: "+498999998", digits: 3 },
  { city: "Lyon", region: "", country: "France", phone: "+33465710", digits: 3 },
  { city: "Stockholm", region: "", country: "Sweden", phone: "+468465004", digits: 2 },
];

const plans = ["free", "free", "free", "starter", "starter", "business"];

export function inventProfile(random: Random): Profile {
  const { city, region, country, phone, digits } = random.pick(places);
  return {
    firstName: random.pick(firstNames),
    lastName: random.pick(lastNames),
    company: random.chance(0.4) ? random.pick(companies).name : "",
    plan: random.pick(plans),
    city,
    region,
    country,
    phone: phone + String(random.integer(0, 10 ** digits - 1)).padStart(digits, "0"),
  };
}

/** The same person after a move and a change of plan. */
export function afterMoving(profile: Profile, random: Random): Profile {
  const { city, region, country } = random.pick(places.filter((place) => place.city !== profile.city));
  return { ...profile, city, region, country, plan: random.pick(plans) };
}

export function privateDomain(random: Random): string {
  return random.pick(privateDomains);
}

export function workDomain(profile: Profile, random: Random): string {
  return (companies.find(({ name }) => name === profile.company) ?? random.pick(companies)).domain;
}

/** `anna.berg`: letters and dots only, as people choose it. */
export function localPart(profile: Profile): string {
  return `${profile.firstName}.${profile.lastName}`
    .toLowerCase()
    .normalize("NFD")
    .replace(/[łøßı]/g, (letter) => ({ ł: "l", ø: "o", ß: "ss", ı: "i" })[letter]!)
    .replace(/[^a-z.]/g, "");
}
