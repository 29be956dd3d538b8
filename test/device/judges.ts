import { spawnSync } from 'node:child_process';
import { whyNoHidraw } from './emulated-hidraw.ts';

/** Other people's programs that judge the emulators and the codes: null where they can be run, else why not. */

const PYTHONS = ['/usr/bin/python3', 'python3'];

/** The Python that has python-fido2. */
export const fido2Python = PYTHONS.find(
  (one) => spawnSync(one, ['-c', 'import fido2.ctap2'], { stdio: 'ignore' }).status === 0,
);

export function whyNoFido2Python(): string | null {
  return whyNoHidraw() ?? (fido2Python === undefined ? 'python3-fido2 is not installed' : null);
}

export function whyNoFido2Tools(): string | null {
  return whyNoHidraw() ?? (runs('fido2-token', '-V') ? null : 'fido2-tools are not installed');
}

export function whyNoYkman(): string | null {
  return whyNoHidraw() ?? (runs('ykman', '--version') ? null : 'ykman is not installed');
}

export function whyNoOathtool(): string | null {
  return runs('oathtool', '--version') ? null : 'oathtool is not installed';
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).error === undefined;
}
