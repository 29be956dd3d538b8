import type { KmsKeySummary } from '../../contract/kms.ts';
import { gateMember } from '../gates/view-gate.ts';
import { keyArn } from '../kms/arn.ts';
import { isGone, isPermanent, keyState } from '../kms/key-state.ts';
import { surroundingsOf } from '../kms/key-surroundings.ts';
import type { FoundKey } from '../kms/records.ts';
import { KMS_KINDS } from '../kms/remove-records.ts';
import { currentMaterial, hasRotatableSpec } from '../kms/rotation.ts';
import type { Session } from '../session.ts';
import { instant } from '../views.ts';
import type { Handlers } from './handler.ts';

/**
 * The keys of all local accounts in one answer. Through the KMS's own API a list of five thousand would take four calls for each key, every one of
 * them a line of the audit log; like the other lists of the vault, this one is none.
 */
export const kmsKeyHandlers: Handlers<'kms.keys'> = {
  'kms.keys': async ({ core }) => {
    const session = core.session();
    const { kms } = await session.need('account', 'securityKey', ...KMS_KINDS);
    const now = core.ports.clock.now();
    return {
      keys: [...kms.keys()].filter(({ value }) => !isGone(value, now)).map((key) => summary(session, key, now)),
    };
  },
};

function summary({ things, kmsUsage }: Session, { id, value: key }: FoundKey, now: number): KmsKeySummary {
  const { name, accountId } = things.must('account', key.account);
  const store = key.keyStore === undefined ? undefined : things.get('kmsKeyStore', key.keyStore);
  const related = key.multiRegion === undefined ? [] : things.kms.related(key.account, key.keyId);
  // The replicas of a multi-Region key rotate when their primary does.
  const { rotation } = related.find(({ value }) => value.multiRegion === 'PRIMARY')?.value ?? key;
  const current = hasRotatableSpec(key) ? currentMaterial(key) : undefined;
  const ends = key.materials
    .filter(isPermanent)
    .flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]));
  const use = kmsUsage.lastUse(id, key.lastUse);
  return {
    id,
    account: name,
    region: key.region,
    keyId: key.keyId,
    arn: keyArn(accountId, key.region, key.keyId),
    state: keyState(key, surroundingsOf(things, key, now)),
    spec: key.spec,
    usage: key.usage,
    origin: key.origin,
    manager: key.manager,
    description: key.description,
    aliases: things.kms.aliasesOf(id).map((alias) => alias.value.name),
    tags: key.tags,
    createdAt: instant(key.createdAt),
    ...(key.deletion?.at === undefined ? {} : { deletesAt: instant(key.deletion.at) }),
    ...(ends.length === 0 ? {} : { expiresAt: instant(Math.min(...ends)) }),
    ...(key.multiRegion === undefined ? {} : { multiRegion: key.multiRegion }),
    otherRegions: related.map(({ value }) => value.region).filter((region) => region !== key.region),
    rotatable: hasRotatableSpec(key),
    ...(rotation === undefined || key.deletion !== undefined
      ? {}
      : { rotation: { periodInDays: rotation.periodInDays, nextAt: instant(rotation.nextAt) } }),
    ...(current === undefined ? {} : { materialSince: instant(current.rotation?.at ?? key.createdAt) }),
    materials: key.materials.length,
    grants: things.kms.grantCount(id),
    ...(store === undefined ? {} : { keyStore: store.storeId }),
    ...(use === undefined ? {} : { lastUse: { operation: use.operation, at: instant(use.at) } }),
    ...gateMember(things, key.gate),
  };
}
