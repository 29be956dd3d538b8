import type { GateTarget } from '../../contract/gates.ts';
import { type Input, type MethodName, methods } from '../../contract/methods.ts';
import { parseInput } from '../parse-input.ts';

/** Longer names are cut: a prompt is a sentence, and what is long is not what tells two calls apart. */
const LONGEST = 80;

type Words = { readonly [M in MethodName]?: (input: Input<M>) => string };

/** Of the calls that can run into a gate. */
const WORDS: Words = {
  'sign.headers': ({ profile, method, url }) => `sign a request for ${profile} (${method} ${new URL(url).hostname})`,
  // It goes on working long after the touch: whoever touches has to know.
  'sign.presign': ({ profile, method, bucket, key, expiresInSeconds }) =>
    `make a link for ${profile} that works for ${duration(expiresInSeconds)} (${method} s3://${bucket}/${key})`,
  'console.open': ({ profile }) => `sign in to the AWS console as ${profile}`,
  'leave.process': ({ profile }) => `hand temporary credentials of ${profile} to a tool`,
  'leave.container': ({ profile, label }) => `let ${label ?? 'a tool'} fetch temporary credentials of ${profile}`,
  'gate.set': ({ target }) => `change what ${named(target)} wants a touch for`,
  'gate.remove': ({ target }) => `let ${named(target)} be used without a touch`,
  'hsm.approvalTouchSet': ({ service, touch }) =>
    touch === null
      ? `let officers approve without a touch (${service})`
      : `change what officers have to touch to approve (${service})`,
  'hsm.quorumApprove': ({ id, user }) => `approve the quorum token ${id.slice(0, 8)} as ${user}`,
  'mfa.enroll': ({ name }) => `enrol the security key ${name}`,
  'mfa.removeKey': ({ name }) => `forget the security key ${name}`,
  'slot.addRecoveryCode': () => 'make a recovery code',
  'service.call': ({ account, service, operation }) => `do ${service} ${operation} in ${account}`,
  'file.begin': ({ direction, account }) => `${direction} a file in ${account}`,
  'totp.export': ({ name }) => `show the secret of ${name}`,
  'totp.enrollBegin': ({ profile }) => `make an MFA device as ${profile}`,
  'totp.enrollStep': ({ name }) => `turn the MFA device ${name} on`,
  'rotation.plan': ({ key }) => `look at the user whose key ${key} is`,
  'rotation.start': ({ key }) => `rotate ${key}`,
  'rotation.resume': ({ key }) => `go on rotating ${key}`,
  'rotation.confirm': ({ key }) => `go on rotating ${key}`,
  'rotation.rollback': ({ key }) => `take the rotation of ${key} back`,
  'rotation.startDue': () => 'rotate the access keys that are due',
  'panic.start': () => 'switch access keys off at AWS, in a panic',
  'panic.resume': () => 'switch access keys off at AWS, in a panic',
  'panic.undo': () => 'take a panic back at AWS',
  'credential.add': ({ name, key }) => `add the credential ${name} as the user whose key ${key} is`,
  'credential.remove': ({ name }) => `remove the credential ${name}`,
  'credential.reveal': ({ name }) => `show what is secret about ${name}`,
  'totp.enrollCancel': ({ name }) => `take the MFA device ${name} back`,
};

/** What a call does, for the person who is asked for a touch: `sign a request for prod (GET s3.amazonaws.com)`. */
export function describeCall<M extends MethodName>(method: M, params: unknown): string {
  const words: ((input: Input<M>) => string) | undefined = WORDS[method];
  if (words === undefined) return `do this: ${methods[method].summary}`;
  const text = words(parseInput(method, params));
  const cut = [...text];
  return cut.length <= 2 * LONGEST ? text : `${cut.slice(0, LONGEST).join('')}…${cut.slice(-LONGEST).join('')}`;
}

const KINDS: Readonly<Record<GateTarget['kind'], string>> = {
  key: 'access key',
  profile: 'profile',
  client: 'client',
  'kms-key': 'KMS key',
};

function named({ kind, name }: GateTarget): string {
  return `the ${KINDS[kind]} ${name}`;
}

/** In the greatest unit that is exact enough: a person decides by it. */
function duration(seconds: number): string {
  const [size, unit] =
    seconds < 120 ? [1, 's'] : seconds < 7200 ? [60, 'min'] : seconds < 172_800 ? [3600, 'h'] : [86_400, 'd'];
  return `${Math.round((seconds / size) * 10) / 10} ${unit}`;
}
