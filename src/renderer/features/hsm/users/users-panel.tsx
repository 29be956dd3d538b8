import { Download, LogIn, LogOut, ShieldCheck, UserRound } from 'lucide-react';
import { useState } from 'react';
import { printTokenFile, tokenFileOf } from '../../../../client/quorum-token-file.ts';
import type { HsmUserInfo, HsmUsers, QuorumService, QuorumTokenInfo } from '../../../../contract/hsm-users.ts';
import { asWireError } from '../../../api/error.ts';
import { callSealed } from '../../../api/keyhold.ts';
import { plural } from '../../../lib/format.ts';
import { saveTextFile } from '../../../lib/save-text-file.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { CodeLine } from '../../../ui/code.tsx';
import { RowsSkeleton } from '../../../ui/states.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { Panel } from '../panel.tsx';
import { AddUserDialog } from './add-user-dialog.tsx';
import { ApprovalTouchDialog, ApprovalTouches } from './approval-touch.tsx';
import { logIn, logOut, useHsmUsers } from './hsm-login.ts';
import { QuorumDialog } from './quorum-dialog.tsx';
import { RemoveUserDialog } from './remove-user-dialog.tsx';
import { ROLE_WORDS } from './role-words.ts';
import { TokenRow } from './token-row.tsx';
import { useWork } from './use-work.ts';
import { UserPasswordDialog } from './user-password-dialog.tsx';

type Open =
  | 'add'
  | 'quorum'
  | 'login'
  | { remove: HsmUserInfo }
  | { approve: QuorumTokenInfo }
  | { touch: QuorumService }
  | null;

/** Who may do what in the HSM: users and their roles, what needs how many officers, and what waits for their approval. */
export function UsersPanel() {
  const query = useHsmUsers();
  const [open, setOpen] = useState<Open>(null);
  const leaving = useWork();
  if (query.data === undefined) {
    return (
      <Panel title="Users" note="who manages the HSM, and what needs several of them">
        {query.error === null ? (
          <RowsSkeleton rows={2} />
        ) : (
          <div className="p-4">
            <ErrorCallout error={asWireError(query.error)} />
          </div>
        )}
      </Panel>
    );
  }
  const all = query.data;
  const none = all.users.length === 0;
  const officer = all.who?.role === 'crypto-officer';
  return (
    <Panel
      title="Users"
      note={none ? 'none: the owner of the vault does everything' : plural(all.users.length, 'user')}
      actions={
        none ? (
          <Button size="compact" onPress={() => setOpen('add')}>
            Make the first officer
          </Button>
        ) : (
          <>
            {officer && (
              <>
                <Button size="compact" onPress={() => setOpen('quorum')}>
                  Quorum…
                </Button>
                <Button size="compact" onPress={() => setOpen('add')}>
                  Add a user
                </Button>
              </>
            )}
            {all.who === null ? (
              <Button size="compact" icon={<LogIn size={16} aria-hidden="true" />} onPress={() => setOpen('login')}>
                Log in
              </Button>
            ) : (
              <Button
                size="compact"
                icon={<LogOut size={16} aria-hidden="true" />}
                isDisabled={leaving.working}
                onPress={() => void leaving.run(logOut)}
              >
                Log out {all.who.name}
              </Button>
            )}
          </>
        )
      }
    >
      {none ? <Teach /> : <People all={all} mayRemove={officer} onOpen={setOpen} />}
      {leaving.error !== null && <ErrorCallout error={leaving.error} />}
      <Dialogs open={open} all={all} onClose={() => setOpen(null)} />
    </Panel>
  );
}

function Teach() {
  return (
    <div className="flex flex-col gap-2 px-4 py-3">
      <p className="max-w-160 text-muted">
        One person needs no users. With several, crypto officers can make the loss of a key a decision of more than one
        of them: destroying or exporting key material then needs, say, 2 of 3. That binds what is asked of this HSM;
        whoever has the vault’s password and a copy of its file can still read it with a program of their own.
      </p>
      <CodeLine text="keyhold hsm users init NAME" className="max-w-160" />
    </div>
  );
}

