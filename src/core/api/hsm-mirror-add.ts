import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { Core } from '../core.ts';
import type { MirrorEntry } from '../mirrors/mirror.ts';
import { identity } from '../vault/file.ts';
import { asidePath } from '../vault/set-aside.ts';
import type { Handler } from './handler.ts';
import { viewMirror } from './hsm-status.ts';
import { mirrorsInVault, saveMirrorList } from './mirror-list.ts';
import { assertAbsolute } from './vault.ts';

/** More would slow every change down for nothing. */
const MOST_MIRRORS = 8;

/** First the complete, verified copy; then the vault and `config.json` name it. */
export const hsmMirrorAdd: Handler<'hsm.mirrorAdd'> = async ({ core, actor }, { path: given, replace }) => {
  const session = core.session();
  assertAbsolute(given);
  const entry = mirrorEntry(core, given);
  const aside = replace === true ? asidePath(entry.path, 'replaced', core.ports.clock.now()) : null;
  const mirror = await core.mirrors.add(entry, aside);
  try {
    await saveMirrorList(session, actor, [...mirrorsInVault(session), entry], ['hsm.mirrorAdd', entry.path]);
    core.config.update({ mirrors: core.mirrors.entries() });
  } catch (error) {
    // What nobody remembers is not looked after either; its file is a copy as good as any.
    if (!mirrorsInVault(session).some(({ path }) => path === entry.path)) await core.mirrors.drop(entry.path);
    throw error;
  }
  core.emit({ type: 'changed', what: ['hsm'] });
  return viewMirror(mirror);
};

/** Where the file will be. Throws `InvalidInput`, `AlreadyExists`, `NotFound`. */
function mirrorEntry({ lifecycle, mirrors }: Core, given: string): MirrorEntry {
  const { vaultPath } = lifecycle.parts;
  const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() === true;
  const named = resolve(isFolder ? join(given, basename(vaultPath)) : given);
  if (!existsSync(dirname(named))) {
    throw new KeyholdError('NotFound', `There is no folder ${dirname(named)}. Make it first, or choose another.`);
  }
  const folder = realpathSync(dirname(named));
  const path = join(folder, basename(named));
  const home = realpathSync(dirname(vaultPath));
  if (folder === home || (existsSync(path) && existsSync(vaultPath) && identity(path) === identity(vaultPath))) {
    throw new KeyholdError('InvalidInput', 'A copy beside the vault is lost with it. Choose a folder on another disk.');
  }
  for (const other of mirrors.list()) {
    if (other.path === path) throw new KeyholdError('AlreadyExists', `${path} is a mirror already.`, { path });
    if (dirname(other.path) === folder) {
      throw new KeyholdError('InvalidInput', `${folder} has a mirror already; two in one folder are lost together.`);
    }
  }
  if (mirrors.list().length >= MOST_MIRRORS) {
    throw new KeyholdError('InvalidInput', `A vault has at most ${MOST_MIRRORS} mirrors. Remove one first.`);
  }
  return { path, apart: statSync(folder).dev !== statSync(home).dev };
}
