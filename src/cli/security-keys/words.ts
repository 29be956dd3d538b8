import type { Result } from '../../contract/methods.ts';
import type { SecurityKey, SecurityKeyDevice } from '../../contract/mfa.ts';
import type { Cli } from '../cli.ts';
import { safeText } from '../output.ts';
import { facts, table } from '../table.ts';
import { age, count } from '../words.ts';

export function devicesText(devices: readonly SecurityKeyDevice[], cli: Cli): string {
  if (devices.length === 0) return 'No security key is plugged in.\n';
  return table(
    [{ title: 'Id', fixed: true }, { title: 'Device' }, { title: 'Serial' }, { title: 'For' }],
    devices.map(({ id, name, serialNumber, kind }) => [
      id,
      safeText(name),
      safeText(serialNumber ?? ''),
      kind === 'fido' ? 'FIDO' : 'challenge-response',
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}

export function keysText(keys: readonly SecurityKey[], cli: Cli): string {
  if (keys.length === 0) return 'No security key is enrolled yet: keyhold mfa enroll NAME\n';
  return table(
    [{ title: 'Name' }, { title: 'Model' }, { title: 'Asks for' }, { title: 'Opens the vault' }, { title: 'Age' }],
    keys.map((key) => [
      key.name,
      safeText(key.model),
      key.userVerification ? 'PIN or fingerprint' : 'a touch',
      key.slots.map(({ label }) => label).join(', '),
      age(key.createdAt, cli.now()),
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}

const PIN_WORDS = {
  unsupported: 'none on this device',
  unset: 'not set yet: keyhold mfa pin',
  set: 'set',
  blocked: 'blocked: only a reset helps, keyhold mfa reset',
} as const;
const VERIFICATION_WORDS = { unsupported: 'no', unset: 'not set up yet', set: 'yes' } as const;

export function infoText({ device, info }: Result<'mfa.info'>): string {
  const pairs: Array<readonly [string, string]> = [
    ['Device', safeText(device.name)],
    ['Id', device.id],
  ];
  if (device.serialNumber !== null) pairs.push(['Serial', safeText(device.serialNumber)]);
  if (info.firmware !== null) pairs.push(['Firmware', safeText(info.firmware)]);
  if (info.kind === 'otp') {
    if (info.serial !== null) pairs.push(['Serial', String(info.serial)]);
    for (const [at, filled] of info.slots.entries()) {
      pairs.push([`Slot ${at + 1}`, filled === null ? 'unknown' : filled ? 'programmed' : 'empty']);
    }
    return facts(pairs);
  }
  pairs.push(['Speaks', info.versions.map(safeText).join(', ')]);
  pairs.push(['PIN', pinWords(info)]);
  pairs.push(['Fingerprint', VERIFICATION_WORDS[info.builtInVerification]]);
  pairs.push(['Can unlock', info.canUnlock ? 'yes' : 'no, it has no hmac-secret']);
  if (info.remainingCredentials !== null) pairs.push(['Room for', count(info.remainingCredentials, 'credential')]);
  if (info.extensions.length > 0) pairs.push(['Extensions', info.extensions.map(safeText).join(', ')]);
  return facts(pairs);
}

function pinWords(info: Extract<Result<'mfa.info'>['info'], { kind: 'fido' }>): string {
  const words = PIN_WORDS[info.pin];
  if (info.pin !== 'set' || info.pinRetries === null) return words;
  const replug = info.pinNeedsReplug ? '; unplug it and plug it in again before the next try' : '';
  return `${words}, ${count(info.pinRetries, 'try', 'tries')} left${replug}`;
}

export function credentialsText({ credentials, remaining }: Result<'mfa.credentials'>, cli: Cli): string {
  const room = remaining === null ? '' : `There is room for ${count(remaining, 'more', 'more')}.\n`;
  if (credentials.length === 0) return `No credential is kept on this security key. ${room}`;
  const rows = table(
    [{ title: 'Site' }, { title: 'User' }, { title: 'Credential id', fixed: true }],
    credentials.map(({ rpId, userName, userDisplayName, credentialId }) => [
      safeText(rpId),
      safeText(userName ?? userDisplayName ?? ''),
      credentialId,
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
  return `${rows}${room}`;
}
