import { TextField } from '../../../ui/field.tsx';
import type { DraftKey, DraftProblems } from './draft-key.ts';

export function NamesStep({
  draft,
  onChange,
  problems,
}: {
  draft: DraftKey;
  onChange: (change: Partial<DraftKey>) => void;
  problems: DraftProblems;
}) {
  return (
    <>
      <TextField
        label="Alias"
        optional
        mono
        autoFocus
        placeholder="backup"
        value={draft.alias}
        onChange={(alias) => onChange({ alias: alias.replace(/^alias\//, '') })}
        error={problems.alias ?? null}
        hint={
          <>
            Tools name the key by it: alias/{draft.alias === '' ? 'backup' : draft.alias}. Later,{' '}
            <code>aws kms update-alias</code> can move it to another key.
          </>
        }
      />
      <TextField
        label="Description"
        optional
        multiline
        maxLength={8192}
        value={draft.description}
        onChange={(description) => onChange({ description })}
      />
      <TextField
        label="Tags"
        optional
        placeholder="team=payments, tier=1"
        value={draft.tags}
        onChange={(tags) => onChange({ tags })}
        error={problems.tags ?? null}
        hint="name=value, with commas between them. Policies can ask for them."
      />
    </>
  );
}
