import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/hsm.ts';
import { CANARY, type Scenario, startScenario } from '../support/scenario.ts';
import { readVault } from '../support/second-reader.ts';

describe('a second reader written from docs/format.md', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario();
  });
  afterAll(() => scenario.close());

  it('opens and verifies everything in a vault', async () => {
    const path = join(scenario.daemon.home, 'copy.keyhold');
    await scenario.daemon.call('vault.backup', { path });
    const vault = await readVault(path, PASSWORD);
    const names = vault.records.map((record) => record.kind).toSorted();
    expect(names).toEqual(['accessKey', 'account', 'object', 'profile', 'settings']);
    const account = vault.records.find((record) => record.kind === 'account');
    expect(JSON.parse(account?.payload.toString() ?? '')).toMatchObject({ name: 'main', accountId: '123456789012' });
    const object = vault.records.find((record) => record.kind === 'object')?.payload ?? Buffer.alloc(0);
    const attributes = object.subarray(4, 4 + object.readUInt32BE(0));
    expect(JSON.parse(attributes.toString())).toMatchObject({ spec: 'AWS_SECRET_ACCESS_KEY', extractable: false });
    const material = object.subarray(4 + attributes.length);
    expect(material.subarray(4, 4 + material.readUInt32BE(0)).toString()).toBe(CANARY);
    expect(vault.audit.map((entry) => entry.event)).toMatchObject([
      { action: 'vault.create' },
      { action: 'account.add' },
      { action: 'key.import', target: 'deploy' },
      { action: 'profile.add' },
    ]);
  });

  it('does not open with another password', async () => {
    await expect(readVault(join(scenario.daemon.home, 'copy.keyhold'), 'wrong')).rejects.toThrow('no slot opens');
  });
});
