import { TriangleAlert } from 'lucide-react';
import { navigate, useRoute } from '../../lib/router.ts';
import { Button } from '../../ui/button.tsx';
import { usePanicReport } from './panic-queries.ts';
import { reportSentence } from './panic-words.ts';

/** Over every other screen, until the panic is taken back or its report put away. */
export function PanicBanner() {
  const report = usePanicReport().data;
  const { screen } = useRoute();
  if (report?.state !== 'open' || screen === 'panic') return null;
  return (
    <div role="status" className="flex min-h-10 items-center gap-2.5 border-b border-warn-line bg-warn-soft px-4 py-1">
      <TriangleAlert size={16} aria-hidden="true" className="shrink-0 text-warn-ink" />
      <p className="min-w-0 flex-1">The glass was broken. {reportSentence(report)}</p>
      <Button size="compact" onPress={() => navigate('panic')}>
        See the report
      </Button>
    </div>
  );
}
