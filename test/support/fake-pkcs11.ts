import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCompiler } from './softhsm.ts';

const SOURCE = join(import.meta.dirname, 'fake-pkcs11.c');
const HEADERS = join(import.meta.dirname, '../../node_modules/pkcs11js/includes');

/** Why the tests against the module in fake-pkcs11.c cannot run here; null when they can. */
export function whyNoFakeModule(): string | null {
  if (process.platform !== 'linux') return 'the module for tests is built on Linux only';
  if (!hasCompiler) return 'there is no C compiler';
  return existsSync(HEADERS) ? null : 'pkcs11js is not installed';
}

/** The key that the module always has. */
export const PRESENT_KEY = 'aa'.repeat(16);

/** A PKCS#11 module that misbehaves as it is told (fake-pkcs11.c). */
export class FakeModule {
  readonly folder = mkdtempSync(join(tmpdir(), 'kh-fake-p11-'));
  readonly module = join(this.folder, 'fake.so');
  readonly environment = {
    FAKE_MODE: join(this.folder, 'mode'),
    FAKE_LOG: join(this.folder, 'log'),
    FAKE_HUNG: join(this.folder, 'hung'),
  };

  constructor() {
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-I', HEADERS, '-o', this.module, SOURCE], { stdio: 'pipe' });
    this.reset();
  }

  mode(word: string): void {
    writeFileSync(this.environment.FAKE_MODE, word);
  }

  /** How often somebody has logged in, or tried. */
  logins(): number {
    return linesOf(this.environment.FAKE_LOG);
  }

  /** How many calls the module has kept, never to answer them. */
  hung(): number {
    return linesOf(this.environment.FAKE_HUNG);
  }

  reset(): void {
    this.mode('ok');
    writeFileSync(this.environment.FAKE_LOG, '');
    writeFileSync(this.environment.FAKE_HUNG, '');
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function linesOf(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1;
}
