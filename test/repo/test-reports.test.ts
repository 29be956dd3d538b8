import { describe, expect, test } from 'vitest';
import {
  afterSecondRun,
  describeFailure,
  readPlaywright,
  readVitest,
  type SuiteReport,
} from '../../scripts/test-reports.ts';

const vitest = (testResults: object[], passed: number) => ({
  ...{ numPassedTests: passed, numPendingTests: 2, numTodoTests: 1 },
  testResults,
});
const failed = (fullName: string, message: string) => ({ fullName, status: 'failed', failureMessages: [message] });

describe('what vitest reports', () => {
  test('is counted, and each failure named', () => {
    const report = vitest(
      [
        { name: '/a.test.ts', status: 'passed', assertionResults: [{ fullName: 'fine', status: 'passed' }] },
        { name: '/b.test.ts', status: 'failed', assertionResults: [failed('b breaks', 'Error: no')] },
        { name: '/c.test.ts', status: 'failed', message: 'cannot be read', assertionResults: [] },
      ],
      5,
    );
    expect(readVitest(report, 1)).toEqual({
      counts: { passed: 5, failed: 2, skipped: 3 },
      failures: [
        { file: '/b.test.ts', test: 'b breaks', message: 'Error: no' },
        { file: '/c.test.ts', test: '', message: 'cannot be read' },
      ],
      flaky: [],
    });
  });

  test('has errors that no test caught as failures, which trying a file again does not clear', () => {
    const report = vitest([{ name: '/b.test.ts', status: 'failed', assertionResults: [failed('b', 'Error: no')] }], 5);
    const first = readVitest(report, 1, ['Error: nobody waited']);
    expect(first.counts.failed).toBe(2);
    expect(first.failures[1]).toMatchObject({ test: 'an error that no test caught', message: 'Error: nobody waited' });
    expect(afterSecondRun(first, readVitest(vitest([], 3), 0))).toEqual(first);
  });

  test('is a failure when it ends badly without saying why, or says nothing', () => {
    expect(readVitest(vitest([], 5), 1).counts).toEqual({ passed: 5, failed: 1, skipped: 3 });
    expect(readVitest(undefined, 134)).toMatchObject({
      counts: { passed: 0, failed: 1 },
      failures: [{ message: 'It ended with status 134.' }],
    });
  });
});

test('what Playwright reports is counted, through its nested suites, and flaky tests are named', () => {
  const error = { message: 'Timeout' };
  const spec = (title: string, status: string, results: object[]) => ({
    ...{ file: 'a.spec.ts', title },
    tests: [{ status, results }],
  });
  const report = {
    suites: [
      {
        specs: [spec('one', 'expected', [{}]), spec('two', 'skipped', [])],
        suites: [{ specs: [spec('three', 'unexpected', [{ error }]), spec('four', 'flaky', [{ error }, {}])] }],
      },
    ],
  };
  expect(readPlaywright(report, 1)).toEqual({
    counts: { passed: 2, failed: 1, skipped: 1 },
    failures: [{ file: 'a.spec.ts', test: 'three', message: 'Timeout' }],
    flaky: [{ file: 'a.spec.ts', test: 'four', message: 'Timeout' }],
  });
});

describe('a second run', () => {
  const one = { file: '/one', test: 'one', message: 'Error' };
  const two = { file: '/two', test: 'two', message: 'Error' };
  const first: SuiteReport = { counts: { passed: 10, failed: 2, skipped: 1 }, failures: [one, two], flaky: [] };

  test('in which all passes leaves them flaky', () => {
    const second = { counts: { passed: 7, failed: 0, skipped: 0 }, failures: [], flaky: [] };
    expect(afterSecondRun(first, second)).toEqual({
      counts: { passed: 12, failed: 0, skipped: 1 },
      failures: [],
      flaky: [one, two],
    });
  });

  test('in which one fails again leaves it failed', () => {
    const second = { counts: { passed: 6, failed: 1, skipped: 0 }, failures: [two], flaky: [] };
    expect(afterSecondRun(first, second)).toEqual({
      counts: { passed: 11, failed: 1, skipped: 1 },
      failures: [two],
      flaky: [one],
    });
  });

  test('that could not run at all clears nothing', () => {
    const second = readVitest(undefined, 1);
    expect(afterSecondRun(first, second)).toEqual(first);
  });
});

test('a failure is described by its test and the first lines of why, without colours', () => {
  const message = '\u001b[31mAssertionError\u001b[0m: expected 1 to be 2\n\n    at here\n    at there';
  expect(describeFailure({ file: 'a.test.ts', test: 'adds', message })).toBe(
    'a.test.ts › adds\n    AssertionError: expected 1 to be 2 at here',
  );
});
