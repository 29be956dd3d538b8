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
