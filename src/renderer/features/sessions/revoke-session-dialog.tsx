import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { listNames, plural } from '../../lib/format.ts';
import { progressWords, useEach } from '../../lib/use-each.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { useSessions } from './session-queries.ts';
import { afterwardsWords, endAtAwsWords } from './session-words.ts';

/** Says what revoking does here, and what it cannot do at AWS. */
export function RevokeSessionDialog({
  profiles: asked,
  onClose,
}: {
  profiles: readonly string[];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const {
    left: profiles,
    progress,
    error,
    run,
  } = useEach({
    items: asked,
    nameOf: (profile) => profile,
    told: (done) => ({ message: `Revoked ${whatOf(done)} here` }),
    after: () => refresh(queries, 'sessions'),
    onClose,
  });
  const sessions = useSessions().data?.filter((session) => profiles.includes(session.profile)) ?? [];
  const kinds = [...new Set(sessions.map(({ kind }) => kind))];
  const said = (words: typeof afterwardsWords) => [...new Set(kinds.map(words))].join(' ');
  const revoke = () => run((profile) => call('session.revoke', { profile }));
  return (
    <Dialog title={`Revoke ${whatOf(profiles)}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
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
        <Button variant="danger" isDisabled={progress !== null} onPress={() => void revoke()}>
          {progress === null ? 'Revoke' : progressWords('Revoking', progress)}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function whatOf(profiles: readonly string[]): string {
  return profiles.length === 1 ? `the session of ${profiles[0]}` : plural(profiles.length, 'session');
}
