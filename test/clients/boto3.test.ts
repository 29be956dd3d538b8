import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARY, missing, REAL_KEY_ID, type Scenario, startScenario } from '../support/scenario.ts';
import { stepsOf } from './steps.ts';

const reason = missing('python3', ['-c', 'import boto3'], 'boto3');
const TOUR = fileURLToPath(new URL('./tour.py', import.meta.url));

describe.skipIf(reason !== null)(`boto3 through keyhold exec${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario();
    scenario.upstream.tables.set('orders', new Map());
  });
  afterAll(() => scenario.close());

  it('takes the whole tour, signed upstream with the vaulted key alone', async () => {
    const result = await scenario.keyhold(['exec', 'prod', '--', 'python3', TOUR, '100'], {
      env: { AWS_PROFILE: 'someone-else', AWS_SESSION_TOKEN: 'stale', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' },
    });
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    const steps = stepsOf(result.stdout);
    expect(steps).toMatchObject({
      sts: '123456789012',
      buckets: ['tour'],
      'odd-keys': true,
      multipart: true,
      'presigned-get': 'a:b:c',
      'presigned-put': 'by url',
      dynamodb: ['orders'],
      ssm: 'value of /tour/greeting',
      lambda: { function: 'echo', event: { hello: 'wörld' } },
    });
    expect(steps['environ']).not.toContain('AWS_PROFILE');
    expect(steps['environ']).not.toContain('AWS_SESSION_TOKEN');
    expect(Array.isArray(steps['iam'])).toBe(true);

    const { seen, failures } = scenario.upstream;
    expect(failures).toEqual([]);
    expect(seen.length).toBeGreaterThan(30);
    for (const request of seen) {
      expect(request.by?.accessKeyId).toBe(REAL_KEY_ID);
      expect(request.header('x-amz-security-token')).toBeUndefined();
      expect(request.rawHeaders.join('\n')).not.toContain('KHLD');
    }
    expect(JSON.stringify(result)).not.toContain(CANARY);
    // The ephemeral client key is gone afterwards.
    expect((await scenario.daemon.call('client.list', {})).clients).toEqual([]);
  });
});
