import { parse, visit } from "graphql";
import { ACTIONS, FIGURES, NEXT_SESSION, THIS_SESSION } from "../force-app/main/default/lwc/crmLoopCard/queries";

const QUERIES = { ACTIONS, FIGURES, NEXT_SESSION, THIS_SESSION };

describe.each(Object.entries(QUERIES))("the query %s", (_name, text) => {
  it("is GraphQL, and uses every variable that it takes", () => {
    const used = new Set();
    const taken = new Set();
    visit(parse(text), {
      VariableDefinition: (node) => {
        taken.add(node.variable.name.value);
        return false;
      },
      Variable: (node) => {
        used.add(node.name.value);
      }
    });
    expect(used).toEqual(taken);
  });

  it("asks for a bounded number of records", () => {
    const sizes = [...text.matchAll(/first: (\d+)/g)].map((one) =>
      Number(one[1])
    );
    expect(sizes.every((size) => size <= 10)).toBe(true);
    expect(sizes).toHaveLength(1);
  });
});

function valueOf(node) {
  if (node.kind === "ListValue") return node.values.map(valueOf);
  if (node.kind === "Variable") return `$${node.name.value}`;
  if (node.kind !== "ObjectValue") return node.value ?? null;
  const pairs = node.fields.map((one) => [one.name.value, valueOf(one.value)]);
  return Object.fromEntries(pairs);
}

it("asks for one person's open tasks that belong to a 1on1 in one way or another", () => {
  let where;
  visit(parse(ACTIONS), {
    Argument: (node) => {
      if (node.name.value === "where") where = valueOf(node.value);
    }
  });
  const [whose, open, ours] = where.and;
  expect([whose, open]).toEqual([
    { OwnerId: { eq: "$repId" } },
    { IsClosed: { eq: false } }
  ]);
  expect(where.and).toHaveLength(3);
  expect(ours.or.slice(0, 2)).toEqual([
    { CrmLoop_Key__c: { like: "cl1t%" } },
    { CrmLoop_Session__c: { ne: null } }
  ]);
  const marks = ours.or.slice(2).map((one) => one.Subject.like);
  expect(new Set(marks).size).toBe(9);
  for (const mark of marks)
    expect(mark.normalize("NFKC")).toMatch(/^%[[【]1on1[\]】]%$/);
});
