import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinnedNode, startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { CLI_PROGRAM } from '../support/programs.ts';
import { missing, type Run, run } from '../support/scenario.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';

const reason = missing('aws', ['--version'], 'the AWS CLI');
const HUB = '111111111111';
const PROD = '222222222222';

/** From the files that somebody has to calls of the AWS CLI: nobody is asked for a code, and nothing of the roles is left to the tool. */
describe.skipIf(reason !== null)(`roles of ~/.aws${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let folder: string;
  let daemon: TestDaemon;
  let strict: StrictAws;

  const keyhold = (args: string[], input?: string): Promise<Run> =>
    run(pinnedNode(), [CLI_PROGRAM, ...args], {
      env: { PATH: process.env['PATH'], HOME: folder, KEYHOLD_HOME: daemon.home, NO_COLOR: '1' },
      ...(input === undefined ? {} : { input }),
    });
  const whoIs = (profile: string) =>
    keyhold(['exec', profile, '--', 'aws', 'sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text']);
  const asked = () => strict.calls.map(({ action }) => action).filter((action) => action !== 'GetCallerIdentity');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kh-roles-'));
    mkdirSync(join(folder, '.aws'));
    strict = await startStrictAws({ account: HUB });
    const ada = strict.addUser('ada', { mfa: true });
    const key = strict.addKey('ada');
    const device = strict.addDevice('ada');
    const hop = strict.addRole('hop', { principals: [ada.arn], mfa: true, maxSessionSeconds: 43_200 });
    const deploy = strict.addRole('deploy', { account: PROD, principals: [hop.arn], externalId: 'ex-1' });
    const place = `region = eu-central-1\nendpoint_url = ${strict.url}\n`;
    writeFileSync(
      join(folder, '.aws', 'credentials'),
      `[ada]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`,
    );
    writeFileSync(
      join(folder, '.aws', 'config'),
      `[profile deploy]\nrole_arn = ${deploy.arn}\nsource_profile = hop\nexternal_id = ex-1\n${place}` +
        `[profile hop]\nrole_arn = ${hop.arn}\nsource_profile = ada\nmfa_serial = ${device.serialNumber}\nduration_seconds = 7200\n${place}` +
        `[profile ada]\nmfa_serial = ${device.serialNumber}\n${place}`,
    );
    daemon = await startTestDaemon();
    await daemon.create();
    const added = await keyhold(
      ['totp', 'add', 'ada', '--secret-stdin', '--mfa-serial', device.serialNumber],
      `${device.base32}\n`,
    );
    expect(added).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await daemon?.stop();
    await strict?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('work after one import, with one code and one session each', async () => {
    const imported = await keyhold(['import', 'aws', '--account-id', HUB, '--yes']);
    expect([imported.code, imported.stderr]).toEqual([0, expect.not.stringContaining('totp add')]);
    expect(imported.stdout).toContain('Imported 1 key and 3 profiles.');
    const many = await Promise.all([whoIs('deploy'), whoIs('deploy'), whoIs('hop')]);
    const arn = (account: string, role: string) => `arn:aws:sts::${account}:assumed-role/${role}/keyhold-${role}\n`;
    expect(many.map(({ stdout, stderr }) => stdout + stderr)).toEqual([
      arn(PROD, 'deploy'),
      arn(PROD, 'deploy'),
      arn(HUB, 'hop'),
    ]);
    expect(asked()).toEqual(['GetSessionToken', 'AssumeRole', 'AssumeRole']);
    expect(strict.calls.filter(({ parameters }) => parameters['TokenCode'] !== undefined)).toHaveLength(1);
    expect(strict.calls.every(({ outcome }) => outcome === 'ok')).toBe(true);
  });

  it('let a user do what needs MFA', async () => {
    const query = ['--query', 'AccessKeyMetadata[].Status', '--output', 'text'];
    const listed = await keyhold(['exec', 'ada', '--', 'aws', 'iam', 'list-access-keys', ...query]);
    expect([listed.stdout, listed.stderr]).toEqual(['Active\n', '']);
    expect(asked()).toEqual(['GetSessionToken', 'AssumeRole', 'AssumeRole', 'ListAccessKeys']);
  });
});
