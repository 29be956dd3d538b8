import { KeyholdError } from '../../contract/errors.ts';
import {
  type AccountFileHeader,
  encodeAccountEnd,
  encodeAccountEntry,
  encodeAccountHeader,
} from '../crypto/account-file.ts';
import { toHex, utf8 } from '../crypto/bytes.ts';
import { type RunningMac, runningHmacSha256 } from '../crypto/hmac.ts';
import { wipe } from '../crypto/wipe.ts';
import { matchOf } from './input.ts';
import type { RecordKind } from './kinds.ts';
import type { FileRecord, ObjectAttributes, ObjectSpec } from './protocol.ts';
import type { TokenState, VaultKeys } from './state.ts';

const LABEL = utf8('keyhold/v1/account-file');
const TRANSFER_ID_BYTES = 16;

/** An account on its way into or out of a file: the file's own keys, and the MAC as far as the file has passed. */
export interface AccountTransfer {
  id: string;
  direction: 'export' | 'import';
  keys: VaultKeys;
  mac: RunningMac;
  entries: number;
}

/** What an account's file is made of. */
const KINDS: readonly RecordKind[] = [
  'account',
  'profile',
  'client',
  'object',
  'kmsKey',
  'kmsAlias',
  'kmsGrant',
  'kmsKeyStore',
  'iamUser',
  'iamMfaDevice',
];

export function isAccountKind(kind: RecordKind): boolean {
  return KINDS.includes(kind);
}

/** The owner's, whatever account they are for; a seed that makes codes leaves by `otpExport` alone. */
const NOT_AN_ACCOUNTS: ReadonlySet<ObjectSpec> = new Set<ObjectSpec>([
  'AWS_SECRET_ACCESS_KEY',
  'TOKEN_PIN',
  'SECURITY_KEY',
  'SERVICE_PASSWORD',
  'SSH_RSA_4096',
]);

/**
 * Whether an object may be in an account's file: KMS keys, client keys and what verifies the codes of its users; nothing that opens an account at AWS, a proxy or a
 * token.
 */
export function isAccountObject({ class: objectClass, spec, usage }: ObjectAttributes): boolean {
  if (NOT_AN_ACCOUNTS.has(spec)) return false;
  if (spec === 'OTP_SEED') return usage.includes('verify');
  // A session token is data. The keys of imports and of the local CA are this vault's own; KMS keys that sign also verify, the CA's does not.
  const isOwn = usage.includes('unwrap') || (usage.includes('sign') && !usage.includes('verify'));
  return objectClass !== 'data' && !isOwn;
}

/** Opens a transfer in the place of whichever is open. Takes over `keys`. */
export function beginTransfer(
  state: TokenState,
  direction: AccountTransfer['direction'],
  keys: VaultKeys,
  header: AccountFileHeader,
): string {
  endTransfer(state);
  const mac = runningHmacSha256(keys.manifest);
  mac.update(LABEL);
  mac.update(encodeAccountHeader(header));
  const id = toHex(state.ports.random.bytes(TRANSFER_ID_BYTES));
  state.transfer = { id, direction, keys, mac, entries: 0 };
  return id;
}

/** The open transfer of this id and direction. `InvalidInput` when it is not open (any more). */
export function transferOf(
  state: TokenState,
  value: unknown,
  direction: AccountTransfer['direction'],
): AccountTransfer {
  const id = matchOf(value, 'transfer', /^[0-9a-f]{32}$/, 'the id of a transfer');
  const { transfer } = state;
  if (transfer?.id === id && transfer.direction === direction) return transfer;
  throw new KeyholdError('InvalidInput', 'This account file is no longer being worked on. Begin again.');
}

/** The next record of the file has passed. */
export function passRecord(transfer: AccountTransfer, record: FileRecord): void {
  transfer.mac.update(encodeAccountEntry(record));
  transfer.entries += 1;
}

/** The MAC over all that has passed, and the end of the transfer. */
export function finishTransfer(state: TokenState, transfer: AccountTransfer): Uint8Array {
  transfer.mac.update(encodeAccountEnd(transfer.entries));
  const mac = transfer.mac.digest();
  endTransfer(state);
  return mac;
}

export function endTransfer(state: TokenState): void {
  wipe(state.transfer?.keys.rootKey);
  state.transfer = null;
}

export function damagedFile(): KeyholdError {
  return new KeyholdError(
    'AccountFileDamaged',
    'This account file is damaged or was changed since it was written; nothing was imported. Use another copy of it.',
  );
}
