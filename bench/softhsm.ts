import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// SoftHSM2 as C programs have it (softhsm.c), which is compiled for the occasion: through a binding it would be measured with the binding.

const LIBRARIES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'];
const SOURCE = join(import.meta.dirname, 'softhsm.c');
const HEADERS = join(import.meta.dirname, '..', 'node_modules', 'pkcs11js', 'includes');

export type SoftOperation = 'encrypt' | 'mac' | 'sign-p256' | 'sign-rsa2048' | 'sign-rsa4096';

export interface SoftHsm {
  /** Operations a second over so many milliseconds. */
  rate(operation: SoftOperation, milliseconds: number): Promise<number>;
  close(): Promise<void>;
}

/** Answers why not where the library, the headers or a compiler with OpenSSL's headers are missing. */
export async function openSoftHsm(): Promise<SoftHsm | string> {
  const library = process.env['SOFTHSM2_LIBRARY'] ?? LIBRARIES.find((path) => existsSync(path));
  if (library === undefined) return 'SoftHSM2 is not installed';
  if (!existsSync(HEADERS)) return 'pkcs11js, which has the headers of PKCS#11, is not installed';
  const folder = await mkdtemp(join(tmpdir(), 'keyhold-softhsm-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const program = join(folder, 'softhsm');
  try {
    execFileSync('gcc', ['-O2', '-I', HEADERS, '-o', program, SOURCE, '-ldl', '-lcrypto'], { stdio: 'pipe' });
  } catch {
    await remove();
    return 'softhsm.c cannot be compiled (gcc, OpenSSL’s headers)';
  }
  const tokens = join(folder, 'tokens');
  await mkdir(tokens);
  const config = join(folder, 'softhsm2.conf');
  await writeFile(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const child = spawn(program, [library], {
    env: { ...process.env, SOFTHSM2_CONF: config },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async rate(operation, milliseconds) {
      child.stdin.write(`${operation} ${milliseconds}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error('The program that uses SoftHSM2 has ended.');
      return Number(value);
    },
    async close() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin.end();
      if (child.exitCode === null) await ended;
      await remove();
    },
  };
}
