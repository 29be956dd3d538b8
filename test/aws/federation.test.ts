import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAwsSts, createUpstreamAgents } from '../../src/aws/index.ts';
import type { AwsSts } from '../../src/core/sessions/aws-sts.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { type AssertionWish, createIdp } from '../support/saml/idp.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';

const ROLE = { arn: 'arn:aws:iam::123456789012:role/deploy' };
const PROVIDER = 'arn:aws:iam::123456789012:saml-provider/corp';
const idp = createIdp();
const agents = createUpstreamAgents();
let aws: StrictAws;
let sts: AwsSts;

beforeAll(async () => {
  aws = await startStrictAws();
  sts = createAwsSts({ clock: systemClock, agents, onDate: () => undefined });
  aws.addRole('deploy', { principals: [PROVIDER], maxSessionSeconds: 43_200 });
  aws.addRole('other', { principals: [PROVIDER] });
  aws.addRole('closed', { principals: [] });
});
beforeEach(() => {
  aws.providers = [{ kind: 'saml', arn: PROVIDER, issuer: idp.issuer, publicKey: idp.publicKey }];
  aws.calls = [];
});
afterAll(async () => {
  agents.destroy();
  await aws.close();
});

const assume = (wish: Partial<AssertionWish> = {}, role = ROLE, seconds = 43_200) => {
  const roles = [`${PROVIDER},${role.arn}`];
  const assertion = Buffer.from(idp.samlResponse({ now: Date.now(), roles, ...wish }));
  const place = { region: 'eu-central-1', endpointUrl: aws.url };
  return sts.assumeRoleWithSaml(place, { role, principalArn: PROVIDER, assertion, seconds });
};

describe('AssumeRoleWithSAML', () => {
  test('gives a session of twelve hours for an assertion that STS verifies, and is not signed', async () => {
    const before = Date.now();
    const answer = await assume({ sourceIdentity: 'ada' });
    expect(answer.arn).toBe('arn:aws:sts::123456789012:assumed-role/deploy/ada@example.com');
    expect(answer.expiresAt - before).toBeGreaterThan(43_190_000);
    expect(aws.sessions.get(answer.accessKeyId)?.sourceIdentity).toBe('ada');
    expect(aws.calls).toMatchObject([{ action: 'AssumeRoleWithSAML', accessKeyId: undefined, outcome: 'ok' }]);
  });

  test.each<[string, Partial<AssertionWish>, string]>([
    ['changed after it was signed', { forge: (xml) => xml.replace('ada@', 'eve@') }, 'InvalidIdentityToken'],
    ['too old', { now: Date.now() - 301_000 }, 'ExpiredTokenException'],
    ['for somebody else', { audience: 'https://other.example.com' }, 'InvalidIdentityToken'],
    ['without the role', { roles: [`${PROVIDER},arn:aws:iam::123456789012:role/other`] }, 'AccessDenied'],
  ])('is refused in AWS’s words for one that is %s', async (_, wish, name) => {
    await expect(assume(wish)).rejects.toMatchObject({ code: 'ServiceRefused', details: { name } });
  });

  test('is refused where the role trusts no such provider, or gives less time', async () => {
    const closed = { arn: 'arn:aws:iam::123456789012:role/closed' };
    await expect(assume({}, closed)).rejects.toMatchObject({ details: { name: 'AccessDenied' } });
    const other = { arn: 'arn:aws:iam::123456789012:role/other' };
    await expect(assume({}, other)).rejects.toThrow(/MaxSessionDuration/);
  });

  test('leaves the assertion to whoever has it, and says nothing of it in an error', async () => {
    const assertion = Buffer.from(idp.samlResponse({ now: 0, roles: [`${PROVIDER},${ROLE.arn}`] }));
    const before = Buffer.from(assertion);
    const place = { region: 'eu-central-1', endpointUrl: aws.url };
    const error = await sts
      .assumeRoleWithSaml(place, { role: ROLE, principalArn: PROVIDER, assertion, seconds: 900 })
      .then(() => undefined, String);
    expect(error).toMatch(/5 minutes/);
    expect(error).not.toContain(before.subarray(0, 40).toString());
    expect(assertion.equals(before)).toBe(true);
  });
});
