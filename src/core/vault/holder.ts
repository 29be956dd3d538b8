import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';
import { Instant } from '../../contract/schemas.ts';

const Holder = z.object({
  pid: z.int().positive(),
  startedAt: Instant,
  shell: z.enum(['electron', 'serve']),
  endpoint: z.string().nullable(),
});
/** Who holds the vault: written beside it for the next one who tries. Only informs; the lock on the file decides. */
export type Holder = z.infer<typeof Holder>;

function holderPath(vaultPath: string): string {
  return join(dirname(vaultPath), 'vault.holder.json');
}

export function writeHolder(vaultPath: string, holder: Holder): void {
  const path = holderPath(vaultPath);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, JSON.stringify(holder) + '\n', { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Null when there is no readable information. */
export function readHolder(vaultPath: string): Holder | null {
  try {
    const parsed = Holder.safeParse(JSON.parse(readFileSync(holderPath(vaultPath), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Removes the information if it is this process's. */
export function removeHolder(vaultPath: string, pid: number): void {
  if (readHolder(vaultPath)?.pid === pid) rmSync(holderPath(vaultPath), { force: true });
}

function clockTime(instant: string, now: number): string {
  const at = new Date(instant);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const sameDay = new Date(now).toDateString() === at.toDateString();
  return sameDay ? time : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

/** `VaultBusy` that says who holds the vault, as far as that is known. */
export function vaultBusy(vaultPath: string, now: number, options?: ErrorOptions): KeyholdError {
  const holder = readHolder(vaultPath);
  const who =
    holder === null
      ? 'another process'
      : `${holder.shell === 'electron' ? 'the Keyhold app' : 'keyhold serve'}, process ${holder.pid}, since ${clockTime(holder.startedAt, now)}`;
  return new KeyholdError(
    'VaultBusy',
    `The vault is held by ${who}. Use that one, or stop it first.`,
    { path: vaultPath, ...(holder === null ? {} : { holder }) },
    options,
  );
}
