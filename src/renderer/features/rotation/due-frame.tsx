import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatAge } from '../../lib/format.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Facts, Section } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { RotationBadge } from './rotation-badge.tsx';

/** What is over its age and not being rotated: how old it is, the way to rotate it, and what that does. */
export function DueFrame({
  due: { name, account, dueAt },
  born,
  title,
  facts,
  start,
  actions,
  does,
  called,
}: {
  due: { name: string; account: string; dueAt?: string | undefined };
  /** When it was made, as the age is counted. */
  born: Parameters<typeof formatAge>[0];
  /** Of its facts. */
  title: string;
  facts: ReactNode;
  start: { key: string } | { credential: string };
  /** Besides rotating it. */
  actions?: ReactNode;
  /** What a rotation does, in sentences. */
  does: ReactNode;
  /** What the command line calls it. */
  called: string;
}) {
  const now = useNow();
  return (
    <>
      <DetailHead
        title={name}
        within={account}
        badges={<RotationBadge look="due" />}
        subtitle={
          <>
            <span>{formatAge(born, now)} old</span>
            <Dot />
            {dueAt !== undefined && (
              <span>
                due since <RelativeTime instant={dueAt} />
              </span>
            )}
          </>
        }
        actions={
          <>
            <Button
              variant="primary"
              icon={<RotateCw size={16} aria-hidden="true" />}
              onPress={() => openDialog({ kind: 'rotation.start', ...start })}
            >
              Rotate…
            </Button>
            {actions}
          </>
        }
      />
      <Section title={title}>
        <Facts>{facts}</Facts>
      </Section>
      <Section title="What a rotation does">
        <p className="text-muted">{does}</p>
        <CodeLine text={`keyhold rotate ${shellQuote(called)} --plan`} />
      </Section>
    </>
  );
}
