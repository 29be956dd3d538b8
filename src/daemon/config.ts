import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import { Settings } from '../contract/schemas.ts';
import type { Config, ConfigStore } from '../core/config.ts';
import { omitUndefined } from '../core/omit-undefined.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

export const DEFAULT_PORT = 4587;

/** Absent means: never chosen. Unknown members are kept out, so that a newer version's file still opens. */
const Stored = z.object({
  port: Settings.shape.port.optional(),
  https: Settings.shape.https.optional(),
  theme: Settings.shape.theme.optional(),
  autoLockMinutes: Settings.shape.autoLockMinutes.optional(),
  backupHours: Settings.shape.backupHours.optional(),
  backupFolder: Settings.shape.backupFolder.optional(),
  backupKeep: Settings.shape.backupKeep.optional(),
  backupKeepWeekly: Settings.shape.backupKeepWeekly.optional(),
  leaveProcess: Settings.shape.leaveProcess.optional(),
  leaveContainer: Settings.shape.leaveContainer.optional(),
  leaveConsole: Settings.shape.leaveConsole.optional(),
  mirrors: z.array(z.object({ path: z.string().refine(isAbsolute), apart: z.boolean() })).optional(),
});

/** `config.json` beside the vault: what must be known before the vault is open. Nothing in it is secret. */
export function openConfig(home: string): ConfigStore & { warning: string | undefined } {
  const path = join(home, 'config.json');
  const { stored, warning } = read(path);
  let current = stored;
  return {
    warning,
    get: () => ({ ...current }),
    update(patch) {
      const next: Config = { ...current, ...patch };
      try {
        writeFileAtomically(path, `${JSON.stringify(next, null, 2)}\n`);
      } catch (cause) {
        const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
        throw full
          ? new KeyholdError('DiskFull', 'The disk is full; free some space and save the settings again.')
          : new KeyholdError('InvalidInput', `The settings cannot be written to ${path}.`, undefined, { cause });
      }
      current = next;
    },
  };
}

function read(path: string): { stored: Config; warning: string | undefined } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { stored: {}, warning: absent ? undefined : `${path} cannot be read; the defaults are used.` };
  }
  const parsed = Stored.safeParse(parse(text));
  if (parsed.success) {
    return {
      stored: omitUndefined(parsed.data),
      warning: undefined,
    };
  }
  const member = parsed.error.issues[0]?.path.join('.');
  const what = member === undefined || member === '' ? 'is not a settings file' : `has a bad value for "${member}"`;
  return { stored: {}, warning: `${path} ${what}; the defaults are used until the settings are saved again.` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
