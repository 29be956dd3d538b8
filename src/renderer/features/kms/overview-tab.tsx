import type { KmsKeySummary } from '../../../contract/kms.ts';
import { useAccounts } from '../../api/queries.ts';
import { formatDate } from '../../lib/format.ts';
import { CopyButton } from '../../ui/code.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { GateSection } from '../gates/gate-section.tsx';
import { AccountFact } from '../shell/account-fact.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { AliasesSection } from './aliases-section.tsx';
import { keyTitle, longSpec, originWords, usageWords } from './key-words.ts';
import { useAllKmsKeys } from './kms-queries.ts';
import { PublicKeySection } from './public-key-section.tsx';
import { TagsSection } from './tags-section.tsx';
import { UsageSection } from './usage-section.tsx';

export function OverviewTab({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const account = useAccounts().data?.find((one) => one.name === key.account);
  const asymmetric = !key.spec.startsWith('HMAC_') && key.spec !== 'SYMMETRIC_DEFAULT';
  return (
    <>
      <Section title="Key">
        <Facts>
          {key.description !== '' && (
            <Fact name="Description">
              <span className="whitespace-pre-wrap">{key.description}</span>
            </Fact>
          )}
          <Fact name="Key id">
            <span className="flex min-w-0 items-start gap-2">
              <span className="mono break-all">{key.keyId}</span>
              <CopyButton text={key.keyId} label="Copy the key id" />
            </span>
          </Fact>
          <Fact name="ARN">
            <span className="flex min-w-0 items-start gap-2">
              <span className="mono break-all">{key.arn}</span>
              <CopyButton text={key.arn} label="Copy the ARN" />
            </span>
          </Fact>
          <Fact name="Spec">
            {longSpec(key.spec)}
            <span className="mono text-muted">{key.spec}</span>
          </Fact>
          <Fact name="Use">
            {usageWords(key.usage)}
            <span className="mono text-muted">{key.usage}</span>
          </Fact>
          <Fact name="Material">
            {originWords(key.origin)}
            {key.expiresAt !== undefined && (
              <span className="text-muted">
                expires <RelativeTime instant={key.expiresAt} />
              </span>
            )}
          </Fact>
          {key.rotatable && (
            <Fact name="Rotation">
              {key.rotation === undefined ? (
                'By hand'
              ) : (
                <>
                  Every {key.rotation.periodInDays} days
                  <span className="text-muted">next on {formatDate(key.rotation.nextAt)}</span>
                </>
              )}
            </Fact>
          )}
          <AccountFact name={key.account} account={account}>
            <span className="text-muted">{key.region}</span>
          </AccountFact>
          <Fact name="Created">
            <RelativeTime instant={key.createdAt} />
          </Fact>
          <Fact name="Last used">
            {key.lastUse === undefined ? (
              'Never'
            ) : (
              <>
                <RelativeTime instant={key.lastUse.at} />
                <span className="text-muted">{key.lastUse.operation}</span>
              </>
            )}
          </Fact>
          {key.otherRegions.length > 0 && (
            <Fact name={key.multiRegion === 'PRIMARY' ? 'Replicas' : 'Also in'}>
              <OtherRegions kmsKey={key} />
            </Fact>
          )}
        </Facts>
      </Section>
      {key.manager === 'CUSTOMER' && (
        <GateSection target={{ kind: 'kms-key', name: key.arn }} title={keyTitle(key)} gate={key.gate} />
      )}
      <UsageSection kmsKey={key} />
      <AliasesSection kmsKey={key} />
      {asymmetric && <PublicKeySection kmsKey={key} />}
      {key.manager === 'CUSTOMER' && <TagsSection kmsKey={key} />}
    </>
  );
}

function OtherRegions({ kmsKey }: { kmsKey: KmsKeySummary }) {
  const related =
    useAllKmsKeys().data?.filter((one) => one.keyId === kmsKey.keyId && one.account === kmsKey.account) ?? [];
  return kmsKey.otherRegions.map((region) => {
    const there = related.find((one) => one.region === region);
    return there === undefined ? (
      <span key={region}>{region}</span>
    ) : (
      <RecordLink key={region} screen="kms" id={there.id}>
        {region}
      </RecordLink>
    );
  });
}
