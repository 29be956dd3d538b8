import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import {
  beginTransfer,
  finishTransfer,
  isAccountKind,
  isAccountObject,
  passRecord,
  transferOf,
} from '../account-transfer.ts';
import { bytesOf, type Fields, fieldsOf, instantOf, listOf, matchOf, recordIdOf } from '../input.ts';
import { openObject, sealObject } from '../object.ts';
import type { FileRecord, HsmOutput, ObjectAttributes } from '../protocol.ts';
import { type RecordName, sealRecord } from '../sealed-record.ts';
import { openPassword } from '../secret-input.ts';
import { makeSlot } from '../slot.ts';
import { type TokenState, type VaultKeys, workingKeys } from '../state.ts';
import { requireExportAllowed } from '../users/export-guard.ts';
import { kdfOf, LONGEST_PAYLOAD, LONGEST_SEALED, NAME_FIELDS, recordNameOf, vaultIdOf } from '../vault-input.ts';
import { currentKek, KEY_BYTES, makeKek, namingBytes, openVaultKeys } from '../vault-keys.ts';

const FIRST_VERSION = 1;
const MOST_RECORDS = 10_000;

export async function beginAccountExport(state: TokenState, input: unknown): Promise<HsmOutput<'beginAccountExport'>> {
  const fields = fieldsOf(input, 'input', ['fileId', 'slotId', 'passphrase', 'kdf', 'createdAt']);
  const fileId = vaultIdOf(fields['fileId']);
  const id = matchOf(fields['slotId'], 'slotId', /^[0-9a-f]{16}$/, '16 lower-case hex digits');
  const cost = kdfOf(fields['kdf']);
  const createdAt = instantOf(fields['createdAt'], 'createdAt');
  workingKeys(state);
  const { random } = state.ports;
  const passphrase = await openPassword(state, fields['passphrase'], 'passphrase');
  return state
    .exclusively(async () => {
      const rootKey = random.bytes(KEY_BYTES);
      const factor = { id, label: 'Passphrase', createdAt, factor: 'password', cost } as const;
      const slot = await makeSlot(random, fileId, rootKey, passphrase, factor);
      const keks = [
        makeKek(rootKey, fileId, random, { id: 1, purpose: 'records', createdAt }),
        makeKek(rootKey, fileId, random, { id: 2, purpose: 'objects', createdAt }),
      ];
      const start = { fileId, slot, keks };
      const transfer = beginTransfer(state, 'export', openVaultKeys(rootKey, fileId, keks, false), start);
      return { transfer, start };
    })
    .finally(() => wipe(passphrase));
}

export function exportRecords(state: TokenState, input: unknown): HsmOutput<'exportRecords'> {
  const fields = fieldsOf(input, 'input', ['transfer', 'records']);
  const vault = workingKeys(state);
  const transfer = transferOf(state, fields['transfer'], 'export');
  const records = listOf(fields['records'], 'records', MOST_RECORDS, (item, name) => {
    const record = fieldsOf(item, name, [...NAME_FIELDS, 'plaintext', 'blob', 'createdAt', 'naming']);
    return sealForFile(state, vault, transfer.keys, record);
  });
  // Only when all of them could be sealed: the caller gets all of them or none.
  for (const record of records) passRecord(transfer, record);
  return { records };
}

export function endAccountExport(state: TokenState, input: unknown): HsmOutput<'endAccountExport'> {
  const fields = fieldsOf(input, 'input', ['transfer']);
  const transfer = transferOf(state, fields['transfer'], 'export');
  const { entries } = transfer;
  return { entries, mac: finishTransfer(state, transfer) };
}

function sealForFile(state: TokenState, vault: VaultKeys, file: VaultKeys, fields: Fields): FileRecord {
  if (fields['naming'] === true) return sealNaming(state, vault, file, fields);
  const name = recordNameOf(fields);
  if (!isAccountKind(name.kind)) throw refused(name.kind);
  if (name.kind === 'object') return moveObject(state, vault, file, name, fields['blob']);
  const plaintext = bytesOf(fields['plaintext'], 'record.plaintext', 0, LONGEST_PAYLOAD);
  return { ...name, sealed: sealRecord(file, currentKek(file, 'records'), state.ports.random, name, plaintext) };
}

/** The same object under the file's keys. Not by way of the object cache: thousands would push out what is in use. */
function moveObject(state: TokenState, vault: VaultKeys, file: VaultKeys, name: RecordName, blob: unknown): FileRecord {
  const object = openObject(vault, name.id, name.version, bytesOf(blob, 'record.blob', 0, LONGEST_SEALED));
  if (object === null) {
    throw new KeyholdError('VaultTampered', 'A key object of this vault does not open. Run `keyhold vault check`.', {
      findings: [{ where: `record object ${name.id}`, what: 'edited' }],
    });
  }
  try {
    if (!isAccountObject(object.attributes)) throw refused(object.attributes.spec);
    requireExportAllowed(state, [object.attributes]);
    requireNoGate(object.attributes);
    return { ...name, sealed: sealObject(file, state.ports.random, object, name.version) };
  } finally {
    wipe(object.material);
  }
}

/** The key by which this vault names key material, as an object that does nothing else. */
function sealNaming(state: TokenState, vault: VaultKeys, file: VaultKeys, fields: Fields): FileRecord {
  const id = recordIdOf(fields['id'], 'record.id');
  const createdAt = instantOf(fields['createdAt'], 'record.createdAt');
  const material = namingBytes(vault);
  try {
    const attributes: ObjectAttributes = {
      id,
      class: 'secret-key',
      spec: 'GENERIC_SECRET',
      usage: [],
      extractable: false,
      label: 'names key material',
      createdAt,
      policy: {},
    };
    const sealed = sealObject(file, state.ports.random, { attributes, material }, FIRST_VERSION);
    return { id, kind: 'object', version: FIRST_VERSION, sealed };
  } finally {
    wipe(material);
  }
}

function refused(what: string): KeyholdError {
  return new KeyholdError('HsmRefused', `The ${what} is no part of a local account and never leaves this vault.`);
}

/** In a file under a passphrase there is no key to touch, and the vault that imports it knows none of ours. */
function requireNoGate({ policy }: ObjectAttributes): void {
  if (policy.mfa === undefined) return;
  throw new KeyholdError(
    'HsmRefused',
    'A KMS key of this account wants a security key to be touched, which a file cannot ask for. Remove that gate first.',
  );
}
