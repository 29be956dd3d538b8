import { basename, join, resolve } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { Handler } from './handler.ts';
import { mirrorsInVault, saveMirrorList } from './mirror-list.ts';
import { assertAbsolute } from './vault.ts';

/** Works without a vault too, so that somebody whose copies are all gone can begin anew. */
export const hsmMirrorRemove: Handler<'hsm.mirrorRemove'> = async ({ core, actor }, { path: given }) => {
  assertAbsolute(given);
  const { lifecycle, mirrors, config } = core;
  const session = lifecycle.isLost() ? null : core.session();
  const names = [resolve(given), join(resolve(given), basename(lifecycle.parts.vaultPath))];
  const found = mirrors.list().find(({ path }) => names.includes(path));
  if (found === undefined)
    throw new KeyholdError('NotFound', `${given} is not a mirror. "keyhold hsm status" lists them.`);
  const { path } = found;
  if (session !== null) {
    const rest = mirrorsInVault(session).filter((entry) => entry.path !== path);
    await saveMirrorList(session, actor, rest, ['hsm.mirrorRemove', path]);
  }
  await mirrors.drop(path);
  config.update({ mirrors: mirrors.entries() });
  if (session === null) lifecycle.reopen();
  core.emit({ type: 'changed', what: ['hsm'] });
  return { path };
};
