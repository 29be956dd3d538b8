import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { type Authenticator, type AuthenticatorOptions, createAuthenticator } from '../device/authenticator.ts';
import { EmulatedHidraw, type Finished } from '../device/emulated-hidraw.ts';
import { fido2Python, whyNoFido2Python, whyNoFido2Tools } from '../device/judges.ts';

/** Other people's programs judge the authenticator with which Keyhold is tested. */

const python = fido2Python;
const noTools = whyNoFido2Tools();
const noPython = whyNoFido2Python();
const skipped = (reason: string | null): string => (reason === null ? '' : ` (skipped: ${reason})`);

const DEVICE = '/dev/hidraw0';
const RP = 'keyhold.test';
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

let hidraw: EmulatedHidraw | undefined;
afterEach(() => {
  hidraw?.dispose();
  hidraw = undefined;
});

async function lab(
  options: Partial<AuthenticatorOptions> = {},
): Promise<{ key: Authenticator; served: EmulatedHidraw }> {
  const key = createAuthenticator({ clock: systemClock, ...options });
  hidraw = await EmulatedHidraw.start(key);
  return { key, served: hidraw };
}

describe.skipIf(noTools !== null)(`libfido2’s tools${skipped(noTools)}`, () => {
  function tools(served: EmulatedHidraw) {
    let files = 0;
    const done = async (running: Promise<Finished>): Promise<string> => {
      const { status, stdout, stderr } = await running;
      if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
      return stdout;
    };
    /** A file with these lines. */
    const file = (...lines: readonly string[]): string => {
      const path = join(served.folder, `input-${files++}`);
      writeFileSync(path, `${lines.join('\n')}\n`);
      return path;
    };
    return {
      file,
      token: (args: readonly string[], ...lines: readonly string[]) =>
        done(served.run('fido2-token', args, lines.map((line) => `${line}\n`).join(''))),
      cred: (args: readonly string[], pin = '') => done(served.run('fido2-cred', args, `${pin}\n`)),
      assert: (args: readonly string[], pin = '') => done(served.run('fido2-assert', args, `${pin}\n`)),
    };
  }

  it('list and describe it', async () => {
    const { token } = tools((await lab()).served);
    expect(await token(['-L'])).toContain(`${DEVICE}: vendor=0x1209, product=0xf1d0 (Emulated FIDO authenticator)`);
    const info = await token(['-I', DEVICE]);
    expect(info).toMatch(/version strings: U2F_V2, FIDO_2_0, FIDO_2_1/);
    expect(info).toMatch(/pin protocols: 2, 1/);
    expect(info).toMatch(/options: .*noclientPin/);
  });

  const ES256 = { type: 'es256', number: -7 } as const;
  const EDDSA = { type: 'eddsa', number: -8 } as const;
  const RS256 = { type: 'rs256', number: -257 } as const;

  it.each([
    ['self' as const, [1 as const], '2.1' as const, ES256],
    ['basic' as const, [2 as const], '2.1' as const, ES256],
    ['self' as const, [2 as const, 1 as const], '2.1' as const, EDDSA],
    ['self' as const, [1 as const], '2.1-pre' as const, RS256],
  ])('make, check and manage credentials: %s attestation, PIN/UV protocols %j, CTAP %s, %o', async (...options) => {
    const [attestation, pinProtocols, generation, { type, number }] = options;
    const { key, served } = await lab({ attestation, pinProtocols, generation, algorithms: [number] });
    const { token, cred, assert, file } = tools(served);
    await token(['-S', DEVICE], '123456', '123456');
    await token(['-C', DEVICE], '123456', '654321', '654321');
    const pin = '654321';
    const hash = base64(new Uint8Array(32).fill(1));
    const made = await cred(
      ['-M', '-h', '-r', '-c', '2', '-i', file(hash, RP, 'maria', base64('user-1')), DEVICE, type],
      pin,
    );
    const checked = await cred(['-V', '-h', '-c', '2', '-i', file(made.trimEnd()), type]);
    const [id = '', ...pem] = checked.trimEnd().split('\n');
    expect(base64(key.state.credentials[0]?.id ?? '')).toBe(id);

    const salts = base64(Uint8Array.from({ length: 64 }, (_, index) => index));
    const secretOf = async (salt: string, ...options: readonly string[]): Promise<string> => {
      const asserted = await assert(['-G', '-h', ...options, '-i', file(hash, RP, id, salt), DEVICE], pin);
      await assert(['-V', '-h', ...options, '-i', file(asserted.trimEnd()), file(...pem), type]);
      return asserted.trimEnd().split('\n').at(-1) ?? '';
    };
    const verified = await secretOf(salts, '-v');
    expect(await secretOf(salts, '-v')).toBe(verified);
    expect(await secretOf(salts)).not.toBe(verified);
    const first = await secretOf(base64(Uint8Array.from({ length: 32 }, (_, index) => index)), '-v');
    expect(Buffer.from(verified, 'base64').subarray(0, 32)).toEqual(Buffer.from(first, 'base64'));

    expect(await token(['-L', '-r', DEVICE], pin)).toContain(RP);
    expect(await token(['-L', '-k', RP, DEVICE], pin)).toContain(
      `00: ${id} (null) ${base64('user-1')} ${type} uvopt+id`,
    );
    expect(await token(['-I', '-c', DEVICE], pin)).toMatch(/existing rk\(s\): 1/);
    await token(['-D', '-i', id, DEVICE], pin);
    expect(key.state.credentials).toEqual([]);
  });

  it('register and use it by U2F alone', async () => {
    const { served } = await lab({ kind: 'u2f' });
    const { cred, assert, file } = tools(served);
    const hash = base64(new Uint8Array(32).fill(9));
    const made = await cred(['-M', '-u', '-i', file(hash, RP, 'maria', base64('user-1')), DEVICE]);
    expect(made).toContain('fido-u2f');
    const [id = '', ...pem] = (await cred(['-V', '-i', file(made.trimEnd())])).trimEnd().split('\n');
    const asserted = await assert(['-G', '-u', '-i', file(hash, RP, id), DEVICE]);
    await assert(['-V', '-p', '-i', file(asserted.trimEnd()), file(...pem), 'es256']);
  });

  it('are told of wrong PINs, and reset it', async () => {
    const { key, served } = await lab();
    const { token } = tools(served);
    await token(['-S', DEVICE], '123456', '123456');
    for (const status of ['PIN_INVALID', 'PIN_INVALID', 'PIN_AUTH_BLOCKED', 'PIN_AUTH_BLOCKED']) {
      await expect(token(['-L', '-r', DEVICE], 'wrong')).rejects.toThrow(status);
    }
    expect(await token(['-I', DEVICE])).toMatch(/pin retries: 5/);
    await served.unplug(0);
    await served.plug(0);
    await token(['-R', DEVICE]);
    expect(key.state).toMatchObject({ pinSet: false, pinRetries: 8 });
  });

  it('are told when the person refuses', async () => {
    const { key, served } = await lab();
    const { cred, file } = tools(served);
    key.control.touch = 'deny';
    const input = file(base64(new Uint8Array(32)), RP, 'maria', base64('user-1'));
    await expect(cred(['-M', '-i', input, DEVICE])).rejects.toThrow('OPERATION_DENIED');
  });
});

