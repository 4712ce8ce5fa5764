// The package's own English labels stand where the platform would put them.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const FILE = join(
  __dirname,
  "../force-app/main/default/labels/CustomLabels.labels-meta.xml"
);
const LABEL =
  /<fullName>(\w+)<\/fullName>[\s\S]*?<value>([\s\S]*?)<\/value>/g;

for (const [, name, value] of readFileSync(FILE, "utf8").matchAll(LABEL)) {
  jest.doMock(
    `@salesforce/label/c.${name}`,
    () => ({ __esModule: true, default: value }),
    { virtual: true }
  );
}
