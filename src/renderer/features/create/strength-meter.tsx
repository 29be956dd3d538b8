import { Meter } from 'react-aria-components';
import type { Strength } from '../../../client/password-strength.ts';
import { cx } from '../../ui/cx.ts';

const FILL = {
  'Too short': 'bg-danger-ink',
  'Very weak': 'bg-danger-ink',
  Weak: 'bg-danger-ink',
  Fair: 'bg-warn-ink',
  Good: 'bg-accent',
  Strong: 'bg-accent',
} as const;

/** How good the typed password is: four segments, one word, and (unless the field above says it already) what makes it weak. */
export function StrengthMeter({ strength, refused }: { strength: Strength | null; refused: boolean }) {
  const score = strength?.score ?? 0;
  return (
    <div className="flex min-h-12 flex-col gap-1.5">
      <Meter
        aria-label="Password strength"
        minValue={0}
        maxValue={4}
        value={score}
        valueLabel={strength?.word ?? 'Nothing typed'}
        className="flex gap-1"
      >
        {[1, 2, 3, 4].map((step) => (
          <span
            key={step}
            className={cx(
              'h-1 flex-1 rounded-full',
              strength !== null && score >= step ? FILL[strength.word] : 'bg-pressed',
            )}
          />
        ))}
      </Meter>
      <p aria-live="polite" className="text-muted">
        {strength === null ? (
          'Four or five unrelated words make a strong password that you can remember.'
        ) : (
          <>
            <span className="font-medium text-ink">{strength.word}.</span> {refused ? '' : strength.advice}
          </>
        )}
      </p>
    </div>
  );
}
