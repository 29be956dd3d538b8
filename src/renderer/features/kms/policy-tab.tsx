import { useEffect, useRef, useState } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { findJsonFault } from '../../lib/json-position.ts';
import { useLate } from '../../lib/use-late.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CodeEditor } from '../../ui/code-editor.tsx';
import { DiffView } from '../../ui/diff-view.tsx';
import { Section } from '../../ui/facts.tsx';
import { Segments } from '../../ui/segments.tsx';
import { useKeyPolicy } from './kms-queries.ts';
import { draftPolicy, usePolicyDraft } from './policy-drafts.ts';
import { readFaultPosition } from './policy-fault.ts';
import { PolicyStatements } from './policy-statements.tsx';
import { useSavePolicy } from './use-save-policy.ts';

/** Who may do what with the key. */
export function PolicyTab({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const policy = useKeyPolicy(key);
  const late = useLate(policy.data === undefined && policy.error === null);
  return (
    <Section title="Key policy">
      {policy.error !== null ? (
        <ErrorCallout
          error={asWireError(policy.error)}
          actions={
            <Button size="compact" onPress={() => void policy.refetch()}>
              Try again
            </Button>
          }
        />
      ) : policy.data === undefined ? (
        late && <p className="text-muted">Reading the policy…</p>
      ) : (
        <PolicyEditor kmsKey={key} saved={policy.data} />
      )}
    </Section>
  );
}

type View = 'statements' | 'json' | 'changes';

function PolicyEditor({ kmsKey: key, saved }: { kmsKey: KmsKeySummary; saved: string }) {
  const draft = usePolicyDraft(key.id);
  const text = draft ?? saved;
  // Back where it was left.
  const [view, setView] = useState<View>(draft === undefined ? 'statements' : 'json');
  const editor = useRef<HTMLTextAreaElement>(null);
  const save = useSavePolicy(key);
  const readOnly = key.manager === 'AWS';
  const changed = text !== saved;
  const fault = findJsonFault(text);
  const refused = save.error === null ? null : asWireError(save.error);
  const position = refused === null ? null : readFaultPosition(refused.message);

  // Another's change shows as soon as it is known, unless something has been typed here that differs from it.
  useEffect(() => draftPolicy(key.id, text, saved), [key.id, text, saved]);

  const edit = (next: string) => {
    draftPolicy(key.id, next, saved);
    if (save.isError) save.reset();
  };
  const submit = () => {
    const onError = (error: Error) => {
      setView('json');
      const at = readFaultPosition(asWireError(error).message);
      window.requestAnimationFrame(() => moveTo(editor.current, at));
    };
    save.mutate({ text, before: saved }, { onError });
  };

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label="View of the policy"
          value={view}
          onChange={setView}
          choices={[
            { id: 'statements', label: 'In words' },
            { id: 'json', label: 'JSON' },
            ...(readOnly ? [] : [{ id: 'changes' as const, label: 'Changes' }]),
          ]}
        />
        <span className="flex-1" />
        {view === 'json' && !readOnly && (
          <Button
            size="compact"
            variant="ghost"
            isDisabled={fault !== null}
            onPress={() => edit(JSON.stringify(JSON.parse(text), null, 2))}
          >
            Format
          </Button>
        )}
      </div>
      {view === 'statements' && <PolicyStatements text={text} />}
      {view === 'json' && (
        <CodeEditor
          label="Policy document"
          value={text}
          onChange={edit}
          isReadOnly={readOnly}
          editorRef={editor}
          errorLine={position?.line ?? (changed ? (fault?.line ?? null) : null)}
          error={refused?.message ?? null}
          hint={
            readOnly
              ? 'AWS managed keys have a policy that nobody can change.'
              : changed && fault !== null
                ? fault.message
                : 'Saved as it stands here. Nothing is in force until you save.'
          }
        />
      )}
      {view === 'changes' && <DiffView label="Changes to the policy" before={saved} after={text} />}
      {view !== 'json' && refused !== null && <ErrorCallout error={refused} />}
      {!readOnly && changed && (
        <div className="flex flex-wrap items-center gap-2">
          <Button variant="primary" onPress={submit} isDisabled={save.isPending}>
            {save.isPending ? 'Saving…' : 'Save the policy'}
          </Button>
          <Button onPress={() => edit(saved)}>Discard changes</Button>
          <span className="text-muted">Not saved yet.</span>
        </div>
      )}
    </>
  );
}

/** Puts the caret where the service found the fault. */
function moveTo(editor: HTMLTextAreaElement | null, at: { line: number; column: number } | null): void {
  if (editor === null) return;
  editor.focus();
  if (at === null) return;
  const lines = editor.value.split('\n');
  const start = lines.slice(0, at.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const caret = Math.min(editor.value.length, start + at.column - 1);
  editor.setSelectionRange(caret, caret);
  editor.scrollTop = Math.max(0, (at.line - 4) * 20);
}
