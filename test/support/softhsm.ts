import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
export const PIN = 'pin-48c1f7e2a9';
const SO_PIN = '73519046';

function library(): string | undefined {
  return process.env['SOFTHSM2_LIBRARY'] ?? LIBRARIES.find((path) => existsSync(path));
}

function runs(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Why the tests against SoftHSM2 cannot run here; null when they can. */
export function whyNoSoftHsm(): string | null {
  if (library() === undefined) return 'SoftHSM2 is not installed (Debian: softhsm2)';
  if (!runs('softhsm2-util')) return 'softhsm2-util is not installed (Debian: softhsm2)';
  try {
    createRequire(import.meta.url)('pkcs11js');
    return null;
  } catch {
    return 'pkcs11js is not installed';
  }
}

export const hasPkcs11Tool = runs('pkcs11-tool');
export const hasCompiler = runs('gcc');

/** SoftHSM2 with tokens in a folder of its own. */
export class SoftHsm {
  readonly folder = mkdtempSync(join(tmpdir(), 'kh-softhsm-'));
  readonly library = library() ?? '';
  readonly environment = { SOFTHSM2_CONF: join(this.folder, 'softhsm2.conf') };

  constructor() {
    const tokens = join(this.folder, 'tokens');
    mkdirSync(tokens);
    writeFileSync(
      this.environment.SOFTHSM2_CONF,
      `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
  }

  /** Makes a token. */
  init(label: string, pin = PIN): void {
    this.#util('--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', SO_PIN);
  }

  delete(label: string): void {
    this.#util('--delete-token', '--token', label);
  }

  #util(...parameters: string[]): void {
    execFileSync('softhsm2-util', parameters, { env: { ...process.env, ...this.environment }, stdio: 'pipe' });
  }

  /** What OpenSC's pkcs11-tool, a program of other people's, says. */
  tool(...parameters: string[]): string {
    const { stdout, stderr } = spawnSync('pkcs11-tool', ['--module', this.library, ...parameters], {
      env: { ...process.env, ...this.environment },
      encoding: 'utf8',
    });
    return stdout + stderr;
  }

  /** What pkcs11-tool lists of the objects with this CKA_ID, logged in unless `pin` is null. */
  objects(label: string, keyId: string, pin: string | null = PIN): string[] {
    const login = pin === null ? [] : ['--login', '--pin', pin];
    const listed = this.tool('--token-label', label, ...login, '--list-objects');
    return listed.split(/^(?=\w.* Object;)/m).filter((object) => new RegExp(`ID: +${keyId}$`, 'm').test(object));
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
