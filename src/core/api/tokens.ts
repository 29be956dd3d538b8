import { KeyholdError } from '../../contract/errors.ts';
import type { Result } from '../../contract/methods.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { checkModule } from '../tokens/check-module.ts';
import { knownModules } from '../tokens/known-modules.ts';
import type { TokenKeeper } from '../tokens/token-keeper.ts';
import { addToken, requireCommandLine, setTokenPin } from './add-token.ts';
import type { Handlers } from './handler.ts';
import { rotateTokenPin, settleTokenPin } from './rotate-token-pin.ts';
import { keyStoresOn, viewToken } from './view-token.ts';

export const tokenHandlers: Handlers<
  | 'token.modules'
  | 'token.inspect'
  | 'token.list'
  | 'token.add'
  | 'token.status'
  | 'token.test'
  | 'token.setPin'
  | 'token.rotatePin'
  | 'token.settlePin'
  | 'token.remove'
> = {
  'token.modules': ({ core }) => {
    // What is on the machine is nobody's business while the vault is locked.
    core.session();
    return { modules: knownModules() };
  },

  'token.inspect': async (call, { module, environment }) => {
    requireCommandLine(call);
    const { tokens } = call.core.session();
    const place = { module, environment: environment ?? {} };
    checkModule(place);
    return tokens.inspect(place);
  },

  'token.list': async ({ core }) => {
    const session = core.session();
    const things = await session.need('hsmToken', 'kmsKeyStore');
    return { tokens: things.all('hsmToken').map((token) => viewToken(session, token)) };
  },

  'token.add': addToken,

  'token.status': async ({ core }, { name }) => {
    const session = core.session();
    const things = await session.need('hsmToken', 'kmsKeyStore');
    return viewToken(session, things.byName('hsmToken', name));
  },

  'token.test': async ({ core, actor }, { name, finalTry }) => {
    const session = core.session();
    const things = await session.need('hsmToken', 'kmsKeyStore');
    const { id } = things.byName('hsmToken', name);
    const keeper = await session.tokens.keeper(id);
    await keeper.connect({ finalTry: finalTry ?? false });
    // Not what it said when it was connected: it may be gone since.
    const { token: info } = await keeper.call('tokenInfo', {});
    const aesGcm = await tryAesGcm(keeper);
    const { facts } = await keeper.connect();
    if (things.get('hsmToken', id)?.pinRefusedAt !== undefined) {
      await session.write(
        actor,
        (draft) => {
          const { value } = things.byName('hsmToken', name);
          draft.put('hsmToken', id, omitUndefined({ ...value, pinRefusedAt: undefined }));
          draft.record('token.pin-accepted', value.name);
          return () => undefined;
        },
        ['hsmToken'],
      );
    }
    const token = viewToken(session, things.byName('hsmToken', name));
    return { token, facts: info, mechanisms: facts.mechanisms, aesGcm };
  },

  'token.setPin': setTokenPin,
  'token.rotatePin': rotateTokenPin,
  'token.settlePin': settleTokenPin,

  'token.remove': async ({ core, actor }, { name }) => {
    const session = core.session();
    const { things } = session;
    const id = await session.write(
      actor,
      (draft) => {
        const token = things.byName('hsmToken', name);
        const stores = keyStoresOn(things, token.id);
        if (stores.length > 0) {
          throw new KeyholdError(
            'InUse',
            `The token ${token.value.name} has the custom key store ${stores.join(', ')}. Delete that first.`,
            { dependents: stores.map((store) => ({ kind: 'keyStore', name: store })) },
          );
        }
        draft.remove('hsmToken', token.id);
        draft.removeObject(token.value.pin.id);
        if (token.value.nextPin !== undefined) draft.removeObject(token.value.nextPin.pin.id);
        const left = token.value.keysToDestroy?.length ?? 0;
        draft.record(
          'token.remove',
          token.value.name,
          left === 0 ? {} : { reason: `${left} keys of deleted KMS keys are still in it` },
        );
        return () => token.id;
      },
      ['hsmToken', 'kmsKeyStore'],
    );
    await session.tokens.forget(id);
    return {};
  },
};

/** What a token cannot do is a result; that it is not there is an error. */
async function tryAesGcm(keeper: TokenKeeper): Promise<Result<'token.test'>['aesGcm']> {
  try {
    await keeper.call('selfTest', {});
    return { ok: true };
  } catch (error) {
    if (error instanceof KeyholdError && (error.code === 'Unsupported' || error.code === 'HsmRefused')) {
      return { ok: false, message: error.message };
    }
    throw error;
  }
}
