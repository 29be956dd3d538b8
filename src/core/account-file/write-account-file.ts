import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Sealed } from '../../contract/schemas.ts';
import { encodeAccountEnd, encodeAccountEntry, encodeAccountHeader } from '../crypto/account-file.ts';
import { hexId } from '../draft.ts';
import type { Argon2Params, ExportedRecord } from '../hsm/protocol.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { fileError } from '../vault/durable.ts';
import { encodePayload } from '../vault/payload.ts';
import { type AccountRecord, accountRecords } from './account-records.ts';

/** Records sealed by one call to the HSM: what is in memory of a file at once. */
const BATCH = 256;
const FIRST_VERSION = 1;

export interface WrittenAccount {
  sizeBytes: number;
  profiles: number;
  clients: number;
  kmsKeys: number;
  keyStores: number;
}

/**
 * Writes a local account's file under a temporary name (0600, durable when this resolves). Nothing may change meanwhile: call it inside the session's write queue. The
 * file is removed again when anything fails.
 *
 * @throws DiskFull, VaultReadOnly (the folder), VaultTampered (an object does not open), HsmRefused.
 */
export async function writeAccountFile(
  ports: Ports,
  session: Session,
  account: Found<'account'>,
  { temporary, passphrase, kdf }: { temporary: string; passphrase: Sealed; kdf: Argon2Params },
): Promise<WrittenAccount> {
  const { hsm } = session;
  const createdAt = ports.clock.now();
  const fileId = ports.random.bytes(16);
  const slotId = Buffer.from(ports.random.bytes(8)).toString('hex');
  const { transfer, start } = await hsm.call('beginAccountExport', { fileId, slotId, passphrase, kdf, createdAt });
  const written = { profiles: 0, clients: 0, kmsKeys: 0, keyStores: 0 };
  let sizeBytes = 0;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      const write = (bytes: Uint8Array): void => {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        sizeBytes += bytes.length;
      };
      write(encodeAccountHeader(start));
      let batch: ExportedRecord[] = [];
      const flush = async (): Promise<void> => {
        const { records } = await hsm.call('exportRecords', { transfer, records: batch });
        batch = [];
        for (const record of records) write(encodeAccountEntry(record));
      };
      for (const record of named(ports, account, session)) {
        count(written, record);
        batch.push(...partsOf(session, record, createdAt));
        if (batch.length >= BATCH) await flush();
      }
      await flush();
      const { entries, mac } = await hsm.call('endAccountExport', { transfer });
      write(encodeAccountEnd(entries));
      write(mac);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return { sizeBytes, ...written };
  } catch (error) {
    rmSync(temporary, { force: true });
    await hsm.call('dropTransfer', {}).catch(() => undefined);
    throw fileError(error, temporary);
  }
}

interface NamedRecord {
  record: AccountRecord;
  /** The object that is to hold the key by which this vault names key material. */
  naming?: string;
}

/** The account's records; one that has always been in this vault gets the vault's naming key along. */
function* named(ports: Ports, account: Found<'account'>, session: Session): Generator<NamedRecord> {
  for (const record of accountRecords(session.things, account)) {
    if (record.kind !== 'account' || record.value.naming !== undefined) yield { record };
    else {
      const naming = hexId(ports);
      yield { record: { ...record, value: { ...record.value, naming: { id: naming } } }, naming };
    }
  }
}

/** The record's objects and then itself. */
function partsOf(session: Session, { record, naming }: NamedRecord, createdAt: number): ExportedRecord[] {
  const { id, kind, value, objects } = record;
  const parts = objects.map((object): ExportedRecord => {
    const { version, blob } = session.vault.blob(object);
    return { id: object, kind: 'object', version, blob };
  });
  if (naming !== undefined) parts.push({ id: naming, createdAt, naming: true });
  return [...parts, { id, kind, version: FIRST_VERSION, plaintext: encodePayload(value) }];
}

function count(written: Omit<WrittenAccount, 'sizeBytes'>, { record: { kind } }: NamedRecord): void {
  if (kind === 'profile') written.profiles += 1;
  else if (kind === 'client') written.clients += 1;
  else if (kind === 'kmsKey') written.kmsKeys += 1;
  else if (kind === 'kmsKeyStore') written.keyStores += 1;
}
