// Bundles both CRMs' cards for an ordinary browser. Language and data are set by the page.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import lwc from "@lwc/rollup-plugin";
import replace from "@rollup/plugin-replace";
import { build } from "esbuild";
import { rollup } from "rollup";

const here = dirname(fileURLToPath(import.meta.url));
const connectors = join(here, "../../../connectors");
const card = join(connectors, "salesforce/force-app/main/default/lwc/crmLoopCard");
// Components resolve each other within one project only, so the card comes along as a copy.
cpSync(card, join(here, "dist/modules/c/crmLoopCard"), { recursive: true });

const GRAPHQL = `
  export const gql = (parts) => parts.join("");
  export class graphql {
    constructor(tell) { this.tell = tell; }
    connect() {}
    disconnect() {}
    update(config) {
      const name = /query (\\w+)/.exec(config.query)?.[1];
      if (config.variables) this.tell({ data: undefined, errors: undefined, ...window.__ANSWERS__[name] });
    }
  }`;

/** What the platform provides in an org. */
const platform = {
  name: "platform",
  resolveId(id) {
    if (id === "lightning/graphql" || id.startsWith("@salesforce/")) return `\0platform:${id}`;
    return undefined;
  },
  load(id) {
    if (!id.startsWith("\0platform:")) return undefined;
    const name = id.slice("\0platform:".length);
    if (name === "lightning/graphql") return GRAPHQL;
    const [, kind, what] = /^@salesforce\/(\w+)\/?(.*)$/.exec(name);
    if (kind === "label" && what.startsWith("c."))
      return `export default window.__LABELS__[${JSON.stringify(what.slice(2))}];`;
    if (kind === "label") return `export default ${JSON.stringify(what)};`;
    if (kind === "i18n")
      return `export default window.__I18N__[${JSON.stringify(what)}] ?? "";`;
    if (kind === "schema") return `export default { objectApiName: ${JSON.stringify(what)} };`;
    if (kind === "user") return `export default "005000000000001AAA";`;
    if (kind === "gate" || kind === "accessCheck") return "export default { isOpen: () => false };";
    if (kind === "client") return `export default "Large";`;
    return `export default "";`;
  },
};

const bundle = await rollup({
  input: join(here, "card.js"),
  plugins: [
    platform,
    replace({
      preventAssignment: true,
      values: {
        "process.env.NODE_ENV": '"production"',
        "import.meta.env.SSR": "false",
        "import.meta.env": "({})",
      },
    }),
    lwc({
      rootDir: here,
      modules: [
        { npm: "lightning-base-components" },
        { dir: join(here, "modules") },
        { dir: join(here, "dist/modules") },
      ],
      enableDynamicComponents: true,
      disableSyntheticShadowSupport: false,
    }),
  ],
  onwarn() {},
});
await bundle.write({
  file: join(here, "dist/salesforce.js"),
  format: "iife",
  name: "card",
  inlineDynamicImports: true,
});

await build({
  entryPoints: [join(here, "hubspot/show.jsx")],
  bundle: true,
  format: "iife",
  jsx: "automatic",
  outfile: join(here, "dist/hubspot.js"),
  nodePaths: [join(here, "node_modules")],
  alias: {
    "@hubspot/ui-extensions": join(here, "hubspot/components.jsx"),
    "@hubspot/ui-extensions/crm": join(here, "hubspot/components.jsx"),
  },
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
});
