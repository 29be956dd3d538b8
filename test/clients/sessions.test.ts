import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing, type Run, type Scenario, startScenario } from '../support/scenario.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';

const reason = missing('aws', ['--version'], 'the AWS CLI');
const HUB = '111111111111';
const PROD = '222222222222';

/** From the key of a user to a role in another account, behind MFA, as a person sets it up; the AWS CLI asks for nothing. */
describe.skipIf(reason !== null)(
  `roles behind MFA with the AWS CLI${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let scenario: Scenario;
    let aws: StrictAws;
    let keyhold: (...args: string[]) => Promise<Run>;

    beforeAll(async () => {
      aws = await startStrictAws({ account: HUB });
      aws.addUser('alice', { mfa: true });
      const key = aws.addKey('alice');
      const device = aws.addDevice('alice');
      aws.addRole('hop', { principals: [`arn:aws:iam::${HUB}:user/alice`], mfa: true, maxSessionSeconds: 43_200 });
      aws.addRole('deploy', { account: PROD, principals: [`arn:aws:iam::${HUB}:role/hop`], externalId: 'ext-1' });
      scenario = await startScenario();
      keyhold = (...args) => scenario.keyhold(args);
      const { home } = scenario.daemon;
      writeFileSync(join(home, 'seed.txt'), `${device.base32}\n`, { mode: 0o600 });
      writeFileSync(
        join(home, 'policy.json'),
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}',
      );
      for (const [name, id] of [
        ['hub', HUB],
        ['other', PROD],
      ] as const) {
        const account = ['account', 'add', name, '--remote', '--id', id, '--endpoint-url', aws.url];
        expect(await keyhold(...account)).toMatchObject({ code: 0 });
      }
      await scenario.daemon.importKey(
        { name: 'alice', account: 'hub', accessKeyId: key.accessKeyId },
        key.secretAccessKey,
      );
      const serial = ['--mfa-serial', device.serialNumber];
      const seed = { input: `${device.base32}\n` };
      expect(await scenario.keyhold(['totp', 'add', 'alice', '--secret-stdin', ...serial], seed)).toMatchObject({
        code: 0,
      });
      const hop = ['--role-arn', `arn:aws:iam::${HUB}:role/hop`, '--duration', '12h', ...serial];
      expect(await keyhold('profile', 'add', 'hop', '--account', 'hub', '--key', 'alice', ...hop)).toMatchObject({
        code: 0,
      });
      const role = ['--role-arn', `arn:aws:iam::${PROD}:role/deploy`, '--external-id', 'ext-1'];
      const more = [
        '--session-name',
        '{profile}.{client}',
        '--tag',
        'team=ops',
        '--session-policy',
        join(home, 'policy.json'),
      ];
      const deploy = ['profile', 'add', 'deploy', '--account', 'other', '--source-profile', 'hop', ...role, ...more];
      expect(await keyhold(...deploy)).toMatchObject({ code: 0 });
    });
    afterAll(async () => {
      await scenario?.close();
      await aws?.close();
    });

    it('assumes both without a question, once for several at the same time', async () => {
      const who = ['exec', 'deploy', '--', 'aws', 'sts', 'get-caller-identity', '--output', 'json'];
      const runs = await Promise.all([keyhold(...who), keyhold(...who), keyhold(...who)]);
      for (const one of runs) {
        expect(one).toMatchObject({ code: 0, stderr: '' });
        expect(JSON.parse(one.stdout)).toMatchObject({
          Account: PROD,
          Arn: expect.stringMatching(/^arn:aws:sts::222222222222:assumed-role\/deploy\/deploy\./),
        });
      }
      expect(aws.callsOf('AssumeRole')).toHaveLength(2);
      expect(aws.callsOf('AssumeRole').every(({ outcome }) => outcome === 'ok')).toBe(true);
    });

    it('are shown with what is left of them', async () => {
      const list = await keyhold('session', 'list');
      expect(list.stdout).toMatch(/^hop +hub +hop +active +11 h \d+ min +12 h of 12 h +ASIA/m);
      expect(list.stdout).toMatch(/^deploy +other +deploy +active +\d+ min +1 h of 1 h +ASIA/m);
      const { sessions } = JSON.parse((await keyhold('session', 'list', '--json')).stdout);
      expect(sessions).toHaveLength(2);
      const shown = await keyhold('profile', 'show', 'deploy');
      expect(shown.stdout).toMatch(/^Credentials +hop ← key alice$/m);
      expect(shown.stdout).toMatch(/^Lasts +1 h \(at most 1 h\)$/m);
      expect((await keyhold('profile', 'list')).stdout).toMatch(
        /^deploy +other +222222222222 +hop ← key alice +deploy/m,
      );
    });

    it('are forgotten and asked for anew', async () => {
      expect((await keyhold('session', 'revoke', 'deploy')).stdout).toMatch(/forgotten here\. AWS takes them until/);
      expect((await keyhold('session', 'refresh', 'deploy')).stdout).toMatch(
        /^deploy has new credentials \(ASIA\w+\) for/,
      );
      expect(aws.callsOf('AssumeRole')).toHaveLength(3);
      expect(await keyhold('session', 'refresh', 'prod')).toMatchObject({ code: 2 });
    });

    it('change, and are refused in one sentence', async () => {
      expect(await keyhold('profile', 'edit', 'deploy', '--duration', '2h')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('one hour (3,600 seconds) at most, and deploy asks for 7200'),
      });
      expect(await keyhold('profile', 'edit', 'deploy', '--external-id', 'wrong')).toMatchObject({ code: 0 });
      const refused = await keyhold('exec', 'deploy', '--', 'aws', 'sts', 'get-caller-identity');
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('(AccessDenied)');
      expect(refused.stderr).toContain('AWS gives no session for the profile deploy.');
      expect((await keyhold('session', 'list')).stdout).toMatch(
        /^deploy, .*: AWS gives no session for the profile deploy\./m,
      );
    });
  },
);
