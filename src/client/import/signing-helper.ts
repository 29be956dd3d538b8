import { ANYWHERE_PROFILE_ARN, TRUST_ANCHOR_ARN } from '../../contract/origins.ts';
import { Role } from '../../contract/roles.ts';
import { splitWords } from '../split-words.ts';

/** A `credential_process` line that has AWS’s own helper sign in to IAM Roles Anywhere. */
export interface SigningHelper {
  /** Paths as the line has them. */
  certificateFile: string;
  privateKeyFile: string;
  intermediatesFile?: string;
  trustAnchorArn: string;
  profileArn: string;
  role: Role;
  endpointUrl?: string;
  /** Options that stay behind, each with why. */
  left: { option: string; reason: string }[];
}

const PROGRAM = /(?:^|[/\\])aws_signing_helper(?:\.exe)?$/;
const KNOWN: ReadonlySet<string> = new Set([
  ...['certificate', 'private-key', 'intermediates', 'trust-anchor-arn', 'profile-arn', 'role-arn'],
  ...['session-duration', 'role-session-name', 'endpoint', 'region'],
]);
/** Options without a value (the helper’s README). */
const FLAGS: ReadonlySet<string> = new Set([
  ...['debug', 'no-verify-ssl', 'with-proxy', 'reuse-pin', 'no-tpm-key-password', 'use-latest-expiring-certificate'],
]);

/**
 * Reads the value of `credential_process`. Null where it is another program’s; `refused` says why what the helper does cannot be done with a key in the vault.
 */
export function readSigningHelper(command: string): SigningHelper | { refused: string } | null {
  const words = splitWords(command);
  if (words === null || !PROGRAM.test(words[0] ?? '') || !words.includes('credential-process')) return null;
  const options = readOptions(words);
  return refusalOf(options) ?? read(options);
}

function readOptions(words: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (let at = 1; at < words.length; at++) {
    const [, name, value] = /^--?([a-z0-9][a-z0-9-]*)(?:=(.*))?$/s.exec(words[at] ?? '') ?? [];
    if (name === undefined) continue;
    if (value !== undefined || FLAGS.has(name)) options.set(name, value ?? 'true');
    else options.set(name, words[++at] ?? '');
  }
  return options;
}

function refusalOf(options: ReadonlyMap<string, string>): { refused: string } | null {
  const key = options.get('private-key') ?? '';
  const certificate = options.get('certificate') ?? '';
  const inVault = 'make a new key in the vault with “keyhold certificate create” and have it certified';
  if ([key, certificate].some((one) => one.startsWith('pkcs11:'))) {
    return { refused: `its private key is in a PKCS#11 token (pkcs11:…), which does not give it away; ${inVault}` };
  }
  if (key.startsWith('handle:') || options.has('tpm-key-password') || options.has('no-tpm-key-password')) {
    return { refused: `its private key is in a TPM, which does not give it away; ${inVault}` };
  }
  if (options.has('cert-selector') || options.has('system-store-name')) {
    return { refused: `its private key is in the system’s certificate store; ${inVault}` };
  }
  if (options.has('pkcs8-password')) {
    return { refused: 'its private key is encrypted; decrypt a copy (openssl pkey) and name that with --private-key' };
  }
  if (/\.(?:p12|pfx)$/i.test(certificate) && key === '') {
    return {
      refused: 'its key is in a PKCS#12 file; take key and certificate out of it (openssl pkcs12) and name them',
    };
  }
  const wanted = ['certificate', 'private-key', 'trust-anchor-arn', 'profile-arn', 'role-arn'];
  const missing = wanted.find((name) => (options.get(name) ?? '') === '');
  return missing === undefined ? null : { refused: `--${missing} is missing` };
}

function read(options: ReadonlyMap<string, string>): SigningHelper | { refused: string } {
  const of = (name: string): string => options.get(name) ?? '';
  const duration = options.get('session-duration');
  const name = options.get('role-session-name');
  const role = Role.safeParse({
    arn: of('role-arn'),
    ...(duration === undefined ? {} : { durationSeconds: Number(duration) }),
    ...(name === undefined ? {} : { sessionName: name }),
  });
  if (!role.success) {
    const issue = role.error.issues[0];
    const option = { durationSeconds: 'session-duration', sessionName: 'role-session-name' }[String(issue?.path[0])];
    return { refused: `--${option ?? 'role-arn'}: ${issue?.message ?? 'it cannot be read'}` };
  }
  if (!TRUST_ANCHOR_ARN.test(of('trust-anchor-arn')))
    return { refused: '--trust-anchor-arn is no ARN of a trust anchor' };
  if (!ANYWHERE_PROFILE_ARN.test(of('profile-arn'))) {
    return { refused: '--profile-arn is no ARN of a profile of Roles Anywhere' };
  }
  const left = [...options.keys()]
    .filter((option) => !KNOWN.has(option))
    .map((option) => ({
      option: `--${option}`,
      reason: option === 'no-verify-ssl' ? 'Keyhold always verifies who answers' : 'Keyhold has no such option',
    }));
  const intermediates = options.get('intermediates');
  const endpoint = options.get('endpoint');
  return {
    certificateFile: of('certificate'),
    privateKeyFile: of('private-key'),
    ...(intermediates === undefined ? {} : { intermediatesFile: intermediates }),
    trustAnchorArn: of('trust-anchor-arn'),
    profileArn: of('profile-arn'),
    role: role.data,
    ...(endpoint === undefined ? {} : { endpointUrl: endpoint }),
    left,
  };
}
