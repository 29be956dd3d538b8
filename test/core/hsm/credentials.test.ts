import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Hsm, HsmInput, ObjectAttributes, ObjectRef } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, PASSWORD, replyKey, sealFor, startTestHsm, type TestVault } from '../../support/hsm.ts';

let hsm: Hsm;
let vault: TestVault;

beforeAll(async () => {
  hsm = startTestHsm();
  vault = await createTestVault(hsm);
});

const newId = () => randomBytes(16).toString('hex');

async function imported(
  purpose: HsmInput<'importObject'>['purpose'],
  secret: string,
  policy: ObjectAttributes['policy'] = {},
): Promise<ObjectRef> {
  const id = newId();
  const isKey = purpose === 'secret-access-key';
  const { blob } = await hsm.call('importObject', {
    id,
    sealed: await sealFor(hsm, purpose, secret),
    purpose,
    attributes: {
      class: 'secret-key',
      spec: isKey ? 'AWS_SECRET_ACCESS_KEY' : 'SERVICE_PASSWORD',
      usage: isKey ? ['sigv4'] : [],
      ...{ extractable: false, label: '', createdAt: 1, policy },
    },
  });
  return { id, version: 1, blob };
}

async function reveal(key: ObjectRef, smtpRegion?: string, password = PASSWORD): Promise<string> {
  const { raw, pair } = await replyKey();
  const { credential } = await hsm.call('revealCredential', {
    key,
    ...(smtpRegion === undefined ? {} : { smtpRegion }),
    secret: { factor: 'password', sealed: await sealFor(hsm, 'password', password) },
    slots: vault.slots,
    enrolled: [],
    replyKey: raw,
  });
  return new TextDecoder().decode(await pair.open(credential, 'credential'));
}

describe('revealCredential', () => {
  test('shows a service’s password to who proves the vault’s again, and to nobody else', async () => {
    const key = await imported('service-password', 'xTBAr/czp+D3=');
    expect(await reveal(key)).toBe('xTBAr/czp+D3=');
    await expect(reveal(key, undefined, 'another one')).rejects.toMatchObject({ code: 'WrongSecret' });
    await expect(reveal(key, 'eu-central-1')).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('never shows a secret access key, but the SMTP password that follows from it', async () => {
    const key = await imported('secret-access-key', 'some+secret+key');
    expect(await reveal(key, 'eu-central-1')).toBe('BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2');
    await expect(reveal(key)).rejects.toThrow('never leaves the vault');
    await expect(reveal(key, 'eu-central')).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('keeps to what the key may be used for', async () => {
    const bound = await imported('secret-access-key', 'some+secret+key', { services: ['s3'] });
    await expect(reveal(bound, 'eu-central-1')).rejects.toThrow('may not be used for Amazon SES');
    const elsewhere = await imported('secret-access-key', 'some+secret+key', { regions: ['us-east-1'] });
    await expect(reveal(elsewhere, 'eu-central-1')).rejects.toThrow('may not be used in that region');
    expect(await reveal(elsewhere, 'us-east-1')).toHaveLength(44);
    const over = await imported('service-password', 'x', { notAfter: 1 });
    await expect(reveal(over)).rejects.toThrow('has expired');
  });

  test.each([['a b'], [''], ['x'.repeat(4097)]])('takes no password like %j in', async (secret) => {
    await expect(imported('service-password', secret)).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

test('an SSH key pair is one that OpenSSH takes', { timeout: 60_000 }, async (context) => {
  if (spawnSync('ssh-keygen', ['-?']).error !== undefined) return context.skip('ssh-keygen is not installed');
  const made = await hsm.call('generateSshKey', { id: newId(), label: 'git', createdAt: 1 });
  expect(made.attributes).toMatchObject({ class: 'private-key', spec: 'SSH_RSA_4096', extractable: false, usage: [] });
  const pem = await reveal({ id: made.attributes.id, version: 1, blob: made.blob });
  const folder = mkdtempSync(join(tmpdir(), 'kh-ssh-'));
  try {
    const file = join(folder, 'id_rsa');
    writeFileSync(file, pem, { mode: 0o600 });
    writeFileSync(`${file}.pub`, `${made.publicKey}\n`);
    const derived = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
    expect(derived.trim().split(' ').slice(0, 2).join(' ')).toBe(made.publicKey);
    expect(execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' })).toMatch(/^4096 SHA256:/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
