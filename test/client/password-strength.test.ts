import { expect, test } from 'vitest';
import { describeStrength, loadEstimator, refusePassword } from '../../src/client/password-strength.ts';

test('a short password is named so and refused', async () => {
  const strength = describeStrength('Tr0ub4d&3', await loadEstimator());
  expect(strength).toMatchObject({ score: 0, word: 'Too short' });
  expect(refusePassword(strength)).toMatch(/at least 10 characters/);
});

test.each(['password12', 'aaaaaaaaaaaa', 'qwertyuiop', 'keyholdvault'])(
  '%s is refused with what is wrong',
  async (password) => {
    const strength = describeStrength(password, await loadEstimator());
    expect(strength.score).toBeLessThan(2);
    expect(strength.advice).not.toBe('');
    expect(refusePassword(strength)).toMatch(/^This password is too easy to guess\. \S/);
  },
);

test('unrelated words are strong and need no advice', async () => {
  const strength = describeStrength('harbour ferret cobalt lattice 47', await loadEstimator());
  expect(strength).toEqual({ score: 4, word: 'Strong', advice: '' });
  expect(refusePassword(strength)).toBeNull();
});

test('the advice never repeats the password', async () => {
  const password = 'correcthorse9';
  expect(describeStrength(password, await loadEstimator()).advice).not.toContain(password);
});
