import { Ellipsis, LogIn, LogOut, Pencil, Trash2 } from 'lucide-react';
import type { SignIn } from '../../../contract/sign-ins.ts';
import { asWireError } from '../../api/error.ts';
import { statusStore } from '../../api/live.ts';
import { useChange, useProfiles } from '../../api/queries.ts';
import { useStore } from '../../lib/store.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { notify } from '../../ui/toast-store.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { LoginPanel } from './login-panel.tsx';
import { SamlRoleSection } from './saml/saml-role-section.tsx';
import { SettingFacts } from './setting-facts.tsx';
import { SignInBadge } from './sign-in-state.tsx';
import { hostOf, lastsWords, stateAt, typeWord } from './sign-in-words.ts';
import { SsoRoles } from './sso/sso-roles.tsx';
import { useBeginSignIn } from './use-begin-sign-in.ts';

export function SignInDetail({ signIn }: { signIn: SignIn }) {
  const now = useNow();
  const begin = useBeginSignIn();
  const logout = useChange('signIn.logout', 'signIns', 'sessions');
  const state = stateAt(signIn, now);
  const { attempt, failure } = signIn;
  const shell = useStore(statusStore)?.shell;
  // Only the app has a window that catches what an identity provider posts to AWS.
  const inWindow = signIn.settings.type !== 'saml' || shell === 'electron';
  const isIn = state === 'active' && attempt === undefined;
  return (
    <>
      <DetailHead
        title={signIn.name}
        badges={<SignInBadge signIn={signIn} />}
        subtitle={
          <>
            <span>{typeWord(signIn.settings.type)}</span>
            <Dot />
            <span className="min-w-0 break-all">{hostOf(signIn)}</span>
          </>
        }
        actions={
          <>
            {attempt === undefined && (
              <Button
                variant={isIn || state === 'used' ? 'secondary' : 'primary'}
                icon={<LogIn size={16} aria-hidden="true" />}
                isDisabled={begin.isPending}
                onPress={() => begin.mutate({ name: signIn.name, flow: inWindow ? 'browser' : 'device' })}
              >
                {signIn.signedInAt === undefined ? 'Sign in' : 'Sign in again'}
              </Button>
            )}
            {attempt === undefined && signIn.settings.type === 'sso' && (
              <Button isDisabled={begin.isPending} onPress={() => begin.mutate({ name: signIn.name, flow: 'device' })}>
                With a code
              </Button>
            )}
            {signIn.signedInAt !== undefined && attempt === undefined && (
              <Button
                icon={<LogOut size={16} aria-hidden="true" />}
                isDisabled={logout.isPending}
                onPress={() =>
                  logout.mutate(
                    { name: signIn.name },
                    {
                      onSuccess: ({ problem }) => {
                        if (problem !== undefined) notify({ message: problem, tone: 'error' });
                      },
                    },
                  )
                }
              >
                Sign out
              </Button>
            )}
            <Menu
              label={`More for ${signIn.name}`}
              trigger={<IconButton label="More" className="size-8" icon={<Ellipsis size={16} aria-hidden="true" />} />}
              actions={[
                {
                  id: 'edit',
                  label: 'Edit…',
                  icon: <Pencil size={16} aria-hidden="true" />,
                  run: () => openDialog({ kind: 'signIn.edit', signIn }),
                },
                {
                  id: 'remove',
                  label: 'Remove…',
                  danger: true,
                  icon: <Trash2 size={16} aria-hidden="true" />,
                  run: () => openDialog({ kind: 'remove', subject: 'signIn', names: [signIn.name] }),
                },
              ]}
            />
          </>
        }
      />
      <div className="flex max-w-192 flex-col gap-3 px-6 pb-5 empty:hidden">
        {attempt !== undefined && <LoginPanel attempt={attempt} />}
        {attempt === undefined && failure !== undefined && (
          <Callout tone={state === 'active' || state === 'used' ? 'info' : 'warning'}>
            <p>{failure.message}</p>
            <p className="text-muted">
              <RelativeTime instant={failure.at} />
            </p>
          </Callout>
        )}
        {begin.isError && <ErrorCallout error={asWireError(begin.error)} />}
        {logout.isError && <ErrorCallout error={asWireError(logout.error)} />}
      </div>
      {signIn.settings.type === 'sso' && isIn && <SsoRoles signIn={signIn} />}
      {signIn.settings.type === 'saml' && attempt === undefined && <SamlRoleSection signIn={signIn} />}
      <Section title="Sign-in">
        <Facts>
          <Fact name="Now">{lastsWords(signIn, now)}</Fact>
          {signIn.who !== undefined && <Fact name="Signed in as">{signIn.who}</Fact>}
          {signIn.signedInAt !== undefined && (
            <Fact name="Since">
              <RelativeTime instant={signIn.signedInAt} />
            </Fact>
          )}
          <SettingFacts settings={signIn.settings} />
        </Facts>
      </Section>
      <SignInProfiles names={signIn.profiles} />
    </>
  );
}

function SignInProfiles({ names }: { names: readonly string[] }) {
  const profiles = useProfiles().data?.filter(({ name }) => names.includes(name)) ?? [];
  return (
    <Section title="Profiles">
      {profiles.length === 0 ? (
        <p className="text-muted">No profile gets its credentials here yet.</p>
      ) : (
        <ul>
          {profiles.slice(0, 50).map((profile) => (
            <li key={profile.id} className="flex min-h-8 items-center gap-3">
              <RecordLink screen="profiles" id={profile.id}>
                {profile.name}
              </RecordLink>
              <span className="min-w-0 flex-1 truncate text-right text-muted">
                {profile.account}, {profile.region}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
