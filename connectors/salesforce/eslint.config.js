const { defineConfig } = require("eslint/config");
const jestPlugin = require("eslint-plugin-jest");
const lwcConfig = require("@salesforce/eslint-config-lwc/recommended");

module.exports = defineConfig([
  { files: ["**/lwc/**/*.js"], extends: [lwcConfig] },
  {
    files: ["jest/*.test.js"],
    extends: [lwcConfig],
    rules: { "@lwc/lwc/no-unexpected-wire-adapter-usages": "off" },
    languageOptions: {
      globals: { ...jestPlugin.environments.globals.globals }
    }
  }
]);
