import type { Credential } from '../../../contract/credentials.ts';
import { secretNoun } from './credential-words.ts';

type Removed = Pick<Credential, 'name' | 'type' | 'service' | 'region' | 'key' | 'credentialId'>;

/** IAM knows it, so that it can be deleted there. */
export function isInIam({ type, credentialId }: Pick<Removed, 'type' | 'credentialId'>): boolean {
  return type !== 'smtp' && credentialId !== undefined;
}

/** What is removed, and what becomes of it. */
export function removeWords(credentials: readonly Removed[], atAws: boolean): { what: string; text: string } {
  const [first] = credentials;
  const what =
    credentials.length === 1 && first !== undefined ? `“${first.name}”` : `${credentials.length} credentials`;
  if (credentials.length !== 1 || first === undefined) {
    return { what, text: textOfMany(credentials, atAws) };
  }
  if (first.type === 'smtp') {
    return {
      what,
      text: `Only the entry goes. The password follows from ${first.key}, and works for as long as that key does.`,
    };
  }
  const noun = secretNoun(first);
  if (!isInIam(first)) {
    return { what, text: `It is not complete. If IAM has made one all the same, look for it there and delete it.` };
  }
  return {
    what,
    text: atAws
      ? `IAM deletes it, and tools that use it stop working. The ${noun} is gone for good.`
      : `The ${noun} is gone here for good. It goes on working in IAM until it is deleted there.`,
  };
}

function textOfMany(credentials: readonly Removed[], atAws: boolean): string {
  const derived = credentials.filter(({ type }) => type === 'smtp').length;
  const ofSmtp = 'SMTP passwords follow from access keys, and work for as long as those do';
  if (derived > 0 && derived === credentials.length) return `Only the entries go. ${ofSmtp}.`;
  const text = atAws
    ? `IAM deletes ${credentials.every(isInIam) ? 'them' : 'those that it has'}, and tools that use them stop working. What is secret about them is gone for good.`
    : 'What is secret about them is gone here for good. Those that IAM has go on working there until they are deleted.';
  return derived === 0 ? text : `${text} ${ofSmtp}: of those only the entries go.`;
}
