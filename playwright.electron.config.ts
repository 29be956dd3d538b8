import { defineConfig } from '@playwright/test';

/** The desktop shell in real Electron. Run by `npm run test:e2e` where Electron's binary and a display are there. */
export default defineConfig({
  testDir: 'test/e2e-electron',
  testMatch: '*.spec.ts',
  outputDir: 'test-results/electron',
  // One app at a time: each holds a vault and a port of its own, but they share the screen's focus.
  workers: 1,
  timeout: 60_000,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
});
