import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { missing, type Run, type Scenario, startScenario } from '../support/scenario.ts';
import { addRoleSession } from '../support/sso-lab.ts';
import { type SsoStandIn, startSso } from '../support/sso-stand-in/start-sso.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';
import { stepsOf } from './steps.ts';

const TOUR = fileURLToPath(new URL('./sso-tour.py', import.meta.url));
const noBoto = missing('python3', ['-c', 'import boto3'], 'boto3');
const noCli = missing('aws', ['--version'], 'the AWS CLI');

describe.skipIf(noBoto !== null)(
  `the Identity Center of the tests, by boto3${noBoto === null ? '' : ` (skipped: ${noBoto})`}`,
  () => {
    let sso: SsoStandIn;
    beforeAll(async () => {
      sso = await startSso();
      sso.pageSize = 1;
    });
    afterAll(() => sso.close());

    it('answers as AWS’s own clients expect it', async () => {
      const child = spawn('python3', [TOUR, sso.url, sso.startUrl], { stdio: ['pipe', 'pipe', 'inherit'] });
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(line);
        const { step, value } = JSON.parse(line);
        // As long as the interval says, between two questions.
        const rest = () => new Promise((resolve) => setTimeout(resolve, sso.lives.interval * 1000 + 50));
        if (step === 'complete') await rest().then(() => child.stdin.write('\n'));
        if (step === 'too-soon') {
          sso.decide([...sso.devices.values()][0]?.userCode ?? '', 'approved');
          await rest().then(() => child.stdin.write('\n'));
        }
        if (step === 'code') expect(value).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
      }
      const { code: _, ...steps } = stepsOf(lines.join('\n'));
      expect(steps).toEqual({
        registered: true,
        'not-a-client': ['InvalidClientException', 'InvalidClientException', 'invalid_client'],
        complete: true,
        pending: ['AuthorizationPendingException', 'AuthorizationPendingException', 'authorization_pending'],
        'too-soon': ['SlowDownException', 'SlowDownException', 'slow_down'],
        token: ['Bearer', 3600],
        'used-code': ['InvalidGrantException', 'InvalidGrantException', 'invalid_grant'],
        accounts: [
          ['111111111111', 'Sandbox', 'sandbox@example.com'],
          ['222222222222', 'Production', 'prod@example.com'],
        ],
        pages: 2,
        roles: ['Admin'],
        credentials: ['accessKeyId', 'expiration', 'secretAccessKey', 'sessionToken'],
        'no-role': ['ClientError', 'ForbiddenException', null],
        renewed: true,
        'used-refresh': ['InvalidGrantException', 'InvalidGrantException', 'invalid_grant'],
        'after-logout': ['UnauthorizedException', 'UnauthorizedException', null],
      });
    });
  },
);

describe.skipIf(noCli !== null)(`signing in for the AWS CLI${noCli === null ? '' : ` (skipped: ${noCli})`}`, () => {
  let scenario: Scenario;
  let sso: SsoStandIn;
  let aws: StrictAws;
  const keyhold = (...args: string[]): Promise<Run> =>
    scenario.keyhold(args, { env: { SSH_CONNECTION: '10.0.0.1 5 10.0.0.2 22' } });

  beforeAll(async () => {
    [sso, aws, scenario] = await Promise.all([startSso(), startStrictAws(), startScenario()]);
    sso.issue = (accountId, roleName) => addRoleSession(aws, accountId, roleName, Date.now() + 3_600_000);
  });
  afterAll(async () => {
    await scenario.close();
    await sso.close();
    await aws.close();
  });

  it('goes from an address to a role, and says when a person is needed again', async () => {
    const where = ['--start-url', sso.startUrl, '--region', 'eu-central-1', '--endpoint-url', sso.url];
    expect(await keyhold('sso', 'add', 'corp', ...where)).toMatchObject({ code: 0 });
    const login = keyhold('login');
    const device = await vi.waitFor(
      () => {
        const [waiting] = sso.devices.values();
        if (waiting === undefined) throw new Error('keyhold login never asked for a code');
        return waiting;
      },
      { timeout: 20_000, interval: 50 },
    );
    sso.decide(device.userCode, 'approved');
    expect(await login).toMatchObject({ code: 0, stdout: expect.stringContaining('Signed in to corp.') });
    const id = ['--remote', '--id', '222222222222', '--endpoint-url', aws.url];
    expect(await keyhold('account', 'add', 'prod', ...id)).toMatchObject({ code: 0 });
    // By name: an account with an endpoint of its own is never taken for AWS's.
    const role = ['--account', 'prod', '--sign-in', 'corp', '--sso-role', 'Read'];
    expect(await keyhold('profile', 'add', 'Production-Read', ...role)).toMatchObject({ code: 0 });
    const whoAmI = ['exec', 'Production-Read', '--', 'aws', 'sts', 'get-caller-identity'];
    const result = await keyhold(...whoAmI);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Read/ada');

    await scenario.daemon.call('session.revoke', { profile: 'Production-Read' });
    sso.endSessions();
    const ended = await keyhold(...whoAmI);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(
      /The session at the Identity Center has ended\. Sign in to corp with: keyhold login corp\s*$/,
    );
    expect(ended.stderr).not.toContain('retries');
    expect(await keyhold('session', 'refresh', 'Production-Read')).toMatchObject({ code: 10 });
    for (const secret of sso.secrets) expect(JSON.stringify([result, ended])).not.toContain(secret);
  });
});
