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
