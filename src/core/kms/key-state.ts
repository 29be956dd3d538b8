import { KmsError } from './kms-error.ts';
import type { KmsKey, KmsMaterial } from './records.ts';

export type KeyState =
  | 'Creating'
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingImport'
  | 'PendingReplicaDeletion'
  | 'Unavailable'
  | 'Updating';

/** Where the key's material is kept, when that is not here: whether its key store is connected. */
export interface KeySurroundings {
  /** ms since epoch */
  readonly now: number;
  readonly keyStoreConnected?: boolean;
}

/** Material that the key cannot do without: everything but what waits for a rotation. */
export function isPermanent({ state }: KmsMaterial): boolean {
  return state === 'CURRENT' || state === 'NON_CURRENT';
}

export function isUsable({ object, expiresAt }: KmsMaterial, now: number): boolean {
  return object !== undefined && (expiresAt === undefined || expiresAt > now);
}

/** The waiting period is over: the key counts as deleted, whether or not its record has been removed yet. */
export function isGone({ deletion }: KmsKey, now: number): boolean {
  return deletion?.at !== undefined && deletion.at <= now;
}

function lacksMaterial({ origin, materials }: KmsKey, now: number): boolean {
  if (origin !== 'EXTERNAL') return false;
  const permanent = materials.filter(isPermanent);
  return permanent.length === 0 || !permanent.every((material) => isUsable(material, now));
}

/** The state follows from the record and the time, so that no key is ever usable longer than it may be. */
export function keyState(key: KmsKey, { now, keyStoreConnected }: KeySurroundings): KeyState {
  if (key.deletion !== undefined) return key.deletion.at === undefined ? 'PendingReplicaDeletion' : 'PendingDeletion';
  if (key.settling !== undefined && key.settling.until > now) {
    // A key that is being made is that before all; one whose primary Region changes keeps what keeps it from use.
    if (key.settling.state === 'Creating' || (key.enabled && !lacksMaterial(key, now))) return key.settling.state;
  }
  if (lacksMaterial(key, now)) return 'PendingImport';
  if (keyStoreConnected === false) return 'Unavailable';
  return key.enabled ? 'Enabled' : 'Disabled';
}

/** The operations on a key whose success depends on its state; all others work in any. */
export type StateBoundOperation =
  | 'CancelKeyDeletion'
  | 'CreateAlias'
  | 'CreateGrant'
  | 'Cryptographic'
  | 'DeleteImportedKeyMaterial'
  | 'DisableKey'
  | 'DisableKeyRotation'
  | 'EnableKey'
  | 'EnableKeyRotation'
  | 'GetParametersForImport'
  | 'GetPublicKey'
  | 'ImportKeyMaterial'
  | 'ReplicateKey'
  | 'RotateKeyOnDemand'
  | 'ScheduleKeyDeletion'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateAlias'
  | 'UpdateKeyDescription'
  | 'UpdatePrimaryRegion';

const MANAGED: readonly KeyState[] = ['Enabled', 'Disabled', 'PendingImport', 'Unavailable', 'Creating', 'Updating'];
const SWITCHED: readonly KeyState[] = ['Enabled', 'Disabled', 'Unavailable'];
const ROTATED: readonly KeyState[] = ['Enabled'];
const IMPORTED: readonly KeyState[] = ['Enabled', 'Disabled', 'PendingImport', 'Updating'];

/**
 * In which states an operation succeeds (KMS Developer Guide, "Key states of AWS KMS keys"). GetPublicKey works on disabled keys: the
 * guide says otherwise, AWS does it. Material may be deleted while a key waits for its deletion: DeleteImportedKeyMaterial says so.
 */
const ALLOWED: Readonly<Record<StateBoundOperation, readonly KeyState[]>> = {
  CancelKeyDeletion: ['PendingDeletion', 'PendingReplicaDeletion'],
  CreateAlias: MANAGED,
  CreateGrant: ['Enabled', 'Unavailable', 'Creating', 'Updating'],
  Cryptographic: ['Enabled', 'Updating'],
  DeleteImportedKeyMaterial: [...IMPORTED, 'PendingDeletion', 'PendingReplicaDeletion'],
  DisableKey: SWITCHED,
  DisableKeyRotation: ROTATED,
  EnableKey: SWITCHED,
  EnableKeyRotation: ROTATED,
  GetParametersForImport: IMPORTED,
  GetPublicKey: ['Enabled', 'Disabled', 'Updating'],
  ImportKeyMaterial: IMPORTED,
  ReplicateKey: ['Enabled'],
  RotateKeyOnDemand: ROTATED,
  ScheduleKeyDeletion: ['Enabled', 'Disabled', 'PendingImport', 'Unavailable', 'Creating'],
  TagResource: MANAGED,
  UntagResource: MANAGED,
  UpdateAlias: MANAGED,
  UpdateKeyDescription: MANAGED,
  UpdatePrimaryRegion: ['Enabled'],
};

const WORDS: Readonly<Record<KeyState, string>> = {
  Creating: 'creating',
  Enabled: 'enabled',
  Disabled: 'disabled',
  PendingDeletion: 'pending deletion',
  PendingImport: 'pending import',
  PendingReplicaDeletion: 'pending replica deletion',
  Unavailable: 'unavailable',
  Updating: 'updating',
};

const NOT_CONNECTED_TO_PROXY =
  'This KMS key is in a custom key store that is not connected to its external key store proxy. Connect the external key store and try the request again.';

/** Throws DisabledException or KMSInvalidStateException, in AWS's words, when the key's state forbids the operation. */
export function requireState(
  operation: StateBoundOperation,
  state: KeyState,
  arn: string,
  origin?: KmsKey['origin'],
): void {
  if (ALLOWED[operation].includes(state)) return;
  if (operation === 'CancelKeyDeletion') {
    throw new KmsError('KMSInvalidStateException', `${arn} is not pending deletion.`);
  }
  if (state === 'Unavailable' && origin === 'EXTERNAL_KEY_STORE') {
    throw new KmsError('KMSInvalidStateException', NOT_CONNECTED_TO_PROXY);
  }
  throw new KmsError(
    state === 'Disabled' ? 'DisabledException' : 'KMSInvalidStateException',
    `${arn} is ${WORDS[state]}.`,
  );
}
