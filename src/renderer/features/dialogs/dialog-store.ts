import type { Credential } from '../../../contract/credentials.ts';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import type { Account, Profile } from '../../../contract/schemas.ts';
import type { SignIn } from '../../../contract/sign-ins.ts';
import type { OtpDevice } from '../../../contract/totp.ts';
import { createStore } from '../../lib/store.ts';
import type { KeyStore, Place } from '../kms/kms.ts';
import type { MaxAgeTarget, ScheduleTarget } from '../rotation/max-age-dialog.tsx';

export type Subject = 'key' | 'account' | 'profile' | 'client' | 'signIn' | 'certificate';

/** Any dialog that more than one screen can open. */
export type DialogRequest =
  | { kind: 'palette' }
  | { kind: 'help' }
  | { kind: 'account.add'; local?: boolean }
  | { kind: 'account.reset'; account: Account }
  | { kind: 'account.export'; account: Account }
  | { kind: 'account.import' }
  | { kind: 'account.edit'; account: Account }
  | { kind: 'key.add'; account?: string }
  /** With one: to complete it. */
  | { kind: 'credential.add'; credential?: Credential }
  | { kind: 'credential.remove'; credentials: readonly Credential[] }
  | { kind: 'profile.add'; key?: string }
  | { kind: 'profile.edit'; profile: Profile }
  | { kind: 'profile.console'; profile: Profile }
  | { kind: 'profile.consoleSignOut'; profile: Profile }
  | { kind: 'signIn.add' }
  | { kind: 'signIn.edit'; signIn: SignIn }
  | { kind: 'session.revoke'; profiles: readonly string[] }
  | { kind: 'rotation.start'; key?: string; credential?: string }
  | { kind: 'rotation.many'; keys: readonly string[]; credentials: readonly string[] }
  | { kind: 'rotation.maxAge'; target: MaxAgeTarget }
  | { kind: 'rotation.schedule'; target: ScheduleTarget }
  | { kind: 'client.add'; profile?: string }
  | { kind: 'client.rotate'; names: readonly string[] }
  | { kind: 'kms.create'; place: Place; store?: KeyStore }
  | { kind: 'kms.import'; key: KmsKeySummary }
  | { kind: 'kms.delete'; keys: readonly KmsKeySummary[] }
  | { kind: 'kms.store'; place: Place }
  | { kind: 'kms.storeEdit'; place: Place; store: KeyStore }
  | { kind: 'kms.storeDelete'; place: Place; store: KeyStore }
  | { kind: 'totp.add'; by?: 'qr' | 'text' | 'file' }
  | { kind: 'totp.aws'; device?: OtpDevice }
  | { kind: 'totp.edit'; device: OtpDevice }
  | { kind: 'totp.export'; device: OtpDevice }
  | { kind: 'totp.remove'; devices: readonly OtpDevice[] }
  | { kind: 'mfa.enroll'; device?: string }
  | { kind: 'slot.addKey'; key?: string; device?: string }
  | { kind: 'remove'; subject: Subject; names: readonly string[] };

export const dialogStore = createStore<DialogRequest | null>(null);

export function openDialog(request: DialogRequest): void {
  dialogStore.set(request);
}

export function closeDialog(): void {
  dialogStore.set(null);
}

/** Closes this one alone: what it asked for may be answered when another is open. */
export function closeDialogOf(request: DialogRequest): void {
  dialogStore.set((open) => (open === request ? null : open));
}
