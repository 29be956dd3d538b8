import { describe, expect, test } from 'vitest';
import {
  isGone,
  type KeyState,
  keyState,
  requireState,
  type StateBoundOperation,
} from '../../../src/core/kms/key-state.ts';
import { KmsError } from '../../../src/core/kms/kms-error.ts';
import type { KmsKey } from '../../../src/core/kms/records.ts';
import { kmsKey, material, NOW } from '../../support/kms-records.ts';

const ARN = 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const EXTERNAL = { origin: 'EXTERNAL' } as const;

describe('the state of a key follows from its record and the time', () => {
  const cases: readonly [string, Partial<KmsKey>, KeyState][] = [
    ['as made', {}, 'Enabled'],
    ['switched off', { enabled: false }, 'Disabled'],
    ['to be deleted', { deletion: { windowInDays: 7, at: NOW + 1 } }, 'PendingDeletion'],
    ['to be deleted after its replicas', { deletion: { windowInDays: 7 } }, 'PendingReplicaDeletion'],
    ['to be deleted while disabled', { enabled: false, deletion: { windowInDays: 7, at: NOW + 1 } }, 'PendingDeletion'],
    ['being made', { settling: { state: 'Creating', until: NOW + 1 } }, 'Creating'],
    ['made', { settling: { state: 'Creating', until: NOW } }, 'Enabled'],
    ['changing its primary Region', { settling: { state: 'Updating', until: NOW + 1 } }, 'Updating'],
    ['that, but disabled', { enabled: false, settling: { state: 'Updating', until: NOW + 1 } }, 'Disabled'],
    ['never imported', { ...EXTERNAL, materials: [] }, 'PendingImport'],
    ['imported', { ...EXTERNAL }, 'Enabled'],
    ['imported for a day', { ...EXTERNAL, materials: [material({ expiresAt: NOW + 1 })] }, 'Enabled'],
    ['expired this instant', { ...EXTERNAL, materials: [material({ expiresAt: NOW })] }, 'PendingImport'],
    ['deleted material', { ...EXTERNAL, materials: [{ id: 'a'.repeat(64), state: 'CURRENT' }] }, 'PendingImport'],
    [
      'an old material lost',
      { ...EXTERNAL, materials: [{ id: 'a'.repeat(64), state: 'NON_CURRENT' }, material()] },
      'PendingImport',
    ],
    [
      'material that waits for a rotation lost',
      { ...EXTERNAL, materials: [material(), { id: 'a'.repeat(64), state: 'PENDING_ROTATION' }] },
      'Enabled',
    ],
  ];
  test.each(cases)('%s', (_, record, state) => {
    expect(keyState(kmsKey(record), { now: NOW })).toBe(state);
  });

  test('a key in a store that is not connected is unavailable, but stays pending deletion', () => {
    const outside = { now: NOW, keyStoreConnected: false };
    expect(keyState(kmsKey({ origin: 'AWS_CLOUDHSM' }), outside)).toBe('Unavailable');
    expect(keyState(kmsKey({ deletion: { windowInDays: 7, at: NOW + 1 } }), outside)).toBe('PendingDeletion');
  });

  test('a key is gone the instant its waiting period is over', () => {
    const key = kmsKey({ deletion: { windowInDays: 7, at: NOW } });
    expect([isGone(key, NOW - 1), isGone(key, NOW), isGone(kmsKey({ deletion: { windowInDays: 7 } }), NOW)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('what each state allows', () => {
  const STATES: readonly KeyState[] = [
    'Enabled',
    'Disabled',
    'PendingImport',
    'PendingDeletion',
    'PendingReplicaDeletion',
    'Unavailable',
    'Creating',
    'Updating',
  ];
  // One letter a state, in that order: + works, d DisabledException, - KMSInvalidStateException.
  const TABLE: Readonly<Record<StateBoundOperation, string>> = {
    CancelKeyDeletion: '---++---',
    CreateAlias: '+++--+++',
    CreateGrant: '+d---+++',
    Cryptographic: '+d-----+',
    DeleteImportedKeyMaterial: '+++++--+',
    DisableKey: '++---+--',
    DisableKeyRotation: '+d------',
    EnableKey: '++---+--',
    EnableKeyRotation: '+d------',
    GetParametersForImport: '+++----+',
    GetPublicKey: '++-----+',
    ImportKeyMaterial: '+++----+',
    ReplicateKey: '+d------',
    RotateKeyOnDemand: '+d------',
    ScheduleKeyDeletion: '+++--++-',
    TagResource: '+++--+++',
    UntagResource: '+++--+++',
    UpdateAlias: '+++--+++',
    UpdateKeyDescription: '+++--+++',
    UpdatePrimaryRegion: '+d------',
  };

  function answer(operation: StateBoundOperation, state: KeyState): string {
    try {
      requireState(operation, state, ARN);
      return '+';
    } catch (error) {
      if (!(error instanceof KmsError)) throw error;
      return error.code === 'DisabledException' ? 'd' : '-';
    }
  }

  const operations = Object.keys(TABLE).filter((name): name is StateBoundOperation => name in TABLE);
  test.each(operations)('%s', (operation) => {
    expect(STATES.map((state) => answer(operation, state)).join('')).toBe(TABLE[operation]);
  });

  test.each([
    ['Cryptographic', 'Disabled', 'DisabledException', 'is disabled.'],
    ['Cryptographic', 'PendingImport', 'KMSInvalidStateException', 'is pending import.'],
    ['Cryptographic', 'PendingDeletion', 'KMSInvalidStateException', 'is pending deletion.'],
    ['Cryptographic', 'PendingReplicaDeletion', 'KMSInvalidStateException', 'is pending replica deletion.'],
    ['Cryptographic', 'Creating', 'KMSInvalidStateException', 'is creating.'],
    ['Cryptographic', 'Unavailable', 'KMSInvalidStateException', 'is unavailable.'],
    ['EnableKey', 'Updating', 'KMSInvalidStateException', 'is updating.'],
    ['CancelKeyDeletion', 'Disabled', 'KMSInvalidStateException', 'is not pending deletion.'],
  ] as const)('%s on a key that is %s: %s', (operation, state, code, text) => {
    expect(() => requireState(operation, state, ARN)).toThrow(
      expect.objectContaining({ code, message: `${ARN} ${text}` }),
    );
  });
});
