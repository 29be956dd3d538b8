import { basename } from 'node:path';
import { usageError } from './errors.ts';

export const SHELLS = ['sh', 'fish', 'powershell', 'cmd'] as const;
export type Shell = (typeof SHELLS)[number];

export function shellNamed(text: string): Shell {
  const name = text.toLowerCase();
  if (name === 'bash' || name === 'zsh' || name === 'dash' || name === 'ksh') return 'sh';
  if (name === 'pwsh') return 'powershell';
  const found = SHELLS.find((shell) => shell === name);
  if (found === undefined)
    throw usageError(`"${text}" is no shell Keyhold writes for. Choose one of ${SHELLS.join(', ')}.`);
  return found;
}

/** The shell most likely to read the output. */
export function detectShell(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): Shell {
  const shell = basename(env['SHELL'] ?? '');
  if (env['FISH_VERSION'] !== undefined || shell === 'fish') return 'fish';
  if (shell === 'pwsh') return 'powershell';
  if (platform === 'win32' && env['SHELL'] === undefined) {
    return env['PSModulePath'] !== undefined && env['PROMPT'] === undefined ? 'powershell' : 'cmd';
  }
  return 'sh';
}

/** One line that sets an environment variable. Throws `InvalidInput` for what cmd cannot quote. */
export function setLine(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case 'sh':
      return `export ${name}=${quoteSh(value)}`;
    case 'fish':
      return `set -gx ${name} ${quoteFish(value)}`;
    case 'powershell':
      return `$env:${name} = '${value.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
    case 'cmd':
      if (/["%\r\n]/.test(value))
        throw usageError(`${name} holds a character that cmd cannot quote. Use --shell powershell.`);
      return `set "${name}=${value}"`;
  }
}

/** One line that removes an environment variable. */
export function unsetLine(shell: Shell, name: string): string {
  switch (shell) {
    case 'sh':
      return `unset ${name}`;
    case 'fish':
      return `set -e ${name}`;
    case 'powershell':
      return `Remove-Item Env:${name} -ErrorAction SilentlyContinue`;
    case 'cmd':
      return `set "${name}="`;
  }
}

/** A word for a POSIX shell. */
export function quoteSh(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function quoteFish(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
