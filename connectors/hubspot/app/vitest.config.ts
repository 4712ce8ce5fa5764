import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/**/*.test.tsx'],
    // Else what replaces its HTTP client would not reach it.
    server: { deps: { inline: [/@hubspot\/project-parsing-lib/] } },
  },
});
