import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Moto, startMoto, whyNoMoto } from '../support/moto.ts';
import { missing, run, type Scenario, startScenario } from '../support/scenario.ts';

const reason = whyNoMoto() ?? missing('aws', ['--version'], 'the AWS CLI');
const Created = z.object({ AccessKey: z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string() }) });
const Devices = z.object({ MFADevices: z.array(z.object({ SerialNumber: z.string() })) });

/** A virtual MFA device from nothing to in use, at a foreign AWS that checks signatures. */
describe.skipIf(reason !== null)(
  `MFA at a foreign AWS (moto_server)${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let scenario: Scenario;
    let moto: Moto;
    const admin = async (...args: string[]) => {
      const result = await run(
        'aws',
        ['--endpoint-url', moto.url, '--region', 'us-east-1', '--output', 'json', ...args],
        {
          env: { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' },
        },
      );
      if (result.code !== 0) throw new Error(result.stderr);
      return result.stdout;
    };

    beforeAll(async () => {
      moto = await startMoto();
      await admin('iam', 'create-user', '--user-name', 'alice');
      const { AccessKey } = Created.parse(JSON.parse(await admin('iam', 'create-access-key', '--user-name', 'alice')));
      scenario = await startScenario();
      const { call, importKey } = scenario.daemon;
      await call('account.add', { name: 'moto', accountId: '123456789012', kind: 'remote', endpointUrl: moto.url });
      await importKey(
        { name: 'alice', account: 'moto', accessKeyId: AccessKey.AccessKeyId },
        AccessKey.SecretAccessKey,
      );
      await call('profile.add', { name: 'moto', account: 'moto', key: 'alice', region: 'us-east-1' });
    });
    afterAll(async () => {
      moto?.stop();
      await scenario?.close();
    });

    const devices = async () =>
      Devices.parse(JSON.parse(await admin('iam', 'list-mfa-devices', '--user-name', 'alice'))).MFADevices;

    it('is taken back on both sides when it is given up', async () => {
      const begun = await scenario.daemon.call('totp.enrollBegin', {
        profile: 'moto',
        userName: 'alice',
        name: 'given-up',
      });
      expect(begun.mfaSerial).toBe('arn:aws:iam::123456789012:mfa/given-up');
      const cancelled = await scenario.keyhold(['totp', 'enroll-aws', '--cancel', 'given-up']);
      expect(cancelled.stdout).toBe(
        'The enrolment of given-up is taken back: its device is forgotten here and in its account.\n',
      );
      expect(await admin('iam', 'list-virtual-mfa-devices')).not.toContain('given-up');
      // The name is free again, so AWS has really forgotten it.
      await scenario.daemon.call('totp.enrollBegin', { profile: 'moto', userName: 'alice', name: 'given-up' });
      await scenario.daemon.call('totp.enrollCancel', { name: 'given-up' });
    });

    it('is enrolled by the command line, with two codes in a row', async () => {
      const enrolled = await scenario.keyhold(['totp', 'enroll-aws', '--profile', 'moto', '--user', 'alice']);
      expect(enrolled.stderr).toMatch(/arn:aws:iam::123456789012:mfa\/alice is made\. It wants two codes in a row\./);
      expect(enrolled.stderr).toMatch(/Got the first code\. The second one comes in \d+ s\./);
      expect(enrolled.stdout).toBe('alice is in use: arn:aws:iam::123456789012:mfa/alice\n');
      expect(await devices()).toEqual([{ SerialNumber: 'arn:aws:iam::123456789012:mfa/alice' }]);
      const again = await scenario.keyhold(['totp', 'enroll-aws', '--profile', 'moto', '--user', 'alice']);
      expect(again.code).toBe(6);
    });

    it('has the seed that AWS made: its codes are oathtool’s', async (context) => {
      if (missing('oathtool', ['--version'], 'oathtool') !== null) return context.skip('oathtool is not installed');
      const { writeFileSync } = await import('node:fs');
      const { PASSWORD } = await import('../support/hsm.ts');
      const file = `${scenario.daemon.home}/pw`;
      writeFileSync(file, `${PASSWORD}\n`, { mode: 0o600 });
      const exported = await scenario.keyhold(['totp', 'export', 'alice', '--password-file', file]);
      const secret = /secret=([A-Z2-7]+)/.exec(exported.stdout)?.[1] ?? '';
      const used = JSON.parse((await scenario.keyhold(['totp', 'code', 'alice', '--json'])).stdout);
      const at = new Date(Date.parse(used.validUntil) - 1000).toISOString().replace('T', ' ').slice(0, 19);
      const theirs = execFileSync('oathtool', ['--totp', '-b', `--now=${at} UTC`, secret], { encoding: 'utf8' });
      expect(used.code).toBe(theirs.trim());
    });
  },
);
