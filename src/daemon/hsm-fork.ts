import type { HsmRequestFrame, HsmResponseFrame } from '../core/hsm/protocol.ts';
import type { HsmChannel } from '../core/ports.ts';
import { forkChannel, keeperExecArgv, leastEnvironment } from './fork-channel.ts';

const FROM_SOURCES = import.meta.url.endsWith('.ts');
const ENTRY = new URL(FROM_SOURCES ? '../core/hsm/process.ts' : './hsm-process.js', import.meta.url);
const SOURCES = FROM_SOURCES ? [new URL('../core/', import.meta.url), new URL('../contract/', import.meta.url)] : [];

/**
 * Starts the HSM process by `child_process.fork` under Node's permission model: it can read its own code and nothing else, cannot
 * write files, start processes or workers, and does not open a debugger on SIGUSR1. argv and environment carry no value.
 */
export function spawnHsmProcess(): HsmChannel {
  return forkChannel<HsmRequestFrame, HsmResponseFrame>(ENTRY, {
    execArgv: hsmExecArgv(),
    env: leastEnvironment(),
    // It carries nothing but the one line that an internal error prints.
    stderr: 'inherit',
  });
}

/** Node's flags for the HSM process. Its native addon is Argon2id. */
export function hsmExecArgv(): string[] {
  return keeperExecArgv(ENTRY, SOURCES, '@node-rs/argon2');
}
