import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseContext } from '../../src/cli/envelope/encryption-context.ts';
import { formatBytes, progress, progressLine } from '../../src/cli/envelope/progress.ts';
import { createWholeFile } from '../../src/cli/envelope/whole-file.ts';
import { describeError } from '../../src/cli/errors.ts';
import { missingFrom } from '../../src/daemon/envelope/missing-from.ts';
import { regionOfKey } from '../../src/daemon/envelope/resolve-keys.ts';

describe('the encryption context', () => {
  test('is pairs with the first = between them', () => {
    expect(parseContext(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
    expect(parseContext([])).toEqual({});
  });

  test.each(['novalue', '=x', 'aws-crypto-public-key=x', '__proto__=x'])('refuses %s', (pair) => {
    expect(() => parseContext([pair])).toThrow(/context/i);
  });

  test('refuses a key given twice', () => {
    expect(() => parseContext(['a=1', 'a=1'])).toThrow('"a" is given twice');
  });

  test('what a message must carry, it must carry with that value', () => {
    expect(missingFrom({ a: '1', b: '2' }, { a: '1' })).toBeNull();
    expect(missingFrom({ a: '1' }, { a: '2' })).toBe('a=2');
    expect(missingFrom({}, { toString: 'x' })).toBe('toString=x');
  });
});

test('a key’s region is in its ARN and nowhere else', () => {
  expect(regionOfKey('arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1')).toBe('cn-north-1');
  expect(regionOfKey('arn:aws:kms:eu-west-1:123456789012:alias/a')).toBe('eu-west-1');
  expect(regionOfKey('alias/a')).toBeUndefined();
  expect(regionOfKey('arn:aws:s3:::bucket')).toBeUndefined();
});

describe('progress', () => {
  test('speaks in powers of 1000', () => {
    expect([0, 999, 1000, 9_950_000, 3_200_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 MB',
      '3.2 GB',
    ]);
  });

  test('is a bar with a known size, a count without', () => {
    expect(progressLine(500, 1000, 1000)).toBe(`${'█'.repeat(12)}${'░'.repeat(12)}  50 %  500 B of 1.0 kB  500 B/s`);
    expect(progressLine(500, undefined, 1000)).toBe('500 B  500 B/s');
  });

  test('passes every byte on, counts them, and stays silent where nobody looks', async () => {
    const out = Object.assign(new PassThrough(), { isTTY: false });
    const counter = progress(3, out as never);
    const seen: Buffer[] = [];
    counter.on('data', (chunk: Buffer) => seen.push(chunk));
    counter.write(Buffer.from('ab'));
    counter.end(Buffer.from('c'));
    await new Promise((resolve) => counter.once('end', resolve));
    expect(Buffer.concat(seen).toString()).toBe('abc');
    expect(counter.bytes).toBe(3);
    expect(out.read()).toBeNull();
  });
});

describe('a file that appears whole', () => {
  const makeFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'kh-whole-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };
  const said = (path: string, force?: boolean): Promise<unknown> =>
    createWholeFile(path, { mode: 0o600, ...(force === undefined ? {} : { force }) }).then(
      () => 'made',
      (error: unknown) => describeError(error).wire,
    );

  test('is beside its place, for its owner alone, until it is kept, and gone when it is dropped', async () => {
    const folder = makeFolder();
    const path = join(folder, 'out');
    const whole = await createWholeFile(path, { force: false, mode: 0o640 });
    await whole.file.writeFile('half');
    const [name = ''] = readdirSync(folder);
    expect(name).toMatch(/^\.keyhold-[0-9a-f]{16}\.part$/);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    await whole.file.writeFile(' and half');
    await whole.keep();
    expect(readdirSync(folder)).toEqual(['out']);
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['half and half', 0o640]);
    const other = await createWholeFile(path, { force: true, mode: 0o600 });
    await other.file.writeFile('other');
    await other.drop();
    expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['out'], 'half and half']);
  });

  test('says with the name that was given why it cannot be', async () => {
    const folder = makeFolder();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('there'), '');
    expect(await said(at('none/x'))).toEqual({ code: 'NotFound', message: `There is no folder ${at('none')}.` });
    expect(await said(at('there/x'))).toMatchObject({
      message: expect.stringContaining('/there/x leads through a file'),
    });
    expect(await said(at('x'.repeat(256)))).toMatchObject({
      message: expect.stringContaining('xx is too long a name'),
    });
    expect(await said(folder)).toEqual({
      code: 'InvalidInput',
      message: `${folder} is not a regular file; choose another.`,
    });
    expect(await said(at('there'), false)).toMatchObject({ message: expect.stringContaining('Add --force') });
    expect(await said(at('there'))).toMatchObject({
      code: 'AlreadyExists',
      message: expect.stringContaining('Choose another name'),
    });
    expect(process.listenerCount('SIGHUP')).toBe(0);
    expect(readdirSync(folder)).toEqual(['there']);
  });
});
