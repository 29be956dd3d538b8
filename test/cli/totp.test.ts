import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import QRCode from 'qrcode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { PASSWORD } from '../support/hsm.ts';
import { runCli } from './support/run-cli.ts';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** RFC 4226 once more, in a few lines of this file's own. */
function hotp(counter: number, digits = 6): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', '12345678901234567890').update(message).digest();
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** In order: each test stands on the ones before it, as a person would go on. */
describe('keyhold totp', () => {
  let daemon: TestDaemon;
  let passwords: string;
  beforeAll(async () => {
    daemon = await startTestDaemon();
    await daemon.create();
    passwords = join(daemon.home, 'password');
    writeFileSync(passwords, `${PASSWORD}\n`, { mode: 0o600 });
  });
  afterAll(async () => {
    await daemon?.stop();
  });

  const totp = (args: string[], input?: string) =>
    runCli(['totp', ...args], { home: daemon.home, ...(input === undefined ? {} : { input }) });
  const file = (name: string, content: Uint8Array | string): string => {
    const path = join(daemon.home, name);
    writeFileSync(path, content);
    return path;
  };

  test('takes an address, and warns of the command line', async () => {
    expect((await totp(['list'])).stdout).toMatch(/^No authenticator entries yet/);
    const uri = `otpauth://totp/GitHub:alice?secret=${SECRET}&issuer=GitHub`;
    const added = await totp(['add', 'github', '--uri', uri]);
    expect(added.stderr).toMatch(/Other programs can see what stands on a command line/);
    expect(added.stdout).toBe('github is in the vault. Its next code: keyhold totp code github\n');
    const again = await totp(['add', 'twin', '--uri', '-'], `${uri}\n`);
    expect(again).toMatchObject({ code: 6, stderr: expect.stringContaining('in the vault already, as github') });
    expect(again.stderr).not.toContain(SECRET);
    const wrong = await totp(['add', 'x', '--uri', '-', '--digits', '8'], `${uri}\n`);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('an address says them itself') });
  });

  test('hands a code out once, and waits for the next', { timeout: 90_000 }, async () => {
    const shown = JSON.parse((await totp(['code', 'github', '--show', '--json'])).stdout);
    const used = JSON.parse((await totp(['code', 'github', '--json'])).stdout);
    const step = Date.parse(used.validUntil) / 30_000 - 1;
    expect(used.code).toBe(hotp(step));
    expect([shown.current?.code, shown.next.code]).toContain(used.code);
    const refused = await totp(['code', 'github', '--no-wait']);
    // Unless the next step has begun meanwhile.
    if (refused.code !== 0)
      expect(refused.stderr).toMatch(/The present code of github has been used\. The next one comes in \d+ s\./);
    const next = await totp(['code', 'github']);
    expect(next.code).toBe(0);
    expect(next.stdout.trim()).not.toBe(used.code);
    expect([hotp(step + 1), hotp(step + 2), hotp(step + 3)]).toContain(next.stdout.trim());
  });

  test('takes a secret from standard input, with all there is to say of it', async () => {
    const options = ['--hotp', '--counter', '3', '--digits', '8', '--issuer', 'Bank', '--account', '42', '--favourite'];
    const added = await totp(['add', 'bank', '--secret-stdin', ...options], `${SECRET.slice(0, 16).toLowerCase()}\n`);
    expect(added.code).toBe(0);
    expect((await totp(['code', 'bank', '--show'])).stdout).toMatch(/only shown when they are used/);
    expect(await totp(['code', 'bank', '--next'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('leave --next out'),
    });
    expect((await totp(['code', 'bank'])).stdout).toMatch(/^\d{8}\n$/);
    expect((await totp(['list'])).stdout).toMatch(/★ bank +Bank +42 +8 digits by counter +[^\n]+\ngithub /);
    const bad = await totp(['add', 'x', '--secret-stdin'], 'not base32!\n');
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('not base32') });
    expect((await totp(['add', 'x', '--secret-stdin', '--digits', '9'], `${SECRET}\n`)).stderr).toContain(
      '6 to 8 digits',
    );
  });

  test('reads QR codes in PNG and JPEG', async () => {
    const png = await QRCode.toBuffer(`otpauth://totp/Shop:eve?secret=${SECRET}AA&issuer=Shop`, { scale: 6 });
    expect((await totp(['add', '--qr', file('shop.png', png)])).stdout).toMatch(/^Shop eve is in the vault/);
    const { data, width, height } = PNG.sync.read(
      await QRCode.toBuffer(`otpauth://totp/Cafe:eve?secret=${SECRET}BB&issuer=Cafe`, { scale: 6 }),
    );
    const jpg = jpeg.encode({ data, width, height }, 80).data;
    expect((await totp(['add', 'cafe', '--qr', file('cafe.jpg', jpg)])).stdout).toMatch(/^cafe is in the vault/);
    const blank = PNG.sync.write(new PNG({ width: 50, height: 50 }));
    expect((await totp(['add', 'x', '--qr', file('blank.png', blank)])).stderr).toContain('There is no QR code');
    expect((await totp(['add', 'x', '--qr', file('cut.png', png.subarray(0, 100))])).stderr).toContain('damaged');
    const huge = Buffer.from(png);
    huge.writeUInt32BE(60_000, 16);
    expect((await totp(['add', 'x', '--qr', file('huge.png', huge)])).stderr).toContain('too large');
    expect((await totp(['add', 'x', '--qr', file('x.txt', 'x')])).stderr).toContain('PNG or JPEG');
  });

  test('takes over an export: first to look at, then for good; what is there already stays out', async () => {
    const list = file(
      'list.txt',
      `otpauth://totp/GitHub:alice?secret=${SECRET}\notpauth://totp/New:bob?secret=${SECRET}CC\notpauth://totp/x?secret=1\n`,
    );
    const looked = await totp(['import', list, '--dry-run']);
    expect(looked.stdout).toMatch(/GitHub +alice +TOTP SHA1 6 +there already, as github/);
    expect(looked.stdout).toMatch(/Not taken over:\n {2}line 3: /);
    const report = JSON.parse((await totp(['import', list, '--json', '--yes'])).stdout);
    expect(report).toMatchObject({ imported: ['New bob'], problems: [{ where: 'line 3' }] });
    expect(JSON.stringify(report)).not.toContain(SECRET);
    expect((await totp(['import', list, '--yes'])).stdout).toBe('There was nothing to import.\n');
    expect((await totp(['import', file('x.json', '{}')])).stderr).toMatch(/no export that Keyhold knows/);
  });

  test('gives a seed back to who knows the password', async () => {
    const wrong = await totp(['export', 'github', '--password-stdin'], 'wrong\n');
    expect(wrong.code).toBe(4);
    const right = await totp(['export', 'github', '--password-file', passwords]);
    expect(right.stdout).toBe(
      `otpauth://totp/GitHub:alice?secret=${SECRET}&issuer=GitHub&algorithm=SHA1&digits=6&period=30\n`,
    );
    expect((await totp(['export', 'github'])).code).toBe(2);
  });

  test('renames, edits and removes', async () => {
    expect((await totp(['rename', 'github', 'hub'])).stdout).toBe('github is called hub now.\n');
    const serial = 'arn:aws:iam::123456789012:mfa/alice';
    await totp(['edit', 'hub', '--mfa-serial', serial, '--favourite', '--account', 'carol']);
    const { devices } = JSON.parse((await totp(['list', '--json'])).stdout);
    expect(devices).toContainEqual(
      expect.objectContaining({ name: 'hub', mfaSerial: serial, favourite: true, label: 'carol' }),
    );
    expect(await totp(['remove', 'hub'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes') });
    expect((await totp(['remove', 'hub', '--yes'])).stdout).toMatch(/^hub is removed/);
    expect((await totp(['code', 'hub'])).code).toBe(5);
  });
});
