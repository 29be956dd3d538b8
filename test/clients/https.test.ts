import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing, REAL_KEY_ID, run, type Scenario, startScenario } from '../support/scenario.ts';

const reason = missing('aws', ['--version'], 'the AWS CLI') ?? missing('openssl', ['version'], 'openssl');

describe.skipIf(reason !== null)(`the HTTPS door${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario();
    await scenario.daemon.call('settings.update', { https: true });
  });
  afterAll(() => scenario.close());

  it('is used by keyhold exec with the vault’s own CA, which AWS CLI verifies', async () => {
    const { httpsEndpoint } = await scenario.daemon.call('status.get', {});
    expect(httpsEndpoint).toMatch(/^https:\/\//);
    const result = await scenario.keyhold([
      ...['exec', 'prod', '--', 'sh', '-c'],
      'echo "$AWS_ENDPOINT_URL" && aws sts get-caller-identity --query Account --output text && aws s3 mb s3://tls && aws s3 cp /etc/hostname s3://tls/h --only-show-errors && aws s3 ls s3://tls',
    ]);
    expect(result.stderr).toBe('');
    const [endpoint, account, ...rest] = result.stdout.split('\n');
    expect(endpoint).toBe(httpsEndpoint);
    expect(account).toBe('123456789012');
    expect(rest.join('\n')).toContain(' h\n');
    expect(scenario.upstream.failures).toEqual([]);
    expect(new Set(scenario.upstream.seen.map((one) => one.by?.accessKeyId))).toEqual(new Set([REAL_KEY_ID]));
  });

  it('shows a certificate that the exported CA signed, for loopback names only', async () => {
    const { httpsEndpoint } = await scenario.daemon.call('status.get', {});
    const exported = await scenario.keyhold(['ca', 'export']);
    expect(exported.stdout).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    const shown = await run('openssl', ['x509', '-noout', '-text'], { input: exported.stdout });
    expect(shown.stdout).toMatch(/CA:TRUE/);
    expect(shown.stdout).toMatch(/Name Constraints/);
    const refused = await run('curl', ['-sS', `${httpsEndpoint}/`]);
    expect(refused.stderr).toMatch(/certificate/i);
  });
});
