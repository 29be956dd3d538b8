import type { Command } from 'commander';
import { splitWords } from '../../client/split-words.ts';
import type { Role } from '../../contract/roles.ts';
import { collect, collectTags } from '../arguments.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { readFile } from '../read-file.ts';

export interface SessionOptions {
  key?: string;
  sourceProfile?: string;
  credentialProcess?: string[];
  signIn?: string;
  ssoRole?: string;
  samlProvider?: string;
  webIdentityTokenFile?: string;
  roleArn?: string;
  externalId?: string;
  sessionName?: string;
  duration?: number;
  sessionPolicy?: string;
  policyArn?: string[];
  tag?: Record<string, string>;
  transitiveTag?: string[];
  sourceIdentity?: string;
  mfaSerial?: string | false;
}

/** What says with which credentials a profile works. */
export function addSessionOptions(command: Command): Command {
  return command
    .option('--key <name>', 'the access key that signs, or that assumes the role (not for a local account)')
    .option('--source-profile <name>', 'the profile with whose credentials the role is assumed')
    .option('--credential-process <command>', 'a program that prints credentials, with its arguments', commandWords)
    .option('--sign-in <name>', 'what somebody signs in to (keyhold sso list), with the role that it gives')
    .option('--sso-role <name>', 'a role that the Identity Center gives in the account')
    .option('--saml-provider <arn>', 'the SAML provider through which --role-arn is assumed')
    .option('--web-identity-token-file <file>', 'a file with a token, with which --role-arn is assumed')
    .option('--role-arn <arn>', 'the role to assume, of the profile’s account')
    .option('--external-id <id>', 'what the role’s trust policy asks for')
    .option('--mfa-serial <arn>', 'the MFA device; its codes come from the authenticator entry with this serial number')
    .option(
      '--duration <duration>',
      'how long a session lasts: a role’s 15m to 12h (1h where a role assumes it), a user’s to 36h',
      parseDuration,
    )
    .option('--session-name <template>', 'with {profile}, {client} and {time} (default: keyhold-{profile})')
    .option('--session-policy <file>', 'a policy that cuts down what the role may do')
    .option('--policy-arn <arn>', 'a managed policy that does (repeatable)', collect)
    .option('--tag <name=value>', 'a session tag (repeatable)', collectTags)
    .option('--transitive-tag <name>', 'a tag that goes along to roles assumed after it (repeatable)', collect)
    .option('--source-identity <name>', 'who it is, in the account’s logs');
}

function commandWords(line: string): string[] {
  const words = splitWords(line);
  if (words === null) throw usageError('There is a quote or a backslash in --credential-process that nothing closes.');
  return words;
}

/** The role as the options say, on top of what it was; undefined where they say nothing of one. */
export function roleOf(options: SessionOptions, before?: Role): Role | undefined {
  const changes = roleChanges(options);
  const arn = options.roleArn ?? before?.arn;
  if (arn !== undefined) {
    // A profile's duration is its role's, where it has one.
    const duration = options.duration === undefined ? {} : { durationSeconds: options.duration };
    const changed = options.roleArn !== undefined || Object.keys({ ...changes, ...duration }).length > 0;
    return changed ? { ...before, arn, ...changes, ...duration } : undefined;
  }
  const [first] = Object.keys(changes);
  if (first !== undefined) throw usageError('These options belong to a role: name it with --role-arn.');
  return undefined;
}

function roleChanges(options: SessionOptions): Partial<Role> {
  return {
    ...(options.externalId === undefined ? {} : { externalId: options.externalId }),
    ...(options.sessionName === undefined ? {} : { sessionName: options.sessionName }),
    ...(options.sessionPolicy === undefined ? {} : { policy: readFile(options.sessionPolicy).toString('utf8').trim() }),
    ...(options.policyArn === undefined ? {} : { policyArns: options.policyArn }),
    ...(options.tag === undefined ? {} : { tags: options.tag }),
    ...(options.transitiveTag === undefined ? {} : { transitiveTagKeys: options.transitiveTag }),
    ...(options.sourceIdentity === undefined ? {} : { sourceIdentity: options.sourceIdentity }),
  };
}
