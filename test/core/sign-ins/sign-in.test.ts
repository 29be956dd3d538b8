import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SsoLab, startSsoLab } from '../../support/sso-lab.ts';

let lab: SsoLab;
beforeEach(async () => {
  lab = await startSsoLab();
});
afterEach(() => lab.dispose());

describe('the device flow', () => {
  test('signs in once the person has confirmed the code', async () => {
    const attempt = await lab.begin('device');
    expect(attempt).toMatchObject({
      flow: 'device',
      type: 'sso',
      name: 'corp',
      verificationUrl: `${lab.sso.url}/device`,
    });
    expect(attempt.url).toBe(`${lab.sso.url}/device?user_code=${attempt.userCode}`);
    expect(await lab.signIn()).toMatchObject({ state: 'pending', attempt: { id: attempt.id } });
    const finish = lab.core.client.call('signIn.finish', { id: attempt.id });
    lab.sso.decide(attempt.userCode ?? '', 'approved');
    expect(await lab.until('the sign-in', finish)).toMatchObject({ state: 'active', renewable: true });
  });
});
