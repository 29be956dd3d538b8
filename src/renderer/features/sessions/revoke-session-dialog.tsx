import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { listNames, plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { notify } from '../../ui/toast-store.ts';
import { useSessions } from './session-queries.ts';
import { afterwardsWords, endAtAwsWords } from './session-words.ts';

/** Says what revoking does here, and what it cannot do at AWS. */
export function RevokeSessionDialog({ profiles, onClose }: { profiles: readonly string[]; onClose: () => void }) {
  const queries = useQueryClient();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const sessions = useSessions().data?.filter((session) => profiles.includes(session.profile)) ?? [];
  const kinds = [...new Set(sessions.map(({ kind }) => kind))];
  const said = (words: typeof afterwardsWords) => [...new Set(kinds.map(words))].join(' ');
  const what = profiles.length === 1 ? `the session of ${profiles[0]}` : plural(profiles.length, 'session');
  const revoke = async () => {
    setWorking(true);
    setError(null);
    try {
      for (const profile of profiles) await call('session.revoke', { profile });
      notify({ message: `Revoked ${what} here.` });
      onClose();
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      setWorking(false);
      await refresh(queries, 'sessions');
    }
  };
  return (
    <Dialog title={`Revoke ${what}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
      <DialogBody>
        {profiles.length > 1 && <p className="font-medium break-words">{listNames(profiles, 12)}</p>}
        <p>Keyhold forgets these temporary credentials. {said(afterwardsWords)}</p>
        <p className="text-muted">
          AWS goes on taking them until they expire, should somebody else have them. {said(endAtAwsWords)}
        </p>
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep
        </Button>
        <Button variant="danger" isDisabled={working} onPress={() => void revoke()}>
          {working ? 'Revoking…' : 'Revoke'}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
