import { KeyholdError } from '../../../contract/errors.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import {
  type AccountTransfer,
  beginTransfer,
  damagedFile,
  endTransfer,
  finishTransfer,
  isAccountKind,
  isAccountObject,
  passRecord,
  transferOf,
} from '../account-transfer.ts';
import { bytesOf, fieldsOf, integerOf, listOf, MOST_COUNTED } from '../input.ts';
import { isNamingKey } from '../material-id.ts';
import { openObject, sealObject } from '../object.ts';
import type { AccountFileStart, HsmOutput, ImportedRecord } from '../protocol.ts';
import { openRecord, type RecordName } from '../sealed-record.ts';
import { openPassword } from '../secret-input.ts';
import { isArgon, openSlot, readSlot } from '../slot.ts';
import type { ArgonFactor } from '../slot-factors.ts';
import { type TokenState, type VaultKeys, workingKeys } from '../state.ts';
import {
  kekRowOf,
  LONGEST_SEALED,
  NAME_FIELDS,
  recordNameOf,
  slotRowOf,
  storedMacOf,
  vaultIdOf,
} from '../vault-input.ts';
import { namingBytes, openVaultKeys } from '../vault-keys.ts';

const FIRST_VERSION = 1;
const MOST_RECORDS = 10_000;
const MOST_KEKS = 16;

export async function beginAccountImport(state: TokenState, input: unknown): Promise<HsmOutput<'beginAccountImport'>> {
  const fields = fieldsOf(input, 'input', ['start', 'passphrase']);
  const start = startOf(fields['start']);
  workingKeys(state);
  const factor = passphraseFactor(start);
  const passphrase = await openPassword(state, fields['passphrase'], 'passphrase');
  return state
    .exclusively(async () => {
      const rootKey = await openSlot(start.slot, factor, start.fileId, passphrase);
      if (rootKey === null) {
        throw new KeyholdError(
          'WrongSecret',
          'This is not the passphrase of the account file, or the start of the file was changed. Check it and try again.',
        );
      }
      return { transfer: beginTransfer(state, 'import', keysOf(start, rootKey), start) };
    })
    .finally(() => wipe(passphrase));
}

export function importRecords(state: TokenState, input: unknown): HsmOutput<'importRecords'> {
  const fields = fieldsOf(input, 'input', ['transfer', 'records']);
  const vault = workingKeys(state);
  const transfer = transferOf(state, fields['transfer'], 'import');
  const records = listOf(fields['records'], 'records', MOST_RECORDS, (item, name) => {
    const record = fieldsOf(item, name, [...NAME_FIELDS, 'sealed']);
    return { ...recordNameOf(record), sealed: bytesOf(record['sealed'], 'record.sealed', 0, LONGEST_SEALED) };
  });
  return {
    records: records.map((record) => {
      passRecord(transfer, record);
      return openFromFile(state, vault, transfer, record);
    }),
  };
}

export function endAccountImport(state: TokenState, input: unknown): HsmOutput<'endAccountImport'> {
  const fields = fieldsOf(input, 'input', ['transfer', 'entries', 'mac']);
  const transfer = transferOf(state, fields['transfer'], 'import');
  const entries = integerOf(fields['entries'], 'entries', 0, MOST_COUNTED);
  const mac = storedMacOf(fields['mac'], 'mac');
  const passed = transfer.entries;
  const whole = equal(finishTransfer(state, transfer), mac);
  if (!whole || passed !== entries) throw damagedFile();
  return {};
}

export function dropTransfer(state: TokenState, input: unknown): HsmOutput<'dropTransfer'> {
  fieldsOf(input, 'input', []);
  endTransfer(state);
  return {};
}

function startOf(value: unknown): AccountFileStart {
  const fields = fieldsOf(value, 'start', ['fileId', 'slot', 'keks']);
  return {
    fileId: vaultIdOf(fields['fileId']),
    slot: slotRowOf(fields['slot'], 'start.slot'),
    keks: listOf(fields['keks'], 'start.keks', MOST_KEKS, kekRowOf),
  };
}

/** What the file's only slot takes. Parameters out of bounds are refused here, before anything is derived. */
function passphraseFactor({ slot }: AccountFileStart): ArgonFactor {
  const reading = readSlot(slot.descriptor);
  const [only, ...others] = reading.usable ? reading.factors : [];
  if (only === undefined || !isArgon(only) || only.type !== 'password' || others.length > 0) throw damagedFile();
  return only;
}

function keysOf({ fileId, keks }: AccountFileStart, rootKey: Uint8Array): VaultKeys {
  try {
    return openVaultKeys(rootKey, fileId, keks, false);
  } catch {
    wipe(rootKey);
    throw damagedFile();
  }
}

function openFromFile(
  state: TokenState,
  vault: VaultKeys,
  transfer: AccountTransfer,
  record: RecordName & { sealed: Uint8Array },
): ImportedRecord {
  const { id, kind, version, sealed } = record;
  if (!isAccountKind(kind)) throw damagedFile();
  if (kind !== 'object') {
    const plaintext = openRecord(transfer.keys, { id, kind, version }, sealed);
    if (plaintext === null) throw damagedFile();
    return { id, kind, plaintext };
  }
  const object = openObject(transfer.keys, id, version, sealed);
  if (object === null) throw damagedFile();
  try {
    const { attributes, material } = object;
    if (!isAccountObject(attributes) || attributes.policy.mfa !== undefined) throw damagedFile();
    const blob = sealObject(vault, state.ports.random, object, FIRST_VERSION);
    return { id, kind, attributes, blob, isOwnNaming: isNamingKey(attributes) && isOwn(vault, material) };
  } finally {
    wipe(object.material);
  }
}

function isOwn(vault: VaultKeys, material: Uint8Array): boolean {
  const own = namingBytes(vault);
  try {
    return equal(own, material);
  } finally {
    wipe(own);
  }
}
