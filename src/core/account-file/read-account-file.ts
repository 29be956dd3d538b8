import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import type { AccountFileEntry, AccountFileHeader } from '../crypto/account-file.ts';
import type { AccountFileStart, ImportedRecord, ObjectAttributes, SealedBlob } from '../hsm/protocol.ts';
import { RECORD_SCHEMAS } from '../record-schemas.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { isRecordKind } from '../vault/kinds.ts';
import { parsePayload } from '../vault/payload.ts';
import { AccountFileReader, damaged } from './account-file-reader.ts';
import { ACCOUNT_KINDS, type AccountKind } from './account-records.ts';

/** Records opened by one call to the HSM. */
const BATCH = 256;

export type ReadRecords = { [K in AccountKind]: Found<K>[] };

/** All of an account file, verified, with its objects sealed for this vault. */
export interface ReadAccount {
  records: ReadRecords;
  objects: Map<string, { blob: SealedBlob; attributes: ObjectAttributes; isOwnNaming: boolean }>;
}

/**
 * Reads and verifies a whole account file; what it answers has been written by who knew the passphrase, all of it and in this order.
 *
 * @throws NotFound, WrongSecret, AccountFileForeign, AccountFileTooNew, AccountFileDamaged.
 */
export async function readAccountFile(session: Session, path: string, passphrase: Sealed): Promise<ReadAccount> {
  const { hsm } = session;
  const reader = new AccountFileReader(path);
  try {
    const start = startOf(reader.header());
    const { transfer } = await hsm.call('beginAccountImport', { start, passphrase });
    const read = emptyAccount();
    let batch: AccountFileEntry[] = [];
    const open = async (): Promise<void> => {
      const { records } = await hsm.call('importRecords', { transfer, records: batch });
      batch = [];
      for (const record of records) take(read, record);
    };
    for (;;) {
      const part = reader.part();
      if ('mac' in part) {
        await open();
        await hsm.call('endAccountImport', { transfer, ...part });
        return read;
      }
      if (!isRecordKind(part.kind)) throw damaged('is damaged or was changed since it was written');
      batch.push(part);
      if (batch.length >= BATCH) await open();
    }
  } finally {
    reader.close();
    await hsm.call('dropTransfer', {}).catch(() => undefined);
  }
}

function emptyAccount(): ReadAccount {
  return {
    records: {
      account: [],
      profile: [],
      client: [],
      kmsKeyStore: [],
      kmsKey: [],
      kmsAlias: [],
      kmsGrant: [],
      iamUser: [],
      iamMfaDevice: [],
    },
    objects: new Map(),
  };
}

function startOf({ fileId, slot, keks }: AccountFileHeader): AccountFileStart {
  return {
    fileId,
    slot,
    keks: keks.map(({ purpose, ...kek }) => {
      if (purpose !== 'records' && purpose !== 'objects')
        throw damaged('is damaged or was changed since it was written');
      return { ...kek, purpose };
    }),
  };
}

function take({ records, objects }: ReadAccount, record: ImportedRecord): void {
  if ('blob' in record) {
    if (objects.has(record.id)) throw damaged('holds the same object twice');
    objects.set(record.id, record);
    return;
  }
  const kind = ACCOUNT_KINDS.find((one) => one === record.kind);
  if (kind === undefined) throw damaged('holds a record that is no part of an account');
  takeRecord(records, kind, record.id, parsePayload(record.plaintext));
}

function takeRecord<K extends AccountKind>(records: ReadRecords, kind: K, id: string, payload: unknown): void {
  const parsed = RECORD_SCHEMAS[kind].safeParse(payload);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new KeyholdError(
      'AccountFileTooNew',
      `A ${kind} record in this account file has a shape that this version does not know (${field}). Update Keyhold.`,
    );
  }
  const list: ReadRecords[AccountKind] = records[kind];
  // The schema of `kind` has just produced exactly this kind's type.
  (list as { id: string; value: unknown }[]).push({ id, value: parsed.data });
}
