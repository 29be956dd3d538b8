import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { callService, createUpstreamAgents, LOCAL_SERVICES } from '../../src/aws/index.ts';
import { type Cli, createCli } from '../../src/cli/cli.ts';
import { define } from '../../src/cli/commands/rotate.ts';
import { startTestCore, type TestCore } from '../support/core.ts';
import { silentLogger } from '../support/silent-logger.ts';

let core: TestCore;
const agents = createUpstreamAgents();

beforeAll(async () => {
  core = startTestCore({
    callService: (call) => callService(call, { ...core.running.core.ports, log: silentLogger, agents }, LOCAL_SERVICES),
  });
  await core.create();
  await core.client.call('account.add', {
    name: 'lab',
    accountId: '000000000000',
    kind: 'local',
    region: 'eu-central-1',
  });
  await core.client.call('account.add', { name: 'prod', accountId: '111111111111', kind: 'remote' });
  const { KeyMetadata: key } = await kms('CreateKey', { Description: 'orders' });
  const id = typeof key === 'object' && key !== null && 'KeyId' in key ? String(key.KeyId) : '';
  await kms('CreateAlias', { AliasName: 'alias/orders', TargetKeyId: id });
  await kms('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 });
  const { KeyMetadata: pair } = await kms('CreateKey', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const pairId = typeof pair === 'object' && pair !== null && 'KeyId' in pair ? String(pair.KeyId) : '';
  await kms('CreateAlias', { AliasName: 'alias/pair', TargetKeyId: pairId });
});
afterAll(async () => {
  await core.dispose();
  agents.destroy();
});

async function kms(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const place = { account: 'lab', region: 'eu-central-1', service: 'kms' } as const;
  return (await core.client.call('service.call', { ...place, operation, input })).output;
}

async function rotate(...args: string[]): Promise<string> {
  const said: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const cli: Cli = {
    ...createCli(),
    call: core.client.call,
    callSealed: core.client.callSealed,
    terminal: () => null,
    subscribe: async () => () => undefined,
    print: (_value, text) => void said.push(text()),
  };
  const command = new Command().exitOverride();
  try {
    define(command, cli);
    await command.parseAsync(['kms', ...args], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return said.join('');
}

/** In order: each test goes on from the one before. */
test('the list says which keys rotate, and when', async () => {
  expect(await rotate()).toMatch(
    /^alias\/orders +lab +eu-central-1 +Enabled +number 1, just now +every 90 d, in 90 d$/m,
  );
  expect(await rotate('lab')).not.toContain('alias/pair');
});

test('a key gets new material on demand, and reads what the one before has encrypted', async () => {
  const { CiphertextBlob: before } = await kms('Encrypt', { KeyId: 'alias/orders', Plaintext: 'aGVsbG8=' });
  expect(await rotate('lab', 'orders', '--yes')).toBe(
    'alias/orders has new key material; it encrypts with that from now on.\n',
  );
  expect(await rotate('lab')).toContain('number 2');
  expect(await kms('Decrypt', { CiphertextBlob: before })).toMatchObject({ Plaintext: 'aGVsbG8=' });
});

test.each([
  [['lab', 'alias/pair', '--yes'], 'alias/pair cannot rotate: it is a key of spec ECC_NIST_P256'],
  [['lab', 'nothing', '--yes'], 'There is no KMS key nothing in lab. keyhold rotate kms lists'],
  [['prod'], 'prod is an account of AWS; its KMS keys rotate there'],
  [['nowhere'], 'There is no account called nowhere'],
])('%j is refused with what to do', async (args, why) => {
  await expect(rotate(...args)).rejects.toThrow(why);
});
