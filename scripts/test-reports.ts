import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface Failure {
  /** Relative to the repository where the report has it so, else absolute. */
  file: string;
  /** Empty where a file could not be run at all. */
  test: string;
  message: string;
}

/** What a suite came to. */
export interface SuiteReport {
  counts: Counts;
  failures: readonly Failure[];
  /** Failed at first and passed when tried again. Counted as passed, and named, because each is a defect of the test or of Keyhold. */
  flaky: readonly Failure[];
}

const VitestReport = z.object({
  numPassedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

const PlaywrightTest = z.object({
  status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
  results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
});
const PlaywrightSuite = z.object({
  specs: z.array(z.object({ file: z.string(), title: z.string(), tests: z.array(PlaywrightTest) })).default([]),
  get suites(): z.ZodOptional<z.ZodArray<typeof PlaywrightSuite>> {
    return z.array(PlaywrightSuite).optional();
  },
});

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * From vitest's JSON report, and the errors that no test caught, each of which is a failure. A run that ended badly without a failed test (a broken file, no report) counts as one.
 */
export function readVitest(report: unknown, code: number, unhandled: unknown = []): SuiteReport {
  const uncaught = z.array(z.string()).parse(unhandled);
  const parsed = VitestReport.safeParse(report);
  if (!parsed.success) return withExitCode({ counts: NOTHING, failures: [], flaky: [] }, code);
  const { testResults, ...sums } = parsed.data;
  const failures = testResults.flatMap(({ name: file, status, message, assertionResults }): Failure[] => {
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [{ file, test: '', message }];
    return failed.map((one) => ({ file, test: one.fullName, message: one.failureMessages?.[0] ?? '' }));
  });
  failures.push(...uncaught.map((message) => ({ file: NO_FILE, test: 'an error that no test caught', message })));
  const counts = {
    passed: sums.numPassedTests,
    failed: failures.length,
    skipped: sums.numPendingTests + sums.numTodoTests,
  };
  return withExitCode({ counts, failures, flaky: [] }, code);
}

/** From Playwright's JSON report. */
export function readPlaywright(report: unknown, code: number): SuiteReport {
  const parsed = PlaywrightSuite.safeParse(report);
  if (!parsed.success) return withExitCode({ counts: NOTHING, failures: [], flaky: [] }, code);
  const tests = testsOf(parsed.data);
  const of = (status: z.output<typeof PlaywrightTest>['status']): Failure[] =>
    tests.filter((one) => one.status === status).map(({ failure }) => failure);
  const [failures, flaky] = [of('unexpected'), of('flaky')];
  const counts = {
    passed: of('expected').length + flaky.length,
    failed: failures.length,
    skipped: of('skipped').length,
  };
  return withExitCode({ counts, failures, flaky }, code);
}

function testsOf({ specs, suites }: z.output<typeof PlaywrightSuite>): { status: string; failure: Failure }[] {
  const own = specs.flatMap(({ file, title, tests }) =>
    tests.map(({ status, results }) => {
      const message = results.find(({ error }) => error !== undefined)?.error?.message ?? '';
      return { status, failure: { file, test: title, message } };
    }),
  );
  return [...own, ...(suites ?? []).flatMap(testsOf)];
}

/** A suite after its failed files were run once more: what passed then is flaky. A second run that did not come to its end clears nothing, and what is no file's cannot be tried again. */
export function afterSecondRun(first: SuiteReport, second: SuiteReport): SuiteReport {
  if (
    second.counts.passed === 0 ||
    first.failures.some(({ file }) => file === NO_FILE) ||
    second.failures.some(({ file }) => file === NO_FILE)
  )
    return first;
  const again = new Set(second.failures.map(({ file }) => file));
  const flaky = first.failures.filter(({ file }) => !again.has(file));
  return {
    counts: {
      passed: first.counts.passed + flaky.length,
      failed: second.counts.failed,
      skipped: first.counts.skipped,
    },
    failures: second.failures,
    flaky: [...first.flaky, ...flaky],
  };
}

/** A failure in two lines: which test, and the first lines of why. Colours are taken out. */
export function describeFailure({ file, test, message }: Failure): string {
  const [first = '', second = ''] = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return `${file}${test === '' ? '' : ` › ${test}`}\n    ${`${first} ${second}`.trim().slice(0, 300)}`;
}

const NO_FILE = 'the run itself';
const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

function withExitCode(report: SuiteReport, code: number): SuiteReport {
  if (code === 0 || report.counts.failed > 0) return report;
  const failure = { file: NO_FILE, test: '', message: `It ended with status ${code}.` };
  return { ...report, counts: { ...report.counts, failed: 1 }, failures: [failure] };
}
