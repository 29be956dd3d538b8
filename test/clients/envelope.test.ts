import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { CreateAliasCommand, CreateKeyCommand, KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Moto, startMoto, whyNoMoto } from '../support/moto.ts';
import { run, type Scenario, startScenario } from '../support/scenario.ts';

const reason = whyNoMoto();
const PLAIN = randomBytes(3_000_001);
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** `keyhold encrypt` and `decrypt` with a KMS that somebody else wrote, and messages that somebody else made. */
describe.skipIf(reason !== null)(`files under a KMS key${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let scenario: Scenario;
  let moto: Moto;
  let folder: string;
  let direct: KMS;
  let arn: string;

  beforeAll(async () => {
    moto = await startMoto();
    const { url } = moto;
    direct = new KMS({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) },
    });
    for (const alias of ['alias/backup', 'alias/escrow']) {
      const { KeyMetadata } = await direct.send(new CreateKeyCommand({}));
      await direct.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
      if (alias === 'alias/backup') arn = KeyMetadata?.Arn ?? '';
    }
    scenario = await startScenario();
    const { call, importKey } = scenario.daemon;
    await call('account.add', { name: 'moto', accountId: '123456789012', kind: 'remote', endpointUrl: url });
    await importKey({ name: 'moto', account: 'moto', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, 'x'.repeat(40));
    await call('profile.add', { name: 'moto', account: 'moto', key: 'moto', region: 'us-east-1' });
    folder = mkdtempSync(join(tmpdir(), 'kh-envelope-'));
    writeFileSync(join(folder, 'plain.bin'), PLAIN);
  });
  afterAll(async () => {
    direct?.destroy();
    moto?.stop();
    await scenario?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const at = (name: string): string => join(folder, name);
  const keyhold = (...args: string[]) => scenario.keyhold([...args, '--profile', 'moto']);
  /** The Encryption SDK with AWS's defaults, straight to the KMS. */
  const sdk = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);

  it('there and back, with a context and two keys, and nothing of it stays in Keyhold', async () => {
    const there = await keyhold(
      ...['encrypt', at('plain.bin'), '--key', 'alias/backup', '--key', 'alias/escrow', '--context', 'a=1', '--json'],
    );
    expect(there).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(there.stdout)).toMatchObject({
      bytes: PLAIN.length,
      keyIds: [arn, expect.stringMatching(/:key\//)],
    });
    rmSync(at('plain.bin.out'), { force: true });
    const back = await keyhold('decrypt', at('plain.bin.encrypted'), '--context', 'a=1', '-o', at('plain.bin.out'));
    expect(back).toMatchObject({ code: 0 });
    expect(sha(readFileSync(at('plain.bin.out')))).toBe(sha(PLAIN));
    expect(statSync(at('plain.bin.out')).mode & 0o777).toBe(0o600);
    const { clients } = await scenario.daemon.call('client.list', {});
    expect(clients).toEqual([]);
  });

  it('the Encryption SDK reads what we write: committing, signed, with our context', async () => {
    const { plaintext, messageHeader } = await sdk.decrypt(
      new KmsKeyringNode({ clientProvider: () => direct as never, keyIds: [arn] }),
      readFileSync(at('plain.bin.encrypted')),
    );
    expect(sha(plaintext)).toBe(sha(PLAIN));
    expect(messageHeader.version).toBe(2);
    expect(messageHeader.suiteId).toBe(0x0578);
    expect(messageHeader.encryptionContext).toMatchObject({ a: '1' });
    expect(messageHeader.encryptedDataKeys).toHaveLength(2);
  });

  it('reads what the Encryption SDK writes, from a pipe to a pipe', async () => {
    const keyring = new KmsKeyringNode({ clientProvider: () => direct as never, generatorKeyId: arn });
    const { result } = await sdk.encrypt(keyring, PLAIN.subarray(0, 5000));
    writeFileSync(at('theirs'), result);
    const back = await run(
      'sh',
      ['-c', `"$0" "$1" decrypt - -o - --profile moto < "$2" | sha256sum`, ...scenario.command(), at('theirs')],
      { env: { ...process.env, KEYHOLD_HOME: scenario.daemon.home } },
    );
    expect(back.stdout.trim().split(' ')[0]).toBe(sha(PLAIN.subarray(0, 5000)));
  });

  it('leaves nothing half written, whatever is wrong', async () => {
    const message = readFileSync(at('plain.bin.encrypted'));
    const files = new Set(readdirSync(folder));
    const cut = Buffer.from(message.subarray(0, message.length - 2000));
    const edited = Buffer.from(message);
    edited[message.length - 300] = (edited[message.length - 300] ?? 0) ^ 1;
    const cases: readonly [string, Uint8Array, string[], RegExp][] = [
      ['cut', cut, [], /could not be decrypted|end of/],
      ['edited', edited, [], /could not be decrypted/],
      ['foreign', Buffer.from('no message at all'), [], /could not be decrypted/],
      ['other context', message, ['--context', 'a=2'], /not encrypted with the context a=2/],
    ];
    for (const [name, bytes, more, words] of cases) {
      const path = at('case.encrypted');
      writeFileSync(path, bytes);
      const back = await keyhold('decrypt', path, ...more);
      expect([name, back.code === 0], back.stderr).toEqual([name, false]);
      expect(back.stderr).toMatch(words);
      rmSync(path);
      expect(new Set(readdirSync(folder)), name).toEqual(files);
    }
  });

  it.skipIf(process.getuid?.() !== 0)('a disk that fills up is said, and the file is not there', async () => {
    const disk = at('disk');
    mkdirSync(disk);
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    if (mounted.code !== 0) return;
    try {
      for (const command of [
        ['encrypt', at('plain.bin'), '--key', 'alias/backup', '-o', join(disk, 'full')],
        ['decrypt', at('plain.bin.encrypted'), '-o', join(disk, 'full')],
      ]) {
        const result = await keyhold(...command);
        expect(result.stderr).toMatch(/^keyhold: The disk is full/);
        expect(readdirSync(disk)).toEqual([]);
      }
    } finally {
      await run('umount', [disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  });

  it('says what is missing, and replaces no file unasked', async () => {
    const unknown = await keyhold('encrypt', at('plain.bin'), '--key', 'alias/nobody', '-o', at('x'));
    expect(unknown.code).not.toBe(0);
    expect(unknown.stderr).toMatch(/NotFoundException/);
    expect(readdirSync(folder)).not.toContain('x');
    const there = await keyhold('encrypt', at('plain.bin'), '--key', 'alias/backup');
    expect(there.stderr).toMatch(/exists already. Add --force/);
    expect(await keyhold('encrypt', at('plain.bin'), '--key', 'alias/backup', '--force')).toMatchObject({ code: 0 });
    expect((await keyhold('encrypt', at('plain.bin'))).stderr).toMatch(/--key alias\/backup/);
  });
});
