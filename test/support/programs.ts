import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `npm test` builds first and has its suites start what a user starts; stripping the types of all sources for each of hundreds of processes would be a third of its time. */
const BUILT = process.env['KEYHOLD_TEST_BUILT'] === '1';

function program(source: string, built: string): string {
  const path = fileURLToPath(new URL(BUILT ? `../../dist/main/${built}` : `../../src/${source}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: build it first (npm run build).`);
  return path;
}

/** The daemon's and the command line's programs, for the pinned Node: the sources, or under `npm test` what is built of them. */
export const DAEMON_PROGRAM = program('daemon/main.ts', 'daemon.js');
export const CLI_PROGRAM = program('cli/main.ts', 'cli.js');

/** Where what is started from its sources keeps them compiled: stripping their types anew would be most of the time that a short run takes. */
export const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/keyhold-tests', import.meta.url));
