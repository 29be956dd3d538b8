import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import type { Backing } from './backing.ts';
import { current, inHsm, materialRef } from './use-key.ts';

/** A key whose material is in the vault's HSM. */
export function hsmBacking(ctx: OperationContext, found: ResolvedKey): Backing {
  const { hsm } = ctx.session;
  const key = () => current(ctx, found).ref;
  return {
    encrypt: (input) => inHsm(found, hsm.call('kmsEncrypt', { key: key(), ...input })),
    decrypt: async ({ material, ...input }) =>
      inHsm(found, hsm.call('kmsDecrypt', { key: materialRef(ctx, found, material), ...input })),
    generateDataKey: (input) => inHsm(found, hsm.call('kmsGenerateDataKey', { key: key(), ...input })),
    generateDataKeyPair: (input) => inHsm(found, hsm.call('kmsGenerateDataKeyPair', { key: key(), ...input })),
    asymEncrypt: (input) => inHsm(found, hsm.call('asymEncrypt', { key: key(), ...input })),
    asymDecrypt: (input) => inHsm(found, hsm.call('asymDecrypt', { key: key(), ...input })),
    sign: (input) => inHsm(found, hsm.call('kmsSign', { key: key(), ...input })),
    verify: (input) => inHsm(found, hsm.call('kmsVerify', { key: key(), ...input })),
    mac: (input) => inHsm(found, hsm.call('kmsMac', { key: key(), ...input })),
    verifyMac: (input) => inHsm(found, hsm.call('kmsVerifyMac', { key: key(), ...input })),
  };
}
