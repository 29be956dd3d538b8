import { useProfiles } from '../../../api/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { CodeLine } from '../../../ui/code.tsx';
import { Fact, Facts } from '../../../ui/facts.tsx';
import { longSpec } from '../key-words.ts';
import type { Place } from '../kms.ts';
import { PolicyStatements } from '../policy-statements.tsx';
import { createKeyCommand, type DraftKey, purposeOf } from './draft-key.ts';

/** What will be made, each part with a way back to it. */
export function ReviewStep({
  draft,
  place,
  policy,
  onGo,
}: {
  draft: DraftKey;
  place: Place;
  policy: string;
  onGo: (step: number) => void;
}) {
  const profiles = useProfiles().data?.filter((profile) => profile.account === place.account) ?? [];
  const profile = (profiles.find((one) => one.name === place.account) ?? profiles[0])?.name;
  const material =
    draft.material === 'AWS_KMS'
      ? 'Made in the HSM'
      : draft.material === 'EXTERNAL'
        ? 'Imported, in a step of its own after this'
        : draft.external
          ? `The key ${draft.xksKeyId} of the key store ${draft.material}`
          : `Made in the key store ${draft.material}`;
  const own = draft.policy !== null || draft.users.length > 0;
  return (
    <>
      <Facts>
        <Fact name="For">
          {purposeOf(draft).title}
          <Change step={0} what="purpose" onGo={onGo} />
        </Fact>
        <Fact name="Kind">
          {longSpec(draft.spec)}
          <span className="mono text-muted">{draft.spec}</span>
          <Change step={1} what="kind" onGo={onGo} />
        </Fact>
        <Fact name="Material">
          {material}
          {draft.multiRegion && <span className="text-muted">multi-Region</span>}
        </Fact>
        <Fact name="Alias">
          {draft.alias === '' ? <span className="text-muted">none</span> : <code>alias/{draft.alias}</code>}
          <Change step={2} what="name" onGo={onGo} />
        </Fact>
        {draft.description !== '' && <Fact name="Description">{draft.description}</Fact>}
        {draft.tags !== '' && <Fact name="Tags">{draft.tags}</Fact>}
        <Fact name="Where">
          {place.account} <span className="text-muted">{place.region}</span>
        </Fact>
      </Facts>
      <section aria-label="Policy" className="flex flex-col gap-2">
        <p className="flex items-center gap-2">
          <span className="font-medium">Policy</span>
          <Change step={3} what="policy" onGo={onGo} />
        </p>
        <PolicyStatements text={policy} />
      </section>
      {profile !== undefined && (
        <section aria-label="The same from a terminal" className="flex flex-col gap-1">
          <span className="text-muted">
            The same from a terminal{own ? ', with the policy above in policy.json' : ''}
          </span>
          <CodeLine text={createKeyCommand(draft, profile, place.region, own ? policy : null)} />
        </section>
      )}
    </>
  );
}

function Change({ step, what, onGo }: { step: number; what: string; onGo: (step: number) => void }) {
  return (
    <Button size="compact" variant="ghost" onPress={() => onGo(step)} aria-label={`Change the ${what}`}>
      Change
    </Button>
  );
}
