import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError, dependents as dependentsOf } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useAccounts, useClients, useKeys, useProfiles } from '../../api/queries.ts';
import { listNames, plural } from '../../lib/format.ts';
import { progressWords, useEach } from '../../lib/use-each.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { useCredentials } from '../credentials/credential-queries.ts';
import { useAllKmsKeys } from '../kms/kms-queries.ts';
import { useRotations } from '../rotation/rotation-queries.ts';
import { findDependents, hasDependents } from './dependents.ts';
import type { Subject } from './dialog-store.ts';

const NOUNS: Readonly<Record<Subject, string>> = {
  key: 'access key',
  account: 'account',
  profile: 'profile',
  client: 'client',
  signIn: 'sign-in',
  certificate: 'certificate',
};

const CONSEQUENCES: Readonly<Record<Subject, string>> = {
  key: 'The secret is deleted from the vault and cannot be brought back. The key itself stays active at AWS until you delete it there.',
  account: 'Only the entry in this vault goes. Nothing changes at AWS.',
  profile: 'Tools that name this profile can no longer sign with it.',
  client: 'Its client key stops working at once: the next request of that tool is denied.',
  signIn: 'You are signed out of it, and what it was set up with is forgotten. Nothing changes on the other side.',
  certificate:
    'Its private key is destroyed and cannot be brought back. The certificate itself stays good until it ends or your CA revokes it, and is of no use without the key.',
};

const LOCAL_CONSEQUENCE =
  'A local account lives here alone: all that its services hold goes with it, and nothing that was encrypted under its KMS keys can be read again.';

/** Names what is destroyed and what depends on it, before it is. */
export function RemoveDialog({
  subject,
  names: asked,
  onClose,
}: {
  subject: Subject;
  names: readonly string[];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const keys = useKeys();
  const profiles = useProfiles();
  const clients = useClients();
  const whatOf = (some: readonly string[]) =>
    some.length === 1 ? `${NOUNS[subject]} “${some[0]}”` : plural(some.length, NOUNS[subject]);
  // A profile before its sources, which stay while it is there.
  const depth = (name: string): number =>
    subject === 'profile' ? (profiles.data?.find((one) => one.name === name)?.chain?.length ?? 0) : 0;
  const {
    left: names,
    progress,
    error,
    run,
  } = useEach({
    items: asked,
    nameOf: (name) => name,
    told: (done) => ({ message: `Removed ${whatOf(done)}` }),
    wire: withDependents,
    after: () =>
      refresh(
        queries,
        'accounts',
        'keys',
        'profiles',
        'clients',
        'rotations',
        'signIns',
        'certificates',
        'credentials',
      ),
    onClose,
  });
  const local =
    useAccounts().data?.some((account) => account.kind === 'local' && names.includes(account.name)) === true;
  const kmsKeys = useAllKmsKeys(subject === 'account');
  const rotations = useRotations();
  const credentials = useCredentials();
  const [cascade, setCascade] = useState(false);
  const [destroyInTokens, setDestroyInTokens] = useState(false);

  const dependents = findDependents(subject, names, {
    keys: keys.data ?? [],
    profiles: profiles.data ?? [],
    clients: clients.data ?? [],
    kmsKeys: kmsKeys.data ?? [],
    credentials: credentials.data ?? [],
    rotations: rotations.data ?? [],
  });
  const inTokens =
    subject === 'account'
      ? (kmsKeys.data ?? []).filter(({ account, origin }) => origin === 'AWS_CLOUDHSM' && names.includes(account))
          .length
      : 0;
  const lists = [keys, profiles, clients, rotations, credentials];
  // Nothing goes along that could not be named.
  const known = lists.every(({ data }) => data !== undefined);
  const unread = lists.find(({ data, isError }) => data === undefined && isError)?.error;
  const blocked = hasDependents(dependents);
  const what = whatOf(names);
  const remove = () =>
    run(
      (name) => removeOne(subject, name, { cascade, destroyInTokens }),
      [...names].sort((a, b) => depth(b) - depth(a)),
    );

  return (
    <Dialog title={`Remove ${what}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
      <DialogBody>
        {names.length > 1 && <p className="font-medium break-words">{listNames(names, 12)}</p>}
        <p>{subject === 'account' && local ? LOCAL_CONSEQUENCE : CONSEQUENCES[subject]}</p>
        {blocked && (
          <div className="flex flex-col gap-2 rounded-control border border-warn-line bg-warn-soft px-3 py-2.5">
            <p className="font-semibold">This is in use</p>
            <ul className="list-disc pl-4">
              {dependents.keys.length > 0 && <li>Access keys: {listNames(dependents.keys, 8)}</li>}
              {dependents.profiles.length > 0 && <li>Profiles: {listNames(dependents.profiles, 8)}</li>}
              {dependents.kmsKeys.length > 0 && <li>KMS keys: {listNames(dependents.kmsKeys, 8)}</li>}
              {dependents.clients.length > 0 && <li>Clients: {listNames(dependents.clients, 8)}</li>}
              {dependents.credentials.length > 0 && (
                <li>Passwords and SSH keys of their users: {listNames(dependents.credentials, 8)}</li>
              )}
              {dependents.rotations.length > 0 && (
                <li>Rotations under way, with the key that is not in use: {listNames(dependents.rotations, 8)}</li>
              )}
            </ul>
            <Checkbox isSelected={cascade} onChange={setCascade}>
              Remove these too
            </Checkbox>
            {inTokens > 0 && (
              <>
                <Checkbox isSelected={destroyInTokens} onChange={setDestroyInTokens}>
                  Destroy {plural(inTokens, 'key')} in tokens, for good
                </Checkbox>
                <p className="text-muted">
                  No account file holds {inTokens === 1 ? 'it' : 'them'}. Left in the token,{' '}
                  {inTokens === 1 ? 'it is' : 'they are'} there for the account when it comes back from a file.
                </p>
              </>
            )}
          </div>
        )}
        {unread !== null && unread !== undefined && <ErrorCallout error={asWireError(unread)} />}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep
        </Button>
        <Button
          variant="danger"
          isDisabled={progress !== null || (blocked && !(cascade && known))}
          onPress={() => void remove()}
        >
          {progress !== null
            ? progressWords('Removing', progress)
            : `Remove ${names.length === 1 ? NOUNS[subject] : plural(names.length, NOUNS[subject])}`}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function removeOne(
  subject: Subject,
  name: string,
  { cascade, destroyInTokens }: { cascade: boolean; destroyInTokens: boolean },
): Promise<unknown> {
  const params = cascade ? { name, cascade } : { name };
  switch (subject) {
    case 'key':
      return call('key.remove', params);
    case 'account':
      return call('account.remove', { ...params, tokenKeys: destroyInTokens ? 'destroy' : 'keep' });
    case 'profile':
      return call('profile.remove', params);
    case 'client':
      return call('client.remove', { name });
    case 'signIn':
      return call('signIn.remove', params);
    case 'certificate':
      return call('certificate.remove', params);
  }
}

/** What is in the way, by name. */
function withDependents(caught: unknown): WireError {
  const wire = asWireError(caught);
  const listed = dependentsOf(caught);
  if (listed === null || listed.length === 0) return wire;
  return { ...wire, message: `${wire.message} ${listNames(listed, 10)}` };
}
