import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readVault } from '../../support/second-reader.ts';
import { type Desk, openDesk, PIN, yubikeySecret } from './support.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.core.dispose());

test('a reader written from docs/format.md opens slots with security keys, and not without them', async () => {
  const { key } = desk.authenticator();
  await desk.setPin();
  await desk.enroll('blue', { pin: PIN });
  await desk.addSlot({ name: 'blue', pin: PIN }, { password: 'with a FIDO2 key' });
  desk.yubikey();
  await desk.addSlot({ otpSlot: 2 }, { password: 'with a YubiKey' });
  const path = join(desk.core.home, 'copy.keyhold');
  await desk.core.client.call('vault.backup', { path });

  const fido2 = ({ salt, uv }: { salt: Buffer; uv: boolean }) => {
    const { random } = key.state.credentials[0] ?? {};
    return createHmac('sha256', (uv ? random?.withUv : random?.withoutUv) ?? '')
      .update(salt)
      .digest();
  };
  const yubikey = (_slot: 1 | 2, padded: Buffer) => {
    // A slot of variable length takes what repeats the last byte for filling.
    const end = padded.findLastIndex((byte) => byte !== padded.at(-1)) + 1;
    return createHmac('sha1', yubikeySecret).update(padded.subarray(0, end)).digest();
  };
  for (const password of ['with a FIDO2 key', 'with a YubiKey']) {
    const vault = await readVault(path, password, { fido2, yubikey });
    const record = vault.records.find(({ kind }) => kind === 'securityKey');
    expect(JSON.parse(record?.payload.toString() ?? '')).toMatchObject({ name: 'blue', kind: 'fido2', uv: true });
    await expect(readVault(path, password)).rejects.toThrow('no slot opens');
  }
  const other = { fido2: () => Buffer.alloc(32), yubikey: () => Buffer.alloc(20) };
  await expect(readVault(path, 'with a FIDO2 key', other)).rejects.toThrow('no slot opens');
});
