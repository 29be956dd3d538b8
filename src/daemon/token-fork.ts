import type { TokenRequestFrame, TokenResponseFrame } from '../core/hsm/pkcs11/protocol.ts';
import type { TokenChannel } from '../core/ports.ts';
import { forkChannel, keeperExecArgv, leastEnvironment } from './fork-channel.ts';

const FROM_SOURCES = import.meta.url.endsWith('.ts');
const ENTRY = new URL(FROM_SOURCES ? '../core/hsm/pkcs11/process.ts' : './token-process.js', import.meta.url);
const SOURCES = FROM_SOURCES ? [new URL('../core/', import.meta.url), new URL('../contract/', import.meta.url)] : [];

/**
 * Starts a token process like the HSM process (hsm-fork.ts). The permission model holds our own code there; the vendor's module is native and does what the
 * person's account may. Its environment is the person's home folder and what the token was added with, so none of the daemon's variables reaches the module.
 */
export function spawnTokenProcess(environment: Readonly<Record<string, string>>): TokenChannel {
  return forkChannel<TokenRequestFrame, TokenResponseFrame>(ENTRY, {
    execArgv: keeperExecArgv(ENTRY, SOURCES, 'pkcs11js'),
    env: { ...homeEnvironment(), ...environment, ...leastEnvironment() },
    // Modules print what they like there.
    stderr: 'ignore',
  });
}

/** Vendors look for their configuration in the person's home folder. */
export function homeEnvironment(): Record<string, string> {
  const names = ['HOME', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'ProgramData'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
