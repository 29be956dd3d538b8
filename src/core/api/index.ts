import type { MethodName } from '../../contract/methods.ts';
import { accountExport } from './account-export.ts';
import { accountImport } from './account-import.ts';
import { accountHandlers } from './accounts.ts';
import { auditHandlers } from './audit.ts';
import { rotateClient } from './client-rotate.ts';
import { clientHandlers } from './clients.ts';
import { daemonHandlers } from './daemon.ts';
import { fileHandlers } from './files.ts';
import { gateHandlers } from './gates.ts';
import type { Handlers } from './handler.ts';
import { hsmBackup } from './hsm-backup.ts';
import { hsmMirrorAdd } from './hsm-mirror-add.ts';
import { hsmMirrorRemove } from './hsm-mirror-remove.ts';
import { hsmObjects } from './hsm-objects.ts';
import { hsmQuorumHandlers } from './hsm-quorum.ts';
import { hsmStatus } from './hsm-status.ts';
import { hsmUserHandlers } from './hsm-users.ts';
import { keyMatches } from './key-matches.ts';
import { keyHandlers } from './keys.ts';
import { kmsKeyHandlers } from './kms-keys.ts';
import { leaseClient } from './lease-client.ts';
import { mfaDeviceHandlers } from './mfa-devices.ts';
import { mfaEnrollHandlers } from './mfa-enroll.ts';
import { mfaKeyHandlers } from './mfa-keys.ts';
import { mfaManageHandlers } from './mfa-manage.ts';
import { profileHandlers } from './profiles.ts';
import { rekeyHandlers } from './rekey.ts';
import { rotationHandlers } from './rotation.ts';
import { samlHandlers } from './saml.ts';
import { serviceHandlers } from './service.ts';
import { sessionHandlers } from './sessions.ts';
import { settingsHandlers } from './settings.ts';
import { signHeaders } from './sign-headers.ts';
import { signInHandlers } from './sign-ins.ts';
import { signPresign } from './sign-presign.ts';
import { slotAddKey } from './slot-add-key.ts';
import { slotHandlers } from './slots.ts';
import { ssoHandlers } from './sso.ts';
import { tokenHandlers } from './tokens.ts';
import { totpHandlers } from './totp.ts';
import { totpEnrolHandlers } from './totp-enrol.ts';
import { vaultHandlers } from './vault.ts';

/** Every method of the contract; a missing one does not compile. */
export const handlers: Handlers<MethodName> = {
  ...daemonHandlers,
  ...vaultHandlers,
  ...rekeyHandlers,
  ...slotHandlers,
  'slot.addKey': slotAddKey,
  ...mfaDeviceHandlers,
  ...mfaKeyHandlers,
  ...mfaEnrollHandlers,
  ...mfaManageHandlers,
  ...accountHandlers,
  'account.export': accountExport,
  'account.import': accountImport,
  ...keyHandlers,
  'key.matches': keyMatches,
  ...profileHandlers,
  ...sessionHandlers,
  ...signInHandlers,
  ...ssoHandlers,
  ...samlHandlers,
  ...clientHandlers,
  'client.lease': leaseClient,
  'client.rotate': rotateClient,
  ...auditHandlers,
  ...serviceHandlers,
  ...fileHandlers,
  ...kmsKeyHandlers,
  ...settingsHandlers,
  'hsm.status': hsmStatus,
  'hsm.objects': hsmObjects,
  'hsm.mirrorAdd': hsmMirrorAdd,
  'hsm.mirrorRemove': hsmMirrorRemove,
  'hsm.backup': hsmBackup,
  ...hsmQuorumHandlers,
  ...hsmUserHandlers,
  ...gateHandlers,
  ...rotationHandlers,
  ...tokenHandlers,
  ...totpHandlers,
  ...totpEnrolHandlers,
  'sign.headers': signHeaders,
  'sign.presign': signPresign,
};
