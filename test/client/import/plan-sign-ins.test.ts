import { expect, test } from 'vitest';
import { createSignInPlanner, type PlannedSignIn } from '../../../src/client/import/plan-sign-ins.ts';

const CENTRE = { startUrl: 'https://corp.awsapps.com/start', region: 'eu-west-1' };
const session = (name: string, scopes: string[]) => ({
  name,
  place: { file: 'config' as const, line: 1 },
  where: { ...CENTRE, scopes },
});

test('sections of one Identity Center are one sign-in, with the scopes of all', () => {
  const planned: PlannedSignIn[] = [];
  const planner = createSignInPlanner([], planned, () => expect.unreachable());
  planner.nameOf(session('corp', ['sso:account:access']));
  expect(planner.nameOf(session('code', ['codewhisperer:completions', 'sso:account:access']))).toBe('corp');
  expect(planned).toMatchObject([{ name: 'corp', scopes: ['sso:account:access', 'codewhisperer:completions'] }]);
});

test('scopes that the sign-in of the vault does not ask for are said, once', () => {
  const left: string[] = [];
  const vault = [{ name: 'work', settings: { type: 'sso', ...CENTRE, scopes: ['sso:account:access'] } }];
  const planner = createSignInPlanner(vault, [], ({ name }, reason) => left.push(`${name}: ${reason}`));
  for (let time = 0; time < 2; time++) {
    expect(planner.nameOf(session('code', ['sso:account:access', 'codewhisperer:completions']))).toBe('work');
  }
  expect(left).toEqual(['code: the sign-in work of the vault does not ask for codewhisperer:completions']);
});
