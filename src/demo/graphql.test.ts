import { describe, expect, it } from "vitest";
import { graphServer, type PageArgs, pageOf } from "./graphql.js";
import { parseQuery } from "./graphql-parse.js";

const TYPES = { QueryRoot: "shop:Shop pets:Pet*", Shop: "name tags:[Tag]", Tag: "text", Pet: "id name" };
const root = {
  shop: { name: "North", tags: [{ text: "a" }, { text: "b" }] },
  pets: (args: Readonly<Record<string, unknown>>) =>
    pageOf([1, 2, 3], args, (id) => ({ __typename: "Pet", id, name: `pet ${id}` })),
};
const ask = graphServer({ ...TYPES, PageInfo: "hasNextPage endCursor" }, root);

describe("parseQuery", () => {
  it("resolves variables, aliases, fragments and directives", () => {
    const parsed = parseQuery(
      `query Q($n: Int!, $no: Boolean!) { a: shop(first: $n, x: "q: {", list: [1, A]) { ...F name @include(if: $no) ... on Shop { id } } }
       fragment F on Shop { size other @skip(if: $no) } # end`,
      { n: 5, no: false },
    );
    expect(parsed).toMatchObject({
      name: "Q",
      fields: [{ name: "shop", key: "a", args: { first: 5, x: "q: {", list: [1, "A"] } }],
    });
    const [shop] = parsed.problem === undefined ? parsed.fields : [];
    expect(shop?.fields.map((field) => field.name)).toEqual(["size", "other", "id"]);
  });

  it("merges a field that is selected twice", () => {
    const parsed = parseQuery("{ shop { name } shop { id } }", {});
    expect(parsed.problem === undefined && parsed.fields.map((field) => field.fields.map(({ key }) => key))).toEqual([
      ["name", "id"],
    ]);
  });

  it("names what it cannot read", () => {
    expect(parseQuery("mutation { x }", {}).problem).toContain('unexpected "mutation"');
    expect(parseQuery("fragment F on X { a }", {}).problem).toBe("A query is required");
  });
});

describe("graphServer", () => {
  it("answers exactly what is selected, in that order", () => {
    expect(JSON.stringify(ask("{ shop { tags { text } called: name } }", {}))).toBe(
      '{"data":{"shop":{"tags":[{"text":"a"},{"text":"b"}],"called":"North"}}}',
    );
  });

  it("pages a connection to its end", () => {
    const query =
      "query P($after: String) { pets(first: 2, after: $after) { pageInfo { hasNextPage endCursor } nodes { __typename id } edges { node { name } } } }";
    const first = ask(query, { after: null }) as { data: { pets: { pageInfo: { endCursor: string } } } };
    expect(first).toMatchObject({
      data: { pets: { nodes: [{ __typename: "Pet", id: 1 }, { id: 2 }], pageInfo: { hasNextPage: true } } },
    });
    const second = ask(query, { after: first.data.pets.pageInfo.endCursor });
    expect(second).toMatchObject({
      data: { pets: { nodes: [{ id: 3 }], edges: [{ node: { name: "pet 3" } }], pageInfo: { hasNextPage: false } } },
    });
  });

  it.each([
    ["{ shop { nam } }", "Field 'nam' doesn't exist on type 'Shop'"],
    ["{ shop { tags { txt } } }", "Field 'txt' doesn't exist on type 'Tag'"],
    ["{ pets(first: 1) { nods { id } } }", "Field 'nods' doesn't exist on type 'PetConnection'"],
    ["{ pets(first: 1) { edges { node { ide } } } }", "Field 'ide' doesn't exist on type 'Pet'"],
    ["{ shop }", "Field 'shop' must have selections"],
    ["{ shop { name { x } } }", "Field 'name' must not have selections"],
    ["{ pets { nodes { id } } }", "you must provide one of first or last"],
    ["{ pets(first: 251) { nodes { id } } }", "pets: first must be between 0 and 250"],
  ])("refuses %s", (query, message) => {
    expect(ask(query, {})).toMatchObject({ errors: [{ message }] });
  });
});

describe("a page", () => {
  it("makes only what is asked for", () => {
    const asked = (query: string) => {
      let made = 0;
      const show = (name: string) => {
        made += 1;
        return { name };
      };
      const root = { things: (args: PageArgs) => pageOf(["a", "b"], args, show) };
      graphServer({ QueryRoot: "things:Thing*", Thing: "name", PageInfo: "hasNextPage" }, root)(query, {});
      return made;
    };
    expect(asked("{ things(first: 2) { pageInfo { hasNextPage } } }")).toBe(0);
    expect(asked("{ things(first: 2) { edges { cursor } } }")).toBe(0);
    expect(asked("{ things(first: 2) { edges { node { name } } pageInfo { hasNextPage } } }")).toBe(2);
  });
});
