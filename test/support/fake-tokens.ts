import { KeyholdError } from '../../src/contract/errors.ts';
import type { Token } from '../../src/contract/tokens.ts';

/** Two tokens: one in use by the fake KMS’s key store, one that is not plugged in. */
export function sampleTokens(createdAt: string): Token[] {
  const common = { environment: {}, createdAt, module: '/usr/lib/softhsm/libsofthsm2.so' };
  return [
    {
      ...common,
      id: `70${'0'.repeat(30)}`,
      name: 'vault-room',
      label: 'vault-room',
      serial: 'c0ffee0123456789',
      clusterId: 'cluster-1a23b4cdefg',
      keyStores: ['vault-room'],
      connection: {
        state: 'ready',
        pid: 4711,
        module: {
          manufacturer: 'SoftHSM',
          description: 'Implementation of PKCS11',
          version: '2.6',
          cryptokiVersion: '2.40',
        },
        facts: {
          label: 'vault-room',
          serial: 'c0ffee0123456789',
          manufacturer: 'SoftHSM project',
          model: 'SoftHSM v2',
          firmwareVersion: '2.6',
          initialized: true,
          writeProtected: false,
          pin: 'ok',
        },
      },
    },
    {
      ...common,
      id: `71${'0'.repeat(30)}`,
      name: 'spare-card',
      label: 'spare',
      serial: null,
      clusterId: 'cluster-7h65j4k3l2m',
      keyStores: [],
      connection: { state: 'away', message: 'There is no token with the label spare.', retryAfterSeconds: 40 },
    },
  ];
}

/** PINs are changed and entered without any token; the one that is away refuses. */
export function fakeTokenHandlers(vault: { tokens: Token[] }) {
  const named = ({ name }: Record<string, unknown>): Token => {
    const found = vault.tokens.find((one) => one.name === name);
    if (found === undefined) throw new KeyholdError('NotFound', 'There is no such token.');
    return found;
  };
  const withPin = (params: Record<string, unknown>): Token => {
    const token = named(params);
    if (token.connection.state === 'away') throw new KeyholdError('TokenUnavailable', token.connection.message);
    if (token.connection.state === 'refused' && params['finalTry'] !== true) {
      throw new KeyholdError('TokenPinRefused', 'One more wrong PIN would lock the token, so none is tried.');
    }
    return token;
  };
  return {
    'token.list': () => ({ tokens: vault.tokens }),
    'token.rotatePin': withPin,
    'token.setPin': (params: Record<string, unknown>) => {
      const token = withPin(params);
      if (token.connection.state === 'refused') token.connection = { state: 'idle' };
      return token;
    },
    'token.settlePin': (params: Record<string, unknown>) => {
      const token = named(params);
      delete token.pinUnsettledSince;
      return { token, kept: 'next' as const };
    },
  };
}
