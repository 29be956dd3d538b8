import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinnedNode } from '../support/daemon.ts';
import { missing, type Run, type Scenario, startScenario } from '../support/scenario.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';

const HUB = '111111111111';
const noCli = missing('aws', ['--version'], 'the AWS CLI');
const noBoto = missing('python3', ['-c', 'import boto3'], 'boto3');

/** Tools that know nothing of Keyhold but what AWS documents, and that send their requests to AWS themselves. */
describe('temporary credentials that leave', () => {
  let scenario: Scenario;
  let aws: StrictAws;
  let keyhold: (args: string[], env?: Record<string, string>) => Promise<Run>;
  let longLived: string;
  const who = ['aws', 'sts', 'get-caller-identity', '--output', 'json'];

  beforeAll(async () => {
    aws = await startStrictAws({ account: HUB });
    aws.addUser('alice');
    const key = aws.addKey('alice');
    longLived = key.accessKeyId;
    aws.addRole('hop', { principals: [`arn:aws:iam::${HUB}:user/alice`] });
    scenario = await startScenario();
    keyhold = (args, env = {}) => scenario.keyhold(args, { env });
    await scenario.daemon.call('account.add', {
      ...{ name: 'hub', accountId: HUB, kind: 'remote' },
      endpointUrl: aws.url,
    });
    await scenario.daemon.importKey(
      { name: 'alice', account: 'hub', accessKeyId: key.accessKeyId },
      key.secretAccessKey,
    );
    const role = ['--role-arn', `arn:aws:iam::${HUB}:role/hop`, '--leave-process', '--leave-container'];
    const add = ['profile', 'add', 'hop', '--account', 'hub', '--key', 'alice', ...role, '--leave-for', '15m'];
    expect(await keyhold(add)).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await scenario?.close();
    await aws?.close();
  });

  const signedBy = () => new Set(aws.callsOf('GetCallerIdentity').map(({ accessKeyId }) => accessKeyId));

  it.skipIf(noCli !== null)('go to the AWS CLI over the container endpoint, and over credential_process', async () => {
    // A profile of the caller's own must not win.
    const files = { AWS_PROFILE: 'someone', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' };
    const fetched = await keyhold(['exec', 'hop', '--container', '--', ...who], files);
    expect(fetched).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(fetched.stdout)).toMatchObject({ Arn: `arn:aws:sts::${HUB}:assumed-role/hop/keyhold-hop` });
    const config = join(scenario.daemon.home, 'aws-config');
    const [node, program] = scenario.command();
    writeFileSync(
      config,
      `[profile leaving]\nregion = eu-central-1\ncredential_process = ${node} ${program} credential-process hop --leave\n`,
    );
    const { run } = await import('../support/scenario.ts');
    const env = { ...process.env, KEYHOLD_HOME: scenario.daemon.home, AWS_CONFIG_FILE: config };
    const [aws_ = '', ...rest] = who;
    const printed = await run(aws_, [...rest, '--endpoint-url', aws.url, '--profile', 'leaving'], {
      env: { ...env, AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' },
    });
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(printed.stdout)).toMatchObject({ Account: HUB });
    expect(aws.callsOf('AssumeRole')).toHaveLength(1);
  });

  it.skipIf(noBoto !== null)('go to boto3 and the AWS SDK for JavaScript', async () => {
    const script = `import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])`;
    const boto = await keyhold(['exec', 'hop', '--container', '--', 'python3', '-c', script]);
    expect(boto).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('assumed-role/hop') });
    const module = `import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
      const sts = new STSClient({});
      console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);`;
    const js = await keyhold([
      ...['exec', 'hop', '--container', '--', pinnedNode(), '--input-type=module', '-e', module],
    ]);
    expect(js).toMatchObject({ code: 0, stdout: expect.stringContaining('assumed-role/hop') });
  });

  it('are never the key, and leave nothing behind at the endpoint once the command has ended', async () => {
    expect(signedBy()).not.toContain(longLived);
    const print = ['exec', 'hop', '--container', '--', pinnedNode(), '-e', 'console.log(JSON.stringify(process.env))'];
    const env: Record<string, string> = JSON.parse((await keyhold(print)).stdout);
    expect(Object.keys(env).filter((name) => /ACCESS_KEY|AWS_PROFILE/.test(name))).toEqual([]);
    // Where the account is, and not the door.
    expect(env['AWS_ENDPOINT_URL']).toBe(aws.url);
    const after = fetch(env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '', {
      headers: { authorization: env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] ?? '' },
    });
    await expect(after).rejects.toThrow('fetch failed');
    const list = await keyhold(['session', 'list']);
    expect(list.stdout).toContain('Outside of Keyhold, and good until they end:');
    expect(list.stdout).not.toContain('May fetch more');
    const site = await keyhold(['console', 'hop', '--print']);
    expect(site).toMatchObject({ code: 1, stderr: expect.stringContaining('has an endpoint of its own') });
    const log = await keyhold(['audit', 'list', '--text', 'left the app', '--json']);
    expect(JSON.parse(log.stdout).entries.length).toBeGreaterThan(0);
  });
});
