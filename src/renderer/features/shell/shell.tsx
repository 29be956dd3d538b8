import { useEffect } from 'react';
import type { Status } from '../../../contract/schemas.ts';
import { useSettings } from '../../api/queries.ts';
import { useRoute } from '../../lib/router.ts';
import { setTheme } from '../../lib/theme.ts';
import { AccountsScreen } from '../accounts/accounts-screen.tsx';
import { ActivityScreen } from '../activity/activity-screen.tsx';
import { AuthenticatorScreen } from '../authenticator/authenticator-screen.tsx';
import { ClientsScreen } from '../clients/clients-screen.tsx';
import { CredentialsScreen } from '../credentials/credentials-screen.tsx';
import { closeDialog } from '../dialogs/dialog-store.ts';
import { Dialogs } from '../dialogs/dialogs.tsx';
import { HomeScreen } from '../home/home-screen.tsx';
import { HsmScreen } from '../hsm/hsm-screen.tsx';
import { KeysScreen } from '../keys/keys-screen.tsx';
import { KmsScreen } from '../kms/kms-screen.tsx';
import { EncryptScreen } from '../kms/playground/encrypt-screen.tsx';
import { KeyStoresScreen } from '../kms/stores/key-stores-screen.tsx';
import { PanicBanner } from '../panic/panic-banner.tsx';
import { PanicScreen } from '../panic/panic-screen.tsx';
import { ProfilesScreen } from '../profiles/profiles-screen.tsx';
import { RotationScreen } from '../rotation/rotation-screen.tsx';
import { SecurityKeysScreen } from '../security-keys/security-keys-screen.tsx';
import { SessionsScreen } from '../sessions/sessions-screen.tsx';
import { SettingsScreen } from '../settings/settings-screen.tsx';
import { SignInsScreen } from '../sign-ins/sign-ins-screen.tsx';
import { Notices } from './notices.tsx';
import { Sidebar } from './sidebar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** The open vault. */
export function Shell({ status }: { status: Status }) {
  const settings = useSettings();
  const theme = settings.data?.theme;
  useShortcuts();
  // A dialog of the open vault must not wait behind the lock.
  useEffect(() => closeDialog, []);
  useEffect(() => {
    if (theme !== undefined) setTheme(theme);
  }, [theme]);
  return (
    <div className="flex h-full flex-col">
      <Notices status={status} />
      <PanicBanner />
      <div className="flex min-h-0 flex-1">
        <Sidebar status={status} />
        <main className="flex min-h-0 min-w-0 flex-1 flex-col">
          <CurrentScreen status={status} />
        </main>
      </div>
      <Dialogs />
    </div>
  );
}

function CurrentScreen({ status }: { status: Status }) {
  const { screen } = useRoute();
  switch (screen) {
    case 'home':
      return <HomeScreen status={status} />;
    case 'keys':
      return <KeysScreen />;
    case 'credentials':
      return <CredentialsScreen />;
    case 'rotation':
      return <RotationScreen />;
    case 'accounts':
      return <AccountsScreen />;
    case 'security-keys':
      return <SecurityKeysScreen />;
    case 'sign-ins':
      return <SignInsScreen />;
    case 'profiles':
      return <ProfilesScreen />;
    case 'sessions':
      return <SessionsScreen />;
    case 'clients':
      return <ClientsScreen status={status} />;
    case 'authenticator':
      return <AuthenticatorScreen />;
    case 'kms':
      return <KmsScreen />;
    case 'encrypt':
      return <EncryptScreen />;
    case 'key-stores':
      return <KeyStoresScreen />;
    case 'hsm':
      return <HsmScreen />;
    case 'activity':
      return <ActivityScreen />;
    case 'panic':
      return <PanicScreen />;
    case 'settings':
      return <SettingsScreen status={status} />;
  }
}
