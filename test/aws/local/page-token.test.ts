import { afterAll, expect, test } from 'vitest';
import { createUpstreamAgents } from '../../../src/aws/index.ts';
import { localCaller } from '../../../src/aws/local/local-caller.ts';
import type { OperationContext } from '../../../src/aws/local/operation-context.ts';
import { openToken, sealToken } from '../../../src/aws/local/page-token.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { startTestCore } from '../../support/core.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const core = startTestCore();
await core.create();
const agents = createUpstreamAgents();
afterAll(async () => {
  agents.destroy();
  await core.dispose();
});

function context(more: Partial<OperationContext> = {}): OperationContext {
  const session = core.running.core.session();
  const account = { id: 'a'.repeat(32), name: 'lab', accountId: '123456789012' };
  const client = {
    kind: 'local',
    id: '0'.repeat(32),
    name: 'tests',
    accessKeyId: 'AKIA',
    enabled: true,
    profile: { name: 'lab', region: 'eu-central-1', gated: false },
    gated: false,
    account,
    principal: { type: 'root' },
  } as const;
  return {
    caller: localCaller(client, 'aws', session),
    account: { ...account, partition: 'aws' },
    region: 'eu-central-1',
    service: 'kms',
    operation: 'ListKeys',
    mfaAge: undefined,
    requestId: 'r',
    now: () => 0,
    session,
    ip: '127.0.0.1',
    secure: false,
    userAgent: undefined,
    log: silentLogger,
    outbound: { agents, clock: systemClock },
    ...more,
  };
}

test('a token opens to the position it was made of, also after lock and restart', async () => {
  const token = await sealToken(context(), 'alias/ä');
  expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(await openToken(context(), token)).toBe('alias/ä');
  await core.client.call('vault.lock', {});
  await core.unlock();
  expect(await openToken(context(), token)).toBe('alias/ä');
  await core.restart();
  await core.unlock();
  expect(await openToken(context(), token)).toBe('alias/ä');
});

test('it is of no use to another account, region, operation or service, nor with a byte changed', async () => {
  const token = await sealToken(context(), 'p');
  for (const more of [
    { account: { id: 'b'.repeat(32), accountId: '123456789012', partition: 'aws' } },
    { region: 'eu-west-1' },
    { operation: 'ListAliases' },
    { service: 'iam' },
    { service: 'km', operation: 'sListKeys' },
  ]) {
    expect(await openToken(context(more), token)).toBeNull();
  }
  const bytes = Buffer.from(token, 'base64url');
  for (let i = 0; i < bytes.length; i += 1) {
    const edited = Buffer.from(bytes);
    edited[i] = (edited[i] ?? 0) ^ 1;
    expect(await openToken(context(), edited.toString('base64url'))).toBeNull();
  }
  for (const text of ['', 'x', `${token}=`, `${token} `, token.slice(0, -1), '1', 'alias/p']) {
    expect(await openToken(context(), text)).toBeNull();
  }
});