describe.skipIf(noPython !== null)(`python-fido2${skipped(noPython)}`, () => {
  it('finds all of CTAP that Keyhold uses as it should be', async () => {
    const { key, served } = await lab();
    Object.defineProperty(key.control, 'touch', { get: () => (key.state.winks === 1 ? 'never' : 'approve') });
    const { status, stdout, stderr } = await served.run(python ?? '', [join(import.meta.dirname, 'fido2-tour.py')]);
    const steps = Object.fromEntries(
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
        .map(({ step, value }) => [step, value]),
    );
    expect(stderr.replace(/^.*Warning.*\n.*\n/gm, '')).toBe('');
    expect(status).toBe(0);
    expect(steps).toEqual({
      info: [['U2F_V2', 'FIDO_2_0', 'FIDO_2_1'], ['credProtect', 'hmac-secret'], [2, 1], 2048],
      ping: true,
      'second-pin': 'PIN_AUTH_INVALID',
      ...Object.fromEntries([1, 2].flatMap(made)),
      'hmac-secret-same': true,
      excluded: 'CREDENTIAL_EXCLUDED',
      // Its name for PUAT_REQUIRED.
      'no-pin': 'PIN_REQUIRED',
      'other-rp': 'PIN_AUTH_INVALID',
      'other-permission': 'PIN_AUTH_INVALID',
      unverified: 'NO_CREDENTIALS',
      silent: [false, false],
      all: ['user2', 'user1'],
      'no-more': 'NOT_ALLOWED',
      'managed-1': [2, [RP], ['user2', 'user1'], [2, 2], true],
      'deleted-1': ['renamed', 1],
      'managed-2': [1, [RP], ['user2'], [2], true],
      'deleted-2': ['renamed', 0],
      cancelled: ['KEEPALIVE_CANCEL', 2],
      u2f: ['U2F_V2', 1, '0x6985', '0x6a80'],
      client: ['packed', true],
      retries: [8, ['PIN_INVALID', 'PIN_INVALID', 'PIN_AUTH_BLOCKED'], 'PIN_AUTH_BLOCKED', [5, true]],
    });
  });
});

/** What both protocols have to give: verified and present, both extensions; two outputs of 32 bytes, others without the PIN, the first alone for one salt. */
function made(protocol: number): [string, unknown][] {
  return [
    [`made-${protocol}`, ['packed', true, true, { credProtect: 2, 'hmac-secret': true }]],
    [`hmac-secret-${protocol}`, [true, 32, 32, true, true]],
  ];
}
