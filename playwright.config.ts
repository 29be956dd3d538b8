import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { chromiumBinary } from './scripts/chromium-binary.ts';

const executablePath = chromiumBinary();

/** The page in a real browser against a real daemon; each worker starts a daemon of its own (test/e2e/fixtures.ts). */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results/e2e',
  fullyParallel: false,
  // A page waits most of the time: for what it shows, for a daemon to start.
  workers: Math.max(3, availableParallelism()),
  // What passes the second time is named as flaky at the end of `npm test`.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    contextOptions: { reducedMotion: 'reduce' },
    // Recording every step takes a good part of the time: only for who looks for a cause.
    trace: process.env['KEYHOLD_TRACE'] === '1' ? 'retain-on-failure' : 'off',
    launchOptions: {
      ...(executablePath === null ? {} : { executablePath }),
      args: [
        // Chromium's own sandbox does not start as root, which is who runs tests in a container.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        // There is none: what would be its work costs the processors more than drawing without it.
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
