import { useStore } from '../../lib/store.ts';
import { AccountDialog } from '../accounts/account-dialog.tsx';
import { ExportAccountDialog } from '../accounts/export-account-dialog.tsx';
import { ImportAccountDialog } from '../accounts/import-account-dialog.tsx';
import { ResetAccountDialog } from '../accounts/reset-account-dialog.tsx';
import { AddOtpDialog } from '../authenticator/add-otp-dialog.tsx';
import { EditOtpDialog } from '../authenticator/edit-otp-dialog.tsx';
import { EnrollAwsDialog } from '../authenticator/enroll-aws-dialog.tsx';
import { ExportOtpDialog } from '../authenticator/export-otp-dialog.tsx';
import { RemoveOtpDialog } from '../authenticator/remove-otp-dialog.tsx';
import { AddClientDialog } from '../clients/add-client-dialog.tsx';
import { RotateClientsDialog } from '../clients/rotate-clients-dialog.tsx';
import { AddCredentialDialog } from '../credentials/add-credential-dialog.tsx';
import { RemoveCredentialsDialog } from '../credentials/remove-credentials-dialog.tsx';
import { AddKeyDialog } from '../keys/add-key-dialog.tsx';
import { CreateKeyDialog } from '../kms/create/create-key-dialog.tsx';
import { DeleteKeysDialog } from '../kms/delete-keys-dialog.tsx';
import { ImportMaterialDialog } from '../kms/import/import-material-dialog.tsx';
import { CreateStoreDialog } from '../kms/stores/create-store-dialog.tsx';
import { DeleteStoreDialog } from '../kms/stores/delete-store-dialog.tsx';
import { EditStoreDialog } from '../kms/stores/edit-store-dialog.tsx';
import { ConsoleDialog } from '../leave/console-dialog.tsx';
import { ConsoleSignOutDialog } from '../leave/console-sign-out-dialog.tsx';
import { Palette } from '../palette/palette.tsx';
import { ProfileDialog } from '../profiles/profile-dialog.tsx';
import { MaxAgeDialog } from '../rotation/max-age-dialog.tsx';
import { RotateDialog } from '../rotation/rotate-dialog.tsx';
import { RotateManyDialog } from '../rotation/rotate-many-dialog.tsx';
import { ScheduleDialog } from '../rotation/schedule-dialog.tsx';
import { EnrolDialog } from '../security-keys/enrol-dialog.tsx';
import { AddKeySlotDialog } from '../security-keys/slot/add-key-slot-dialog.tsx';
import { RevokeSessionDialog } from '../sessions/revoke-session-dialog.tsx';
import { ShortcutsDialog } from '../shell/shortcuts-dialog.tsx';
import { SignInDialog } from '../sign-ins/sign-in-dialog.tsx';
import { closeDialogOf, dialogStore } from './dialog-store.ts';
import { RemoveDialog } from './remove-dialog.tsx';

/** The dialog that is open, if any. One at a time: a dialog never opens another over itself. */
export function Dialogs() {
  const request = useStore(dialogStore);
  if (request === null) return null;
  const close = () => closeDialogOf(request);
  switch (request.kind) {
    case 'palette':
      return <Palette onClose={close} />;
    case 'help':
      return <ShortcutsDialog onClose={close} />;
    case 'account.add':
      return <AccountDialog local={request.local === true} onClose={close} />;
    case 'account.reset':
      return <ResetAccountDialog account={request.account} onClose={close} />;
    case 'account.export':
      return <ExportAccountDialog account={request.account} onClose={close} />;
    case 'account.import':
      return <ImportAccountDialog onClose={close} />;
    case 'account.edit':
      return <AccountDialog account={request.account} onClose={close} />;
    case 'key.add':
      return <AddKeyDialog {...(request.account === undefined ? {} : { account: request.account })} onClose={close} />;
    case 'credential.add':
      return (
        <AddCredentialDialog
          {...(request.credential === undefined ? {} : { credential: request.credential })}
          onClose={close}
        />
      );
    case 'credential.remove':
      return <RemoveCredentialsDialog credentials={request.credentials} onClose={close} />;
    case 'profile.add':
      return <ProfileDialog {...(request.key === undefined ? {} : { keyName: request.key })} onClose={close} />;
    case 'profile.edit':
      return <ProfileDialog profile={request.profile} onClose={close} />;
    case 'profile.consoleSignOut':
      return <ConsoleSignOutDialog profile={request.profile} onClose={close} />;
    case 'profile.console':
      return <ConsoleDialog profile={request.profile} onClose={close} />;
    case 'signIn.add':
      return <SignInDialog onClose={close} />;
    case 'signIn.edit':
      return <SignInDialog signIn={request.signIn} onClose={close} />;
    case 'session.revoke':
      return <RevokeSessionDialog profiles={request.profiles} onClose={close} />;
    case 'rotation.start':
      return (
        <RotateDialog
          {...(request.key === undefined ? {} : { keyName: request.key })}
          {...(request.credential === undefined ? {} : { credential: request.credential })}
          onClose={close}
        />
      );
    case 'rotation.many':
      return <RotateManyDialog keys={request.keys} credentials={request.credentials} onClose={close} />;
    case 'rotation.maxAge':
      return <MaxAgeDialog target={request.target} onClose={close} />;
    case 'rotation.schedule':
      return <ScheduleDialog target={request.target} onClose={close} />;
    case 'client.add':
      return (
        <AddClientDialog {...(request.profile === undefined ? {} : { profile: request.profile })} onClose={close} />
      );
    case 'client.rotate':
      return <RotateClientsDialog names={request.names} onClose={close} />;
    case 'kms.create':
      return (
        <CreateKeyDialog
          place={request.place}
          {...(request.store === undefined ? {} : { store: request.store })}
          onClose={close}
        />
      );
    case 'kms.store':
      return <CreateStoreDialog place={request.place} onClose={close} />;
    case 'kms.storeEdit':
      return <EditStoreDialog place={request.place} store={request.store} onClose={close} />;
    case 'kms.storeDelete':
      return <DeleteStoreDialog place={request.place} store={request.store} onClose={close} />;
    case 'kms.import':
      return <ImportMaterialDialog kmsKey={request.key} onClose={close} />;
    case 'kms.delete':
      return <DeleteKeysDialog keys={request.keys} onClose={close} />;
    case 'totp.add':
      return <AddOtpDialog by={request.by ?? 'qr'} onClose={close} />;
    case 'totp.aws':
      return <EnrollAwsDialog {...(request.device === undefined ? {} : { device: request.device })} onClose={close} />;
    case 'totp.edit':
      return <EditOtpDialog device={request.device} onClose={close} />;
    case 'totp.export':
      return <ExportOtpDialog device={request.device} onClose={close} />;
    case 'totp.remove':
      return <RemoveOtpDialog devices={request.devices} onClose={close} />;
    case 'mfa.enroll':
      return <EnrolDialog {...(request.device === undefined ? {} : { deviceId: request.device })} onClose={close} />;
    case 'slot.addKey':
      return (
        <AddKeySlotDialog
          {...(request.key === undefined ? {} : { keyName: request.key })}
          {...(request.device === undefined ? {} : { device: request.device })}
          onClose={close}
        />
      );
    case 'remove':
      return <RemoveDialog subject={request.subject} names={request.names} onClose={close} />;
  }
}
