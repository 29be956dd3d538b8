import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/hsm.ts';
import { hsmPeople } from '../support/hsm-user.ts';
import { CANARY, type Scenario, startScenario } from '../support/scenario.ts';
import { openHsmUser, readVault } from '../support/second-reader.ts';

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

  it('opens the HSM’s users, and what a token says is signed by the key kept for them', async () => {
    const people = hsmPeople(scenario.daemon.client);
    await people.init('alice');
    await people.quorum('key', 1);
    await people.approved({ do: 'set-quorum', service: 'key', required: 0 }, 'alice');
    const { users, tokens } = await scenario.daemon.call('hsm.users', {});
    const path = join(scenario.daemon.home, 'users.keyhold');
    await scenario.daemon.call('vault.backup', { path });
    const vault = await readVault(path, PASSWORD);
    const record = vault.records.find(({ kind }) => kind === 'hsmUsers');
    expect(record).toMatchObject({ id: `${'0'.repeat(31)}1`, version: 4 });
    const payload = record?.payload ?? Buffer.alloc(0);
    const kept = await openHsmUser(vault.vaultId, payload, 'alice');
    const publicKey = createPublicKey(createPrivateKey({ key: kept, format: 'der', type: 'pkcs8' }));
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    expect(createHash('sha256').update(spki).digest('hex')).toBe(users[0]?.signing?.fingerprint);
    await expect(openHsmUser(vault.vaultId, payload, 'bob')).rejects.toThrow('the password does not verify');
    const [token] = tokens;
    expect(Buffer.from(token?.unsigned ?? '', 'base64').toString()).toBe(
      [
        'Keyhold quorum token 1',
        `vault ${vault.vaultId.toString('hex')}`,
        `token ${token?.id}`,
        `expires ${token?.expiresAt}`,
        'for {"do":"set-quorum","service":"key","required":0}',
        '',
      ].join('\n'),
    );
  });

  it('does not open with another password', async () => {
    await expect(readVault(join(scenario.daemon.home, 'copy.keyhold'), 'wrong')).rejects.toThrow('no slot opens');
  });
});
