import { wipe } from '../../../client/import/credential-values.ts';
import type { PemFile } from './read-pem-file.ts';

interface Chosen {
  fileName: string;
  /** What the list calls it: another file of the same name has a number. */
  called: string;
}

/** What the files that were chosen have together. The bytes of the key are the caller’s to wipe at the end. */
export interface PemFiles {
  key: (Chosen & { bytes: Uint8Array<ArrayBuffer> }) | null;
  certificates: readonly (Chosen & { pem: readonly string[] })[];
}

export const NO_FILES: PemFiles = { key: null, certificates: [] };

/** One more file. Another key takes the place of the key; the same certificates once more are not listed twice. */
export function withPemFile(files: PemFiles, { fileName, key, certificates }: PemFile): PemFiles {
  if (key !== null) wipe(files.key?.bytes);
  const keptKey = key === null ? files.key : null;
  const twin = files.certificates.find(
    (one) => one.fileName === fileName && one.pem.join('') === certificates.join(''),
  );
  const called = twin?.called ?? freeName(fileName, [...files.certificates, ...(keptKey === null ? [] : [keptKey])]);
  const isNew = twin === undefined && certificates.length > 0;
  return {
    key: key === null ? files.key : { fileName, called, bytes: key },
    certificates: isNew ? [...files.certificates, { fileName, called, pem: certificates }] : files.certificates,
  };
}

/** Without what one of the files gave; its key is wiped. */
export function withoutPemFile({ key, certificates }: PemFiles, called: string): PemFiles {
  const isItsKey = key?.called === called;
  if (isItsKey) wipe(key.bytes);
  return { key: isItsKey ? null : key, certificates: certificates.filter((one) => one.called !== called) };
}

function freeName(fileName: string, taken: readonly Chosen[]): string {
  let called = fileName;
  for (let number = 2; taken.some((one) => one.called === called); number++) called = `${fileName} (${number})`;
  return called;
}

export interface PemRow {
  called: string;
  hasKey: boolean;
  certificates: number;
}

/** A row for each file, the one with the key first. */
export function pemRows({ key, certificates }: PemFiles): PemRow[] {
  const isOfKey = ({ called }: Chosen) => called === key?.called;
  const ofKey = certificates.find(isOfKey);
  return [
    ...(key === null ? [] : [{ called: key.called, hasKey: true, certificates: ofKey?.pem.length ?? 0 }]),
    ...certificates
      .filter((one) => !isOfKey(one))
      .map(({ called, pem }) => ({ called, hasKey: false, certificates: pem.length })),
  ];
}

/** The certificates of all files, as one text. */
export function pemText({ certificates }: PemFiles): string {
  return certificates.flatMap(({ pem }) => pem).join('');
}

/** What is still missing, in a sentence, or null. */
export function missingWords({ key, certificates }: PemFiles): string | null {
  if (key === null && certificates.length === 0) return 'Choose the files with the private key and its certificate.';
  if (key === null) return 'The private key is still missing: add its file.';
  return certificates.length === 0 ? 'The certificate is still missing: add its file.' : null;
}
