import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../../src/contract/errors.ts';
import { FILE_PART_BYTES, type FilePart } from '../../../../src/contract/files.ts';
import { accountOfArn } from '../../../../src/renderer/features/kms/files/account-of-arn.ts';
import { fileCommand } from '../../../../src/renderer/features/kms/files/file-command.ts';
import { suggestedName } from '../../../../src/renderer/features/kms/files/file-names.ts';
import { fileStore, patchFile, runFile } from '../../../../src/renderer/features/kms/files/file-store.ts';
import { transformFile } from '../../../../src/renderer/features/kms/files/transform-file.ts';

const ID = '0'.repeat(32);
const called: [string, unknown][] = [];
const sent: { part: FilePart; bytes: number }[] = [];
let failAt: number | null = null;

vi.mock('../../../../src/renderer/api/keyhold.ts', () => ({
  async call(method: string, params: unknown) {
    called.push([method, params]);
    return { id: ID, keys: [] };
  },
  transport: {
    async filePart(part: FilePart, bytes: Uint8Array) {
      sent.push({ part, bytes: bytes.length });
      if (part.index === failAt) throw new KeyholdError('InvalidCiphertext', 'It was changed.');
      return bytes;
    },
  },
}));

class Target {
  readonly name = 'notes.txt.encrypted';
  state: 'open' | 'kept' | 'dropped' = 'open';
  bytes: number[] = [];
  async write(bytes: Uint8Array): Promise<void> {
    expect(this.state).toBe('open');
    this.bytes.push(bytes.length);
  }
  async keep(): Promise<void> {
    this.state = 'kept';
  }
  async drop(): Promise<void> {
    this.state = 'dropped';
  }
}

const JOB = { direction: 'decrypt', account: 'lab', region: 'eu-central-1', context: {} } as const;
const file = (size: number) => new File([new Uint8Array(size)], 'notes.txt');

beforeEach(() => {
  called.length = 0;
  sent.length = 0;
  failAt = null;
});

describe('a file in parts', () => {
  test.each([
    [0, [0]],
    [5, [5]],
    [FILE_PART_BYTES, [FILE_PART_BYTES]],
    [2 * FILE_PART_BYTES + 1, [FILE_PART_BYTES, FILE_PART_BYTES, 1]],
  ])('%i bytes are sent in order, the last one marked, and kept at the end', async (size, parts) => {
    const target = new Target();
    const progress: number[] = [];
    const onProgress = (bytes: number) => progress.push(bytes);
    await transformFile(file(size), JOB, target, { signal: new AbortController().signal, onProgress });
    expect(sent.map((one) => one.bytes)).toEqual(parts);
    expect(sent.map((one) => one.part)).toEqual(
      parts.map((_, index) => ({ id: ID, index, last: index === parts.length - 1 })),
    );
    expect(target.state).toBe('kept');
    expect(target.bytes.filter((bytes) => bytes > 0)).toEqual(parts.filter((bytes) => bytes > 0));
    expect(progress.at(-1)).toBe(size);
  });

  test('what is refused in the middle is dropped, and the job given up', async () => {
    failAt = 1;
    const target = new Target();
    const work = transformFile(file(3 * FILE_PART_BYTES), JOB, target, {
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    await expect(work).rejects.toMatchObject({ code: 'InvalidCiphertext' });
    expect(target.state).toBe('dropped');
    expect(called.at(-1)).toEqual(['file.cancel', { id: ID }]);
    expect(sent).toHaveLength(2);
  });

  test('so is what the person gives up, and a file that is gone', async () => {
    const stop = new AbortController();
    const target = new Target();
    const work = transformFile(file(3 * FILE_PART_BYTES), JOB, target, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(work).rejects.toThrow();
    expect(target.state).toBe('dropped');
    expect(sent).toHaveLength(1);

    const gone = file(10);
    vi.spyOn(gone, 'slice').mockImplementation(() => {
      throw new DOMException('gone', 'NotReadableError');
    });
    const other = new Target();
    const signal = new AbortController().signal;
    await expect(transformFile(gone, JOB, other, { signal, onProgress: () => undefined })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining('notes.txt cannot be read any more'),
    });
    expect(other.state).toBe('dropped');
  });
});

test('the other file is called as the command line calls it', () => {
  expect(suggestedName('encrypt', 'a.tar')).toBe('a.tar.encrypted');
  expect(suggestedName('decrypt', 'a.tar.encrypted')).toBe('a.tar');
  expect(suggestedName('decrypt', '.encrypted')).toBe('.encrypted.decrypted');
  expect(suggestedName('decrypt', 'message')).toBe('message.decrypted');
});

test('the same as a command: an alias where the profile is in the key’s Region, else the ARN', () => {
  const arn = 'arn:aws:kms:eu-central-1:123456789012:key/1';
  const profile = {
    id: '1'.repeat(32),
    name: 'lab',
    account: 'lab',
    accountId: '123456789012',
    region: 'eu-central-1',
    createdAt: '2026-01-01T00:00:00.000Z',
    clients: 0,
  };
  const key = { aliases: ['alias/backup'], keyId: '1', arn };
  const command = {
    direction: 'encrypt',
    fileName: '-rf me.tar',
    keys: [key],
    context: { job: 'it’s nightly' },
    place: { account: 'lab', region: 'eu-central-1' },
  } as const;
  expect(fileCommand({ ...command, profiles: [profile] })).toBe(
    "keyhold encrypt './-rf me.tar' --key alias/backup --context 'job=it’s nightly' --profile lab",
  );
  const away = { ...profile, region: 'us-east-1' };
  expect(fileCommand({ ...command, profiles: [away] })).toContain(`--key ${arn}`);
  expect(fileCommand({ ...command, direction: 'decrypt', keys: [], context: {}, profiles: [] })).toBe(
    "keyhold decrypt './-rf me.tar'",
  );
});

test('whose a key is', () => {
  expect(accountOfArn('arn:aws-cn:kms:cn-north-1:123456789012:key/1')).toBe('123456789012');
  expect(accountOfArn('alias/backup')).toBeUndefined();
});

describe('a file that was saved', () => {
  afterEach(() => vi.unstubAllGlobals());

  test.each([true, false])(
    'is told by the name that was chosen for it, and signed only if it was: %s',
    async (signed) => {
      const stream = { write: async () => undefined, close: async () => undefined, abort: async () => undefined };
      vi.stubGlobal('window', {
        showSaveFilePicker: async () => ({ name: 'elsewhere.txt', createWritable: async () => stream }),
      });
      patchFile({ kind: { kind: 'message', keys: [], context: {}, signed } });
      await runFile(file(5), JOB);
      expect(fileStore.get().done).toEqual({ direction: 'decrypt', name: 'elsewhere.txt', size: 5, signed });
    },
  );
});
