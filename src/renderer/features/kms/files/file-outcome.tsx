import { formatBytes } from '../../../lib/format.ts';
import { useStore } from '../../../lib/store.ts';
import { Callout, ErrorCallout } from '../../../ui/callout.tsx';
import { fileStore } from './file-store.ts';

/** How it went. */
export function FileOutcome() {
  const { error, done } = useStore(fileStore);
  if (error !== null) return <ErrorCallout error={error} title="Nothing was saved" />;
  if (done === null) return null;
  return (
    <Callout tone="info" live title={done.direction === 'encrypt' ? 'File encrypted' : 'File decrypted'}>
      {done.direction === 'encrypt'
        ? `${done.name} is saved: ${formatBytes(done.size)} of plaintext, readable with keyhold decrypt and AWS’s own tools.`
        : `${done.name} is saved. ${done.signed ? 'Its signature and its encryption context are verified.' : 'All of it and its encryption context are verified; it carries no signature.'}`}
    </Callout>
  );
}
