import { KeyholdError } from '../contract/errors.ts';
import type { MethodName, Params, Result } from '../contract/methods.ts';
import type { Sealed, SealPurpose } from '../contract/schemas.ts';
import type { SealKey } from './seal.ts';

/** A transport: carries one call to the daemon (control socket, HTTP, Electron IPC) and rejects with a KeyholdError. */
export type RawCall = (method: MethodName, params: unknown) => Promise<unknown>;

/** Seals one secret for the HSM process that runs now. */
export type Seal = (purpose: SealPurpose, bytes: Uint8Array) => Promise<Sealed>;

export interface KeyholdClient {
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>>;
  /**
   * A call that carries sealed secrets. `build` seals them and answers the parameters; it runs again when the HSM process was
   * replaced in between (`StaleSealKey`), so the plaintext must still be there until this resolves. Twice at most: the
   * process may be another one since the last call, and an unlock that rebuilds the vault needs one more.
   */
  callSealed<M extends MethodName>(method: M, build: (seal: Seal) => Promise<Params<M>>): Promise<Result<M>>;
}

/** The typed contract over any transport. Loads HPKE only when something is sealed. */
export function createKeyholdClient(rawCall: RawCall): KeyholdClient {
  // The transport's answer was validated against the contract by the daemon that sent it.
  const call = rawCall as KeyholdClient['call'];
  let sealKey: Promise<SealKey> | undefined;

  const sealNow: Seal = async (purpose, bytes) => {
    sealKey ??= call('hsm.sealKey', {});
    const [{ seal }, key] = await Promise.all([import('./seal.ts'), sealKey]);
    return seal(key, purpose, bytes);
  };

  return {
    call,
    async callSealed(method, build) {
      for (let again = 2; ; again -= 1) {
        try {
          return await call(method, await build(sealNow));
        } catch (error) {
          sealKey = undefined;
          if (again === 0 || !(error instanceof KeyholdError) || error.code !== 'StaleSealKey') throw error;
        }
      }
    },
  };
}
