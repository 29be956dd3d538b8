import { RadioCards } from '../../../ui/radio-cards.tsx';
import { type DraftKey, MADE_HERE } from './draft-key.ts';
import { PURPOSES, purposesIn } from './purposes.ts';

export function PurposeStep({
  draft,
  onChange,
  region,
}: {
  draft: DraftKey;
  onChange: (change: Partial<DraftKey>) => void;
  region: string;
}) {
  return (
    <RadioCards
      label="What is the key for?"
      columns={2}
      cards={purposesIn(region).map(({ id, title, text }) => ({ id, title, text }))}
      value={draft.purpose}
      onChange={(id) => {
        const purpose = PURPOSES.find((one) => one.id === id) ?? PURPOSES[0];
        onChange({ purpose: purpose.id, spec: purpose.specs[0].spec, ...MADE_HERE });
      }}
    />
  );
}
