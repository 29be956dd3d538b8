import type { AuditEvent } from '../../../contract/schemas.ts';

/** A vault change in words; the action's own name where there is none. */
const CHANGES: Readonly<Record<string, string>> = {
  'vault.create': 'Vault made',
  'vault.unlock': 'Vault unlocked',
  'vault.lock': 'Vault locked',
  'vault.authorize': 'Password asked for again',
  'vault.changePassword': 'Password changed',
  'vault.backup': 'Backup written',
  'vault.restore': 'Backup restored',
  'vault.check': 'Vault checked',
  'slot.add': 'Way in added',
  'slot.remove': 'Way in removed',
  'account.add': 'Account added',
  'account.update': 'Account changed',
  'account.remove': 'Account removed',
  'account.reset': 'Account emptied',
  'account.export': 'Account exported to a file',
  'account.import': 'Account imported from a file',
  'key.import': 'Access key added',
  'key.update': 'Access key changed',
  'key.enable': 'Access key enabled',
  'key.disable': 'Access key disabled',
  'key.compare': 'Access key compared',
  'key.remove': 'Access key removed',
  'profile.add': 'Profile added',
  'profile.update': 'Profile changed',
  'profile.remove': 'Profile removed',
  'session.obtain': 'Session begun',
  'session.leave': 'Credentials left the app',
  'session.revoke': 'Session forgotten',
  'client.add': 'Client added',
  'client.issue': 'Client key issued',
  'client.update': 'Client changed',
  'client.enable': 'Client enabled',
  'client.disable': 'Client disabled',
  'client.remove': 'Client removed',
  'client.expire': 'Client key expired',
  'client.rotate': 'Client key rotated',
  'ca.rotate': 'Local CA rotated',
  'vault.rotateKeys': 'Vault given new keys',
  'vault.rotateKeys.done': 'Vault sealed under its new keys',
  'hsm.crash': 'HSM process ended',
  'hsm.backup': 'Routine backup written',
  'hsm.rebuild': 'Vault rebuilt from a copy',
  'hsm.mirrorAdd': 'Mirror added',
  'hsm.mirrorRemove': 'Mirror removed',
  'hsm.tamper': 'Vault does not verify',
  'hsm.login': 'HSM user logged in',
  'hsm.logout': 'HSM user logged out',
  'hsm.user.init': 'First crypto officer made',
  'hsm.user.add': 'HSM user added',
  'hsm.user.remove': 'HSM user removed',
  'hsm.user.password': 'HSM user’s password changed',
  'hsm.user.reset': 'HSM users reset',
  'hsm.keyUse.set': 'Login for key use set',
  'hsm.quorum.set': 'Quorum set',
  'hsm.quorum.touch': 'Touch for approvals set',
  'hsm.quorum.tokenCreate': 'Approval asked for',
  'hsm.quorum.approve': 'Officer approved',
  'hsm.quorum.cancel': 'Approval taken back',
  'hsm.quorum.use': 'Approval used',
  'mfa.enroll': 'Security key enrolled',
  'mfa.rename': 'Security key renamed',
  'mfa.remove': 'Security key removed',
  'mfa.pin': 'PIN of a security key set',
  'mfa.credential.remove': 'Credential taken off a security key',
  'mfa.reset': 'Security key erased',
  'gate.set': 'Touch required',
  'gate.remove': 'No touch required any more',
  'gate.touch': 'Security key touched',
  'gate.authorize': 'Recovery code given for a gate',
  'rotation.start': 'Rotation begun',
  'rotation.create': 'Successor made',
  'rotation.switch': 'Successor in use',
  'rotation.done': 'Rotated: the old one is deleted',
  'rotation.turn': 'Rotation to be taken back',
  'rotation.return': 'The old one is in use again',
  'rotation.rollback': 'Rotation taken back',
  'rotation.refused': 'Rotation not begun',
  'rotation.abandon': 'Rotation given up',
  'rotation.maxAge': 'Maximum age of keys set',
  'rotation.schedule': 'Rotation schedule set',
  'rotation.snooze': 'Rotation put off',
  'panic.start': 'Panic begun',
  'panic.deactivate': 'Key deactivated in a panic',
  'panic.denyUser': 'Older sessions of a user refused',
  'panic.denyRole': 'Older sessions of a role refused',
  'panic.undone': 'Panic taken back',
  'panic.close': 'Panic put away',
  'credential.add': 'Credential added',
  'credential.update': 'Credential changed',
  'credential.remove': 'Credential removed',
  'credential.reveal': 'Credential shown outside the vault',
  'totp.add': 'Authenticator entry added',
  'totp.enroll': 'MFA device enrolled',
  'totp.update': 'Authenticator entry changed',
  'totp.use': 'Code used',
  'totp.export': 'Authenticator secret exported',
  'totp.remove': 'Authenticator entry removed',
  'token.add': 'PKCS#11 token added',
  'token.setPin': 'PIN of a PKCS#11 token changed',
  'token.remove': 'PKCS#11 token removed',
  'settings.update': 'Settings changed',
  'sign.headers': 'Request signed',
  'sign.presign': 'URL presigned',
  'ca.create': 'Certificate authority made',
  'ca.export': 'CA certificate exported',
  'audit.export': 'Audit log exported',
  'audit.broken': 'Broken entry',
  'audit.tampered': 'Log changed while locked',
  'audit.unclosed': 'Log not closed',
  'audit.overflow': 'Entries not written',
};

/** The same where it was refused, for those that are. */
const REFUSED: Readonly<Record<string, string>> = {
  'vault.unlock': 'Unlock refused',
  'vault.restore': 'Restore refused',
  'account.import': 'Account import refused',
  'vault.authorize': 'Wrong password',
  'session.obtain': 'Session refused',
  'hsm.login': 'HSM login refused',
  'hsm.user.init': 'Wrong password',
  'hsm.user.reset': 'Wrong recovery code',
  'hsm.quorum.approve': 'Approval refused',
  'gate.touch': 'No touch',
  'gate.authorize': 'Wrong recovery code',
};

/** What the door calls a request whose operation it could not make out. */
const UNNAMED: ReadonlySet<string> = new Set(['', 'unknown', 'unreadable']);

export interface EventWords {
  /** The service, or empty for a vault change. */
  service: string;
  what: string;
  /** Who or what it concerns. */
  who: string;
}

export function describeEvent(event: AuditEvent): EventWords {
  if (event.kind === 'request') {
    const action = event.action.includes(':') ? event.action.slice(event.action.indexOf(':') + 1) : event.action;
    return {
      service: event.service ?? '',
      what: UNNAMED.has(action) ? `${event.method ?? 'unreadable'} request` : action,
      who: event.client ?? event.clientKeyId ?? 'unknown client',
    };
  }
  const refused = event.decision === 'denied' ? REFUSED[event.action] : undefined;
  return {
    service: '',
    what: refused ?? CHANGES[event.action] ?? event.action,
    who: event.target ?? event.profile ?? '',
  };
}
