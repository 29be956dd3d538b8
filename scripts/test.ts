import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromiumBinary } from './chromium-binary.ts';
import { electronBinary, whyNoWindow } from './electron-binary.ts';
import { run } from './run.ts';
import {
  addCounts,
  afterSecondRun,
  type Counts,
  describeFailure,
  type Failure,
  readPlaywright,
  readVitest,
  type SuiteReport,
} from './test-reports.ts';
import { UNHANDLED_REPORT } from './unhandled-reporter.ts';

/**
 * `node scripts/test.ts [--full] [suite…]`: runs the suites in order, each with its own output, and ends with what failed and one line of totals.
 * Files with a failed test are run once more, alone; what passes then is named as flaky, because on a busy machine one test of thousands meets a time limit. `--full` sets KEYHOLD_TEST_FULL=1: the long forms (300 kills, every byte position, 10,000 requests).
 */

const root = resolve(import.meta.dirname, '..');
const SUITES = ['unit', 'process', 'clients', 'e2e', 'electron', 'robustness'] as const;
type Suite = (typeof SUITES)[number];

function isSuite(name: string): name is Suite {
  return SUITES.some((suite) => suite === name);
}

/** Vitest's projects (vitest.config.ts) that make up a suite. */
const PROJECTS: Readonly<Record<Exclude<Suite, 'e2e' | 'electron'>, readonly string[]>> = {
  unit: ['unit', 'unit-isolated'],
  process: ['process', 'process-costly'],
  clients: ['clients'],
  robustness: ['robustness'],
};
/** More files with failures than these are no accident. */
const MOST_AGAIN = 4;

const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const shell = process.platform === 'win32';

async function runSuite(suite: Suite, report: string, env: NodeJS.ProcessEnv): Promise<SuiteReport> {
  if (suite === 'e2e' || suite === 'electron') {
    const config = suite === 'e2e' ? 'playwright.config.ts' : 'playwright.electron.config.ts';
    const outcome = await run(bin('playwright'), ['test', '--config', config, '--reporter=list,json'], {
      cwd: root,
      shell,
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    });
    return readPlaywright(await readReport(report), outcome.code);
  }
  const vitest = async (files: readonly string[]): Promise<SuiteReport> => {
    const projects = PROJECTS[suite].flatMap((project) => ['--project', project]);
    const reporters = ['default', 'json', join(root, 'scripts', 'unhandled-reporter.ts')];
    const reporting = [...reporters.map((reporter) => `--reporter=${reporter}`), `--outputFile.json=${report}`];
    const unhandled = `${report}.unhandled`;
    for (const path of [report, unhandled]) await rm(path, { force: true });
    const outcome = await run(bin('vitest'), ['run', ...projects, ...reporting, ...files], {
      cwd: root,
      shell,
      env: { ...env, [UNHANDLED_REPORT]: unhandled },
    });
    return readVitest(await readReport(report), outcome.code, await readReport(unhandled));
  };
  const first = await vitest([]);
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > MOST_AGAIN || !files.every((file) => existsSync(file))) return first;
  console.log(`\nOnce more, alone: ${files.join(', ')}`);
  return afterSecondRun(first, await vitest(files));
}

async function readReport(path: string): Promise<unknown> {
  return existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : undefined;
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const full = args.includes('--full');
  const wanted = args.filter((arg) => arg !== '--full');
  const unknown = wanted.filter((name) => !isSuite(name));
  if (unknown.length > 0) throw new Error(`Unknown suite ${unknown.join(', ')}. Suites: ${SUITES.join(', ')}.`);
  const suites = SUITES.filter((suite) => wanted.length === 0 || wanted.includes(suite));
  // The suites start the built programs: what a user has, and sooner up.
  const built = await run(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root });
  if (built.code !== 0) throw new Error('The build failed, so nothing was tested.');
  const env = { ...process.env, KEYHOLD_TEST_BUILT: '1', ...(full ? { KEYHOLD_TEST_FULL: '1' } : {}) };
  const folder = await mkdtemp(join(tmpdir(), 'keyhold-test-'));
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [];
  const failures: Failure[] = [];
  const flaky: Failure[] = [];
  try {
    for (const suite of suites) {
      const against = await whyNot(suite);
      if (against !== null) {
        lines.push(`${suite}: skipped, ${against}`);
        total = addCounts(total, { passed: 0, failed: 0, skipped: 1 });
        continue;
      }
      console.log(`\n── ${suite} ──`);
      const started = performance.now();
      const { counts, ...named } = await runSuite(suite, join(folder, `${suite}.json`), env);
      failures.push(...named.failures);
      flaky.push(...named.flaky);
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      lines.push(`${suite}: ${describe(counts)} (${seconds} s)`);
      total = addCounts(total, counts);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  name('Flaky, passed when tried again', flaky);
  name('Failed', failures);
  console.log(`\n${lines.join('\n')}\n${describe(total)}`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

function name(heading: string, tests: readonly Failure[]): void {
  if (tests.length > 0) console.log(`\n${heading}:\n${tests.map((one) => `  ${describeFailure(one)}`).join('\n')}`);
}

/** Why a suite cannot run here; null when nothing is known against it. */
async function whyNot(suite: Suite): Promise<string | null> {
  if (suite === 'electron') return noElectron();
  if (suite === 'e2e') return noBrowser();
  return null;
}

async function noBrowser(): Promise<string | null> {
  if (chromiumBinary() !== null) return null;
  console.log('\nNo Chromium here; asking Playwright to fetch one.');
  const args = ['install', 'chromium'];
  await run(join(root, 'node_modules', '.bin', 'playwright'), args, { cwd: root, shell: process.platform === 'win32' });
  return chromiumBinary() === null ? 'Chromium is not here and could not be fetched' : null;
}

function noElectron(): string | null {
  if (electronBinary() === null) return 'Electron’s binary is not here';
  return whyNoWindow(process.env, process.platform, process.getuid?.());
}

function describe(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

await main();
