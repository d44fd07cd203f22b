import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Backends run in processes of their own; two workers keep two cores busy without starving them.
    maxWorkers: 2,
    // Other packages are what users get of them: built modules, which Node loads by itself, faster than through a transform.
    server: { deps: { external: [/\/packages\/[\w-]+\/dist\//] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
