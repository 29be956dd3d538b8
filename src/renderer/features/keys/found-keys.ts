import { accountOfKeyId } from '../../../client/import/account-of-key-id.ts';
import { parseAwsFiles } from '../../../client/import/aws-files.ts';
import { type KeyForm, wipe } from '../../../client/import/credential-values.ts';
import { parseIamCsv } from '../../../client/import/iam-csv.ts';

/** One key found in a dropped file, ready to import. The bytes are ours to wipe. */
export interface FoundKey {
  name: string;
  accessKeyId: string;
  secretAccessKey: Uint8Array;
  sessionToken?: Uint8Array;
  source: 'csv' | 'aws-files';
  /** What the key id itself says, where it does. Only a suggestion. */
  accountId: string | null;
}

export interface FoundFile {
  keys: FoundKey[];
  /** Lines that could not be read or were left behind, in words. */
  remarks: string[];
}

/** Reads a file as the IAM console's CSV or as an AWS credentials file, whichever it is. Wipes the file's bytes. */
export function readKeyFile(fileName: string, bytes: Uint8Array, form: KeyForm = 'aws'): FoundFile {
  try {
    return /\.csv$/i.test(fileName) ? fromCsv(fileName, bytes, form) : fromCredentials(bytes, form);
  } finally {
    wipe(bytes);
  }
}

export function wipeFoundKeys(keys: readonly FoundKey[]): void {
  for (const key of keys) wipe(key.secretAccessKey, key.sessionToken);
}

function fromCsv(fileName: string, bytes: Uint8Array, form: KeyForm): FoundFile {
  const found = parseIamCsv(fileName, bytes, form);
  return {
    keys: found.keys.map((key) => ({
      name: key.userName ?? key.accessKeyId,
      accessKeyId: key.accessKeyId,
      secretAccessKey: key.secretAccessKey,
      source: 'csv',
      accountId: accountOfKeyId(key.accessKeyId),
    })),
    remarks: found.problems.map((problem) => `Line ${problem.line}: ${problem.message}.`),
  };
}

function fromCredentials(bytes: Uint8Array, form: KeyForm): FoundFile {
  const found = parseAwsFiles({ credentials: bytes }, form);
  const keys: FoundKey[] = [];
  const remarks = found.problems.map((problem) => `Line ${problem.line}: ${problem.message}.`);
  for (const profile of found.profiles) {
    const session = profile.role?.place ?? profile.mfa;
    if (session !== undefined) {
      remarks.push(
        `Line ${session.line}, ${profile.name}: keyhold import aws takes roles and MFA devices over; here only keys are imported.`,
      );
    }
    for (const left of profile.leftovers) remarks.push(`Line ${left.line}, ${left.what}: ${left.reason}.`);
    if (profile.key === undefined) continue;
    const { accessKeyId, secretAccessKey, sessionToken } = profile.key;
    keys.push({
      name: profile.name,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      source: 'aws-files',
      accountId: profile.accountId ?? accountOfKeyId(accessKeyId),
    });
  }
  return { keys, remarks };
}
