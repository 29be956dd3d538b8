import { KeyholdError } from '../../contract/errors.ts';
import type { Result } from '../../contract/methods.ts';
import type { Core } from '../core.ts';
import { onNobodysBehalf } from '../gates/touch-call.ts';
import type { HsmClient } from '../hsm/client.ts';
import { Session } from '../session.ts';
import { DEFAULT_AUTO_LOCK_MINUTES, SETTINGS_ID } from '../settings-record.ts';
import { createVaultFile } from '../vault/create.ts';
import { openVault } from '../vault/store.ts';
import { keepTending } from './after-unlock.ts';
import type { CallContext, Handler } from './handler.ts';
import { replyKeyBytes } from './make-client-key.ts';

/** Makes the vault and leaves it unlocked. When a later step fails, the HSM process that holds the new root key is ended. */
export const createVault: Handler<'vault.create'> = async (call, { password, replyKey }) => {
  const { core } = call;
  const reply = replyKeyBytes(replyKey);
  const created = await core.lifecycle.exclusively(async () => {
    if (core.lifecycle.state() !== 'none') {
      throw new KeyholdError(
        'AlreadyInitialized',
        'There is a vault here already. Unlock it, or choose another folder.',
      );
    }
    const hsm = core.lifecycle.hsm();
    const kdf = await core.lifecycle.kdf();
    const vaultId = core.ports.random.bytes(16);
    const createdAt = core.ports.clock.now();
    const made = await hsm.call('createVault', { vaultId, password, kdf, replyKey: reply, createdAt });
    try {
      await createVaultFile(core.lifecycle.parts.vaultPath, hsm, { vaultId, createdAt, ...made });
      return await enterNewVault(call, hsm, made.recoveryCode);
    } catch (error) {
      core.lifecycle.openedVault()?.lockNow();
      await core.lifecycle.keeper.replace();
      throw error;
    }
  });
  await core.shell.unlocked();
  // A new vault has none.
  core.shell.recordsRead();
  return created;
};

async function enterNewVault(
  { core, actor }: CallContext,
  hsm: HsmClient,
  recoveryCode: Result<'vault.create'>['recoveryCode'],
): Promise<Result<'vault.create'>> {
  const { lifecycle } = core;
  const vault = openVault(lifecycle.parts.vaultPath, { holder: lifecycle.parts.holder() });
  lifecycle.adopt(vault);
  await vault.load(hsm);
  const session = await openSession(core, hsm);
  await session.write(actor, (draft) => {
    draft.put('settings', SETTINGS_ID, { autoLockMinutes: DEFAULT_AUTO_LOCK_MINUTES });
    draft.record('vault.create');
    return () => undefined;
  });
  lifecycle.enter(session);
  onNobodysBehalf(() => keepTending(core, session));
  return { recoveryCode };
}

/** The session of a vault that has just been loaded. */
export async function openSession(core: Core, hsm: HsmClient): Promise<Session> {
  const audit = core.lifecycle.audit();
  if (audit === null) throw new KeyholdError('Internal', 'The vault is not open. Restart Keyhold.');
  const vault = core.lifecycle.vault();
  return Session.open({
    ports: core.ports,
    vault,
    hsm,
    audit,
    touch: core.touch,
    sts: core.shell.awsSts,
    signIns: core.shell.signIns,
    programs: core.shell.programs,
    rolesAnywhere: core.shell.rolesAnywhere,
    emit: (event) => core.emit(event),
  });
}
