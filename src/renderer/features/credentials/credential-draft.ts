import type { Credential, CredentialService } from '../../../contract/credentials.ts';
import type { Params } from '../../../contract/methods.ts';
import type { AccessKey, Sealed } from '../../../contract/schemas.ts';
import { AccessKeyId } from '../../../contract/schemas.ts';
import { matches } from '../../lib/use-form.ts';

/** The text fields of the form. */
export type CredentialValues = Record<'name' | 'region' | 'credentialId' | 'userName' | 'note', string>;

export interface CredentialDraft {
  type: Credential['type'];
  name: string;
  key: string;
  region: string;
  service: CredentialService;
  /** Passwords of services: IAM makes a new one, or it is there already. */
  source: 'new' | 'existing';
  credentialId: string;
  userName: string;
  note: string;
  /** The one that has appeared in IAM after an answer was lost. */
  reset: string | null;
}

export function noteError(note: string): string | null {
  return note.length > 4000 ? 'A note has at most 4,000 characters.' : null;
}

const idFault = matches(AccessKeyId);

/** What is wrong with the id of one that is there already. */
export function idError(id: string): string | null {
  if (id === '') return 'Type its id, as IAM lists it.';
  return idFault(id) === null ? null : 'An id is letters and digits, like ACCAEXAMPLE123EXAMPLE.';
}

/** Whether a password that a person has is asked for. */
export function wantsPassword({ type, source }: Pick<CredentialDraft, 'type' | 'source'>): boolean {
  return type === 'service' && source === 'existing';
}

/** As the contract takes it. `password` where one is given. */
export function addParams(draft: CredentialDraft, password?: Sealed): Params<'credential.add'> {
  const { type, name, key, note } = draft;
  const common = { name, key, ...(note === '' ? {} : { note }) };
  switch (type) {
    case 'smtp':
      return { type, ...common, region: draft.region };
    case 'sshKey':
      return { type, ...common };
    case 'service':
      return {
        type,
        ...common,
        service: draft.service,
        ...(password === undefined
          ? {}
          : { existing: { credentialId: draft.credentialId, userName: draft.userName, password } }),
        ...(draft.reset === null || password !== undefined ? {} : { reset: draft.reset }),
      };
  }
}

/** Keys whose user IAM can be asked about: long-term ones in use. */
export function askingKeys(keys: readonly AccessKey[]): AccessKey[] {
  return keys.filter((key) => key.status === 'active' && !key.hasSessionToken);
}
