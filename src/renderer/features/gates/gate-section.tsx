import { Pointer } from 'lucide-react';
import { useState } from 'react';
import type { GateTarget } from '../../../contract/gates.ts';
import type { Gate } from '../../../contract/schemas.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/facts.tsx';
import { GateDialog } from './gate-dialog.tsx';
import { gateWords } from './gate-words.ts';

/** Whether something may be used only with a touch of a security key. */
export function GateSection({
  target,
  title = target.name,
  gate,
}: {
  target: GateTarget;
  /** What it is called on the screen, where that is not its name. */
  title?: string;
  gate: Gate | undefined;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Section title="Touch">
      <div className="flex flex-wrap items-center gap-3">
        {gate === undefined ? (
          <p className="min-w-56 flex-1 text-muted">Used without a touch, whenever a policy allows it.</p>
        ) : (
          <p className="flex min-w-56 flex-1 flex-wrap items-center gap-2">
            <Badge tone="good" icon={<Pointer size={12} aria-hidden="true" />}>
              touch required
            </Badge>
            {gateWords(gate)}
          </p>
        )}
        <Button size="compact" onPress={() => setOpen(true)}>
          {gate === undefined ? 'Require a touch…' : 'Change…'}
        </Button>
      </div>
      {open && <GateDialog target={target} title={title} gate={gate} onClose={() => setOpen(false)} />}
    </Section>
  );
}
