const { jestConfig } = require("@salesforce/sfdx-lwc-jest/config");

module.exports = {
  ...jestConfig,
  testMatch: ["<rootDir>/jest/**/*.test.js"],
  setupFiles: [...(jestConfig.setupFiles ?? []), "<rootDir>/jest/labels.js"],
  moduleNameMapper: {
    ...jestConfig.moduleNameMapper,
    "^lightning/graphql$": "<rootDir>/jest/lightning/graphql.js"
  }
};
