import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Rotation } from '../../contract/rotation.ts';
import type { Cli } from '../cli.ts';

/** Between two looks, where nothing was heard of it. */
const LOOK_MS = 2000;

/** Says what is done, step by step, until the rotation has ended, keeps its quarantine or waits for somebody. Throws for what waits, saying what to do. */
export async function follow(cli: Cli, name: string, mayBePlanned = false): Promise<Rotation> {
  const rotation = await watch(cli, name);
  cli.print(rotation, () => `${rotation.message}\n${after(rotation)}`);
  const { state } = rotation;
  if (state === 'refused' || state === 'waiting' || (state === 'planned' && !mayBePlanned)) throw halted(rotation);
  return rotation;
}

/** The same, without the last word. */
export async function watch(cli: Cli, name: string): Promise<Rotation> {
  let wake = (): void => undefined;
  const stop = await cli.subscribe((event) => {
    if (event.type === 'changed' && event.what.includes('rotations')) wake();
  });
  try {
    let said = 0;
    for (;;) {
      const heard = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const rotation = await cli.call('rotation.get', { key: name });
      for (const { text } of rotation.evidence.slice(said)) cli.note(`  ${text}`);
      said = rotation.evidence.length;
      if (rotation.state !== 'running') return rotation;
      await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
    }
  } finally {
    stop();
  }
}

function after({ state, key }: Rotation): string {
  if (state !== 'quarantine') return '';
  return `It is deleted by itself while the vault is unlocked. Take it back with: keyhold rotate rollback ${quotedName(key)}\n`;
}

export function halted({ key, message, needs, state, halt }: Rotation): KeyholdError {
  const next =
    state === 'refused'
      ? ''
      : needs === 'confirm'
        ? ` Then: keyhold rotate resume ${quotedName(key)} --confirm, or keyhold rotate rollback ${quotedName(key)}`
        : ` Then: keyhold rotate resume ${quotedName(key)}, or keyhold rotate rollback ${quotedName(key)}`;
  return new KeyholdError(halt === 'network' ? 'Unreachable' : 'ServiceRefused', `${message}${next}`, {
    key,
    ...(halt === undefined ? {} : { halt }),
  });
}
