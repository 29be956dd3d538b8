import type { KeyMetadata } from '@aws-sdk/client-kms';
import { keyArn } from '../../../core/kms/arn.ts';
import { isPermanent, isUsable, keyState } from '../../../core/kms/key-state.ts';
import { surroundingsOf } from '../../../core/kms/key-surroundings.ts';
import type { FoundKey, KmsKey } from '../../../core/kms/records.ts';
import { currentMaterial, hasRotatableSpec } from '../../../core/kms/rotation.ts';
import { algorithmsOf, type KeySpec } from '../../../core/kms/specs.ts';
import type { Things } from '../../../core/things.ts';

type LegacySpec = NonNullable<KeyMetadata['CustomerMasterKeySpec']>;

/** CustomerMasterKeySpec ended before these specs began. */
function isLegacySpec(spec: KeySpec): spec is KeySpec & LegacySpec {
  return !spec.startsWith('ML_') && spec !== 'ECC_NIST_EDWARDS25519';
}

/** The algorithms of a key as KeyMetadata and GetPublicKey list them. */
export function algorithmLists({
  spec,
  usage,
}: Pick<KmsKey, 'spec' | 'usage'>): Pick<
  KeyMetadata,
  'EncryptionAlgorithms' | 'SigningAlgorithms' | 'MacAlgorithms' | 'KeyAgreementAlgorithms' | 'EncapsulationAlgorithms'
> {
  const lists = algorithmsOf(spec, usage) ?? {};
  return {
    ...(lists.EncryptionAlgorithms === undefined ? {} : { EncryptionAlgorithms: [...lists.EncryptionAlgorithms] }),
    ...(lists.SigningAlgorithms === undefined ? {} : { SigningAlgorithms: [...lists.SigningAlgorithms] }),
    ...(lists.MacAlgorithms === undefined ? {} : { MacAlgorithms: [...lists.MacAlgorithms] }),
    ...(lists.KeyAgreementAlgorithms === undefined
      ? {}
      : { KeyAgreementAlgorithms: [...lists.KeyAgreementAlgorithms] }),
    ...(lists.EncapsulationAlgorithms === undefined
      ? {}
      : { EncapsulationAlgorithms: [...lists.EncapsulationAlgorithms] }),
  };
}

export function specMembers(spec: KeySpec): Pick<KeyMetadata, 'KeySpec' | 'CustomerMasterKeySpec'> {
  return { KeySpec: spec, ...(isLegacySpec(spec) ? { CustomerMasterKeySpec: spec } : {}) };
}

function expiry({ origin, materials }: KmsKey, now: number): Pick<KeyMetadata, 'ExpirationModel' | 'ValidTo'> {
  const usable = materials.filter((material) => isPermanent(material) && isUsable(material, now));
  if (origin !== 'EXTERNAL' || usable.length === 0) return {};
  const ends = usable.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]));
  if (ends.length === 0) return { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };
  return { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(Math.min(...ends)) };
}

function multiRegion(things: Things, key: KmsKey, accountId: string): KeyMetadata['MultiRegionConfiguration'] {
  if (key.multiRegion === undefined) return undefined;
  const all = things.kms.related(key.account, key.keyId).map(({ value }) => value);
  const entry = ({ region, keyId }: KmsKey) => ({ Arn: keyArn(accountId, region, keyId), Region: region });
  const primary = all.find((one) => one.multiRegion === 'PRIMARY') ?? key;
  return {
    MultiRegionKeyType: key.multiRegion,
    PrimaryKey: entry(primary),
    ReplicaKeys: all
      .filter((one) => one.multiRegion === 'REPLICA')
      .sort((a, b) => (a.region < b.region ? -1 : 1))
      .map(entry),
  };
}

function keyStoreMembers(
  things: Things,
  { keyStore, externalKeyId }: KmsKey,
): Pick<KeyMetadata, 'CustomKeyStoreId' | 'CloudHsmClusterId' | 'XksKeyConfiguration'> {
  if (keyStore === undefined) return {};
  const { storeId, backing } = things.must('kmsKeyStore', keyStore);
  return {
    CustomKeyStoreId: storeId,
    ...(backing.type === 'AWS_CLOUDHSM' ? { CloudHsmClusterId: backing.clusterId } : {}),
    ...(externalKeyId === undefined ? {} : { XksKeyConfiguration: { Id: externalKeyId } }),
  };
}

/** What DescribeKey, CreateKey and ReplicateKey tell of a key. `accountId` is the owner's. */
export function keyMetadata(things: Things, { value: key }: FoundKey, accountId: string, now: number): KeyMetadata {
  const state = keyState(key, surroundingsOf(things, key, now));
  const configuration = multiRegion(things, key, accountId);
  const material = hasRotatableSpec(key) ? currentMaterial(key) : undefined;
  const { deletion } = key;
  return {
    AWSAccountId: accountId,
    KeyId: key.keyId,
    Arn: keyArn(accountId, key.region, key.keyId),
    CreationDate: new Date(key.createdAt),
    Enabled: state === 'Enabled' || state === 'Updating',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: state,
    ...(deletion?.at === undefined ? {} : { DeletionDate: new Date(deletion.at) }),
    ...(state === 'PendingReplicaDeletion' && deletion !== undefined
      ? { PendingDeletionWindowInDays: deletion.windowInDays }
      : {}),
    ...expiry(key, now),
    Origin: key.origin,
    ...keyStoreMembers(things, key),
    KeyManager: key.manager,
    ...specMembers(key.spec),
    ...algorithmLists(key),
    MultiRegion: key.multiRegion !== undefined,
    ...(configuration === undefined ? {} : { MultiRegionConfiguration: configuration }),
    ...(material === undefined ? {} : { CurrentKeyMaterialId: material.id }),
  };
}
