import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinnedNode } from '../support/daemon.ts';
import { REAL_KEY_ID, type Scenario, startScenario } from '../support/scenario.ts';
import { stepsOf } from './steps.ts';

const TOUR = fileURLToPath(new URL('./tour.ts', import.meta.url));

describe('AWS SDK for JavaScript v3 through keyhold exec', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario();
    scenario.upstream.tables.set('orders', new Map());
  });
  afterAll(() => scenario.close());

  it('takes the whole tour, signed upstream with the vaulted key alone', async () => {
    const result = await scenario.keyhold(['exec', 'prod', '--', pinnedNode(), TOUR, '100']);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(stepsOf(result.stdout)).toMatchObject({
      sts: '123456789012',
      buckets: ['tour-js'],
      'odd-keys': true,
      multipart: true,
      'presigned-get': 'a:b:c',
      'presigned-put-status': 200,
      dynamodb: ['orders'],
      ssm: 'value of /tour/greeting',
      lambda: { function: 'echo', event: { hello: 'wörld' } },
    });
    expect(scenario.upstream.failures).toEqual([]);
    expect(new Set(scenario.upstream.seen.map((request) => request.by?.accessKeyId))).toEqual(new Set([REAL_KEY_ID]));
  });
});
