import { config as uiExtensions } from '@hubspot/eslint-config-ui-extensions';
import typescript from '@typescript-eslint/parser';
import { defineConfig } from 'eslint/config';

export default defineConfig([
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    extends: [uiExtensions],
    languageOptions: { parser: typescript },
  },
]);