function People({ all, mayRemove, onOpen }: { all: HsmUsers; mayRemove: boolean; onOpen: (open: Open) => void }) {
  const officers = all.users.filter(({ role }) => role === 'crypto-officer').length;
  return (
    <>
      <ul>
        {all.users.map((user) => (
          <li
            key={user.name}
            className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-1.5 first:border-t-0"
          >
            <span className="w-32 truncate font-medium wide:w-44" title={user.name}>
              {user.name}
            </span>
            <Badge
              icon={
                user.role === 'crypto-officer' ? (
                  <ShieldCheck size={12} aria-hidden="true" />
                ) : (
                  <UserRound size={12} aria-hidden="true" />
                )
              }
            >
              {ROLE_WORDS[user.role]}
            </Badge>
            <span className="min-w-0 flex-1 truncate text-muted">
              {user.signing !== null &&
                (user.signing.key === 'held' ? 'approves by password' : 'approves with an own key')}
              {user.signing?.key === 'own' && <span className="mono"> {user.signing.fingerprint.slice(0, 16)}</span>}
            </span>
            {user.sessions > 0 && <Badge tone="good">logged in</Badge>}
            {mayRemove && (
              <Button size="compact" variant="danger-ghost" onPress={() => onOpen({ remove: user })}>
                Remove…
              </Button>
            )}
          </li>
        ))}
      </ul>
      <p className="border-t border-line px-4 py-2 text-muted">
        Destroying and exporting keys: {words(all.quorum.key, officers, 'no approval')} · managing crypto users:{' '}
        {words(all.quorum.user, officers, 'any one officer')} · managing officers and the quorum:{' '}
        {words(Math.max(all.quorum.user, all.quorum.key), officers, 'any one officer')} · using KMS keys:{' '}
        {all.keyUseNeedsLogin ? 'while a crypto user is logged in' : 'whenever the vault is unlocked'}
        {all.released > 0 && <> · {plural(all.released, 'object')} approved, waiting to be destroyed</>}
      </p>
      <ApprovalTouches touch={all.touch} maySet={mayRemove} onSet={(touch) => onOpen({ touch })} />
      {all.tokens.length > 0 && (
        <ul aria-label="Waiting for approval">
          {all.tokens.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              mayCancel={mayRemove || all.who?.name === token.createdBy}
              onApprove={() => onOpen({ approve: token })}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function words(required: number, officers: number, none: string): string {
  return required === 0 ? none : `${required} of ${officers} officers`;
}

function Dialogs({ open, all, onClose }: { open: Open; all: HsmUsers; onClose: () => void }) {
  if (open === null) return null;
  if (open === 'add')
    return <AddUserDialog first={all.users.length === 0} recoveryCodes={all.recoveryCodes} onClose={onClose} />;
  if (open === 'quorum') return <QuorumDialog users={all} onClose={onClose} />;
  if (open === 'login') {
    return (
      <UserPasswordDialog
        title="Log in to the HSM"
        submit="Log in"
        users={all.users}
        onDone={logIn}
        onClose={onClose}
      />
    );
  }
  if ('remove' in open) return <RemoveUserDialog user={open.remove} onClose={onClose} />;
  if ('touch' in open) return <ApprovalTouchDialog service={open.touch} touch={all.touch} onClose={onClose} />;
  return <ApproveDialog token={open.approve} all={all} onClose={onClose} />;
}

function ApproveDialog({ token, all, onClose }: { token: QuorumTokenInfo; all: HsmUsers; onClose: () => void }) {
  const open = all.users.filter(
    ({ name, role, signing }) =>
      role === 'crypto-officer' &&
      signing?.key === 'held' &&
      !token.approvals.some((approval) => approval.user === name),
  );
  return (
    <UserPasswordDialog
      title="Approve"
      submit="Approve"
      users={open}
      onDone={async (user, password) => {
        const approved = await callSealed('hsm.quorumApprove', async (seal) => ({
          id: token.id,
          user,
          password: await seal('hsm-password', password),
        }));
        const missing = approved.required - approved.approvals.length;
        notify({ message: missing > 0 ? `Approved by ${user}. ${missing} more needed.` : 'It can be done now, once.' });
      }}
      onClose={onClose}
    >
      <p className="break-words">{token.description}</p>
      <p className="text-muted">
        {open.length === 0
          ? 'All officers who have not approved it have keys of their own. They'
          : 'Officers with keys of their own'}{' '}
        sign the token’s file: <code>keyhold hsm quorum sign</code>, then <code>approve</code>.
      </p>
      <div>
        <Button
          size="compact"
          icon={<Download size={16} aria-hidden="true" />}
          onPress={() => saveTextFile(`token-${token.id.slice(0, 8)}.json`, printTokenFile(tokenFileOf(token)))}
        >
          Save the token’s file
        </Button>
      </div>
    </UserPasswordDialog>
  );
}
